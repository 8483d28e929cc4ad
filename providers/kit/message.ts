// What an adapter is given to send: a page, a list, a code or a notice, and the person it is for.

import type { OfferedAt } from '../../domain/incident/action.ts';
import type { Handle } from '../../domain/delivery.ts';
import type { Face } from '../../domain/incident/face.ts';
import type { Severity } from '../../domain/incident/incident.ts';
import type { GroupEvent } from '../../domain/incident/rule.ts';
import type { Locale } from '../../domain/locale.ts';
import type { Reason } from '../../domain/reason.ts';

/** A person as an adapter may address them. Never logged, never in a workflow's history. */
export interface Person {
  member: string;
  name: string;
  email?: string;
  /** E.164. */
  phone?: string;
  /** The platform's own id, from `identities` by account or by platform. */
  identity?: string;
  locale: Locale;
  timeZone: string;
}

/** What can be pressed on a card. `comment` and `reassign` need a form; `escalate` goes to the level its token names. */
export type ButtonAction = OfferedAt<'button' | 'menu'>;

/** A button: the label is for people, the token comes back through the callback. */
export interface Button {
  action: ButtonAction;
  label: string;
  token: string;
  /** Snooze only. */
  minutes?: number;
  /** Reassign only: whom one may choose, where the platform has no picker of its own people. */
  choices?: { member: string; name: string }[];
}

/** Everything that is sent as a message: one of a closed set, which an adapter tells apart by `kind`. */
export type Delivery = Page | List | Code | Notice;

/** What every message has. */
interface Addressed {
  /** Same for every attempt of this message through this account: the source of idempotency keys. */
  key: string;
  wording: ShortWording;
  to: { person: Person } | { chat: string };
  locale: Locale;
  timeZone: string;
}

/** What happened to one incident, for one person or group. */
export interface Page extends Addressed {
  kind: 'page';
  notification: string;
  event: GroupEvent;
  face: Face;
  wording: Wording;
  /** In a group: whom to mention, with their platform id where it is known; or everybody in it. */
  mentions: Person[] | 'all';
  /** Of the incident, with their addresses, for adapters whose row says `namesResponders`. */
  responders?: Person[];
  /** In a group: the whole text instead of a card. */
  verbose: boolean;
  /** In a group: the first message to it, below which this one belongs. */
  thread?: Handle;
  buttons: Button[];
  /** What belongs behind a menu, for platforms that have forms: comment, reassign. */
  menu: Button[];
  /** Where the provider reports about it: `{publicUrl}/callbacks/{account}[/{secret}]`. */
  callbackUrl?: string;
  /** Signed address of the incident page, absent when no `publicUrl` is configured. */
  pageUrl?: string;
  /** Reference to echo in receipts: at most 200 printable ASCII characters, signed. */
  receiptRef: string;
  /** For texts that can be answered: the code to answer with, and a sentence that says how. */
  reply?: { code: string; hint: string };
  /** The rich form was refused: send plain text. */
  plain: boolean;
}

/** The parts of a page that are redrawn as the incident moves on. */
export type Picture = Pick<Page, 'face' | 'wording' | 'buttons' | 'menu' | 'pageUrl'>;

/** What a page says. */
export interface Wording extends ShortWording {
  /** Label and value pairs to list on a card or in a mail, in order. */
  facts: [label: string, value: string][];
  severity: string;
  openPage: string;
  /** Why these are the preset's words and not those of the template that was chosen; for the timeline. */
  flaw?: Reason;
}

/** What every message says, ready, in the reader's language. */
export interface ShortWording {
  /** One line, such as `[Critical] db-7 is down`. */
  subject: string;
  /** A few plain lines without markup. */
  text: string;
  /** One line about the state, such as `Acknowledged by Supervisor at 10:05`; empty where there is none. */
  status: string;
}

/** What is sent to a person and can be neither pressed nor answered nor drawn again; nobody waits for its receipt. */
interface Note extends Addressed {
  to: { person: Person };
  severity: Severity;
  /** For the variables of an approved template, which is made for pages. */
  values: TemplateValues;
}

export interface TemplateValues {
  severity: string;
  title: string;
  number: string;
  channel: string;
}

/** The incidents that one call announces, to read while the phone rings. */
export interface List extends Note {
  kind: 'list';
}

/** Six digits that prove an address or link a chat account. */
export interface Code extends Note {
  kind: 'code';
}

/** What has changed in a member's own accounts, told by everything that reaches them. */
export interface Notice extends Note {
  kind: 'notice';
}
