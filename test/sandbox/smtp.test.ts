import { createTransport } from 'nodemailer';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Sandbox } from '../../sandbox/index.ts';

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await Sandbox.start({
    people: [{ name: 'primary', email: 'primary@example.com' }],
    smtp: { user: 'oncall', password: 'p@ss/word' },
  });
});
afterEach(() => sandbox.close());

const send = (url = sandbox.endpoints.smtp, socketTimeout = 10_000) =>
  createTransport({ url, socketTimeout } as { url: string }).sendMail({
    from: 'Betrieb – on call <oncall@example.com>',
    to: 'primary@example.com',
    subject: '[严重] 数据库 db-7 宕机了，请立即处理，谢谢大家的配合与支持',
    messageId: '<inc.42@example.com>',
    headers: { 'Auto-Submitted': 'auto-generated' },
    text: `数据库宕机 = down\nsecond line\n${'x'.repeat(200)}`,
    html: '<p>数据库宕机</p>',
    attachments: [{ filename: 'a.txt', content: 'not the text' }],
  });

it('shows a mail as its reader sees it', async () => {
  await send();
  const mail = await sandbox.responder('primary').expectMail('db-7 宕机了');
  expect(mail).toMatchObject({
    to: 'primary@example.com',
    from: 'oncall@example.com',
    subject: '[严重] 数据库 db-7 宕机了，请立即处理，谢谢大家的配合与支持',
    messageId: '<inc.42@example.com>',
    text: `数据库宕机 = down\nsecond line\n${'x'.repeat(200)}`,
    html: '<p>数据库宕机</p>',
  });
  expect(mail.headers['auto-submitted']).toBe('auto-generated');
  expect(sandbox.world.arrivals.map(({ action }) => action)).toEqual(['MAIL FROM', 'RCPT TO', 'DATA']);
});

it('takes no mail without the password', async () => {
  const url = sandbox.endpoints.smtp;
  await expect(send(url.replace('p%40ss', 'wrong'))).rejects.toMatchObject({ code: 'EAUTH', responseCode: 535 });
  await expect(send(url.replace(/\/\/.*@/, '//'))).rejects.toMatchObject({ responseCode: 530 });
});

it.each([
  ['MAIL', { status: 452 }, { command: 'MAIL FROM', responseCode: 452 }],
  ['RCPT', { refuse: '550 5.1.1 No such user' }, { command: 'RCPT TO', responseCode: 550 }],
  ['DATA', { refuse: '554' }, { command: 'DATA', responseCode: 554 }],
  [undefined, { rateLimitMs: 1000 }, { command: 'DATA', responseCode: 451 }],
] as const)('refuses at %s for %j', async (action, effect, error) => {
  sandbox.faults.add({ vendor: 'smtp', effect, ...(action !== undefined && { action }) });
  await expect(send()).rejects.toMatchObject(error);
  expect(sandbox.world.mails).toEqual([]);
});

it('takes a mail and never says so', async () => {
  sandbox.faults.add({ vendor: 'smtp', effect: { dropAnswer: true } });
  await expect(send(undefined, 500)).rejects.toMatchObject({ code: 'ETIMEDOUT' });
  expect(sandbox.world.mails).toHaveLength(1);
});
