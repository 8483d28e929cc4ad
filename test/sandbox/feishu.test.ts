import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encrypt, sign, signFlat } from '../../sandbox/feishu-callback.ts';
import { Sandbox } from '../../sandbox/index.ts';
import { startReceiver } from './receiver.ts';

const ENCRYPT_KEY = 'kX9-example-encrypt-key';

let sandbox: Sandbox;
let token: string;
beforeEach(async () => {
  sandbox = await Sandbox.start({
    people: [{ name: 'primary', email: 'primary@example.com', phone: '+8613800000001', openId: 'ou_primary' }],
    feishu: { appId: 'cli_1', appSecret: 's', verificationToken: 'v-tok', encryptKey: ENCRYPT_KEY },
  });
  token = (await askToken()).tenant_access_token;
});
afterEach(() => sandbox.close());

async function api(method: string, path: string, body?: unknown, authorization = `Bearer ${token}`) {
  const response = await fetch(`${sandbox.endpoints.feishu}/open-apis/${path}`, {
    method,
    headers: { 'content-type': 'application/json', authorization },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const json = (await response.json()) as { code: number; msg: string; data: { message_id: string; items: unknown[] } };
  return { status: response.status, headers: response.headers, ...json };
}

async function askToken() {
  const answer: unknown = await api('POST', 'auth/v3/tenant_access_token/internal', {
    app_id: 'cli_1',
    app_secret: 's',
  });
  return answer as { tenant_access_token: string; expire: number };
}

const card = (title: string) => ({
  config: { update_multi: true },
  header: { title: { tag: 'plain_text', content: title } },
  elements: [
    {
      tag: 'action',
      actions: [
        { tag: 'button', text: { tag: 'plain_text', content: 'Acknowledge' }, value: { a: 'ack' } },
        {
          tag: 'select_static',
          placeholder: { tag: 'plain_text', content: 'Snooze' },
          value: { a: 'snooze' },
          options: [{ text: { tag: 'plain_text', content: '1 h' }, value: '60' }],
        },
        { tag: 'button', text: { tag: 'plain_text', content: 'Open' }, url: 'https://oncall.example.com' },
      ],
    },
  ],
});

const send = (content: unknown, more: Record<string, unknown> = {}, type = 'open_id') =>
  api('POST', `im/v1/messages?receive_id_type=${type}`, {
    receive_id: 'ou_primary',
    msg_type: 'interactive',
    content: JSON.stringify(content),
    ...more,
  });

describe('Feishu encryption and signatures, against published and independently computed vectors', () => {
  // F1: the sample of open.feishu.cn "encrypt-key-encryption-configuration-case"; F2: the tests of larksuite/node-sdk.
  it.each([
    ['test key', 'P37w+VZImNgPEO1RBhJ6RtKl7n6zymIbEG1pReEzghk=', 'hello world'],
    [
      'mazhe.nerd',
      'tT1xP+ovuc0T3b/rnZX3ax76exqAn0ANQ6/U45GcciC0mgNBc8JtvqOJGNAPMKpgRs2dVU1NYk9VDeqS8T4SYtU0hzNU54aS84WnxvZ3VFfDcy/RyABlNqlUiGyLDzFI0yxdCMT4KR/YEQXlt6nZi50KwRlZ+A75r645KesZuLMljezYyY8VeeXEVjPw35+e',
      '{"challenge":"5634b122-c042-4634-bc7f-b07a3c3e77ad","token":"iRdCP2WwXNBXRM3mGLqhrgch3cn0gbT6","type":"url_verification"}',
    ],
    [
      ENCRYPT_KEY,
      'MDEyMzQ1Njc4OWFiY2RlZqXLUk7zzKnVyQQFFqWQq57dgN9pP3qwU+NS6JJis+Zrtea4F7ZtWYsfZJaobWdCrgvd1Ac/kHE1JbN8/7W3xzI=',
      '{"challenge":"c-123","token":"v-tok","type":"url_verification"}',
    ],
  ])('encrypts under %j', (key, sealed, plain) => {
    expect(encrypt(key, plain, Buffer.from(sealed, 'base64').subarray(0, 16))).toBe(sealed);
  });

  it('signs the bytes as they are', () => {
    const sealed = encrypt(
      ENCRYPT_KEY,
      '{"challenge":"c-123","token":"v-tok","type":"url_verification"}',
      Buffer.from('MDEyMzQ1Njc4OWFiY2RlZqXLUk7zzKnVyQQFFqWQ', 'base64').subarray(0, 16),
    );
    expect(sign('1700000000', 'n0nce', ENCRYPT_KEY, JSON.stringify({ encrypt: sealed }))).toBe(
      '277a3e3ce4009cf7c78afd006b4121e68a2b4b9fe266d1b87f23a9053679a47a',
    );
    expect(sign('1700000000', 'n0nce', ENCRYPT_KEY, '{"a": 1}')).toBe(
      '7848eb4c6bc4b76b533c679e9881094213501d65a4f19f624c3e930ad2859742',
    );
    expect(signFlat('1700000000', 'n0nce', 'v-tok', '{"open_id":"ou_1"}')).toBe(
      'ffbbab694ca97a214fde89c034c1a2ecad852463',
    );
  });
});

describe('the Feishu API', () => {
  it('gives the same token while it is long enough', async () => {
    const again = await askToken();
    expect(again.tenant_access_token).toBe(token);
    expect(again.expire).toBeGreaterThan(7100);
    expect(again.expire).toBeLessThanOrEqual(7200);
  });

  it('asks for a token that is its own', async () => {
    expect(await api('GET', 'im/v1/chats', undefined, '')).toMatchObject({ status: 400, code: 99991661 });
    expect(await api('GET', 'im/v1/chats', undefined, 'Bearer t-other')).toMatchObject({ code: 99991663 });
    const wrong = await api('POST', 'auth/v3/tenant_access_token/internal', { app_id: 'cli_1', app_secret: 'x' });
    expect(wrong.code).toBe(99991543);
  });

  it('shows a message once per uuid, whoever repeats it', async () => {
    const first = await send(card('db-7 is down'), { uuid: 'u1' });
    const again = await send(card('db-7 is down'), { uuid: 'u1' });
    expect(again.data.message_id).toBe(first.data.message_id);
    expect(sandbox.responder('primary').cards).toHaveLength(1);
  });

  it.each([
    ['a card over 30 KB', card('x'.repeat(30 * 1024)), {}, 'open_id', 230025],
    ['a card without elements', { config: {} }, {}, 'open_id', 230099],
    ['an action in a card of schema 2.0', { schema: '2.0', body: card('x') }, {}, 'open_id', 230099],
    ['a mention of nobody', { elements: [{ tag: 'markdown', content: '<at id=ou_x></at>' }] }, {}, 'open_id', 230099],
    ['a malformed id', card('x'), { receive_id: 'primary' }, 'open_id', 230034],
    ['a stranger', card('x'), { receive_id: 'ou_x' }, 'open_id', 230013],
    ['a group without the bot', card('x'), { receive_id: 'oc_x' }, 'chat_id', 230002],
    ['content that is not a JSON string', card('x'), { content: card('x') }, 'open_id', 230001],
  ])('refuses %s', async (_, content, more, type, code) => {
    expect(await send(content, more, type)).toMatchObject({ status: 400, code });
    expect(sandbox.world.cards).toEqual([]);
  });

  it('reaches a person by e-mail address and a group by its id', async () => {
    expect((await send(card('x'), { receive_id: 'primary@example.com' }, 'email')).code).toBe(0);
    expect((await send({ text: 'hello' }, { receive_id: 'oc_ops', msg_type: 'text' }, 'chat_id')).code).toBe(0);
    expect(sandbox.world.cards.map(({ to }) => to)).toEqual(['ou_primary', 'oc_ops']);
    expect((await api('GET', 'im/v1/chats')).data.items).toMatchObject([{ chat_id: 'oc_ops' }]);
    const found = await api('POST', 'contact/v3/users/batch_get_id?user_id_type=open_id', {
      emails: ['primary@example.com', 'nobody@example.com'],
      mobiles: ['13800000001'],
    });
    expect(found.data).toEqual({
      user_list: [
        { email: 'primary@example.com', user_id: 'ou_primary' },
        { email: 'nobody@example.com' },
        { mobile: '13800000001', user_id: 'ou_primary' },
      ],
    });
  });

  it('redraws a shared card and no other', async () => {
    const shared = (await send(card('Triggered'))).data.message_id;
    const patch = (id: string, to: unknown) => api('PATCH', `im/v1/messages/${id}`, { content: JSON.stringify(to) });
    expect((await patch(shared, card('Closed'))).code).toBe(0);
    expect(sandbox.world.cards).toMatchObject([{ redraws: 1, card: card('Closed') }]);
    expect((await patch(shared, { ...card('x'), config: {} })).code).toBe(230001);
  });

  it('allows five messages a second to one person', async () => {
    for (let n = 0; n < 5; n += 1) expect((await send(card(String(n)))).code).toBe(0);
    const refused = await send(card('6'));
    // A machine so slow that the sixth comes a second after the first is allowed it.
    const [first, sixth] = [sandbox.world.arrivals.at(1), sandbox.world.arrivals.at(6)];
    const within = (sixth?.at ?? 0) - (first?.at ?? 0) < 1000;
    expect(refused.code).toBe(within ? 230020 : 0);
  });

  it('throttles with the seconds to wait in a header', async () => {
    sandbox.faults.add({ vendor: 'feishu', action: 'messages.create', effect: { rateLimitMs: 1500 } });
    const throttled = await send(card('x'));
    expect(throttled).toMatchObject({ status: 429, code: 99991400 });
    expect(throttled.headers.get('x-ogw-ratelimit-reset')).toBe('2');
  });
});

describe('a click on a Feishu card', () => {
  const toast = { type: 'success', content: 'Acknowledged' };

  it('comes encrypted and signed, and the answer redraws the card', async () => {
    const receiver = await startReceiver(() =>
      Response.json({ toast, card: { type: 'raw', data: card('Acknowledged') } }),
    );
    sandbox.setCallbacks({ feishu: receiver.url });
    await send(card('db-7 is down'));
    const shown = await sandbox.responder('primary').expectCard('db-7 is down');
    expect(await shown.click('Acknowledge')).toMatchObject({ status: 200, toast });
    expect(shown.shows('Acknowledged')).toBe(true);
    const [{ headers, body, json } = { headers: {}, body: '', json: {} }] = receiver.received;
    expect(Object.keys(json as object)).toEqual(['encrypt']);
    expect(headers['x-lark-signature']).toBe(
      sign(headers['x-lark-request-timestamp'] ?? '', headers['x-lark-request-nonce'] ?? '', ENCRYPT_KEY, body),
    );
    receiver.close();
  });

  it('comes flat in the old form, whose answer is the bare card', async () => {
    await sandbox.close();
    sandbox = await Sandbox.start({
      people: [{ name: 'primary', openId: 'ou_primary' }],
      feishu: { appId: 'cli_1', appSecret: 's' },
    });
    token = (await askToken()).tenant_access_token;
    const receiver = await startReceiver(() => Response.json(card('Snoozed')));
    sandbox.setCallbacks({ feishu: receiver.url });
    await send(card('db-7 is down'));
    const shown = await sandbox.responder('primary').expectCard();
    await shown.click('Snooze', { option: '1 h', version: 'card.action.trigger_v1' });
    expect(receiver.received[0]?.json).toMatchObject({
      open_id: 'ou_primary',
      open_message_id: shown.id,
      action: { tag: 'select_static', option: '60', value: { a: 'snooze' } },
    });
    expect(shown).toMatchObject({ redraws: 1, text: expect.stringContaining('Snoozed') as string });
    receiver.close();
  });

  it('works on a card of schema 2.0', async () => {
    const receiver = await startReceiver(() => Response.json({ toast }));
    sandbox.setCallbacks({ feishu: receiver.url });
    const button = {
      tag: 'button',
      text: { tag: 'plain_text', content: 'Acknowledge' },
      behaviors: [{ type: 'callback', value: { a: 'ack' } }],
    };
    const column = { tag: 'column', elements: [button] };
    await send({ schema: '2.0', body: { elements: [{ tag: 'column_set', columns: [column] }] } });
    const shown = await sandbox.responder('primary').expectCard();
    expect(await shown.click(({ a }) => a === 'ack')).toMatchObject({ status: 200, toast });
    expect(shown.redraws).toBe(0);
    receiver.close();
  });

  it('shows an error when nobody answers as it must', async () => {
    await send(card('x'));
    const shown = await sandbox.responder('primary').expectCard();
    expect(await shown.click('Acknowledge')).toMatchObject({ status: 0, error: '200340' });
    const receiver = await startReceiver(() => new Response('oops', { status: 500 }));
    sandbox.setCallbacks({ feishu: receiver.url });
    expect(await shown.click(0)).toMatchObject({ status: 500, error: '200671' });
    receiver.close();
    await expect(shown.click('Open')).rejects.toThrow('the card offers: Acknowledge, Snooze');
  });

  it('checks a new URL by a challenge', async () => {
    const receiver = await startReceiver(() => Response.json({ challenge: 'another' }));
    sandbox.setCallbacks({ feishu: receiver.url });
    expect(await sandbox.feishu.verifyUrl()).toBe(false);
    expect(Object.keys(receiver.received[0]?.json as object)).toEqual(['encrypt']);
    receiver.close();
  });
});
