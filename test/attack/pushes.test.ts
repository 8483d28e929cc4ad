import { expect, it } from 'vitest';
import { CallbackError, type HttpRequest } from '../../providers/kit/adapter.ts';
import { readPush } from '../../providers/aliyun/push.ts';
import { dingtalkCallback } from '../../providers/dingtalk/callback.ts';
import { feishuCallback } from '../../providers/feishu/callback.ts';
import { teamsCallback } from '../../providers/teams/callback.ts';
import { pushContract } from '../../providers/tencent/push.ts';
import { readForm } from '../../providers/twilio/push.ts';
import { wecomCallback } from '../../providers/wecom/callback.ts';
import { z } from 'zod';

const SECRET = 'k7Jq-Wm2Xs9RtLd4BzNcp';

function push(body: string): HttpRequest {
  return {
    method: 'POST',
    body: new TextEncoder().encode(body),
    headers: new Headers(),
    url: new URL(`https://oncall.example.com/callbacks/a/${SECRET}`),
    receivedAt: 0,
  };
}

function refusal(read: () => unknown): number | undefined {
  try {
    read();
    return undefined;
  } catch (error) {
    return error instanceof CallbackError ? error.status : undefined;
  }
}

it('an unsigned form of 256 KiB of field names does not stop the gateway', () => {
  const form = Array.from({ length: 40_000 }, (_, n) => `f${String(n)}=`).join('&');
  expect(refusal(() => readForm(push(form), { accountSid: 'AC1', authToken: 'token' }))).toBe(400);
});

it('a field that comes twice keeps both values, in order', () => {
  expect(refusal(() => readForm(push('a=1&a=2&__proto__=3'), { accountSid: 'AC1', authToken: 'token' }))).toBe(401);
});

it('a push of more items than any vendor sends is refused before they are read', () => {
  const items = JSON.stringify(Array.from({ length: 60_000 }, () => ({})));
  let looked = 0;
  const item = z.unknown().transform(() => {
    looked += 1;
    return [];
  });
  const tencent = pushContract(item);
  expect(refusal(() => tencent.read(push(items), { callbackSecret: SECRET }, {} as never))).toBe(400);
  expect(
    refusal(() =>
      readPush(push(items), SECRET, () => {
        looked += 1;
        return [];
      }),
    ),
  ).toBe(400);
  expect(looked).toBe(0);
});

const HEADERS = new Headers({ 'content-type': 'application/json' });
const MANY = Array.from({ length: 60_000 }, () => 0);

it.each<[string, HttpRequest, (request: HttpRequest) => unknown]>([
  [
    'Feishu',
    push(JSON.stringify({ header: { token: 'v' }, event: { users: MANY } })),
    (request) => feishuCallback.read(request, { verificationToken: 'v' } as never),
  ],
  [
    'Teams',
    { ...push(JSON.stringify({ type: 'message', entities: MANY })), headers: HEADERS },
    (request) => teamsCallback.read(request, {} as never, {} as never),
  ],
  [
    'DingTalk',
    { ...push(JSON.stringify({ encrypt: 'x', items: MANY })), url: new URL(`https://o.example.com/${SECRET}?nonce=n`) },
    (request) => dingtalkCallback.read(request, { callbackSecret: SECRET, token: 't', aesKey: 'k' } as never),
  ],
  [
    'WeCom',
    push(`<xml>${'<a/>'.repeat(60_000)}</xml>`),
    (request) => wecomCallback.read(request, { token: 't' } as never),
  ],
])(
  'a push of %s with more inside than the vendor ever sends is refused before it is looked at',
  async (_, request, read) => {
    await expect(Promise.resolve().then(() => read(request))).rejects.toMatchObject({
      status: 400,
      message: 'a push has 200 items at most',
    });
  },
);
