import { ACTION_NAMES, type ActionName, type Actions } from './incident/action.ts';
import { readReceipt, type Receipt } from './incident/receipt.ts';
import type { Escalation, Reopened } from './incident/escalation.ts';
import type { IncidentInput } from './incident/incident.ts';
import type { IncidentView } from './incident/view.ts';
import {
  readChatChange,
  readEntry,
  readSends,
  type AccountBook,
  type ChatChange,
  type IdentityEntry,
  type KnownChat,
} from './account/book.ts';
import {
  readCodeAsked,
  readLink,
  readTried,
  readUnlink,
  type CodeAsked,
  type CodeSent,
  type LinkedIdentity,
  type Proved,
  type Tried,
  type Verdict,
} from './member/book.ts';
import { readNewSession, readSignOut, type NewSession } from './member/session.ts';
import {
  readCallDrop,
  readCallEvent,
  readCallRequest,
  readCallWord,
  type CallDrop,
  type CallEvent,
  type CallList,
  type CallRequest,
  type CallWord,
} from './phone/call.ts';
import { readCodeRequest, readReply, type CodeRequest, type Reply, type ReplyCode } from './phone/reply-code.ts';

/**
 * Everything that crosses the edge of a workflow: each signal, query and update is declared here once, by its name, the
 * reader of its argument and the type of its answer. `workflows/listen.ts` listens by it, `client/talk.ts` speaks by it,
 * so that nobody else names one by a string.
 */
export interface Contract<Signals, Queries extends Exchanges<Queries>, Updates extends Exchanges<Updates>> {
  /** Workflow type. */
  type: string;
  signals: { [N in keyof Signals]: Reader<Signals[N]> };
  queries: { [N in keyof Queries]: Question<Queries[N]> };
  updates: { [N in keyof Updates]: { read: Reader<Updates[N]['argument']> } & Question<Updates[N]> };
}

/** Reads what arrived; undefined when it is nothing of ours. Anybody may send a signal. */
export type Reader<Argument> = (raw: unknown) => Argument | undefined;

/** What is asked with, and what is answered; a query without an argument has `undefined`. */
export interface Exchange<Argument, Answer> {
  argument: Argument;
  answer: Answer;
}
export type Exchanges<Names> = { [N in keyof Names]: Exchange<unknown, unknown> };

/** Exists for the compiler only. */
interface Question<Types> {
  readonly types?: Types;
}

/** Input of `escalateIncident`. `rule`: `channel/name`, or a rule written out; without it the first that matches. */
export interface EscalateInput {
  incident: IncidentInput;
  rule?: unknown;
  /** Only for a run that opens a closed incident again. */
  reopened?: Reopened;
  /** Only for a run that continues an earlier one. */
  carried?: Escalation;
}
export type EscalateIncident = (input: EscalateInput) => Promise<IncidentView>;

interface IncidentSignals extends Actions {
  /** The phone workflow's word about a call. */
  call: CallWord;
  /** A provider told more about a message it had taken. */
  receipt: Receipt;
}
interface IncidentQueries {
  describe: Exchange<undefined, IncidentView>;
}
export type IncidentUpdates = { [N in ActionName]: Exchange<Actions[N], IncidentView> };

/** An action counts however odd its argument is: `readAction` repairs it when it is worked into the incident. */
const READ_LATER = forEveryAction(() => (raw: unknown) => raw ?? {}) as Contract<Actions, object, object>['signals'];

/**
 * One incident; its workflow id is `incident-<incident.id>`. Every action of a person exists as a signal (durable when
 * the call returns, no answer) and as an update (answers with the new view, or refuses with a reason).
 */
export const INCIDENT: Contract<IncidentSignals, IncidentQueries, IncidentUpdates> = {
  type: 'escalateIncident',
  signals: {
    ...READ_LATER,
    call: readCallWord,
    receipt: readReceipt,
  },
  queries: { describe: {} },
  updates: forEveryAction((name) => ({ read: READ_LATER[name] })),
};

interface PhoneSignals {
  request: CallRequest;
  drop: CallDrop;
  /** A provider told about a call. */
  callback: CallEvent;
  /** Somebody answered a text message. */
  reply: Reply;
  /** A text about an incident is about to leave, and carries a code. */
  code: CodeRequest;
}
interface PhoneQueries {
  /** The reply codes that are out. */
  codes: Exchange<undefined, ReplyCode[]>;
  /** What the call announces that an event is about. */
  announced: Exchange<CallEvent, CallList | undefined>;
}

/** One telephone number: its workflow owns the calls to it. */
export const PHONE: Contract<PhoneSignals, PhoneQueries, object> = {
  type: 'phone',
  signals: {
    request: readCallRequest,
    drop: readCallDrop,
    callback: readCallEvent,
    reply: readReply,
    code: readCodeRequest,
  },
  queries: { codes: {}, announced: {} },
  updates: {},
};

interface MemberSignals {
  /** Another member was linked to this id. */
  disown: LinkedIdentity;
  /** One browser is signed out, or without `session` all of them. */
  signOut: { session?: string };
}
interface MemberQueries {
  proved: Exchange<undefined, Proved>;
}
export interface MemberUpdates {
  /** Refused where another id is linked: only a code of the member replaces it. */
  link: Exchange<LinkedIdentity, Proved>;
  unlink: Exchange<{ account: string }, Proved>;
  requestCode: Exchange<CodeAsked, CodeSent>;
  tryCode: Exchange<Tried, Verdict>;
  signIn: Exchange<NewSession, Proved>;
}

/** What one member has proved. */
export const MEMBER: Contract<MemberSignals, MemberQueries, MemberUpdates> = {
  type: 'member',
  signals: { disown: readLink, signOut: readSignOut },
  queries: { proved: {} },
  updates: {
    link: { read: readLink },
    unlink: { read: readUnlink },
    requestCode: { read: readCodeAsked },
    tryCode: { read: readTried },
    signIn: { read: readNewSession },
  },
};

interface AccountSignals {
  linked: IdentityEntry;
  unlinked: IdentityEntry;
  /** A chat was joined, renamed or left. */
  chat: ChatChange;
  /** So many messages were sent. */
  sent: AccountBook['sends'];
}
interface AccountQueries {
  whoIs: Exchange<string, string | undefined>;
  chats: Exchange<undefined, KnownChat[]>;
  sends: Exchange<undefined, AccountBook['sends']>;
}

/** What is known about one account. */
export const ACCOUNT: Contract<AccountSignals, AccountQueries, object> = {
  type: 'account',
  signals: { linked: readEntry, unlinked: readEntry, chat: readChatChange, sent: readSends },
  queries: { whoIs: {}, chats: {}, sends: {} },
  updates: {},
};

/** One entry for each action. */
export function forEveryAction<T>(make: (name: ActionName) => T): Record<ActionName, T> {
  return Object.fromEntries(ACTION_NAMES.map((name) => [name, make(name)])) as Record<ActionName, T>;
}
