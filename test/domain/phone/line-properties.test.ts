import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ERROR_KINDS } from '../../../domain/delivery.ts';
import { advanceLine, idleLine, lineDue, type Line, type LineHappened } from '../../../domain/phone/line.ts';
import { freeze } from '../incident/freeze.ts';

const SEARCH = { numRuns: 400, interruptAfterTimeLimit: 4000, markInterruptAsFailure: false };

/** By then a channel worker has answered, or is known to be lost. */
const PLACING_MS = 56_000;
const REFUSALS = ['cancelled', ...ERROR_KINDS] as const;

const lineMove = fc.oneof(
  fc.record({ move: fc.constant('wait' as const), forMs: fc.constantFrom(1, 20_000, 61_000, 3_600_000) }),
  fc.record({
    move: fc.constant('request' as const),
    incident: fc.nat(5),
    severity: fc.constantFrom('Critical' as const, 'Warning' as const),
    accounts: fc.subarray(['aliyun', 'tencent', 'twilio']),
  }),
  fc.record({ move: fc.constant('drop' as const), incident: fc.nat(5) }),
  fc.record({ move: fc.constant('placed' as const), callId: fc.constantFrom('c1', 'c2', 'c3') }),
  fc.record({ move: fc.constant('refused' as const), kind: fc.constantFrom(...REFUSALS) }),
  fc.record({
    move: fc.constant('callback' as const),
    account: fc.constantFrom('aliyun', 'tencent', 'twilio'),
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
        const ended = new Set<string>();
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
            } else if (command.do === 'end') {
              const { token } = command.call;
              expect(ended.has(token)).toBe(false);
              ended.add(token);
              expect(after.current?.items.every(({ dropped }) => dropped)).toBe(true);
              expect(after.current?.token).toBe(token);
            } else if (command.do === 'acknowledge' || command.do === 'escalate') {
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
