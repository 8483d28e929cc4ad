import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ACTION_NAMES } from '../../../domain/incident/action.ts';
import { ERROR_KINDS, OUTCOME_OF, OUTCOMES, type Route } from '../../../domain/delivery.ts';
import { acknowledgmentEndsAt, nextDue } from '../../../domain/incident/due.ts';
import { BOUNDS, currentLevel, openEscalation, type Escalation } from '../../../domain/incident/escalation.ts';
import type { Resolution } from '../../../domain/incident/plan.ts';
import type { AutoClose, Level, Rule } from '../../../domain/incident/rule.ts';
import { advance, type Command, type Happened } from '../../../domain/incident/timeline.ts';
import { freeze } from './freeze.ts';

/** Enough to find what the tables forgot, little enough for every run. */
const SEARCH = { numRuns: 400, interruptAfterTimeLimit: 4000, markInterruptAsFailure: false };

const PEOPLE = ['alice', 'bob', 'carol'];
const ROUTES: Record<string, Route[]> = {
  sms: [{ account: 'sms-1', adapter: 'aliyun.sms' }],
  email: [
    { account: 'mail-1', adapter: 'smtp.email' },
    { account: 'mail-2', adapter: 'smtp.email' },
  ],
  voice: [{ account: 'voice-1', adapter: 'aliyun.voice' }],
  feishu: [{ account: 'feishu', adapter: 'feishu.app' }],
  none: [],
};

const person = fc.constantFrom(...PEOPLE);
const media = fc.uniqueArray(fc.constantFrom(...Object.keys(ROUTES)), { maxLength: 3 });
const plan = (medium: string) => ({ medium, routes: ROUTES[medium] ?? [] });

const resolution: fc.Arbitrary<Resolution> = fc
  .record({ members: fc.uniqueArray(person), media, others: media, groups: fc.boolean(), onPurpose: fc.boolean() })
  .map(({ members, media: chosen, others, groups, onPurpose }) => ({
    configuration: 'c',
    people: members.map((member) => ({
      member,
      media: chosen.map(plan),
      fallback: Object.fromEntries(chosen.map((medium) => [medium, others.map(plan)])),
    })),
    groups: groups
      ? ['feishu.app', 'smtp.email'].map((adapter) => ({
          account: adapter,
          adapter,
          alias: adapter,
          events: [],
          mention: false,
        }))
      : [],
    nobodyOnPurpose: onPurpose,
    notes: [],
  }));

const rule: fc.Arbitrary<Rule> = fc.record({
  name: fc.constant('test/P1'),
  delayMs: fc.constantFrom(0, 60_000),
  levels: fc.array(
    fc.record<Level>({
      to: fc.constant({ members: PEOPLE, teams: [], schedules: [] }),
      by: fc.constant('preference'),
      groups: fc.constant([]),
      repeat: fc.record({ everyMs: fc.constantFrom(30_000, 120_000), times: fc.integer({ min: 1, max: 6 }) }),
      escalateAfterMs: fc.constantFrom(1000, 60_000, 300_000),
      evenIfAcknowledged: fc.boolean(),
      whenNobodyReached: fc.constantFrom('escalate', 'wait'),
    }),
    { minLength: 1, maxLength: 3 },
  ),
  startOver: fc.record({ everyMs: fc.constantFrom(60_000), times: fc.integer({ min: 0, max: 2 }) }),
  acknowledgeTimeoutMs: fc.constantFrom(300_000, 1_000_000_000),
});

const autoClose: fc.Arbitrary<AutoClose> = fc.record({
  afterMs: fc.constantFrom(1_200_000, 1_000_000_000),
  since: fc.constantFrom('opened', 'updated'),
});

const argument = fc.oneof(
  { weight: 4, arbitrary: fc.record({ by: fc.record({ member: person }) }) },
  fc.record({
    by: fc.record({ member: person }),
    minutes: fc.integer({ min: 1, max: 5 }),
    severity: fc.constantFrom('Critical', 'Warning', 'Info'),
    key: fc.constantFrom('k1', 'k2', 'k3'),
    level: fc.integer({ min: 1, max: 4 }),
  }),
  fc.record({ by: fc.record({ member: person }), members: fc.uniqueArray(person) }),
  fc.anything(),
);

/** What may happen next: time, people, answers to what was asked before (by its place in the queue), stray signals. */
const move = fc.oneof(
  fc.record({ move: fc.constant('wait' as const), forMs: fc.constantFrom(1, 999, 20_000, 60_000, 600_000) }),
  fc.record({ move: fc.constant('due' as const) }),
  fc.record({
    move: fc.constant('act' as const),
    name: fc.constantFrom(...ACTION_NAMES.filter((name) => name !== 'close')),
    argument,
  }),
  fc.record({ move: fc.constant('close' as const), unless: fc.integer({ min: 0, max: 7 }) }),
  {
    weight: 4,
    arbitrary: fc.record({
      move: fc.constant('answer' as const),
      which: fc.nat(8),
      kind: fc.constantFrom('accepted', 'accepted', 'expired', ...ERROR_KINDS),
      outcome: fc.constantFrom(...OUTCOMES),
      resolution,
    }),
  },
  fc.record({
    move: fc.constant('receipt' as const),
    receipt: fc.oneof(
      fc.anything(),
      fc.record({
        notification: fc.integer({ min: 1, max: 9 }).map((n) => `n${String(n)}`),
        account: fc.constantFrom('sms-1', 'mail-1', 'mail-2', 'feishu'),
        outcome: fc.constantFrom('delivered', 'failed'),
      }),
    ),
  }),
);
type Move = typeof move extends fc.Arbitrary<infer M> ? M : never;

type Pending = Exclude<Command, { do: 'withdraw' | 'drop' }>;

/** What came of a command; a call rings first and ends with a second answer. */
function answerTo(
  command: Pending,
  { kind, outcome, resolution: answer }: Extract<Move, { move: 'answer' }>,
): Happened {
  switch (command.do) {
    case 'resolve': {
      const { do: _, ...asked } = command;
      return { type: 'resolved', ...asked, resolution: answer };
    }
    case 'send': {
      const { notification, route } = command;
      if (kind === 'accepted') {
        return { type: 'attempted', notification, result: { route, outcome: 'accepted' }, handle: { id: 'x' } };
      }
      const came = kind === 'expired' ? 'expired' : OUTCOME_OF[kind];
      return { type: 'attempted', notification, result: { route, outcome: came, kind } };
    }
    case 'call': {
      const { notification } = command.request;
      if (kind === 'expired') return { type: 'queued', notification, line: 'phone' };
      const phase = kind === 'accepted' ? 'calling' : 'over';
      const attempts = [{ account: 'voice-1', adapter: 'aliyun.voice', medium: 'voice', outcome, at: '' }];
      return { type: 'called', word: { notification, phase, attempts } };
    }
    case 'redraw':
      return { type: 'redrawn', notification: command.notification, look: command.look };
  }
}

describe('whatever happens, in whatever order', () => {
  it('nobody is told before it is due, after an acknowledgment, in a snooze or after the close', () => {
    fc.assert(
      fc.property(rule, autoClose, fc.array(move, { maxLength: 60 }), (followed, neglect, moves) => {
        const known = { configuration: 'c', attributes: [], carriers: {}, notes: [] };
        const match = { ...known, rule: followed, autoClose: neglect };
        const incident = { id: '1', title: 't', severity: 'Warning', description: '', labels: {} } as const;
        let state = openEscalation({ workflowId: 'incident-1', occurrence: 'first-run' }, incident, [], 0);
        let now = 0;
        const pending: Pending[] = [];
        const feed = (happened: Happened): void => {
          const before = freeze(state);
          const { state: after, commands } = advance(before, happened, now);
          check(before, after, commands, happened, now);
          // Escalation wins a tie with the end of an acknowledgment, which is then due at once.
          const isTie = after.start !== before.start && (acknowledgmentEndsAt(after) ?? Infinity) <= now;
          if (happened.type === 'due' && !isTie) expect(nextDue(after)?.at ?? Infinity).toBeGreaterThan(now);
          for (const command of commands) {
            if (command.do !== 'withdraw' && command.do !== 'drop') pending.push(command);
          }
          state = after;
        };
        feed({ type: 'matched', match });
        for (const one of moves) {
          switch (one.move) {
            case 'wait':
              now += one.forMs;
              feed({ type: 'due' });
              break;
            case 'due':
              now = Math.max(now, nextDue(state)?.at ?? now);
              feed({ type: 'due' });
              break;
            case 'act':
              feed({ type: 'acted', name: one.name, argument: one.argument });
              break;
            case 'close':
              if (one.unless === 0) feed({ type: 'acted', name: 'close', argument: {} });
              break;
            case 'answer': {
              const [command] = pending.splice(one.which % Math.max(pending.length, 1), 1);
              if (command) feed(answerTo(command, one));
              break;
            }
            case 'receipt':
              feed({ type: 'receipt', receipt: one.receipt as never });
              break;
          }
        }
      }),
      SEARCH,
    );
  });
});

function check(before: Escalation, after: Escalation, commands: Command[], happened: Happened, now: number): void {
  expect(JSON.parse(JSON.stringify(after))).toEqual(after);
  checkTelling(before, after, commands);
  checkTime(before, after, happened, now);
  checkClose(before, after, happened, now);
  const ids = after.notifications.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  const known = before.notifications.map(({ id }) => id);
  for (const id of ids) expect(known.includes(id) || Number(id.slice(1)) > before.lastId).toBe(true);
  expect(after.timeline.length).toBeLessThanOrEqual(BOUNDS.records);
  expect(after.keys.length).toBeLessThanOrEqual(BOUNDS.keys);
  const rounds = after.notifications.filter(({ to, standIn }) => 'member' in to && standIn);
  const tellings = rounds.map(({ to, start, level, round, medium }) =>
    JSON.stringify([to, start, level, round, medium]),
  );
  expect(new Set(tellings).size).toBe(tellings.length);
}

/** Who may still be told anything. */
function checkTelling(before: Escalation, after: Escalation, commands: Command[]): void {
  for (const command of commands) {
    if (command.do === 'resolve') {
      expect(after.progress).not.toBe('Closed');
      if (command.once?.who !== 'newcomers') expect(after.snoozedUntil).toBeUndefined();
      continue;
    }
    if (command.do !== 'send' && command.do !== 'call') continue;
    const id = command.do === 'send' ? command.notification : command.request.notification;
    const notification = after.notifications.find((one) => one.id === id);
    if (!notification) throw new Error(`${id} is sent and not known`);
    if (notification.event !== 'opened') continue;
    expect(notification.withdrawn).toBe(false);
    expect(after.progress).not.toBe('Closed');
    if (notification.added) continue;
    expect(after.snoozedUntil).toBeUndefined();
    expect(after.progress === 'Triggered' || notification.regardless).toBe(true);
  }
  if (before.progress === 'Closed') {
    expect(after.progress).toBe('Closed');
    expect(commands.filter(({ do: what }) => what === 'resolve' || what === 'call')).toEqual([]);
  }
}

/** Levels and rounds begin when they are due, and one after the other; people may jump. */
function checkTime(before: Escalation, after: Escalation, happened: Happened, now: number): void {
  const level = currentLevel(before);
  const isNewStart = after.start !== before.start;
  const jump = happened.type === 'acted' ? happened.name : undefined;
  if (isNewStart && (jump === 'escalate' || jump === 'reassign')) {
    expect(after).toMatchObject({ round: 1, exhausted: false });
    expect(after.snoozedUntil).toBeUndefined();
    expect(after.direct !== undefined).toBe(jump === 'reassign');
    if (jump === 'escalate') expect(after.level).toBeGreaterThan(before.level);
    else expect(after.level).toBe(Math.max(before.level, 1));
  } else if (isNewStart && before.level === 0) {
    expect(now).toBeGreaterThanOrEqual(before.openedAt + (after.rule?.delayMs ?? 0));
    expect(after.level).toBe(1);
  } else if (isNewStart && after.level > before.level) {
    expect(before.direct).toBeUndefined();
    expect(after.level).toBe(before.level + 1);
    const isDue = level !== undefined && before.levelStartedAt + level.escalateAfterMs <= now;
    const wasNobodyReached = after.timeline.some((record) => 'why' in record && record.why === 'nobody-reached');
    expect(isDue || wasNobodyReached).toBe(true);
  } else if (after.level < before.level) {
    expect(before.startsAt).toBeLessThanOrEqual(now);
    expect(after.level).toBe(1);
  } else if (after.round !== before.round && !isNewStart) {
    expect(after.round).toBeGreaterThan(before.round);
    expect(after.round).toBeLessThanOrEqual(level?.repeat.times ?? 0);
    expect(now).toBeGreaterThanOrEqual(before.levelStartedAt + (after.round - 1) * (level?.repeat.everyMs ?? 0));
  }
}

/** Nothing but a person or its time closes it; a Critical that nobody has taken is never closed by time. */
function checkClose(before: Escalation, after: Escalation, happened: Happened, now: number): void {
  if (before.firstAcknowledgedAt !== undefined) expect(after.firstAcknowledgedAt).toBe(before.firstAcknowledgedAt);
  if (before.progress === 'Closed' || after.progress !== 'Closed') return;
  if (happened.type === 'acted') {
    expect(happened.name).toBe('close');
    return;
  }
  expect(happened.type).toBe('due');
  expect(before.progress === 'Triggered' && before.incident.severity === 'Critical').toBe(false);
  const since = before.match?.autoClose?.since === 'opened' ? before.openedAt : before.updatedAt;
  expect(now).toBeGreaterThanOrEqual(since + (before.match?.autoClose?.afterMs ?? Infinity));
}
