import { describe, expect, it } from 'vitest';
import {
  readCallDrop,
  readCallEvent,
  readCallRequest,
  type CallEvent,
  type CallRequest,
} from '../../../domain/phone/call.ts';

const request: CallRequest = {
  workflowId: 'incident-42',
  notification: 'n1',
  member: 'supervisor',
  number: '7QK2MD',
  title: 'db-7 is down',
  severity: 'Critical',
  routes: [{ account: 'twilio', adapter: 'twilio.voice' }],
};
const event: CallEvent = { account: 'twilio', keys: '1', ended: { outcome: 'answered', reason: 'hung up' } };

describe('a signal to the workflow of a number', () => {
  it('is read when it is one of ours', () => {
    expect(readCallRequest(request)).toEqual(request);
    expect(readCallDrop({ workflowId: 'incident-42', notification: 'n1' })).toBeDefined();
    expect(readCallEvent(event)).toEqual(event);
  });

  it.each([undefined, null, 1, 'x', [], {}])('is nothing when somebody sends %j by hand', (raw) => {
    expect([readCallRequest(raw), readCallDrop(raw), readCallEvent(raw)]).toEqual([undefined, undefined, undefined]);
  });

  it.each(Object.keys(request))('is nothing when its %s is something else', (key) => {
    expect(readCallRequest({ ...request, [key]: { a: 1 } })).toBeUndefined();
  });

  it.each([{ keys: 1 }, { ended: {} }, { ended: { outcome: 'maybe', reason: '' } }, { account: 7 }])(
    'is nothing when an event says %j',
    (odd) => {
      expect(readCallEvent({ ...event, ...odd })).toBeUndefined();
    },
  );
});
