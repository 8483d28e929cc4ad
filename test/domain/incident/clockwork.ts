import type { ActionName } from '../../../domain/incident/action.ts';
import type { CallWord } from '../../../domain/phone/call.ts';
import { OUTCOME_OF, type Attempt, type ErrorKind, type Outcome, type Route } from '../../../domain/delivery.ts';
import { describe } from '../../../domain/incident/describe.ts';
import { nextDue } from '../../../domain/incident/due.ts';
import {
  currentLevel,
  openEscalation,
  recipientName,
  type Escalation,
  type Notification,
  type Reopened,
} from '../../../domain/incident/escalation.ts';
import { repairIncident, type IncidentInput, type Severity } from '../../../domain/incident/incident.ts';
import { fallbackMedia } from '../../../domain/media.ts';
import { EDITION, type GroupPlan, type MediumPlan, type Resolution } from '../../../domain/incident/plan.ts';
import {
  mediaFor,
  type AutoClose,
  type GroupEvent,
  type Level,
  type MediaChoice,
  type Rule,
} from '../../../domain/incident/rule.ts';
import { advance, type Command, type Happened } from '../../../domain/incident/timeline.ts';
import type { RecordKind } from '../../../domain/incident/record.ts';
import type { IncidentView } from '../../../domain/incident/view.ts';

/** `m:ss` or `h:mm:ss` since the incident opened. */
export function ms(time: string): number {
  return time.split(':').reduce((sum, part) => sum * 60 + Number(part), 0) * 1000;
}

export function clock(atMs: number): string {
  const seconds = Math.floor(atMs / 1000);
  const parts = [Math.floor(seconds / 60) % 60, seconds % 60].map((part) => String(part).padStart(2, '0')).join(':');
  const hours = Math.floor(seconds / 3600);
  return hours > 0 ? `${String(hours)}:${parts}` : parts.replace(/^0/, '');
}

/** What an account answers: an outcome, an error, or nothing at all within the story. */
export type Answer = 'accepted' | ErrorKind | 'expired' | 'silent';

interface LevelOf {
  by?: MediaChoice;
  every?: string;
  times?: number;
  escalateAfter?: string;
  evenIfAcknowledged?: boolean;
  whenNobodyReached?: 'wait';
  groups?: string[];
}

/** A level that tells these members by SMS, once, and gives them five minutes. */
export function level(members: string[], how: LevelOf = {}): Level {
  return {
    to: { members, teams: [], schedules: [] },
    by: how.by ?? { default: ['sms'] },
    groups: (how.groups ?? []).map((account) => ({ account, severities: [], events: [], mention: false })),
    repeat: { everyMs: ms(how.every ?? '2:00'), times: how.times ?? 1 },
    escalateAfterMs: ms(how.escalateAfter ?? '5:00'),
    evenIfAcknowledged: how.evenIfAcknowledged ?? false,
    whenNobodyReached: how.whenNobodyReached ?? 'escalate',
  };
}

interface Setting {
  levels: Level[];
  delay?: string;
  startOver?: Rule['startOver'];
  acknowledgeTimeout?: string;
  autoClose?: AutoClose;
  lastResort?: Level;
  /** Of the first policy: its match names no edition. */
  isOld?: true;
  /** Who is in which team. */
  teams?: Record<string, string[]>;
  /** What an earlier run left. */
  reopened?: Reopened;
  incident?: Partial<IncidentInput>;
  /** By account, or by account and member; the last answer is repeated. Default: accepted. */
  answers?: Record<string, Answer[]>;
  /** The sentence of an adapter about a failure. Default: the kind of it. */
  says?: Partial<Record<Answer, string>>;
  /** Members that a medium cannot reach at all, such as `alice sms`. */
  missing?: string[];
  /** Events that groups want to hear of; default all. */
  events?: GroupEvent[];
  /** How long an account takes to answer. Default: 100. */
  answerMs?: number;
  /** Nobody answers the question who is on duty, until the test does. */
  planningIsSlow?: boolean;
}

const CARRIERS: Record<string, Route[]> = {
  sms: [{ account: 'sms-1', adapter: 'aliyun.sms' }],
  voice: [
    { account: 'voice-1', adapter: 'aliyun.voice' },
    { account: 'voice-2', adapter: 'tencent.voice' },
  ],
  email: [
    { account: 'mail-1', adapter: 'smtp.email' },
    { account: 'mail-2', adapter: 'smtp.email' },
  ],
  push: [],
  feishu: [{ account: 'feishu', adapter: 'feishu.app' }],
};
/** Groups: one with cards, one that only takes posts. */
const GROUPS: Record<string, string> = { room: 'feishu.app', bot: 'smtp.email' };
const ANSWER_MS = 100;

/**
 * Plays an escalation in virtual time: planning and the accounts answer as the setting says, and what is told is
 * written down the way a runbook would say it: `5:00 L2 r1 sms → bob`.
 */
export class Story {
  state: Escalation;
  now = 0;
  readonly commands: Command[] = [];
  readonly told: string[] = [];
  readonly #setting: Setting;
  readonly #coming: { at: number; happened: Happened }[] = [];
  readonly #tries = new Map<string, number>();
  #seen = 0;

  constructor(setting: Setting) {
    this.#setting = setting;
    const repaired = repairIncident({ id: '1', title: 'db-7 is down', severity: 'Warning', ...setting.incident });
    if (typeof repaired === 'string') throw new TypeError(repaired);
    this.state = openEscalation(
      { workflowId: 'incident-1', occurrence: 'first-run' },
      repaired.incident,
      repaired.repairs,
      0,
      setting.reopened,
    );
  }

  /** From planning on. */
  static begin(setting: Setting): Story {
    const story = new Story(setting);
    story.match();
    return story;
  }

  match(): this {
    const { levels, delay = '0:00', startOver, acknowledgeTimeout, autoClose, lastResort, isOld } = this.#setting;
    const rule: Rule = {
      name: 'test/P1',
      delayMs: ms(delay),
      levels,
      ...(startOver && { startOver }),
      ...(acknowledgeTimeout !== undefined && { acknowledgeTimeoutMs: ms(acknowledgeTimeout) }),
    };
    const match = { rule, configuration: 'c1', attributes: [], carriers: CARRIERS, notes: [] };
    return this.feed({
      type: 'matched',
      match: {
        ...match,
        ...(!isOld && { edition: EDITION }),
        ...(autoClose && { autoClose }),
        ...(lastResort && { lastResort }),
      },
    });
  }

  /** Lets time pass, doing everything when it is due. */
  until(time: string): this {
    const end = ms(time);
    for (;;) {
      const [first] = this.#coming.sort((a, b) => a.at - b.at);
      const due = nextDue(this.state);
      const at = Math.min(first?.at ?? Infinity, due === undefined ? Infinity : Math.max(due.at, this.now));
      if (at > end) break;
      this.now = at;
      if (first?.at === at) {
        this.#coming.shift();
        this.feed(first.happened);
      } else {
        this.feed({ type: 'due' });
      }
    }
    this.now = end;
    return this;
  }

  /** The workers were away until then: whatever was due meanwhile is seen at once. */
  outageUntil(time: string): this {
    this.now = ms(time);
    this.feed({ type: 'due' });
    return this.until(time);
  }

  act(name: ActionName, by: string, more: Record<string, unknown> = {}): this {
    return this.feed({ type: 'acted', name, argument: { by: { member: by }, ...more } });
  }

  feed(happened: Happened): this {
    const { state, commands } = advance(this.state, happened, this.now);
    this.state = state;
    for (const command of commands) this.#carryOut(command);
    return this;
  }

  receipt(notification: string, outcome: 'delivered' | 'failed', account = 'sms-1'): this {
    return this.feed({ type: 'receipt', receipt: { notification, account, outcome } });
  }

  /** The phone's workflow speaks: which accounts, and what came of them. */
  word(notification: string, phase: CallWord['phase'], ...calls: [account: string, outcome: Outcome][]): this {
    const attempts: Attempt[] = calls.map(([account, outcome]) => {
      const adapter = CARRIERS['voice']?.find((route) => route.account === account)?.adapter ?? '';
      return { account, adapter, medium: 'voice', outcome, at: new Date(this.now).toISOString() };
    });
    return this.feed({ type: 'called', word: { notification, phase, attempts } });
  }

  /** What was told since the last time this was asked. */
  get news(): string[] {
    const news = this.told.slice(this.#seen);
    this.#seen = this.told.length;
    return news;
  }

  get view(): IncidentView {
    return describe(this.state);
  }

  /** Such as `n1 sms → alice: accepted`. */
  get outcomes(): string[] {
    return this.state.notifications.map((one) => `${one.id} ${one.medium} → ${recipientName(one)}: ${one.outcome}`);
  }

  records(...kinds: RecordKind[]): string[] {
    return this.view.timeline
      .filter(({ kind }) => kinds.includes(kind))
      .map(({ at, kind, text }) => `${clock(Date.parse(at))} ${kind} ${text}`);
  }

  /** Commands of one sort. */
  asked<D extends Command['do']>(what: D): Extract<Command, { do: D }>[] {
    return this.commands.filter((command): command is Extract<Command, { do: D }> => command.do === what);
  }

  resolution(severity: Severity = this.state.incident.severity, to = currentLevel(this.state)?.to.members ?? []) {
    const { by = 'preference', groups = [] } = currentLevel(this.state) ?? {};
    const media = mediaFor(by, severity) ?? ['sms'];
    const { missing = [], events = [] } = this.#setting;
    const plan = (member: string, medium: string): MediumPlan =>
      missing.includes(`${member} ${medium}`)
        ? { medium, routes: [], reason: 'no address' }
        : { medium, routes: CARRIERS[medium] ?? [] };
    return {
      configuration: 'c2',
      people: to.map((member) => ({
        member,
        media: media.map((medium) => plan(member, medium)),
        fallback: Object.fromEntries(
          media.map((medium) => [medium, fallbackMedia(medium, severity).map((other) => plan(member, other))]),
        ),
      })),
      groups: groups.map(({ account, mention, threads, verbose }): GroupPlan => ({
        account,
        adapter: GROUPS[account] ?? '',
        alias: account,
        events,
        mention,
        ...(threads && { threads }),
        ...(verbose && { verbose }),
      })),
      nobodyOnPurpose: media.length === 0,
      notes: [],
    } satisfies Resolution;
  }

  /** Answers the question who is to be told. */
  plan({ do: _, ...asked }: Extract<Command, { do: 'resolve' }>): this {
    const { members = [], teams = [] } = asked.once?.to ?? currentLevel(this.state)?.to ?? {};
    const people = [...members, ...teams.flatMap((team) => this.#setting.teams?.[team] ?? [])];
    const resolution = this.resolution(this.state.incident.severity, people);
    return this.feed({
      type: 'resolved',
      ...asked,
      resolution: asked.once ? { ...resolution, groups: [] } : resolution,
    });
  }

  #carryOut(command: Command): void {
    this.commands.push(command);
    switch (command.do) {
      case 'resolve':
        if (this.#setting.planningIsSlow) return;
        this.plan(command);
        break;
      case 'send':
        this.#write(command.notification, command.plain, command.reconcile, command.route.account);
        this.#answer(command);
        break;
      case 'call':
        this.#write(command.request.notification);
        this.#soon({ type: 'queued', notification: command.request.notification, line: 'phone-1' });
        break;
      case 'withdraw':
        this.#cancel(command.notification);
        break;
      case 'redraw':
        this.#soon({ type: 'redrawn', notification: command.notification, look: command.look });
        break;
      case 'drop':
        break;
    }
  }

  #write(id: string, plain = false, again = false, account = ''): void {
    const one = this.#find(id);
    const isFirst = one.attempts.length === 0;
    const how = `${plain ? ', plain' : ''}${again ? ', asked first' : ''}${isFirst ? '' : ` by ${account}`}`;
    const what = one.event === 'opened' ? `L${String(one.level)} r${String(one.round)} ${one.medium}` : one.event;
    this.told.push(`${clock(this.now)} ${what} → ${recipientName(one)}${how}`);
  }

  #answer({ notification, route }: Extract<Command, { do: 'send' }>): void {
    const { answers = {} } = this.#setting;
    const key = [`${route.account} ${recipientName(this.#find(notification))}`, route.account].find(
      (k) => k in answers,
    );
    const script = answers[key ?? ''] ?? ['accepted'];
    const nth = this.#tries.get(key ?? '') ?? 0;
    this.#tries.set(key ?? '', nth + 1);
    const answer = script[Math.min(nth, script.length - 1)] ?? 'accepted';
    if (answer === 'silent') return;
    const handle = { id: notification };
    if (answer === 'accepted') {
      this.#soon({ type: 'attempted', notification, result: { route, outcome: 'accepted' }, handle });
    } else {
      const outcome = answer === 'expired' ? 'expired' : OUTCOME_OF[answer];
      const reason = this.#setting.says?.[answer] ?? answer;
      this.#soon({ type: 'attempted', notification, result: { route, outcome, kind: answer, reason } });
    }
  }

  /** Nothing has left yet: the channel worker gives it back. An attempt already answered stays answered. */
  #cancel(notification: string): void {
    const isAnswered = this.#coming.some(
      ({ happened }) => happened.type === 'attempted' && happened.notification === notification,
    );
    const { trying } = this.#find(notification);
    if (isAnswered || !trying) return;
    const result = { route: trying.route, outcome: 'suppressed', kind: 'cancelled' } as const;
    this.#soon({ type: 'attempted', notification, result });
  }

  #soon(happened: Happened): void {
    this.#coming.push({ at: this.now + (this.#setting.answerMs ?? ANSWER_MS), happened });
  }

  #find(id: string): Notification {
    const found = this.state.notifications.find((one) => one.id === id);
    if (!found) throw new RangeError(`there is no notification ${id}`);
    return found;
  }
}
