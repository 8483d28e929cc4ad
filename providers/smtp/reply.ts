import { z } from 'zod';
import type { ErrorKind } from '../../domain/delivery.ts';
import { DeliveryError } from '../kit/delivery-error.ts';

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

interface Meaning {
  kind: ErrorKind;
  means: string;
}

/**
 * Reply codes of Alibaba DirectMail, which gives some numbers a meaning of its own.
 * Source https://help.aliyun.com/zh/direct-mail/summary-of-common-email-return-codes-and-solutions
 */
const DIRECT_MAIL: Partial<Record<number, Meaning>> = {
  436: { kind: 'unauthorized', means: 'from must be the address that signs in' },
  551: { kind: 'unauthorized', means: 'the sender address is not available; check the account in the console' },
  552: { kind: 'exhausted', means: 'daily or monthly quota used up' },
  557: { kind: 'refused', means: 'the mail is too large' },
  423: { kind: 'rejected', means: "the recipient's domain takes no mail" },
  427: { kind: 'rejected', means: "the recipient's server cannot be reached" },
  524: { kind: 'rejected', means: "the recipient's domain takes no mail" },
  526: { kind: 'rejected', means: "the recipient's domain takes no mail" },
  559: { kind: 'rejected', means: 'the recipient is on the list of invalid addresses' },
  561: { kind: 'rejected', means: 'the recipient is a trap for spam' },
  563: { kind: 'rejected', means: 'the recipient is on the list of invalid addresses' },
};

/** @param host of the server, to know DirectMail by. */
export function toDeliveryError(error: unknown, host: string): DeliveryError {
  const read = failure.safeParse(error);
  const { kind, means } = meaningOf(read.data ?? {}, host);
  const code = read.data?.responseCode ?? read.data?.originalCode ?? read.data?.timeoutType ?? read.data?.code;
  if (code === undefined) return new DeliveryError(kind, `smtp.email: ${means}`);
  return new DeliveryError(kind, `smtp.email: ${means} (${String(code)})`, { providerCode: String(code) });
}

function meaningOf(failure: Failure, host: string): Meaning {
  const { responseCode, code } = failure;
  // The reply to STARTTLS says nothing about the mail.
  if (responseCode === undefined || code === 'ETLS') return withoutReply(failure);
  const own = host.startsWith('smtpdm') ? DIRECT_MAIL[responseCode] : undefined;
  return own ?? fromReply(responseCode, failure);
}

/** https://www.rfc-editor.org/rfc/rfc5321#section-4.2.1: 4yz heals by itself, 5yz does not. */
function fromReply(responseCode: number, { code, command = '' }: Failure): Meaning {
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

function withoutReply({ code = '', originalCode = '', timeoutType = '' }: Failure): Meaning {
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
