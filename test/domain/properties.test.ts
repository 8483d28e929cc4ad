import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ActionName } from '../../domain/action.ts';
import { ERROR_KINDS, OUTCOME_OF, OUTCOMES, type Route } from '../../domain/delivery.ts';
import { BOUNDS, nextDue, openEscalation, type Escalation } from '../../domain/escalation.ts';
import { advanceLine, idleLine, lineDue, type Line, type LineHappened } from '../../domain/line.ts';
import type { Resolution } from '../../domain/plan.ts';
import type { Level, Rule } from '../../domain/rule.ts';
import { advance, type Command, type Happened } from '../../domain/timeline.ts';

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
});

const argument = fc.oneof(
  { weight: 4, arbitrary: fc.record({ by: fc.record({ member: person }) }) },
  fc.record({
    by: fc.record({ member: person }),
    minutes: fc.integer({ min: 1, max: 5 }),
    severity: fc.constantFrom('Critical', 'Warning', 'Info'),
    key: fc.constantFrom('k1', 'k2', 'k3'),
  }),
  fc.anything(),
);

/** What may happen next: time, people, answers to what was asked before (by its place in the queue), stray signals. */
const move = fc.oneof(
  fc.record({ move: fc.constant('wait' as const), forMs: fc.constantFrom(1, 999, 20_000, 60_000, 600_000) }),
  fc.record({ move: fc.constant('due' as const) }),
  fc.record({
    move: fc.constant('act' as const),
    name: fc.constantFrom<ActionName>('acknowledge', 'unacknowledge', 'snooze', 'wake', 'comment', 'revise'),
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
      fc.property(rule, fc.array(move, { maxLength: 60 }), (followed, moves) => {
        const match = { number: 'A', rule: followed, configuration: 'c', attributes: [], carriers: {}, notes: [] };
        const incident = { id: '1', title: 't', severity: 'Warning', description: '', labels: {} } as const;
        let state = openEscalation('incident-1', incident, [], 0);
        let now = 0;
        const pending: Pending[] = [];
        const feed = (happened: Happened): void => {
          const before = freeze(state);
          const { state: after, commands } = advance(before, happened, now);
          check(before, after, commands, now);
          if (happened.type === 'due') expect(nextDue(after)?.at ?? Infinity).toBeGreaterThan(now);
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

function check(before: Escalation, after: Escalation, commands: Command[], now: number): void {
  expect(JSON.parse(JSON.stringify(after))).toEqual(after);
  checkTelling(before, after, commands);
  checkTime(before, after, now);
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
      expect(after.snoozedUntil).toBeUndefined();
      continue;
    }
    if (command.do !== 'send' && command.do !== 'call') continue;
    const id = command.do === 'send' ? command.notification : command.request.notification;
    const notification = after.notifications.find((one) => one.id === id);
    if (!notification) throw new Error(`${id} is sent and not known`);
    if (notification.event !== 'opened') continue;
    expect(notification.withdrawn).toBe(false);
    expect(after.snoozedUntil).toBeUndefined();
    expect(after.progress).not.toBe('Closed');
    expect(after.progress === 'Triggered' || notification.regardless).toBe(true);
  }
  if (before.progress === 'Closed') {
    expect(after.progress).toBe('Closed');
    expect(commands.filter(({ do: what }) => what === 'resolve' || what === 'call')).toEqual([]);
  }
}

/** Levels and rounds begin when they are due, and one after the other. */
function checkTime(before: Escalation, after: Escalation, now: number): void {
  const level = before.rule?.levels[before.level - 1];
  const isNewStart = after.start !== before.start;
  if (isNewStart && before.level === 0) {
    expect(now).toBeGreaterThanOrEqual(before.openedAt + (after.rule?.delayMs ?? 0));
    expect(after.level).toBe(1);
  } else if (isNewStart && after.level > before.level) {
    expect(after.level).toBe(before.level + 1);
    const isDue = level !== undefined && before.levelStartedAt + level.escalateAfterMs <= now;
    const wasNobodyReached = after.timeline.some(({ text }) => text.includes('nobody of the level'));
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

/** By then a channel worker has answered, or is known to be lost. */
const PLACING_MS = 56_000;
const REFUSALS = ['cancelled', ...ERROR_KINDS] as const;

const lineMove = fc.oneof(
  fc.record({ move: fc.constant('wait' as const), forMs: fc.constantFrom(1, 20_000, 61_000, 3_600_000) }),
  fc.record({
    move: fc.constant('request' as const),
    incident: fc.nat(5),
    severity: fc.constantFrom('Critical' as const, 'Warning' as const),
    accounts: fc.subarray(['aliyun', 'tencent']),
  }),
  fc.record({ move: fc.constant('drop' as const), incident: fc.nat(5) }),
  fc.record({ move: fc.constant('placed' as const), callId: fc.constantFrom('c1', 'c2', 'c3') }),
  fc.record({ move: fc.constant('refused' as const), kind: fc.constantFrom(...REFUSALS) }),
  fc.record({
    move: fc.constant('callback' as const),
    account: fc.constantFrom('aliyun', 'tencent'),
    named: fc.constantFrom('token', 'callId', 'stranger'),
    keys: fc.option(fc.constantFrom('1', '11', '12', '2'), { nil: undefined }),
    isEnd: fc.boolean(),
  }),
);

describe('a telephone, whatever happens', () => {
  it('never has two calls at once, and a key acts only on what its call announced', () => {
    fc.assert(
      fc.property(fc.array(lineMove, { maxLength: 60 }), (moves) => {
        let line: Line = idleLine('escalations.phone-0123456789abcdef');
        let now = 0;
        const announced = new Map<string, string[]>();
        const inFlight = new Set<string>();
        const feed = (happened: LineHappened): void => {
          const { line: after, commands } = advanceLine(freeze(line), happened, now);
          // A provider that tells how a call ended has taken it, whether its answer has come or not.
          if (happened.type === 'callback' && after.current?.token !== line.current?.token) {
            inFlight.delete(line.current?.token ?? '');
          }
          expect(JSON.parse(JSON.stringify(after))).toEqual(after);
          for (const command of commands) {
            if (command.do === 'place') {
              expect(inFlight.size).toBe(0);
              inFlight.add(command.order.token);
              announced.set(
                command.order.token,
                command.order.items.map(({ workflowId }) => workflowId),
              );
              expect(after.current?.token).toBe(command.order.token);
            } else if (command.do === 'acknowledge') {
              const token = command.key.split(' ')[2] ?? '';
              expect(announced.get(token)).toContain(command.workflowId);
            }
          }
          expect(after.waiting.length === 0 || after.current !== undefined).toBe(true);
          line = after;
        };
        const answer = (what: string): void => {
          const [token] = inFlight;
          if (token === undefined) return;
          inFlight.delete(token);
          const route = line.current?.route ?? { account: 'aliyun', adapter: 'aliyun.voice' };
          const kind = REFUSALS.find((refusal) => refusal === what);
          if (kind) feed({ type: 'refused', token, result: { route, outcome: 'rejected', kind } });
          else feed({ type: 'placed', token, callId: what });
        };
        for (const one of moves) {
          const { current } = line;
          switch (one.move) {
            case 'wait':
              if (one.forMs > PLACING_MS) answer('unknown-outcome');
              now += one.forMs;
              feed({ type: 'due' });
              expect(lineDue(line)?.at ?? Infinity).toBeGreaterThan(now);
              break;
            case 'request':
              feed({ type: 'requested', request: requestOf(one) });
              break;
            case 'drop':
              feed({ type: 'dropped', drop: { workflowId: `i${String(one.incident)}`, notification: 'n1' } });
              break;
            case 'placed':
              answer(one.callId);
              break;
            case 'refused':
              answer(one.kind);
              break;
            case 'callback': {
              const { account, named, keys, isEnd } = one;
              feed({
                type: 'callback',
                event: {
                  account,
                  ...(named === 'token' && { token: current?.token ?? 'none' }),
                  ...(named === 'callId' && { callId: current?.callId ?? 'c1' }),
                  ...(named === 'stranger' && { callId: 'theirs' }),
                  ...(keys !== undefined && { keys }),
                  ...(isEnd && { ended: { outcome: 'answered', reason: 'hung up' } }),
                },
              });
              break;
            }
          }
        }
      }),
      SEARCH,
    );
  });
});

function requestOf({
  incident,
  severity,
  accounts,
}: Extract<typeof lineMove extends fc.Arbitrary<infer M> ? M : never, { move: 'request' }>) {
  const routes = accounts.map((account) => ({ account, adapter: `${account}.voice` }));
  const workflowId = `i${String(incident)}`;
  return { workflowId, notification: 'n1', member: 'alice', number: 'A', title: 't', severity, routes };
}

/** Whoever changes what it was given throws. */
function freeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const part of Object.values(value)) freeze(part);
  return Object.freeze(value);
}
