import { createTransport, type Transporter } from 'nodemailer';
import type { Delivery, MessageAdapter, Person } from '../kit/adapter.ts';
import { DeliveryError } from '../kit/delivery-error.ts';
import type { Io } from '../kit/io.ts';
import type { SmtpEmailAccount } from './account.ts';
import { composeMail } from './message.ts';
import { toDeliveryError } from './reply.ts';

const CONNECT_MS = 10_000;
const SILENCE_MS = 20_000;
/** Servers hang up on idle clients, some after a minute; a mail on a dead connection would be lost. */
const IDLE_MS = 30_000;

/**
 * smtp.email: one mail to one person through any SMTP server, over connections kept for the next.
 *
 * Once     Message-ID is the same for every attempt of a notification.
 * Errors   by reply code, and by the command it answered; silence after DATA is an unknown outcome.
 * Source   https://www.rfc-editor.org/rfc/rfc5321, https://nodemailer.com/smtp/pooled/
 */
export const smtpEmail: MessageAdapter<SmtpEmailAccount> = {
  id: 'smtp.email',
  form: 'message',

  async send(delivery, account, io) {
    const mail = composeMail(delivery, addresseeOf(delivery), account);
    const timeout = AbortSignal.timeout(io.timeoutMs);
    try {
      await transporterOf(account, io).sendMail({
        ...mail,
        signal: io.signal ? AbortSignal.any([io.signal, timeout]) : timeout,
      });
      return { outcome: 'accepted' };
    } catch (error) {
      throw toDeliveryError(error, new URL(account.url).hostname);
    }
  },

  async check(account, io) {
    try {
      await transporterOf(account, io).verify();
    } catch (error) {
      throw toDeliveryError(error, new URL(account.url).hostname);
    }
  },

  async close(account) {
    transporters.get(account)?.close();
    transporters.delete(account);
  },
};

function addresseeOf({ to }: Delivery): Person & { email: string } {
  if ('chat' in to) throw new DeliveryError('unreachable', 'smtp.email: writes to people, not to groups');
  const { person } = to;
  if (person.email === undefined) {
    throw new DeliveryError('unreachable', `smtp.email: ${person.member} has no e-mail; add it to the member`);
  }
  return { ...person, email: person.email };
}

const transporters = new WeakMap<SmtpEmailAccount, Transporter>();

function transporterOf(account: SmtpEmailAccount, io: Io): Transporter {
  const kept = transporters.get(account);
  if (kept) return kept;
  const { protocol, hostname, port, username, password } = new URL(account.url);
  const host = hostname.replace(/^\[|\]$/g, '');
  // Shorter than the whole, so that a server that is not there is told apart from one that fell silent.
  const connectMs = Math.min(CONNECT_MS, io.timeoutMs / 2);
  const transporter = createTransport({
    pool: true,
    host,
    ...(port !== '' && { port: Number(port) }),
    secure: protocol === 'smtps:',
    requireTLS: protocol === 'smtp:' && (account.requireTls ?? (username !== '' && !isThisMachine(host))),
    ...(username !== '' && { auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) } }),
    connectionTimeout: connectMs,
    greetingTimeout: connectMs,
    dnsTimeout: connectMs,
    socketTimeout: Math.min(SILENCE_MS, io.timeoutMs),
    idleTimeout: IDLE_MS,
    // Temporal does the repeating.
    maxRequeues: 0,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  transporters.set(account, transporter);
  return transporter;
}

function isThisMachine(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
}
