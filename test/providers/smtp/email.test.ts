import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { smtpEmailAccount, type SmtpEmailAccount } from '../../../providers/smtp/account.ts';
import { smtpEmail } from '../../../providers/smtp/email.ts';
import type { Page } from '../../../providers/kit/message.ts';
import { createIo } from '../../../providers/kit/http.ts';
import { Sandbox, type Fault, type Responder } from '../../../sandbox/index.ts';
import { deliveryOf, supervisor, wording } from '../delivery.ts';
import { failureOf } from '../failure.ts';

const io = createIo({ timeoutMs: 5000 });

let sandbox: Sandbox;
let person: Responder;
let account: SmtpEmailAccount;
beforeEach(async () => {
  sandbox = await Sandbox.start({
    people: [{ name: 'supervisor', email: 'supervisor@example.com' }],
    smtp: { user: 'oncall', password: 'p@ss/w0rd' },
  });
  person = sandbox.responder('supervisor');
  account = smtpEmailAccount.parse({ url: sandbox.endpoints.smtp, from: 'On call <oncall@example.com>' });
});
afterEach(async () => {
  await smtpEmail.close?.(account);
  await sandbox.close();
});
const send = (delivery: Page, settings = account) => smtpEmail.send(delivery, settings, io);

describe('a page by e-mail', () => {
  it('arrives with the incident, one link to act by, and headers that keep machines quiet', async () => {
    expect(await send(deliveryOf())).toEqual({ outcome: 'accepted' });
    const mail = await person.expectMail('[Critical] db-7 is down');
    expect(mail.from).toBe('oncall@example.com');
    expect(mail.text).toContain('Not acknowledged, level 1 of 2');
    expect(mail.text).toContain('https://oncall.example.com/i/page-token');
    expect(mail.html).toContain('href="https://oncall.example.com/i/page-token"');
    expect(mail.headers).toMatchObject({
      'auto-submitted': 'auto-generated',
      'x-auto-response-suppress': 'All',
      importance: 'High',
    });
    expect(mail.headers['references']).toBe(mail.headers['in-reply-to']);
  });

  it('carries Chinese', async () => {
    await send(deliveryOf({ wording: { ...wording, subject: '[严重] 数据库宕机', text: '有新的故障需要处理。' } }));
    const mail = await person.expectMail('[严重] 数据库宕机');
    expect(mail.text).toContain('有新的故障需要处理。');
  });

  it('cannot be given further recipients by a name or a title', async () => {
    const hostile = 'x\r\nBcc: other@example.com\r\n';
    await send(
      deliveryOf({ to: { person: { ...supervisor, name: hostile } }, wording: { ...wording, subject: hostile } }),
    );
    expect(sandbox.world.mails.map(({ to }) => to)).toEqual(['supervisor@example.com']);
    expect(sandbox.world.mails[0]?.headers).not.toHaveProperty('bcc');
  });

  it('has the same Message-ID when it is sent again', async () => {
    const delivery = deliveryOf();
    await send(delivery);
    await send(delivery);
    const ids = person.mails.map(({ messageId }) => messageId);
    expect(ids).toHaveLength(2);
    expect(new Set(ids).size).toBe(1);
  });

  it('goes nowhere for a person without an address, or to a group', async () => {
    const { email: _, ...nobody } = supervisor;
    for (const to of [{ person: nobody }, { chat: 'oc_ops' }]) {
      expect((await failureOf(send(deliveryOf({ to })))).kind).toBe('unreachable');
    }
    expect(sandbox.world.arrivals).toEqual([]);
  });
});

describe('connections', () => {
  it('are kept for the next mails', async () => {
    const before = sandbox.world.arrivals.length;
    // A fault that waits for a second connection, which never comes.
    await send(deliveryOf());
    sandbox.faults.add({ vendor: 'smtp', action: 'CONNECT', effect: { status: 421 } });
    for (let n = 0; n < 4; n += 1) await send(deliveryOf());
    expect(sandbox.faults.waiting).toHaveLength(1);
    expect(sandbox.world.arrivals.length - before).toBe(5 * 3);
  });
});

describe('what goes wrong at a mail server', () => {
  const faults: [string, Fault['action'], Fault['effect'], string][] = [
    ['a server that takes nobody now', 'CONNECT', { status: 421 }, 'unavailable'],
    ['a server that takes nobody from here', 'CONNECT', { refuse: '554 5.7.1 no service for you' }, 'unavailable'],
    ['sign-in that is not possible now', 'AUTH', { refuse: '454 4.7.0 try later' }, 'unavailable'],
    ['sign-in that is refused', 'AUTH', { refuse: '535 5.7.8 no' }, 'unauthorized'],
    ['an unknown recipient', 'RCPT', { refuse: '550 5.1.1 <supervisor@example.com> unknown' }, 'rejected'],
    ['greylisting', 'RCPT', { refuse: '451 4.7.1 come back later' }, 'unavailable'],
    ['a sender that may not send', 'MAIL', { status: 553 }, 'unauthorized'],
    ['a full disk', 'MAIL', { status: 452 }, 'unavailable'],
    ['what looks like spam', 'DATA', { refuse: '554 5.7.1 spam' }, 'refused'],
    ['too many mails', 'DATA', { rateLimitMs: 1000 }, 'unavailable'],
    ['a server that goes down', 'DATA', { status: 421 }, 'unavailable'],
  ];
  it.each(faults)('%s is told as what it is, and the next mail passes', async (_what, action, effect, kind) => {
    sandbox.faults.add({ vendor: 'smtp', ...(action !== undefined && { action }), effect });
    const error = await failureOf(send(deliveryOf()));
    expect(error.kind).toBe(kind);
    expect(error.message).not.toContain('supervisor@example.com');
    await send(deliveryOf());
    expect(person.mails).toHaveLength(1);
  });

  it('silence after the mail was handed over is an unknown outcome', async () => {
    sandbox.faults.add({ vendor: 'smtp', action: 'DATA', effect: { dropAnswer: true } });
    const error = await failureOf(smtpEmail.send(deliveryOf(), account, createIo({ timeoutMs: 500 })));
    expect(error.kind).toBe('unknown-outcome');
    expect(person.mails).toHaveLength(1);
  });

  it('a wrong password is told without the password', async () => {
    const url = sandbox.endpoints.smtp.replace(/:[^:@]*@/, ':wr0ng@');
    const wrong = smtpEmailAccount.parse({ url, from: 'oncall@example.com' });
    for (const attempt of [() => send(deliveryOf(), wrong), () => Promise.resolve(smtpEmail.check?.(wrong, io))]) {
      const error = await failureOf(attempt());
      expect(error.kind).toBe('unauthorized');
      expect(error.message).not.toContain('wr0ng');
    }
    await smtpEmail.close?.(wrong);
  });

  it('a server without TLS gets no password when TLS is required', async () => {
    const strict = { ...account, requireTls: true };
    expect((await failureOf(send(deliveryOf(), strict))).kind).toBe('not-sent');
    expect(sandbox.world.arrivals).toEqual([]);
    await smtpEmail.close?.(strict);
  });

  it('a server that hung up in the meantime does not cost the next mail', async () => {
    let hungUp = 0;
    const impatient = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS', 'AUTH'],
      disableReverseLookup: true,
      logger: false,
      socketTimeout: 500,
      onData: (stream, _session, done) =>
        void stream
          .on('end', () => {
            done();
          })
          .resume(),
      onClose: () => (hungUp += 1),
    });
    await new Promise<void>((ready) => impatient.listen(0, '127.0.0.1', ready));
    const { port } = impatient.server.address() as AddressInfo;
    const relay = smtpEmailAccount.parse({ url: `smtp://127.0.0.1:${port}`, from: 'oncall@example.com' });
    await send(deliveryOf(), relay);
    await vi.waitUntil(() => hungUp === 1, 10_000);
    expect(await send(deliveryOf(), relay)).toEqual({ outcome: 'accepted' });
    await smtpEmail.close?.(relay);
    await new Promise<void>((closed) => {
      impatient.close(closed);
    });
  });
});

describe('the check of the account', () => {
  it('signs in and tells nobody', async () => {
    await smtpEmail.check?.(account, io);
    expect(sandbox.world.mails).toEqual([]);
  });
});
