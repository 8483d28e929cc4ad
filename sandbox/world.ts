import { EventEmitter } from 'node:events';
import type { AdapterId } from '../domain/media.ts';

/** Whoever is imitated here: `aliyun`, `smtp`, `slack` … */
export type Vendor = AdapterId extends `${infer Company}.${string}` ? Company : never;

/**
 * What the imitated providers have shown to people so far: every phone, inbox and chat. Tests and the phone wall read
 * it and act through it; the imitations in this folder write it.
 */
export interface PersonCard {
  /** For the wall and for tests, such as `primary`. */
  name: string;
  /** E.164. */
  phone?: string;
  email?: string;
  /** The mailbox that the company runs in Feishu. */
  enterpriseEmail?: string;
  /** Feishu open_id of the person in the imitated tenant. */
  openId?: string;
  /** Ids on the other platforms: DingTalk and WeCom userid, Slack user id, Teams AAD object id, Telegram chat id. */
  ids?: Partial<Record<Vendor, string>>;
}

/** One imitated phone call. */
export interface SandboxCall {
  id: string;
  vendor: Vendor;
  /** E.164. */
  to: string;
  /** What the callee hears. */
  text: string;
  /** What was said after the last key, where the vendor plays something then. */
  reply?: string;
  state: 'ringing' | 'in-progress' | 'ended';
  /** Keys pressed so far. */
  keys: string;
  startedAt: number;
  answeredAt?: number;
  endedAt?: number;
  /** Voicemail picked up, not a person. */
  machine?: true;
  /** Whoever had placed it ended it. */
  endedByCaller?: true;
  /** What the provider will report, once ended. `blocked`: the vendor itself killed the call. */
  end?: 'hung up' | 'played to the end' | 'no answer' | 'busy' | 'blocked';
}

export interface SandboxText {
  id: string;
  vendor: Vendor;
  to: string;
  text: string;
  at: number;
}

export interface SandboxMail {
  id: string;
  to: string;
  from: string;
  subject: string;
  messageId: string;
  headers: Record<string, string>;
  text: string;
  html: string;
  at: number;
}

export interface SandboxCard {
  /** `om_…` */
  id: string;
  vendor: Vendor;
  /** The platform's id of the person or the chat. */
  to: string;
  /** The card JSON as sent, or as last redrawn; plain text messages have `text` instead. */
  card?: unknown;
  text?: string;
  /** What a person sees of `card`, as the imitation draws it. */
  face?: CardFace;
  /** In a chat: the message below which it stands. */
  thread?: string;
  /** How often it was redrawn. */
  redraws: number;
  at: number;
}

/** A card or formatted message, drawn: the same for every vendor, so that the wall needs to know none. */
export interface CardFace {
  title: string;
  /** A CSS colour, where the platform shows one. */
  color?: string;
  /** Without markup: what was meant as markup shows as the platform would show it. */
  lines: string[];
  /** Whom it mentions: platform ids, or `all`. */
  mentions: string[];
  controls: {
    /** What the vendor calls back with when it is pressed. */
    id: string;
    label: string;
    /** A menu: its choices. */
    options?: { label: string; value: string }[];
    /** A form field: text to be sent with it. */
    takesText?: boolean;
  }[];
  links: { label: string; url: string }[];
}

/**
 * Something going wrong on purpose. Applies to the next `times` matching requests (default 1), oldest fault first.
 */
export interface Fault {
  vendor: Vendor;
  /**
   * The action or its beginning: `IvrCall`, `SendSms`, `SendTtsVoice`, `messages.create`, `MAIL`, `RCPT`, `DATA` …
   * Absent: any request of the vendor (SMTP: any mail, at DATA).
   */
  action?: string;
  times?: number;
  effect:
    | { refuse: string; message?: string; status?: number } // the vendor's own error code, shape and (default) status
    | { rateLimitMs: number } // 429 or the vendor's throttle answer with a delay
    | { status: number } // a bare HTTP status (SMTP: reply code)
    | { delayMs: number } // slow, then as usual
    | { garble: true } // takes it, and breaks off its answer in the middle (HTTP)
    | { dropAnswer: true }; // takes it, shows it to the person, and cuts the connection without an answer (SMTP: silence)
}

/** Every request that reached an imitated provider, for tests and benches: when and what, never bodies. */
export interface Arrival {
  /** Milliseconds since the epoch, with the fraction a monotonic clock gives. */
  at: number;
  vendor: Fault['vendor'];
  action: string;
  /** The receiver's address as the vendor was given it. */
  to?: string;
  /** What was answered: `ok`, the vendor's code, or the fault; `pending` until then. */
  answer: string;
}

/** Every request an imitated provider made to us: when and what, never bodies or addresses. */
export interface Outgoing {
  at: number;
  vendor: Fault['vendor'];
  /** `VoiceReport`, `voicekey_callback`, `card.action.trigger` … */
  what: string;
  /** From 1; more than 1 is a push repeated because the one before was not answered as the vendor wants it. */
  attempt: number;
  /** The HTTP status, or `timeout`, or `no connection`; `pending` until then. */
  answer: string;
}

/** The list that changed. */
export type WorldChange = 'calls' | 'texts' | 'mails' | 'cards' | 'arrivals' | 'callbacks';

/** The lists themselves, oldest first. Emits `change` after every change of a list or of an entry. */
export class World extends EventEmitter<{ change: [WorldChange] }> {
  readonly people: readonly PersonCard[];
  readonly calls: SandboxCall[] = [];
  readonly texts: SandboxText[] = [];
  readonly mails: SandboxMail[] = [];
  readonly cards: SandboxCard[] = [];
  readonly arrivals: Arrival[] = [];
  readonly callbacks: Outgoing[] = [];

  constructor(people: readonly PersonCard[]) {
    super();
    this.people = people;
    this.setMaxListeners(0);
  }

  changed(list: WorldChange): void {
    this.emit('change', list);
  }
}

/** Milliseconds since the epoch with fraction. */
export function instant(): number {
  return performance.timeOrigin + performance.now();
}
