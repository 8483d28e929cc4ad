import { mailSender } from '../kit/mail-sender.ts';
import type { AliyunEmailAccount } from './account.ts';
import { directMailReply } from './email-replies.ts';

/**
 * aliyun.email: one mail to one person through DirectMail, as SMTP.
 *
 * Request  SMTP over TLS, port 465; the sender's address signs in with the SMTP password of that address.
 * Limits   a sender of one region works in that region only; daily and monthly quota (552).
 * Errors   reply codes with meanings of the vendor's own.
 * Source   https://help.aliyun.com/zh/direct-mail/smtp-endpoints
 */
export const aliyunEmail = mailSender<AliyunEmailAccount>('aliyun.email', directMailReply);
