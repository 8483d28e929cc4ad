import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  giveCode,
  readCodeRequest,
  readReply,
  releaseCodes,
  type ReplyCode,
} from '../../../domain/phone/reply-code.ts';
import { freeze } from '../incident/freeze.ts';

const HOUR = 3_600_000;

it('codes have 4 digits, no two incidents share one, and one keeps its own while it is out, whatever is texted', () => {
  const text = fc.record({
    incident: fc.nat(300),
    member: fc.constantFrom('alice', 'bob'),
    wish: fc.oneof(fc.nat(3), fc.nat(2 ** 32), fc.constant(1e300)),
    afterMs: fc.constantFrom(0, HOUR, 25 * HOUR),
  });
  fc.assert(
    fc.property(fc.array(text, { maxLength: 300 }), (texts) => {
      let codes: ReplyCode[] = [];
      let now = 0;
      for (const { incident, member, wish, afterMs } of texts) {
        now += afterMs;
        const request = { workflowId: `i${String(incident)}`, member, wish };
        const isSame = (one: ReplyCode) => one.workflowId === request.workflowId && one.member === member;
        const before = releaseCodes(codes, now).find(isSame);
        codes = giveCode(freeze(codes), request, now);
        const given = codes.find(isSame);
        expect(given?.code).toMatch(/^[1-9]\d{3}$/);
        if (before) expect(given?.code).toBe(before.code);
        expect(new Set(codes.map(({ code }) => code)).size).toBe(codes.length);
        expect(codes.length).toBeLessThanOrEqual(200);
      }
    }),
    { numRuns: 100 },
  );
});

it('whatever arrives as a request or an answer is read without harm', () => {
  fc.assert(
    fc.property(fc.anything(), (raw) => {
      readCodeRequest(raw);
      readReply(raw);
    }),
  );
  expect(readReply({ code: '1', key: 'k', action: 'close' })).toBeUndefined();
  expect(readReply({ code: '1', key: 'k', deed: 'escalate' })).toEqual({ code: '1', key: 'k', action: 'escalate' });
  expect(readReply({ code: '1', key: 'k', action: 'escalate', written: 1 })).not.toHaveProperty('written');
  expect(readCodeRequest({ workflowId: 'a', member: 'b', wish: 1.5 })).toBeUndefined();
});
