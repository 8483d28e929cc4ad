import { afterEach, beforeEach, expect, it } from 'vitest';
import { callToken } from '../../domain/phone/call-token.ts';
import type { Account } from '../../config/configuration.ts';
import { phoneWorkflowId } from '../../links/phone-id.ts';
import { sign } from '../../sandbox/twilio.ts';
import { accountOf } from '../account.ts';
import { buildHouse, PUBLIC_URL, type House } from './house.ts';

const AUTH_TOKEN = 'an-auth-token';
const SID = `AC${'0'.repeat(32)}`;
const PHONE = '+4915112345601';
const common = { accountSid: SID, authToken: AUTH_TOKEN, from: '+14155550100' };

let house: House;
let line: string;
beforeEach(async () => {
  house = await buildHouse();
  const accounts = house.configuration.accounts as Map<string, Account>;
  accounts.set('tw-voice', accountOf('tw-voice', 'twilio.voice', common));
  accounts.set('tw-sms', accountOf('tw-sms', 'twilio.sms', common));
  line = phoneWorkflowId(house.configuration.prefix, house.configuration.gateway, PHONE);
});
afterEach(() => house.close());

async function post(path: string, fields: Record<string, string>, token = AUTH_TOKEN): Promise<string> {
  const form = new URLSearchParams({ AccountSid: SID, ...fields });
  const answer = await house.gateway.app.request(path, {
    method: 'POST',
    body: form.toString(),
    headers: { 'x-twilio-signature': sign(token, `${PUBLIC_URL}${path}`, form) },
  });
  return `${String(answer.status)} ${await answer.text()}`;
}
const press = (Digits: string, token?: string) =>
  post(`/callbacks/tw-voice?on=keys&call=${callToken(line, 1)}&in=en`, { CallSid: 'CA1', To: PHONE, Digits }, token);
const answer = (Body: string, token?: string) =>
  post('/callbacks/tw-sms', { MessageSid: `SM${Body}`, From: PHONE, Body }, token);

it('takes nothing that Twilio did not sign, and tells nobody of it', async () => {
  await house.listener(line);
  expect(await press('1', 'another token')).toMatch(/^401 /);
  expect(await answer('1 4821', 'another token')).toMatch(/^401 /);
  expect(await house.heard(line)).toEqual([]);
});

it('tells the number’s workflow which key and which call, and promises nothing it does not know', async () => {
  await house.listener(line);
  expect(await press('1')).toMatch(/^200 .*<Say [^>]*>Recorded\.<\/Say><Hangup\/>/s);
  const event = { token: callToken(line, 1), callId: 'CA1', keys: '1', account: 'tw-voice' };
  expect(await house.heard(line)).toEqual([{ signal: 'callback', argument: event }]);
});

it('answers politely for a call and for a text that nobody remembers', async () => {
  expect(await press('1')).toMatch(/^200 .*This call is no longer known/s);
  expect(await answer('1 4821')).toMatch(/^200 .*<Message>.*No open incident waits/s);
});

it('asks to press or to answer again while Temporal is away, never with an error, and delivers it later', async () => {
  await house.listener(line);
  house.engine.kill();
  expect(await press('1')).toMatch(/^200 .*<Gather .*This is not recorded yet\. Please press the key again\./s);
  expect(await answer('1 4821')).toMatch(/^200 .*Not confirmed yet/s);
  expect(await answer('1')).toMatch(/^200 .*Not confirmed yet/s);
  await house.engine.restart();
  await expect
    .poll(async () => (await house.heard(line)).map(({ signal }) => signal).sort(), { timeout: 20_000 })
    .toEqual(['callback', 'reply']);
});
