import type { Severity } from '../../domain/incident/incident.ts';
import type { CallEvent } from '../../domain/phone/call.ts';
import type { ActionName, Receipt } from '../../domain/incident/action.ts';
import type { Face } from '../../domain/incident/face.ts';
import type { Locale } from '../../domain/locale.ts';
import type { Handle } from '../../domain/delivery.ts';
import type { GroupEvent } from '../../domain/incident/rule.ts';
import type { z } from 'zod';
import type { Io } from './io.ts';
import type { Traits } from './traits.ts';

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
export const BUTTON_ACTIONS = ['acknowledge', 'snooze', 'close', 'escalate', 'comment', 'reassign'] as const;
export type ButtonAction = (typeof BUTTON_ACTIONS)[number];

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

/** Ready wording in the reader's language. */
export interface Wording {
  /** One line, such as `[Critical] db-7 is down`. */
  subject: string;
  /** A few plain lines without markup. */
  text: string;
  /** One line about the state, such as `Acknowledged by Supervisor at 10:05`. */
  status: string;
  /** Label and value pairs to list on a card or in a mail, in order. */
  facts: [label: string, value: string][];
  severity: string;
  openPage: string;
  /** Why these are the preset's words and not those of the template that was chosen; for the timeline. */
  flaw?: string;
}

/** One message to one person or group. */
export interface Delivery {
  /** Same for every attempt of this notification through this account: the source of idempotency keys. */
  key: string;
  notification: string;
  event: GroupEvent;
  face: Face;
  wording: Wording;
  locale: Locale;
  timeZone: string;
  to: { person: Person } | { chat: string };
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

export interface Sent {
  /** `delivered` only when the provider says so at once. */
  outcome: 'accepted' | 'delivered';
  /** Needed to redraw it later. */
  handle?: Handle;
}

/** One phone call to one person, about one or several incidents. */
export interface Call {
  token: string;
  person: Person;
  severity: Severity;
  /** Values for the template's variables, cut to what the provider takes by the adapter. */
  values: { severity: string; title: string; number: string; count: string; channel: string };
  /** The same for providers that read free text: what happened, which keys do what, and the last words without a key. */
  speech: { announcement: string; keys: string; goodbye: string };
  /** Where the provider reports about it: `{publicUrl}/callbacks/{account}[/{secret}]`. */
  callbackUrl?: string;
}

/** What an adapter read from a provider's push. */
export type Happening =
  /**
   * A phone call moved on; `callee` is E.164, absent where the vendor tells only its ids (Alibaba keys during a call).
   * `say`: the callee hears our answer: what the keys came to, or the announcement once more.
   */
  | { kind: 'call'; callee?: string; event: Omit<CallEvent, 'account'>; say?: 'outcome' | 'announcement' }
  /** A message arrived or failed; `ref` is the delivery's `receiptRef`. */
  | { kind: 'receipt'; ref: string; receipt: Pick<Receipt, 'outcome' | 'reason' | 'code'> }
  /**
   * Somebody pressed a button of ours; `text` and `members` come from a form. `members` are those of
   * {@link Button.choices}, or ids of the platform where its own picker was used.
   */
  | {
      kind: 'press';
      token: string;
      identity: string;
      eventId: string;
      minutes?: number;
      text?: string;
      members?: string[];
    }
  /** Somebody asks how it stands, where a card is not redrawn by itself: nothing is done; `token` is of any of its buttons. */
  | { kind: 'look'; token: string; identity: string; eventId: string }
  /** Somebody wrote to the bot, such as `ack 7QK2MD`; `chat`: in which group. */
  | { kind: 'message'; identity: string; text: string; eventId: string; chat?: string }
  /** Somebody answered a text message, such as `1 4821`; `from` is E.164. */
  | { kind: 'reply'; from: string; text: string; eventId: string }
  /** The list of chats changed; absent `name`: the old one stays. */
  | { kind: 'chat'; chat: string; change: 'joined' | 'renamed' | 'left'; name?: string };

/** What became of a press, a message, a reply or the keys of a call, for wording the answer. */
export interface PressResult {
  /** `done`: Temporal has it. `unconfirmed`: not known in time, it is being delivered. */
  state: 'done' | 'unconfirmed' | 'unknown-person' | 'forged' | 'expired' | 'closed';
  action?: ActionName;
  /** A sentence for the presser in their language. */
  text: string;
  /** What the incident looks like now, when there was time to ask. */
  face?: Face;
  buttons?: Button[];
  menu?: Button[];
  wording?: Wording;
  pageUrl?: string;
}

export interface HttpRequest {
  method: string;
  /** The bytes as they arrived. */
  body: Uint8Array;
  headers: Headers;
  /** Full address as the provider called it, built from `gateway.publicUrl`. */
  url: URL;
  receivedAt: number;
}
export interface HttpAnswer {
  status: number;
  body: string;
  contentType: 'application/json' | 'text/plain' | 'text/xml';
}

/** How a provider talks to us. Every step is pure and testable alone. */
export interface CallbackContract<Account> {
  /** The vendor's deadline for our answer. */
  deadlineMs: number;
  /** The push carries no signature over its content: the secret path is mandatory. */
  needsSecretPath: boolean;
  /** The vendor sends it again when we answer 503. */
  redelivers: boolean;
  /**
   * A GET (a check of the address) may be answered, and tells nothing.
   * @throws CallbackError 401 when it is not from this provider, 400 when it cannot be read.
   */
  read(request: HttpRequest, account: Account, io: Io): CallbackRead | Promise<CallbackRead>;
  /** The answer once everything was signalled; `results` holds one entry per press, message, reply or call with `say`, in order. */
  answer(request: HttpRequest, account: Account, results: PressResult[]): HttpAnswer;
  /** What is said by a request of our own once the answer has left; what goes wrong is logged and forgotten. @throws DeliveryError */
  follow?(request: HttpRequest, account: Account, results: PressResult[], io: Io): Promise<void>;
}
export interface CallbackRead {
  happenings: Happening[];
  /** In place of {@link CallbackContract.answer}. */
  answer?: HttpAnswer;
}

/** Thrown by {@link CallbackContract.read}. */
export class CallbackError extends Error {
  override name = 'CallbackError';
  readonly status: 400 | 401;
  constructor(status: 400 | 401, message: string) {
    super(message);
    this.status = status;
  }
}

/** OAuth of a platform: a browser goes to `authorizeUrl` and comes back to `redirectUri` with `code` and `state`. */
export interface SignIn<Account> {
  /** What the code is called in the address that the browser comes back to, where it is not `code`. */
  codeParameter?: string;
  authorizeUrl(account: Account, ask: { redirectUri: string; state: string }): string;
  /**
   * Whose `code` it is. Slack and Microsoft want the `redirectUri` of the beginning once more.
   * @throws DeliveryError when the platform does not take it.
   */
  identify(code: string, account: Account, io: Io, ask?: { redirectUri: string }): Promise<SignedIn>;
}
/** `identity` is what `identities` holds and presses bring; phone and e-mail where the platform vouches for them. */
export interface SignedIn {
  identity: string;
  /** E.164. */
  phone?: string;
  email?: string;
  name?: string;
}
/** Of the gateway: for callbacks and events, for OAuth to come back to, and to open inside the platform's client. */
export interface SetupAddresses {
  callbackUrl: string;
  redirectUrl: string;
  homeUrl: string;
}
export interface Check {
  name: Record<Locale, string>;
  ok: boolean;
  /** Why not, or what was found; no secret. */
  detail?: string;
}

interface Common<Account> {
  id: string;
  callback?: CallbackContract<Account>;
  /** The platform's id of a person for whom none is configured; undefined when it knows nobody. @throws DeliveryError */
  identify?(person: Person, account: Account, io: Io): Promise<string | undefined>;
  /** Asks the provider whether the credentials work, without telling anybody. @throws DeliveryError */
  check?(account: Account, io: Io): Promise<void>;
  /** Proves who somebody is on the platform, by its OAuth. */
  signIn?: SignIn<Account>;
  /** What an administrator does in the platform's console, step by step, with the addresses to paste. */
  setup?(account: Account, addresses: SetupAddresses): Record<Locale, string[]>;
  /** The app as a file that the platform's console takes. */
  manifest?(account: Account, addresses: SetupAddresses): Record<string, unknown>;
  /** The same as a zip with its icons. */
  package?(account: Account, addresses: SetupAddresses): Uint8Array;
  /** What can be tried of that from here, without telling anybody. Never throws: what failed is an answer. */
  checks?(account: Account, io: Io): Promise<Check[]>;
  /** The chats it may write to now. @throws DeliveryError */
  chats?(account: Account, io: Io): Promise<{ chat: string; name: string }[]>;
  /** Connections and tokens of one account are given back. */
  close?(account: Account): Promise<void>;
}
/** An adapter for messages. Sends once per call; Temporal retries. */
export interface MessageAdapter<Account> extends Common<Account> {
  form: 'message';
  /** @throws DeliveryError */
  send(delivery: Delivery, account: Account, io: Io): Promise<Sent>;
  /** Draws a sent message again. @throws DeliveryError */
  redraw?(delivery: Delivery, handle: Handle, account: Account, io: Io): Promise<void>;
  /** Asks the provider about a send whose answer was lost. `undefined`: it does not know. */
  reconcile?(delivery: Delivery, sentAt: number, account: Account, io: Io): Promise<Sent | 'not-sent' | undefined>;
}
/** An adapter for phone calls. */
export interface CallAdapter<Account> extends Common<Account> {
  form: 'call';
  /** @throws DeliveryError */
  place(call: Call, account: Account, io: Io): Promise<{ callId: string }>;
  /** Ends a call that rings or is under way; one that is over by then is no error. @throws DeliveryError */
  cancel?(callId: string, account: Account, io: Io): Promise<void>;
}
export type Adapter<Account = never> = MessageAdapter<Account> | CallAdapter<Account>;

/** One line of the registry: schema and traits are light, the code (and its SDK) is loaded when an account uses it. */
export interface Registration<Schema extends z.ZodType = z.ZodType> {
  schema: Schema;
  /** Pure. */
  traits(account: z.output<Schema>): Traits;
  load(): Promise<Adapter<z.output<Schema>>>;
}
