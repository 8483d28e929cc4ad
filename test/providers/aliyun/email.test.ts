import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { aliyunEmailAccount, type AliyunEmailAccount } from '../../../providers/aliyun/account.ts';
import { aliyunEmail } from '../../../providers/aliyun/email.ts';
import { createIo } from '../../../providers/kit/http.ts';
import { Sandbox } from '../../../sandbox/index.ts';
import { deliveryOf } from '../delivery.ts';
import { failureOf } from '../failure.ts';

const io = createIo({ timeoutMs: 5000 });
const ADDRESS = 'oncall@mail.example.com';

let sandbox: Sandbox;
let account: AliyunEmailAccount;
beforeEach(async () => {
  sandbox = await Sandbox.start({ people: [], smtp: { user: ADDRESS, password: 'p@ss w0rd' } });
  const baseUrl = sandbox.endpoints.smtp.replace(/\/\/.*@/, '//');
  account = aliyunEmailAccount.parse({ address: ADDRESS, password: 'p@ss w0rd', name: 'On call', baseUrl });
});
afterEach(async () => {
  await aliyunEmail.close?.(account);
  await sandbox.close();
});

describe('a DirectMail account', () => {
  it.each([
    [undefined, 'smtpdm.aliyun.com'],
    ['ap-southeast-1', 'smtpdm-ap-southeast-1.aliyuncs.com'],
    ['us-east-1', 'smtpdm-us-east-1.aliyuncs.com'],
    ['eu-central-1', 'smtpdm-eu-central-1.aliyuncs.com'],
  ])('of region %s speaks TLS to %s', (region, host) => {
    const { url, from } = aliyunEmailAccount.parse({ address: ADDRESS, password: 'x', ...(region && { region }) });
    expect(new URL(url)).toMatchObject({ protocol: 'smtps:', host: `${host}:465` });
    expect(from).toBe(ADDRESS);
  });

  it('cannot send under another address than the one that signs in', async () => {
    expect(await aliyunEmail.send(deliveryOf(), account, io)).toEqual({ outcome: 'accepted' });
    expect(sandbox.world.mails.at(-1)).toMatchObject({ from: ADDRESS, to: 'supervisor@example.com' });
    expect(sandbox.world.mails.at(-1)?.headers['from']).toBe(`On call <${ADDRESS}>`);
    expect(aliyunEmailAccount.safeParse({ address: ADDRESS, password: 'x', from: 'other@example.com' }).success).toBe(
      false,
    );
  });

  it('is refused a name that would add recipients', () => {
    const name = 'x\r\nBcc: other@example.com';
    expect(aliyunEmailAccount.safeParse({ address: ADDRESS, password: 'x', name }).success).toBe(false);
  });
});

// https://help.aliyun.com/zh/direct-mail/summary-of-common-email-return-codes-and-solutions
describe('a reply of DirectMail', () => {
  it.each([
    ['MAIL', 436, 'unauthorized'],
    ['DATA', 504, 'refused'],
    ['AUTH', 535, 'unauthorized'],
    ['MAIL', 551, 'unauthorized'],
    ['RCPT', 552, 'exhausted'],
    ['DATA', 554, 'refused'],
    ['DATA', 557, 'refused'],
    ['RCPT', 559, 'rejected'],
    ['RCPT', 561, 'rejected'],
    ['RCPT', 563, 'rejected'],
    ['RCPT', 524, 'rejected'],
    ['RCPT', 526, 'rejected'],
    ['RCPT', 423, 'rejected'],
    ['RCPT', 427, 'rejected'],
    ['RCPT', 451, 'unavailable'],
  ])('at %s with %s is %s', async (action, status, kind) => {
    sandbox.faults.add({ vendor: 'smtp', action, effect: { status } });
    const failure = await failureOf(aliyunEmail.send(deliveryOf(), account, io));
    expect(failure).toMatchObject({ kind, providerCode: String(status) });
    expect(failure.message).toMatch(/^aliyun\.email: /);
    expect(sandbox.world.mails).toEqual([]);
  });
});
