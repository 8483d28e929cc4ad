import { mailSender } from '../kit/mail-sender.ts';
import type { SmtpEmailAccount } from './account.ts';

/**
 * smtp.email: one mail to one person through any SMTP server, over connections kept for the next.
 *
 * Once     Message-ID is the same for every attempt of a notification.
 * Errors   by reply code, and by the command it answered; silence after DATA is an unknown outcome.
 * Source   https://www.rfc-editor.org/rfc/rfc5321, https://nodemailer.com/smtp/pooled/
 */
export const smtpEmail = mailSender<SmtpEmailAccount>('smtp.email');
