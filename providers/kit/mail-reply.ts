import { z } from 'zod';
import type { ErrorKind } from '../../domain/delivery.ts';
import { DeliveryError } from './delivery-error.ts';

/** What nodemailer throws; its message repeats the server's words, which repeat addresses, so it is not read. */
const failure = z.object({
  code: z.string().optional(),
  /** `AUTH PLAIN`, `MAIL FROM`, `RCPT TO`, `DATA`, `CONN`. */
  command: z.string().optional(),
  responseCode: z.number().optional(),
  originalCode: z.string().optional(),
  timeoutType: z.string().optional(),
});
type Failure = z.output<typeof failure>;

export interface MailMeaning {
  kind: ErrorKind;
  /** What happened; after a semicolon what to do about it. */
  means: string;
}

/** @param own reply codes to which this server gives a meaning of its own. */
export function toDeliveryError(
  adapter: string,
  error: unknown,
  own?: (replyCode: number) => MailMeaning | undefined,
): DeliveryError {
  const read = failure.safeParse(error);
  const { kind, means } = meaningOf(read.data ?? {}, own);
  const code = read.data?.responseCode ?? read.data?.originalCode ?? read.data?.timeoutType ?? read.data?.code;
  if (code === undefined) return new DeliveryError(kind, `${adapter}: ${means}`);
  const [happened, ...remedy] = means.split('; ');
  return new DeliveryError(kind, `${adapter}: ${[`${happened ?? means} (${String(code)})`, ...remedy].join('; ')}`, {
    providerCode: String(code),
  });
}

function meaningOf(failure: Failure, own?: (replyCode: number) => MailMeaning | undefined): MailMeaning {
  const { responseCode, code } = failure;
  // The reply to STARTTLS says nothing about the mail.
  if (responseCode === undefined || code === 'ETLS') return withoutReply(failure);
  // At the greeting no server speaks of a mail yet.
  return (code === 'EPROTOCOL' ? undefined : own?.(responseCode)) ?? fromReply(responseCode, failure);
}

/** https://www.rfc-editor.org/rfc/rfc5321#section-4.2.1: 4yz heals by itself, 5yz does not. */
function fromReply(responseCode: number, { code, command = '' }: Failure): MailMeaning {
  if (code === 'EPROTOCOL') return { kind: 'unavailable', means: 'the server does not take mail now' };
  if (responseCode < 500 || responseCode === 503)
    return { kind: 'unavailable', means: 'the server cannot take it now' };
  if (code === 'EAUTH' || [530, 534, 535, 538].includes(responseCode)) {
    return { kind: 'unauthorized', means: 'sign-in refused; check user and password in url' };
  }
  if (command === 'RCPT TO') return { kind: 'rejected', means: 'the recipient was refused' };
  if (command === 'MAIL FROM') {
    return { kind: 'unauthorized', means: 'the sender was refused; check that from may be used with this sign-in' };
  }
  return { kind: 'refused', means: 'the content was refused' };
}

const NEVER_CONNECTED = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'];
const SILENT_BEFORE_MAIL = ['CONNECT_TIMEOUT', 'GREETING_TIMEOUT', 'UPGRADE_TIMEOUT'];

function withoutReply({ code = '', originalCode = '', timeoutType = '' }: Failure): MailMeaning {
  switch (code) {
    case 'EAUTH':
    case 'ENOAUTH':
    case 'EOAUTH2':
      return { kind: 'unauthorized', means: 'sign-in failed; check user and password in url' };
    case 'EENVELOPE':
      return { kind: 'rejected', means: 'the address cannot be written to' };
    case 'EMESSAGE':
      return { kind: 'refused', means: 'the mail is larger than the server takes' };
    case 'EDNS':
    case 'ECONFIG':
    case 'EPROXY':
    case 'EPROTOCOL':
      return { kind: 'not-sent', means: 'no SMTP server answers there; check url' };
    case 'ETLS':
      return { kind: 'not-sent', means: 'no TLS with this server; check its certificate, or requireTls' };
    case 'ETIMEDOUT':
      if (SILENT_BEFORE_MAIL.includes(timeoutType)) return { kind: 'not-sent', means: 'the server did not answer' };
      break;
    case 'ESOCKET':
      if (NEVER_CONNECTED.includes(originalCode)) return { kind: 'not-sent', means: 'the server cannot be reached' };
      break;
  }
  // A line cut before MAIL and one cut after DATA look alike.
  return { kind: 'unknown-outcome', means: 'the line was lost before the server confirmed' };
}
