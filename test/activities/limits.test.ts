import { ApplicationFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createChannel } from '../../activities/channel.ts';
import type { Send } from '../../activities/contract.ts';
import { Limits } from '../../activities/limits.ts';
import type { Account } from '../../config/configuration.ts';
import { yamlDirectory } from '../../config/duty/directory.ts';
import { ADAPTERS } from '../../domain/media.ts';
import { loadAdapter } from '../../providers/registry.ts';
import { Sandbox } from '../../sandbox/index.ts';
import { parse, sample } from '../config/sample.ts';
import { failureOf } from '../providers/failure.ts';
import { face } from '../providers/delivery.ts';

const TEXTS: Account = {
  name: 'texts',
  adapter: 'aliyun.sms',
  settings: {},
  traits: { host: '127.0.0.1' },
  processes: 1,
};

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe('the windows of the vendors', () => {
  it('are known for every account without a word in the file', () => {
    const windows = Object.fromEntries(
      Object.entries(ADAPTERS)
        .filter(([id]) => /^(aliyun|tencent)\.(voice|sms)$/.test(id))
        .map(([id, { perReceiver }]) => [id, perReceiver.map(({ sends, perMs }) => [sends, perMs])]),
    );
    expect(windows).toEqual({
      // https://help.aliyun.com/en/vms/support/voice-notification-or-voice-verification-code-faq
      'aliyun.voice': [
        [1, MINUTE],
        [5, HOUR],
        [20, DAY],
      ],
      // https://cloud.tencent.com/document/product/1128/38004
      'tencent.voice': [
        [1, MINUTE / 2],
        [2, 10 * MINUTE],
        [3, DAY],
      ],
      // https://help.aliyun.com/document_detail/2881383.html
      'aliyun.sms': [[50, DAY]],
      'tencent.sms': [[10, DAY]],
    });
  });

  it('count every receiver alone, and say when there is room again', async () => {
    const account: Account = {
      ...TEXTS,
      perReceiver: [
        { sends: 2, perMs: MINUTE },
        { sends: 3, perMs: HOUR },
      ],
    };
    const limits = new Limits(() => account);
    await limits.take(0, 'primary');
    await limits.take(10_000, 'primary');
    await limits.take(20_000, 'backup');
    expect(await failureOf(limits.take(20_000, 'primary'))).toMatchObject({
      kind: 'rate-limited',
      retryAfterMs: 40_000,
    });
    await limits.take(MINUTE, 'primary');
    expect(await failureOf(limits.take(2 * MINUTE + 1, 'primary'))).toMatchObject({
      retryAfterMs: HOUR - 2 * MINUTE - 1,
    });
    await limits.take(HOUR, 'primary');
  });

  it('are those of the file as it is now', async () => {
    let account: Account = { ...TEXTS, perReceiver: [{ sends: 1, perMs: HOUR }] };
    const limits = new Limits(() => account);
    await limits.take(0, 'primary');
    expect(await failureOf(limits.take(1000, 'primary'))).toMatchObject({ kind: 'rate-limited' });
    account = { ...TEXTS, perReceiver: [{ sends: 2, perMs: HOUR }] };
    await limits.take(2000, 'primary');
    expect(await failureOf(limits.take(3000, 'primary'))).toMatchObject({ kind: 'rate-limited' });
  });
});

describe('a text the vendor would refuse', () => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    const templates = { SMS_1: '${severity} ${title} ${number}' };
    sandbox = await Sandbox.start({ people: [], aliyun: { templates } });
  });
  afterAll(() => sandbox.close());

  it('is not tried: the next account takes over at once', async () => {
    const current = parse(
      sample({
        5: `  texts:
    adapter: aliyun.sms
    accessKeyId: sandbox
    accessKeySecret: sandbox
    signName: OnCall
    templates: { zh: { code: SMS_1 } }
    perReceiver: [2/1h]
    baseUrl: ${sandbox.endpoints.aliyun}
media: { email: [mail], sms: [texts] }`,
      }),
    );
    const account = current.accounts.get('texts');
    if (!account) throw new Error('the sample has lost its account');
    const adapter = await loadAdapter('aliyun.sms');
    const source = { current };
    const channel = createChannel({ source, directory: yamlDirectory(source), account, adapter });
    const send = channel['aliyun.sms'] as Send;
    const attempt = (n: number) =>
      new MockActivityEnvironment().run(send, {
        account: 'texts',
        adapter: 'aliyun.sms',
        notification: `n${n}`,
        event: 'opened' as const,
        to: { member: 'primary' },
        face,
        plain: false,
      });

    await attempt(1);
    await attempt(2);
    const refused = await attempt(3).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(ApplicationFailure);
    expect(refused).toMatchObject({
      type: 'rate-limited',
      nonRetryable: true,
      message: 'the vendor takes no more for this receiver now',
    });
    expect(sandbox.world.arrivals).toHaveLength(2);
  });
});
