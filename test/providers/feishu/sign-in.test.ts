import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { feishuAppAccount } from '../../../providers/feishu/account.ts';
import { feishuApp } from '../../../providers/feishu/app.ts';
import { feishuSignIn } from '../../../providers/feishu/sign-in.ts';
import { createIo } from '../../../providers/kit/http.ts';
import { Sandbox } from '../../../sandbox/index.ts';
import { failureOf } from '../failure.ts';

const io = createIo({ timeoutMs: 5000 });
const app = { appId: 'cli_oncall', appSecret: 'app-s3cret', verificationToken: 'v-tok' };
const redirectUri = 'https://oncall.example.com/oauth/feishu-cn';

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await Sandbox.start({
    people: [{ name: 'supervisor', phone: '+8613900000001', email: 'supervisor@example.com', openId: 'ou_supervisor' }],
    feishu: {
      ...app,
      chats: Array.from({ length: 130 }, (_, n) => ({ chatId: `oc_${String(n)}`, name: `Room ${String(n)}` })),
    },
  });
});
afterEach(() => sandbox.close());

const accountOf = (changes: object = {}) =>
  feishuAppAccount.parse({ ...app, baseUrl: sandbox.endpoints.feishu, ...changes });
/** The platform sends the browser back with a code. */
function codeOf(changes: object = {}): string {
  const page = feishuSignIn.authorizeUrl(accountOf(changes), { redirectUri, state: 's t/a&te' });
  const back = new URL(sandbox.feishu.signIn(page, 'ou_supervisor'));
  expect(`${back.origin}${back.pathname}`).toBe(redirectUri);
  expect(back.searchParams.get('state')).toBe('s t/a&te');
  return back.searchParams.get('code') ?? '';
}

describe('opening the app', () => {
  it('tells who it is, with the phone and e-mail that the tenant knows', async () => {
    expect(await feishuSignIn.identify(codeOf(), accountOf(), io, { redirectUri })).toEqual({
      identity: 'ou_supervisor',
      name: 'supervisor',
      phone: '+8613900000001',
      email: 'supervisor@example.com',
    });
  });

  it('begins on the platform’s own page, of the right region', () => {
    const host = (region: 'feishu' | 'lark') =>
      new URL(feishuSignIn.authorizeUrl(feishuAppAccount.parse({ ...app, region }), { redirectUri, state: 's' })).host;
    expect([host('feishu'), host('lark')]).toEqual(['accounts.feishu.cn', 'accounts.larksuite.com']);
  });

  it('is not believed a second time, with another address or the wrong secret', async () => {
    const code = codeOf();
    await feishuSignIn.identify(code, accountOf(), io, { redirectUri });
    const attempts = [
      feishuSignIn.identify(code, accountOf(), io, { redirectUri }),
      feishuSignIn.identify(codeOf(), accountOf(), io, { redirectUri: 'https://evil.example' }),
      feishuSignIn.identify(codeOf(), accountOf({ appSecret: 'wrong' }), io, { redirectUri }),
    ];
    for (const attempt of attempts) expect((await failureOf(attempt)).message).not.toContain('s3cret');
  });
});

describe('what an administrator is shown', () => {
  it('is every address where it belongs, in both languages', () => {
    const addresses = {
      callbackUrl: 'https://x/callbacks/f',
      redirectUrl: 'https://x/oauth/f',
      homeUrl: 'https://x/app/f',
    };
    const steps = feishuApp.setup?.(accountOf(), addresses);
    for (const list of [steps?.en ?? [], steps?.zh ?? []]) {
      for (const url of Object.values(addresses)) expect(list.join('\n')).toContain(url);
      for (const name of [
        'im.message.receive_v1',
        'im.chat.disbanded_v1',
        'card.action.trigger_v1',
        'contact:user.id:readonly',
      ]) {
        expect(list.join('\n')).toContain(name);
      }
    }
  });

  it('are all groups, however many pages they fill', async () => {
    const chats = await feishuApp.chats?.(accountOf(), io);
    expect(chats).toHaveLength(130);
    expect(chats?.at(-1)).toEqual({ chat: 'oc_129', name: 'Room 129' });
  });

  it('is what works and what does not, each with its remedy', async () => {
    expect((await feishuApp.checks?.(accountOf(), io))?.map(({ ok }) => ok)).toEqual([true, true, true]);
    sandbox.faults.add({ vendor: 'feishu', action: 'users.batch_get_id', effect: { refuse: '99991672' } });
    const scopes = await feishuApp.checks?.(accountOf(), io);
    expect(scopes?.map(({ ok }) => ok)).toEqual([true, false, true]);
    expect(scopes?.[1]?.detail).toContain('contact:user.id:readonly');
    const wrong = await feishuApp.checks?.(accountOf({ appSecret: 'wrong' }), io);
    expect(wrong?.[0]?.ok).toBe(false);
    expect(JSON.stringify(wrong)).not.toContain('"wrong"');
  });
});
