// The contract of an adapter: what it sends, how it reads callbacks, and what an administrator can check and set up.

import type { CallEvent } from '../../domain/phone/call.ts';
import type { ActionName } from '../../domain/incident/action.ts';
import type { Receipt } from '../../domain/incident/receipt.ts';
import type { Locale } from '../../domain/locale.ts';
import type { Handle } from '../../domain/delivery.ts';
import type { z } from 'zod';
import type { Io } from './io.ts';
import type { Delivery, Notice, Page, Person, Picture } from './message.ts';
import type { Traits } from './traits.ts';

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
   * a button's `choices`, or ids of the platform where its own picker was used.
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
  | { kind: 'refresh'; token: string; identity: string; eventId: string }
  /** Somebody wrote to the bot, such as `ack 7QK2MD`; `chat`: in which group. */
  | { kind: 'message'; identity: string; text: string; eventId: string; chat?: string }
  /** Somebody answered a text message, such as `1 4821`; `from` is E.164. */
  | { kind: 'reply'; from: string; text: string; eventId: string }
  /** The list of chats changed; absent `name`: the old one stays. */
  | { kind: 'chat'; chat: string; change: 'joined' | 'renamed' | 'left'; name?: string };

/** What became of a press, a message, a reply or the keys of a call, for wording the answer. */
export interface PressResult {
  /**
   * `done`: Temporal has it. `unconfirmed`: not known in time, it is being delivered. `forged`: the token is none of ours.
   * `refused`: the token is good, but what was written or chosen with it is not, or Temporal does not take it.
   */
  state: 'done' | 'unconfirmed' | 'unknown-person' | 'forged' | 'expired' | 'refused' | 'closed';
  action?: ActionName;
  /** A sentence for the presser in their language. */
  text: string;
  /** What the incident looks like now, when there was time to ask. */
  picture?: Picture;
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
   * Fetches what pushes are verified with, so that the first one need not wait for it.
   * @throws DeliveryError when it cannot be had now.
   */
  prepare?(account: Account, io: Io): Promise<void>;
  /**
   * A GET (a check of the address) may be answered, and tells nothing.
   * @throws CallbackError 401 when it is not from this provider, 400 when it cannot be read, 503 when nobody can say now
   * whether it is.
   */
  read(request: HttpRequest, account: Account, io: Io): CallbackRead | Promise<CallbackRead>;
  /** The answer once everything was signalled; `results` holds one entry per press, message, reply or call with `say`, in order. */
  answer(request: HttpRequest, account: Account, results: PressResult[]): HttpAnswer;
  /**
   * Tells the presser more by a request of our own once the answer has left. A failure of it is only logged. @throws
   * DeliveryError
   */
  follow?(request: HttpRequest, account: Account, results: PressResult[], io: Io): Promise<void>;
}
export interface CallbackRead {
  happenings: Happening[];
  /** Sent at once instead of what {@link CallbackContract.answer} would say. */
  answer?: HttpAnswer;
}

/** Thrown by {@link CallbackContract.read}. */
export class CallbackError extends Error {
  override name = 'CallbackError';
  readonly status: 400 | 401 | 503;
  constructor(status: 400 | 401 | 503, message: string) {
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
/** Who somebody is on the platform. */
export interface SignedIn {
  /** What `identities` holds and presses bring. */
  identity: string;
  /** The platform documents that this mailbox is theirs: the company gave it to them, or the platform sent a mail there. */
  provenEmail?: string;
  /** E.164. As the person or an administrator has entered it: it suggests who they are and proves nothing. */
  phone?: string;
  /** The same of an e-mail address. */
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
/** An adapter for pages. Sends once per call; Temporal retries. */
export interface MessageAdapter<Account> extends Common<Account> {
  form: 'message';
  /** @throws DeliveryError */
  send(page: Page, account: Account, io: Io): Promise<Sent>;
  /** Tells a person what is no page, in plain words. Absent where only groups are written to. @throws DeliveryError */
  tell?(notice: Notice, account: Account, io: Io): Promise<void>;
  /** Draws a sent page again. @throws DeliveryError */
  redraw?(page: Page, handle: Handle, account: Account, io: Io): Promise<void>;
  /** Asks the provider about a page whose answer was lost. `undefined`: it does not know. */
  reconcile?(page: Page, sentAt: number, account: Account, io: Io): Promise<Sent | 'not-sent' | undefined>;
}
/** An adapter for texts and mails, by which people are also told what is no page. */
export interface TextAdapter<Account> extends Omit<MessageAdapter<Account>, 'form' | 'send' | 'tell'> {
  form: 'text';
  /** @throws DeliveryError */
  send(delivery: Delivery, account: Account, io: Io): Promise<Sent>;
}
/** An adapter for phone calls. */
export interface CallAdapter<Account> extends Common<Account> {
  form: 'call';
  /** @throws DeliveryError */
  place(call: Call, account: Account, io: Io): Promise<{ callId: string }>;
  /** Ends a call that rings or is under way; one that is over by then is no error. @throws DeliveryError */
  cancel?(callId: string, account: Account, io: Io): Promise<void>;
}
/** Whatever takes pages. */
export type PageAdapter<Account> = MessageAdapter<Account> | TextAdapter<Account>;
export type Adapter<Account = never> = PageAdapter<Account> | CallAdapter<Account>;

/** One line of the registry: schema and traits are light, the code (and its SDK) is loaded when an account uses it. */
export interface Registration<Schema extends z.ZodType = z.ZodType> {
  schema: Schema;
  /** Pure. */
  traits(account: z.output<Schema>): Traits;
  /** Vendors' packages that the code imports: optional peers, which whoever has such an account installs. */
  packages: readonly string[];
  load(): Promise<Adapter<z.output<Schema>>>;
}
