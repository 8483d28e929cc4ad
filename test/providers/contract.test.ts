import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ERROR_KINDS } from '../../domain/delivery.ts';
import { ADAPTER_IDS, adapterFacts, type AdapterId } from '../../domain/media.ts';
import type { Adapter } from '../../providers/kit/adapter.ts';
import { createIo } from '../../providers/kit/http.ts';
import { loadAdapter, registry } from '../../providers/registry.ts';
import { deliveryOf, supervisor } from './delivery.ts';
import { failureOf } from './failure.ts';

/** Nobody listens on the discard port of this machine. */
const NOBODY = 'http://127.0.0.1:9';

/** For each adapter the least an account needs, the secrets in it, and where nobody answers. */
const ACCOUNTS: Record<AdapterId, { account: Record<string, unknown>; secrets: string[]; nowhere: object }> = {
  'feishu.app': {
    account: { appId: 'cli_1', appSecret: 'app-s3cret', verificationToken: 'verify-s3cret' },
    secrets: ['appSecret', 'verificationToken'],
    nowhere: { baseUrl: NOBODY },
  },
  'feishu.bot': {
    account: { webhook: 'hook-s3cret', secret: 'sign-s3cret', keyword: '#' },
    secrets: ['webhook'],
    nowhere: { baseUrl: NOBODY },
  },
  'dingtalk.app': {
    account: {
      corpId: 'ding1',
      clientId: 'dingapp',
      clientSecret: 'client-s3cret',
      callbackSecret: 'callback-s3cret-0123456789',
    },
    secrets: ['clientSecret', 'callbackSecret'],
    nowhere: { baseUrl: NOBODY },
  },
  'dingtalk.bot': {
    account: { webhook: 'hook-s3cret', secret: 'sign-s3cret', keyword: '#' },
    secrets: ['webhook'],
    nowhere: { baseUrl: NOBODY },
  },
  'wecom.app': {
    account: {
      corpId: 'ww1',
      agentId: 1000002,
      secret: 'app-s3cret',
      token: 'token-s3cret',
      encodingAesKey: '0123456789abcdefghijklmnopqrstuvwxyzABCDEFG',
    },
    secrets: ['secret', 'token', 'encodingAesKey'],
    nowhere: { baseUrl: NOBODY },
  },
  'wecom.bot': {
    account: { webhook: 'hook-s3cret' },
    secrets: ['webhook'],
    nowhere: { baseUrl: NOBODY },
  },
  'slack.app': {
    account: { botToken: 'xoxb-s3cret', signingSecret: 'sign-s3cret' },
    secrets: ['botToken', 'signingSecret'],
    nowhere: { baseUrl: NOBODY },
  },
  'slack.bot': {
    account: { webhook: 'T0/B0/hookS3cret' },
    secrets: ['webhook'],
    nowhere: { baseUrl: NOBODY },
  },
  'zoom.bot': {
    account: { webhook: 'hook-s3cret', verifyToken: 'verify-s3cret' },
    secrets: ['webhook', 'verifyToken'],
    nowhere: { baseUrl: NOBODY },
  },
  'telegram.bot': {
    account: { token: '1:bot-s3cret', secretToken: 'push-s3cret' },
    secrets: ['token'],
    nowhere: { baseUrl: NOBODY },
  },
  'teams.app': {
    account: { appId: 'app-1', appPassword: 'pass-s3cret', tenantId: 'tenant-1' },
    secrets: ['appPassword'],
    nowhere: { baseUrl: NOBODY },
  },
  'aliyun.voice': {
    account: {
      accessKeyId: 'key-id-s3cret',
      accessKeySecret: 'key-s3cret',
      callerNumbers: ['02131234567'],
      templates: { zh: { start: 'TTS_1', keys: { '1': 'TTS_2' } } },
      callbackSecret: 'callback-s3cret-0123456789',
    },
    secrets: ['accessKeyId', 'accessKeySecret', 'callbackSecret'],
    nowhere: { baseUrl: NOBODY },
  },
  'tencent.voice': {
    account: {
      secretId: 'id-s3cret',
      secretKey: 'key-s3cret',
      voiceSdkAppid: '1400000000',
      templates: { zh: { id: '1' } },
      callbackSecret: 'callback-s3cret-0123456789',
    },
    secrets: ['secretId', 'secretKey', 'callbackSecret'],
    nowhere: { baseUrl: NOBODY },
  },
  'aliyun.sms': {
    account: {
      accessKeyId: 'key-id-s3cret',
      accessKeySecret: 'key-s3cret',
      signName: 'On call',
      templates: { zh: { code: 'SMS_1' } },
    },
    secrets: ['accessKeyId', 'accessKeySecret'],
    nowhere: { baseUrl: NOBODY },
  },
  'tencent.sms': {
    account: {
      secretId: 'id-s3cret',
      secretKey: 'key-s3cret',
      smsSdkAppId: '1400000001',
      signName: 'On call',
      templates: { zh: { id: '1' } },
    },
    secrets: ['secretId', 'secretKey'],
    nowhere: { baseUrl: NOBODY },
  },
  'aliyun.email': {
    account: { address: 'oncall@example.com', password: 'mail-s3cret' },
    secrets: ['password'],
    nowhere: { baseUrl: 'smtp://127.0.0.1:9' },
  },
  'smtp.email': {
    account: { url: 'smtp://user:url-s3cret@mx.example.com', from: 'oncall@example.com' },
    secrets: ['url'],
    nowhere: { url: 'smtp://user:url-s3cret@127.0.0.1:9' },
  },
  'twilio.voice': {
    account: { accountSid: `AC${'0'.repeat(32)}`, authToken: 'auth-s3cret', from: '+14155550100' },
    secrets: ['authToken'],
    nowhere: { baseUrl: NOBODY },
  },
  'twilio.sms': {
    account: { accountSid: `AC${'0'.repeat(32)}`, authToken: 'auth-s3cret', from: '+14155550100' },
    secrets: ['authToken'],
    nowhere: { baseUrl: NOBODY },
  },
  'webhook.bot': {
    account: { webhook: 'https://hooks.example.com/hook-s3cret', allowPrivate: true },
    secrets: ['webhook'],
    nowhere: { baseUrl: NOBODY },
  },
};

describe('the registry', () => {
  it('knows every adapter that has a row, and no other', () => {
    expect(Object.keys(registry).sort()).toEqual([...ADAPTER_IDS].sort());
  });

  it('loads an adapter once', () => {
    expect(loadAdapter('smtp.email')).toBe(loadAdapter('smtp.email'));
  });

  it('brings no code of a provider with it, only what reads an account', async () => {
    expect(await importsOf('providers/registry.ts')).toEqual(['zod']);
  });
});

describe.each(ADAPTER_IDS)('%s', (id) => {
  const { account, secrets, nowhere } = ACCOUNTS[id];
  const { schema } = registry[id];

  it('lives where its id says', async () => {
    expect((await loadAdapter(id)).id).toBe(id);
    expect(existsSync(`providers/${id.replace('.', '/')}.ts`)).toBe(true);
  });

  it('does what its row says', async () => {
    const adapter = await loadAdapter(id);
    const facts = adapterFacts(id);
    const forms: Record<string, string> = { voice: 'call', sms: 'text', email: 'text' };
    expect(adapter.form).toBe(forms[facts.medium] ?? 'message');
    if (adapter.form !== 'call') {
      expect(adapter.redraw !== undefined).toBe(facts.redraws);
      expect(adapter.reconcile !== undefined).toBe(facts.reconciles);
    } else {
      expect(facts.ringMs).toBeGreaterThan(0);
    }
    const needsCallback = facts.confirms !== 'nothing' || ['keypad', 'card'].includes(facts.interaction);
    expect(adapter.callback !== undefined).toBe(needsCallback);
  });

  it('tells others where its requests go, and the secret path of its callbacks', () => {
    const { host, callbackSecret } = registry[id].traits(schema.parse({ ...account, ...nowhere }));
    expect(host).toBe('127.0.0.1:9');
    expect(callbackSecret).toBe(account['callbackSecret']);
  });

  it('can be asked whether its credentials work, unless its row says that this takes telling somebody', async () => {
    const adapter = await loadAdapter(id);
    expect(adapter.check !== undefined).toBe(adapterFacts(id).unchecked !== true);
  });

  it('takes an account that has what it needs', () => {
    expect(schema.safeParse(account).error).toBeUndefined();
  });

  it('refuses a setting it does not know, by name', () => {
    const { error } = schema.safeParse({ ...account, apSecret: 'x' });
    expect(error && z.prettifyError(error)).toContain('apSecret');
  });

  it.each(secrets)('refuses an account without %s, or with an empty one, by name', (field) => {
    const { [field]: _, ...without } = account;
    for (const incomplete of [without, { ...account, [field]: '' }]) {
      const { error } = schema.safeParse(incomplete);
      expect(error && z.prettifyError(error)).toContain(field);
    }
  });

  it('can describe its account to editors', () => {
    expect(z.toJSONSchema(schema, { io: 'input' })).toMatchObject({ type: 'object', additionalProperties: false });
  });

  it('knows that nothing was sent when its provider cannot be reached, and says so without secrets', async () => {
    const adapter = await loadAdapter(id);
    const settings = schema.parse({ ...account, ...nowhere });
    for (const attempt of attempts(adapter, settings)) {
      const error = await failureOf(attempt());
      expect(ERROR_KINDS).toContain(error.kind);
      expect(error.kind).toBe('not-sent');
      expect(error.message).not.toMatch(/s3cret/);
      for (const secret of [supervisor.phone, supervisor.email, 'token-acknowledge', 'page-token']) {
        expect(error.message).not.toContain(secret);
      }
    }
    await adapter.close?.(settings);
  });
});

function attempts(adapter: Adapter<unknown>, account: unknown): (() => Promise<unknown>)[] {
  const io = createIo({ timeoutMs: 3000 });
  return [
    () =>
      adapter.form !== 'call'
        ? adapter.send(deliveryOf(), account, io)
        : adapter.place(
            {
              token: '0123456789abcde',
              person: supervisor,
              values: {
                severity: 'Critical',
                title: 'db-7 is down',
                number: '7QK2MD',
                count: '1',
                channel: 'payments',
              },
              speech: { announcement: 'db-7 is down.', keys: 'Press 1.', goodbye: 'Goodbye.' },
            },
            account,
            io,
          ),
    ...(adapter.check ? [() => Promise.resolve(adapter.check?.(account, io))] : []),
  ];
}

/** Packages that a file loads when it is imported, through all of our files it imports in turn. */
async function importsOf(path: string, seen = new Set<string>()): Promise<string[]> {
  if (seen.has(path)) return [];
  seen.add(path);
  const source = await readFile(path, 'utf8');
  const names = [...source.matchAll(/^import (?!type )[^;]*?from '([^']+)'/gm)].map(([, name]) => name ?? '');
  const found = names.map(async (name) =>
    name.startsWith('.') ? importsOf(new URL(name, `file:///${path}`).pathname.slice(1), seen) : [name],
  );
  return [...new Set((await Promise.all(found)).flat())];
}
