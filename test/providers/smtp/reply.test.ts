import { describe, expect, it } from 'vitest';
import { directMailReply } from '../../../providers/aliyun/email-replies.ts';
import { toDeliveryError } from '../../../providers/kit/mail-reply.ts';

const HOST = 'any server';
const DIRECT_MAIL = 'DirectMail';

describe('what an SMTP server answers', () => {
  it.each([
    [{ code: 'EAUTH', command: 'AUTH PLAIN', responseCode: 535 }, HOST, 'unauthorized'],
    [{ code: 'EAUTH', command: 'AUTH PLAIN', responseCode: 454 }, HOST, 'unavailable'],
    [{ code: 'EENVELOPE', command: 'MAIL FROM', responseCode: 530 }, HOST, 'unauthorized'],
    [{ code: 'EENVELOPE', command: 'MAIL FROM', responseCode: 452 }, HOST, 'unavailable'],
    [{ code: 'EENVELOPE', command: 'MAIL FROM', responseCode: 553 }, HOST, 'unauthorized'],
    [{ code: 'EENVELOPE', command: 'RCPT TO', responseCode: 550 }, HOST, 'rejected'],
    [{ code: 'EENVELOPE', command: 'RCPT TO', responseCode: 552 }, HOST, 'rejected'],
    [{ code: 'EENVELOPE', command: 'RCPT TO', responseCode: 451 }, HOST, 'unavailable'],
    [{ code: 'EMESSAGE', command: 'DATA', responseCode: 554 }, HOST, 'refused'],
    [{ code: 'EMESSAGE', command: 'DATA', responseCode: 421 }, HOST, 'unavailable'],
    [{ code: 'EPROTOCOL', command: 'CONN', responseCode: 554 }, HOST, 'unavailable'],
    [{ code: 'ETIMEDOUT', command: 'CONN', timeoutType: 'SOCKET_TIMEOUT' }, HOST, 'unknown-outcome'],
    [{ code: 'ETIMEDOUT', command: 'CONN', timeoutType: 'GREETING_TIMEOUT' }, HOST, 'not-sent'],
    [{ code: 'ECONNECTION', command: 'CONN' }, HOST, 'unknown-outcome'],
    [{ code: 'EABORT' }, HOST, 'unknown-outcome'],
    [{ code: 'ESOCKET', command: 'CONN', originalCode: 'ECONNREFUSED' }, HOST, 'not-sent'],
    [{ code: 'ESOCKET', command: 'CONN', originalCode: 'ECONNRESET' }, HOST, 'unknown-outcome'],
    [{ code: 'EDNS', command: 'CONN', originalCode: 'ENOTFOUND' }, HOST, 'not-sent'],
    [{ code: 'ETLS', command: 'CONN' }, HOST, 'not-sent'],
    [{ code: 'ETLS', command: 'STARTTLS', responseCode: 502 }, HOST, 'not-sent'],
    // DirectMail has meanings of its own for some numbers.
    [{ code: 'EENVELOPE', command: 'RCPT TO', responseCode: 552 }, DIRECT_MAIL, 'exhausted'],
    [{ code: 'EMESSAGE', command: 'DATA', responseCode: 551 }, DIRECT_MAIL, 'unauthorized'],
    [{ code: 'EENVELOPE', command: 'MAIL FROM', responseCode: 436 }, DIRECT_MAIL, 'unauthorized'],
    [{ code: 'EMESSAGE', command: 'DATA', responseCode: 559 }, DIRECT_MAIL, 'rejected'],
    [{ code: 'EENVELOPE', command: 'RCPT TO', responseCode: 423 }, DIRECT_MAIL, 'rejected'],
    [{ code: 'EAUTH', command: 'AUTH PLAIN', responseCode: 535 }, DIRECT_MAIL, 'unauthorized'],
    [{ code: 'EPROTOCOL', command: 'CONN', responseCode: 554 }, DIRECT_MAIL, 'unavailable'],
    [{ code: 'EENVELOPE', command: 'RCPT TO', responseCode: 550 }, DIRECT_MAIL, 'rejected'],
  ])('%o of %s is %s', (error, server, kind) => {
    const own = server === DIRECT_MAIL ? directMailReply : undefined;
    expect(toDeliveryError('smtp.email', error, own).kind).toBe(kind);
  });

  it('is told without the words of the server, which repeat the address', () => {
    const error = Object.assign(new Error("Can't send mail: 550 <supervisor@example.com> unknown"), {
      code: 'EENVELOPE',
      command: 'RCPT TO',
      responseCode: 550,
      response: '550 <supervisor@example.com> unknown',
    });
    const told = toDeliveryError('smtp.email', error);
    expect(told.message).toBe('smtp.email: the recipient was refused (550)');
    expect(told.providerCode).toBe('550');
  });

  it('is never a success when it cannot be understood', () => {
    expect(toDeliveryError('smtp.email', '?').kind).toBe('unknown-outcome');
  });
});
