import { z } from 'zod';
import { hostOf, type Traits } from '../kit/traits.ts';
import { addressIn, emailAck } from '../kit/mail-account.ts';

const ADDRESS = /^[^\s<>@"]+@[^\s<>@"]+$/;

/** A host and its port alone hold no secret; anything else may, and is not repeated. */
function addressForm(written: string): string {
  const [server = 'mx.example.com:465', port = '465'] = /^[a-z0-9-]+(?:\.[a-z0-9-]+)*:(\d{2,5})$/i.exec(written) ?? [];
  return `is no address of a mail server; write ${port === '465' ? 'smtps' : 'smtp'}://user:password@${server}`;
}

/** Any SMTP server that takes mail from us; DirectMail has an adapter of its own, `aliyun.email`. */
export const smtpEmailAccount = z.strictObject({
  url: z
    .url({ protocol: /^smtps?$/, error: ({ input }) => (typeof input === 'string' ? addressForm(input) : undefined) })
    .describe('smtps://user:password@host (465, TLS from the start) or smtp://user:password@host (587, STARTTLS)'),
  from: z
    .string()
    .refine((from) => ADDRESS.test(addressIn(from)), 'must be an address, or "Name <address>"')
    .describe('Sender: an address, or "Name <address>"'),
  requireTls: z
    .boolean()
    .optional()
    .describe('Refuse to speak without TLS; by default when there is a password and the server is not this machine'),
  emailAck,
});
export type SmtpEmailAccount = z.output<typeof smtpEmailAccount>;

export const smtpEmailTraits = ({ url, emailAck: linksAct }: SmtpEmailAccount): Traits => ({
  host: hostOf(url),
  linksAct,
});
