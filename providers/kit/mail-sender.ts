import { createTransport, type Transporter } from 'nodemailer';
import type { TextAdapter } from './adapter.ts';
import { DeliveryError } from './delivery-error.ts';
import type { Io } from './io.ts';
import type { MailAccount } from './mail-account.ts';
import { composeMail } from './mail-message.ts';
import { toDeliveryError, type MailMeaning } from './mail-reply.ts';
import type { Delivery, Person } from './message.ts';

const CONNECT_MS = 10_000;
const SILENCE_MS = 20_000;
/** Servers hang up on idle clients, some after a minute; a mail on a dead connection would be lost. */
const IDLE_MS = 30_000;

/**
 * An adapter that sends by SMTP: one mail to one person, over connections kept for the next.
 * @param own reply codes to which the server gives a meaning of its own.
 */
export function mailSender<Account extends MailAccount>(
  id: string,
  own?: (replyCode: number) => MailMeaning | undefined,
): TextAdapter<Account> {
  return {
    id,
    form: 'text',

    async send(delivery, account, io) {
      const mail = composeMail(delivery, addresseeOf(delivery, id), account);
      const timeout = AbortSignal.timeout(io.timeoutMs);
      try {
        await transporterOf(account, io).sendMail({
          ...mail,
          signal: io.signal ? AbortSignal.any([io.signal, timeout]) : timeout,
        });
        return { outcome: 'accepted' };
      } catch (error) {
        throw toDeliveryError(id, error, own);
      }
    },

    async check(account, io) {
      try {
        await transporterOf(account, io).verify();
      } catch (error) {
        throw toDeliveryError(id, error, own);
      }
    },

    async close(account) {
      transporters.get(account)?.close();
      transporters.delete(account);
    },
  };
}

function addresseeOf({ to }: Delivery, id: string): Person & { email: string } {
  if ('chat' in to) throw new DeliveryError('unreachable', `${id}: writes to people, not to groups`);
  const { person } = to;
  if (person.email === undefined) {
    throw new DeliveryError('unreachable', `${id}: ${person.member} has no e-mail; add it to the member`);
  }
  return { ...person, email: person.email };
}

const transporters = new WeakMap<MailAccount, Transporter>();

function transporterOf(account: MailAccount, io: Io): Transporter {
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
    // Temporal repeats a failed send, so nodemailer must not.
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
