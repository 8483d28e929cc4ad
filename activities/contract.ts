import type { IdentityEntry } from '../domain/account/book.ts';
import type { CallEnd, CallList, CallOrder, CallPlaced, CallRequest } from '../domain/phone/call.ts';
import type { ErrorKind, Handle, Route } from '../domain/delivery.ts';
import type { Face } from '../domain/incident/face.ts';
import type { Incident, Severity } from '../domain/incident/incident.ts';
import type { CodeMedium, CodePurpose, Notice, OpenCode } from '../domain/member/book.ts';
import type { Match, Resolution } from '../domain/incident/plan.ts';
import type { Reason } from '../domain/reason.ts';
import type { GroupEvent, GroupManner, Level, Targets } from '../domain/incident/rule.ts';
import type { IncidentView } from '../domain/incident/view.ts';

/** What an incident asks of the `escalations` queue. */
export interface Planning {
  /** Which rule this incident follows. Never throws. */
  matchRule(request: { incident: Incident; rule?: unknown; at?: number }): Promise<Match>;
  /** Who is to be told in a round, and by what: on-duty, preferences and severity as of now. Never throws. */
  resolveRound(request: RoundRequest): Promise<Resolution>;
  /**
   * By what a member reads the list of `incidents` that a call announces: of each list of accounts the first that takes
   * it, best first. @throws when nobody can say how to reach the member.
   */
  listRoutes(request: { member: string; incidents: number }): Promise<Route[][]>;
  /** Asks the workflow that owns the member's number for a call. @returns that workflow's id. */
  requestCall(request: CallRequest): Promise<{ line: string }>;
  /** The view of an incident that somebody else started, once it is closed. */
  awaitIncident(workflowId: string): Promise<IncidentView>;
}

/** What the workflow of a member asks of the `escalations` queue. */
export interface Proving {
  /** By what a code reaches a member: every account that may take it, best first. None: the reason. */
  codeRoutes(request: { member: string; medium?: CodeMedium }): Promise<CodeRoutes>;
  /**
   * By what a member is told a notice: of each list the first account that takes it. The account that was linked is left
   * out, but not the id that was theirs there before.
   */
  noticeRoutes(request: {
    member: string;
    notice: Notice;
    identities: Record<string, string>;
  }): Promise<NoticeRoute[][]>;
  /** A signal to the workflow of an account, which starts with it. */
  tellAccount(request: { account: string; signal: 'linked' | 'unlinked'; argument: IdentityEntry }): Promise<void>;
}
export interface CodeRoutes {
  routes: (Route & { medium: CodeMedium })[];
  reason?: Reason;
}

export interface NoticeRoute extends Route {
  /** The platform's id, where it is not the one that the member has now. */
  identity?: string;
}

/** The activity is named `<adapter>.notice`. */
export interface NoticeOrder {
  account: string;
  member: string;
  notice: Notice;
  identity?: string;
  /** Milliseconds since 1970. */
  at: number;
}
export type SendNotice = (order: NoticeOrder) => Promise<void>;

/** The activity is named `<adapter>.code`: it makes the code, which stands nowhere else. */
export interface CodeOrder {
  account: string;
  member: string;
  purpose: CodePurpose;
  /** The account that is to be linked. */
  links?: string;
}
export type SendCode = (order: CodeOrder) => Promise<Pick<OpenCode, 'digest' | 'kind' | 'address'>>;

export interface RoundRequest {
  /** Whoever is on duty then, in milliseconds since 1970. Absent: now. */
  at?: number;
  severity: Severity;
  to: Targets;
  by: Level['by'];
  groups: Level['groups'];
}

/** One message, as the channel worker of an account is asked for it. The activity is named like the adapter. */
export interface SendOrder {
  account: string;
  notification: string;
  event: GroupEvent;
  to: { member: string } | { chat: string };
  face: Face;
  /** To a group. */
  group?: GroupManner & {
    /** The first message to the group, below which this one belongs. */
    thread?: Handle;
  };
  /** The rich form was refused. */
  plain: boolean;
  /** The server can find the run by the incident's number, so links in texts may be short. */
  listed?: true;
  /**
   * When an earlier attempt began whose answer was lost. A provider that can be asked is asked about it before anything
   * is sent again.
   */
  reconcileSince?: number;
}

export interface SendReport {
  outcome: 'accepted' | 'delivered';
  handle?: Handle;
  /** Attempts before this one that the server repeated by itself. */
  earlier: FailedAttempt[];
  /** How the message that went out differs from the one that was meant, for the timeline. */
  note?: Reason;
}

/** Details of a failed attempt as they travel in failures and heartbeats. */
export interface FailedAttempt {
  kind: ErrorKind;
  reason: Reason;
  code?: string;
}

/** The activity is named `<adapter>.redraw`. */
export interface RedrawOrder {
  account: string;
  notification: string;
  event: GroupEvent;
  to: SendOrder['to'];
  face: Face;
  group?: GroupManner & {
    /** The first message to the group, below which this one belongs. */
    thread?: Handle;
  };
  handle: Handle;
}

/** The activity is named `<adapter>.list`. */
export interface ListOrder extends CallList {
  account: string;
}

export type List = (order: ListOrder) => Promise<void>;
export type Send = (order: SendOrder) => Promise<SendReport>;
export type Redraw = (order: RedrawOrder) => Promise<void>;
export type Place = (order: CallOrder) => Promise<CallPlaced>;
export type End = (call: CallEnd) => Promise<void>;
