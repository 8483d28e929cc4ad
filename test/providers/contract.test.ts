import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ERROR_KINDS } from '../../domain/delivery.ts';
import { ADAPTER_IDS, adapterFacts } from '../../domain/media.ts';
import type { Adapter } from '../../providers/kit/adapter.ts';
import { createIo } from '../../providers/kit/http.ts';
import type { Notice } from '../../providers/kit/message.ts';
import { loadAdapter, registry } from '../../providers/registry.ts';
import { Sandbox } from '../../sandbox/index.ts';
import { noticeWritten } from '../../templates/notice.ts';
import { deliveryOf, supervisor } from './delivery.ts';
import { failureOf } from './failure.ts';

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await Sandbox.start({ people: [] });
});
afterAll(() => sandbox.close());

describe('the registry', () => {
  it('knows every adapter that has a row, and no other', () => {
    expect(Object.keys(registry).sort()).toEqual([...ADAPTER_IDS].sort());
  });

  it('loads an adapter once', () => {
    expect(loadAdapter('smtp.email')).toBe(loadAdapter('smtp.email'));
  });

  it('brings no code of a provider with it, only what reads an account', async () => {
    expect(await importsOf('providers/registry.ts')).toEqual(['zod', 'node:module']);
  });
});

describe.each(ADAPTER_IDS)('%s', (id) => {
  const { schema } = registry[id];
  const accountThere = () => sandbox.accounts[id];
  /** Nobody listens on the discard port of this machine. */
  const accountNowhere = () =>
    JSON.parse(JSON.stringify(accountThere()).replace(/127\.0\.0\.1:\d+/, '127.0.0.1:9')) as object;

  it('lives where its id says', async () => {
    expect((await loadAdapter(id)).id).toBe(id);
    expect(existsSync(`providers/${id.replace('.', '/')}.ts`)).toBe(true);
  });

  it('does what its row says', async () => {
    const adapter = await loadAdapter(id);
    const facts = adapterFacts(id);
    const forms: Record<string, string> = { voice: 'call', sms: 'text', email: 'text' };
    expect(adapter.form).toBe(forms[facts.medium] ?? 'message');
    if (adapter.form === 'message') {
      expect(adapter.tell !== undefined).toBe(facts.medium === 'im' && facts.form !== 'group');
    }
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
    const { host, callbackSecret } = registry[id].traits(schema.parse(accountNowhere()));
    expect(host).toBe('127.0.0.1:9');
    expect(callbackSecret).toBe(accountThere()['callbackSecret']);
  });

  it('can be asked whether its credentials work, unless its row says that this takes telling somebody', async () => {
    const adapter = await loadAdapter(id);
    expect(adapter.check !== undefined).toBe(adapterFacts(id).unchecked !== true);
  });

  it('refuses a setting it does not know, by name', () => {
    expect(refusalOf(schema, { ...accountThere(), apSecret: 'x' })).toContain('apSecret');
  });

  it('takes the account of its imitation, and refuses it without what it needs or with an empty setting, by name', () => {
    const account = accountThere();
    expect(schema.safeParse(account).error).toBeUndefined();
    const needed = Object.keys(account).filter((field) => {
      const { [field]: _, ...without } = account;
      const refusal = refusalOf(schema, without);
      if (refusal !== undefined) expect(refusal).toContain(field);
      return refusal !== undefined;
    });
    expect(needed.join()).toMatch(/secret|token|password|key|webhook|url/i);
    for (const [field, value] of Object.entries(account)) {
      if (typeof value === 'string') expect(refusalOf(schema, { ...account, [field]: '' })).toContain(field);
    }
  });

  it('hears no push without the secret path, where nothing else proves who sent it', async () => {
    const { callback } = await loadAdapter(id);
    if (callback?.needsSecretPath !== true) return;
    const { callbackSecret: _, ...without } = accountThere();
    const read = schema.safeParse(without);
    expect(read.success && registry[id].traits(read.data).takesReplies).toBe(false);
  });

  it('can describe its account to editors', () => {
    expect(z.toJSONSchema(schema, { io: 'input' })).toMatchObject({ type: 'object', additionalProperties: false });
  });

  it('knows that nothing was sent when its provider cannot be reached, and says so without secrets', async () => {
    const adapter = await loadAdapter(id);
    const settings = schema.parse(accountNowhere());
    for (const attempt of attempts(adapter, settings)) {
      const error = await failureOf(attempt());
      expect(ERROR_KINDS).toContain(error.kind);
      expect(error.kind).toBe('not-sent');
      expect(error.message).not.toMatch(/sandbox/);
      for (const secret of [supervisor.phone, supervisor.email, 'token-acknowledge', 'page-token']) {
        expect(error.message).not.toContain(secret);
      }
    }
    await adapter.close?.(settings);
  });
});

const NOTICE: Notice = {
  kind: 'notice',
  key: 'notice/1',
  to: { person: supervisor },
  locale: 'en',
  timeZone: 'UTC',
  ...noticeWritten({ kind: 'linked', account: 'feishu-cn' }, 'en'),
};

function refusalOf(schema: z.ZodType, written: object): string | undefined {
  const { error } = schema.safeParse(written);
  return error && z.prettifyError(error);
}

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
    ...(adapter.form === 'message' && adapter.tell ? [() => Promise.resolve(adapter.tell?.(NOTICE, account, io))] : []),
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
