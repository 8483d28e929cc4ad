import { z } from 'zod';

/** What sending by SMTP needs to know of an account. */
export interface MailAccount {
  /** smtp://user:password@host or smtps://user:password@host. */
  url: string;
  /** An address, or `Name <address>`. */
  from: string;
  requireTls?: boolean | undefined;
}

/** A setting of every account for e-mail. */
export const emailAck = z
  .boolean()
  .default(true)
  .describe('Whether the page behind the link lets the receiver act; false: it shows the incident, nothing more');

/** `Name <address>` or the bare address. */
export function addressIn(from: string): string {
  return /<([^<>]*)>$/.exec(from.trim())?.[1] ?? from.trim();
}
