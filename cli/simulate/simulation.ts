import type { RecordKind, TimelineRecord } from '../../domain/incident/record.ts';
import type { Actor } from '../../domain/incident/view.ts';
import { comingText, incidentWords, reasonText, recordText, type Listener } from '../../domain/words/index.ts';
import type { Attempt, Outcome, Route } from '../../domain/delivery.ts';
import { nextDue } from '../../domain/incident/due.ts';
import {
  currentLevel,
  openEscalation,
  recipientName,
  type Escalation,
  type Notification,
} from '../../domain/incident/escalation.ts';
import type { Incident, Repaired, Severity } from '../../domain/incident/incident.ts';
import { adapterFacts } from '../../domain/media.ts';
import { isWindowFull } from '../../domain/phone/phone-call.ts';
import type { Match, Resolution } from '../../domain/incident/plan.ts';
import type { AttemptResult } from '../../domain/incident/pursuit.ts';
import type { GroupTarget, MediaChoice, Targets } from '../../domain/incident/rule.ts';
import { advance, type Command, type Happened } from '../../domain/incident/timeline.ts';
import type { CallList } from '../../domain/phone/call.ts';
import { failure, SimulatedPhones, type CallMade, type CallsHeard } from './phones.ts';
import { VirtualTime } from './virtual-time.ts';
import { simulationWords, type SimulationWords } from './words.ts';
import { incidentIdOf, incidentWorkflowId } from '../../domain/workflow-ids.ts';

/** Which rule, and who by what, as planning answers it; always asked for the simulated time. */
export interface Planner {
  matchRule(request: { incident: Incident; rule?: unknown; at: number }): Promise<Match>;
  resolveRound(request: {
    at: number;
    severity: Severity;
    to: Targets;
    by: MediaChoice;
    groups: GroupTarget[];
  }): Promise<Resolution>;
  listRoutes(request: { member: string; incidents: number }): Promise<Route[][]>;
}

export interface World {
  planner: Planner;
  /** Any stable name of a member's telephone; members may share one. Absent: they have none. */
  phoneOf: (member: string) => string | undefined;
  /** Accounts that take nothing. All others take everything that their vendors' windows allow. */
  failing: ReadonlySet<string>;
}

/** Something somebody would see. */
export interface Moment {
  /** Since the simulation began. */
  afterMs: number;
  /** Its id; empty where it is about none. */
  incident: string;
  /** 0 before the first level. */
  level: number;
  round: number;
  /**
   * The kind of a timeline record, or: `sent` a message leaves; `called` a phone rings; `queued` a phone is busy;
   * `listed` the incidents of a call go out as text; `silent` a key is pressed in vain.
   */
  what: RecordKind | 'sent' | 'called' | 'queued' | 'listed' | 'silent';
  text: string;
  /** Of a notification that has come to an end. */
  outcome?: Outcome;
  /** Of what is sent or called, like `medium` and `account`. */
  to?: string;
  medium?: string;
  account?: string;
  /** Accounts that would follow, should this one fail. */
  then?: string[];
}

/** The channel worker waits out a shorter window of a vendor. */
const WAITED_FOR_MS = 10_000;

/** The policy that the workflows drive, driven without them: time is virtual and providers answer at once. */
export class Simulation {
  readonly moments: Moment[] = [];
  readonly #world: World;
  readonly #listener: Listener;
  readonly #words: SimulationWords;
  readonly #time: VirtualTime;
  readonly #phones: SimulatedPhones;
  readonly #states = new Map<string, Escalation>();
  /** When each account sent to each receiver. */
  readonly #sent = new Map<string, number[]>();

  /**
   * @param beganAt milliseconds since 1970.
   * @param listener who reads the texts of the moments. Default: a program, in English and by ids.
   */
  constructor(world: World, beganAt: number, listener: Listener = { locale: 'en' }) {
    this.#world = world;
    this.#listener = listener;
    this.#words = simulationWords(listener.locale);
    this.#time = new VirtualTime(beganAt);
    const heard: CallsHeard = {
      placed: ({ workflowId, notification, attempts }, route, then) => {
        const id = incidentIdOf(workflowId);
        this.#sayTold(id, this.#find(id, notification), { what: 'called', route, then, attempts });
      },
      listed: (list) => this.#list(list),
      told: (workflowId, word) => {
        this.#feed(incidentIdOf(workflowId), { type: 'called', word });
      },
      acknowledged: (workflowId, { member, key }) => {
        const argument = { by: { member }, via: 'voice', key };
        this.#feed(incidentIdOf(workflowId), { type: 'acted', name: 'acknowledge', argument });
      },
    };
    this.#phones = new SimulatedPhones(this.#time, world.failing, heard, this.#words);
  }

  /** Every call so far. */
  get calls(): readonly CallMade[] {
    return this.#phones.calls;
  }

  open({ incident, repairs }: Repaired, rule?: unknown, afterMs = 0): void {
    this.#time.at(afterMs, this.#words.opens, async () => {
      const { id } = incident;
      const { now } = this.#time;
      // The server alone chooses the occurrence of a real one, and with it another number.
      const state = openEscalation({ workflowId: incidentWorkflowId(id) }, incident, repairs, now);
      this.#states.set(id, state);
      for (const record of state.timeline) this.#say(id, { what: record.kind, text: this.#sentence(record) });
      const asked = { incident, at: now, ...(rule !== undefined && { rule }) };
      this.#feed(id, { type: 'matched', match: await this.#world.planner.matchRule(asked) });
    });
  }

  /** @param by default: who was assigned first. */
  acknowledge(id: string, by: Actor | undefined, afterMs: number): void {
    this.#time.at(afterMs, this.#words.acknowledges, () => {
      const [first] = this.state(id).responders;
      const argument = { by: by ?? (first ? { member: first.member } : { name: 'somebody' }) };
      this.#feed(id, { type: 'acted', name: 'acknowledge', argument });
    });
  }

  /** The member presses 1, if the phone rings then. */
  press(member: string, afterMs: number): void {
    this.#time.at(afterMs, this.#words.presses, () => {
      if (this.#phones.press(this.#world.phoneOf(member) ?? '')) return;
      this.#say('', { what: 'silent', text: this.#words.silent(this.#name(member)) });
    });
  }

  /**
   * Lets time pass until nothing is due any more, for `forMs` at most.
   * @returns what would happen next by itself, if anything.
   */
  run(forMs: number): Promise<{ afterMs: number; what: string } | undefined> {
    return this.#time.run(forMs, () => [
      ...this.#phones.due(),
      ...[...this.#states].flatMap(([id, state]) => {
        const due = nextDue(state);
        const happen = (): void => {
          this.#feed(id, { type: 'due' });
        };
        return due ? [{ at: due.at, what: comingText(due.what, this.#listener), happen }] : [];
      }),
    ]);
  }

  /** @throws RangeError for an incident that has not opened. */
  state(id: string): Escalation {
    const state = this.#states.get(id);
    if (!state) throw new RangeError(`there is no incident ${id}`);
    return state;
  }

  #feed(id: string, happened: Happened): void {
    const before = this.state(id);
    const { state, commands } = advance(before, happened, this.#time.now);
    this.#states.set(id, state);
    const known = new Set(before.timeline);
    for (const record of state.timeline) {
      const notification = state.notifications.find((one) => one.id === record.notification);
      // An accepted message was already printed at the instant when it would be sent.
      if (known.has(record) || notification?.outcome === 'accepted') continue;
      const { kind, level, round } = record;
      this.#say(id, {
        what: kind,
        text: this.#sentence(record),
        ...('outcome' in record && { outcome: record.outcome }),
        ...(level !== undefined && { level }),
        ...(round !== undefined && { round }),
      });
    }
    for (const command of commands) this.#carryOut(id, command);
  }

  #carryOut(id: string, command: Command): void {
    switch (command.do) {
      case 'resolve':
        this.#time.soon(() => this.#resolve(id, command));
        break;
      case 'send':
        this.#send(id, command);
        break;
      case 'call':
        this.#time.soon(() => {
          this.#call(id, command);
        });
        break;
      case 'drop': {
        const { notification, line } = command;
        this.#phones.drop(line, { workflowId: this.state(id).workflowId, notification });
        break;
      }
      case 'redraw': {
        const { notification, look } = command;
        this.#time.soon(() => {
          this.#feed(id, { type: 'redrawn', notification, look });
        });
        break;
      }
      case 'withdraw': // Every account answered at once: there is nothing to take back.
        break;
    }
  }

  async #resolve(id: string, { do: _, ...asked }: Extract<Command, { do: 'resolve' }>): Promise<void> {
    const { once } = asked;
    const state = this.state(id);
    const level = currentLevel(state);
    const resolution = await this.#world.planner.resolveRound({
      at: this.#time.now,
      severity: state.incident.severity,
      to: once?.to ?? level?.to ?? { members: [], teams: [], schedules: [] },
      by: once?.by ?? level?.by ?? 'preference',
      groups: once ? [] : (level?.groups ?? []),
    });
    this.#feed(id, { type: 'resolved', ...asked, resolution });
  }

  #send(id: string, { notification, route, plain }: Extract<Command, { do: 'send' }>): void {
    const one = this.#find(id, notification);
    const { routes, attempts } = one;
    this.#sayTold(id, one, { what: 'sent', route, then: routes, attempts, plain });
    const result = this.#answer(route, recipientName(one));
    this.#time.soon(() => {
      this.#feed(id, { type: 'attempted', notification, result });
    });
  }

  #answer(route: Route, receiver: string): AttemptResult {
    if (this.#world.failing.has(route.account)) return failure(route);
    const key = `${route.account} ${receiver}`;
    const sent = this.#sent.get(key) ?? [];
    const windows = route.perReceiver ?? adapterFacts(route.adapter).perReceiver;
    const perReceiver = windows.filter(({ perMs }) => perMs > WAITED_FOR_MS);
    if (isWindowFull({ ...route, perReceiver }, sent, this.#time.now)) {
      return { route, outcome: 'rejected', kind: 'rate-limited', reason: { key: 'receiver-window-full' } };
    }
    this.#sent.set(key, [...sent, this.#time.now]);
    return { route, outcome: 'accepted' };
  }

  #call(id: string, { request }: Extract<Command, { do: 'call' }>): void {
    const { notification, member, routes } = request;
    const phone = this.#world.phoneOf(member);
    if (phone === undefined) {
      const [route] = routes;
      const reason = { key: 'no-phone', member } as const;
      const result = { route, outcome: 'unreachable', kind: 'unreachable', reason } as const;
      this.#feed(id, { type: 'attempted', notification, result });
      return;
    }
    this.#feed(id, { type: 'queued', notification, line: phone });
    if (!this.#phones.request(phone, request)) return;
    const { level, round } = this.#find(id, notification);
    const text = this.#words.waits('voice', this.#name(member));
    this.#say(id, { what: 'queued', text, level, round, to: member, medium: 'voice' });
  }

  async #list({ member, items }: CallList): Promise<void> {
    for (const routes of await this.#world.planner.listRoutes({ member, incidents: items.length })) {
      const route = routes.find((one) => this.#answer(one, member).outcome === 'accepted');
      if (!route) continue;
      const { medium } = adapterFacts(route.adapter);
      const { account } = route;
      const text = this.#words.listed(items.length, medium, this.#name(member), account);
      this.#say('', { what: 'listed', text, to: member, medium, account });
    }
  }

  #find(id: string, notification: string): Notification {
    const found = this.state(id).notifications.find((one) => one.id === notification);
    if (!found) throw new RangeError(`there is no notification ${notification}`);
    return found;
  }

  #sayTold(id: string, notification: Notification, { what, route, then, attempts, plain = false }: Told): void {
    const { level, round, medium, event } = notification;
    const { account } = route;
    const to = recipientName(notification);
    const next = then.map((one) => one.account);
    const failed = attempts.at(-1);
    const text = this.#words.leaves({
      event,
      medium,
      to: this.#name(to),
      account,
      then: next,
      plain,
      ...(failed && { failed: { account: failed.account, why: this.#why(failed) } }),
    });
    this.#say(id, { what, text, level, round, to, medium, account, then: next });
  }

  #sentence(record: TimelineRecord): string {
    return recordText(record, this.#listener);
  }

  #name(member: string): string {
    return this.#listener.names?.(member) ?? member;
  }

  #why({ outcome, reason }: Attempt): string {
    const { locale } = this.#listener;
    if (reason !== undefined) return reasonText(reason, this.#listener);
    return locale === 'en' ? outcome : incidentWords(locale).outcomes[outcome];
  }

  #say(incident: string, moment: Pick<Moment, 'what' | 'text'> & Partial<Moment>): void {
    const { level = 0, round = 0 } = this.#states.get(incident) ?? {};
    this.moments.push({ afterMs: this.#time.afterMs, incident, level, round, ...moment });
  }
}

interface Told {
  what: 'sent' | 'called';
  route: Route;
  then: readonly Route[];
  attempts: readonly Attempt[];
  plain?: boolean;
}
