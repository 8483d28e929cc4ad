import { MockActivityEnvironment } from '@temporalio/testing';
import { describe, expect, it } from 'vitest';
import { createChannel } from '../../activities/channel.ts';
import type { Send, SendOrder } from '../../activities/contract.ts';
import { yamlDirectory } from '../../config/duty/directory.ts';
import { describe as viewOf } from '../../domain/incident/describe.ts';
import { faceOf } from '../../domain/incident/face.ts';
import type { MessageAdapter } from '../../providers/kit/adapter.ts';
import { DeliveryError } from '../../providers/kit/delivery-error.ts';
import { parse, sample } from '../config/sample.ts';
import { level, Story } from '../domain/incident/clockwork.ts';

const LOST = { kind: 'unknown-outcome', reason: { key: 'worker-lost' } };
const BUSY = { kind: 'unavailable', reason: 'smtp.email: busy' };

function sending(send: MessageAdapter<unknown>['send']): Send {
  const current = parse(sample());
  const account = current.accounts.get('mail');
  if (!account) throw new Error('the sample has lost its account');
  const source = { current };
  const adapter: MessageAdapter<unknown> = { id: 'smtp.email', form: 'message', send };
  return createChannel({ source, directory: yamlDirectory(source), account, adapter })['smtp.email'] as Send;
}

const order: SendOrder = {
  account: 'mail',
  notification: 'n1',
  event: 'opened',
  to: { member: 'primary' },
  face: faceOf(viewOf(Story.begin({ levels: [level(['primary'])] }).state)),
  plain: false,
};

describe('an attempt that was lost with its worker and that the server repeated', () => {
  it('is told by the attempt after it, beside those that told about themselves', async () => {
    const send = sending(() => Promise.resolve({ outcome: 'accepted' }));
    const third = new MockActivityEnvironment({ attempt: 3, heartbeatDetails: [BUSY] });
    expect(await third.run(send, order)).toMatchObject({ earlier: [BUSY, LOST] });
    const first = new MockActivityEnvironment({ attempt: 1 });
    expect(await first.run(send, order)).toMatchObject({ earlier: [] });
  });

  it('is told by the last attempt also when that one fails', async () => {
    const send = sending(() => Promise.reject(new DeliveryError('rejected', 'smtp.email: no such mailbox')));
    const second = new MockActivityEnvironment({ attempt: 2 });
    await expect(second.run(send, order)).rejects.toMatchObject({ type: 'rejected', details: [{}, [LOST]] });
  });
});
