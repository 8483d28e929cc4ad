import { createHash } from 'node:crypto';
import type { SendMailOptions } from 'nodemailer';
import type { Severity } from '../../domain/incident/incident.ts';
import { refKey } from '../../domain/incident/occurrence.ts';
import { addressIn, type MailAccount } from './mail-account.ts';
import type { Delivery, Person, Wording, ShortWording } from './message.ts';

/**
 * One mail to one person, as text and as HTML. All pages of an incident hang on one root that is never sent itself, and
 * share their subject, so that mailboxes show them as one conversation. The same delivery has the same Message-ID, by
 * which many mailboxes show a repeated one once. Nothing in it loads from anywhere or tells that it was read.
 */
export function composeMail(
  delivery: Delivery,
  person: Person & { email: string },
  account: MailAccount,
): SendMailOptions {
  const letter = letterOf(delivery);
  const address = addressIn(account.from);
  const domain = address.slice(address.lastIndexOf('@') + 1);
  return {
    from: account.from,
    to: { name: person.name, address: person.email },
    subject: letter.subject,
    text: textOf(letter),
    html: htmlOf(letter, delivery.locale),
    ...idsOf(delivery, domain),
    priority: letter.severity === 'Critical' ? 'high' : 'normal',
    headers: {
      // No vacation replies: https://www.rfc-editor.org/rfc/rfc3834, and the same for Exchange.
      'Auto-Submitted': 'auto-generated',
      'X-Auto-Response-Suppress': 'All',
    },
  };
}

function idsOf(delivery: Delivery, domain: string): Pick<SendMailOptions, 'messageId' | 'inReplyTo' | 'references'> {
  const own = digest(delivery.key);
  if (delivery.kind !== 'page') return { messageId: `<${delivery.kind}.${own}@${domain}>` };
  const { number } = delivery.face;
  // Mails of one occurrence make one thread.
  const root = `<inc.${digest(refKey(delivery.face))}@${domain}>`;
  return { messageId: `<inc.${number}.${own}@${domain}>`, inReplyTo: root, references: [root] };
}

/** What a mail shows, whatever it is about. */
interface Letter extends ShortWording {
  severity: Severity;
  isOver: boolean;
  facts: Wording['facts'];
  link?: { label: string; url: string };
}

function letterOf(delivery: Delivery): Letter {
  const { kind, wording } = delivery;
  if (kind !== 'page') return { ...wording, severity: delivery.severity, isOver: false, facts: [] };
  const { face, pageUrl } = delivery;
  return {
    ...delivery.wording,
    severity: face.incident.severity,
    isOver: face.progress === 'Closed',
    ...(pageUrl !== undefined && { link: { label: delivery.wording.openPage, url: pageUrl } }),
  };
}

function textOf({ status, facts, text, link }: Letter): string {
  return [
    status,
    facts.map(([label, value]) => `${label}: ${value}`).join('\n'),
    text,
    link ? `${link.label}: ${link.url}` : '',
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

const COLOURS = { Critical: '#c62828', Warning: '#e65100', Info: '#f9a825' } as const;

/** Tables and inline styles: what every mail program draws. */
function htmlOf({ subject, status, text, severity, isOver, facts, link }: Letter, locale: string): string {
  const colour = isOver ? '#2e7d32' : COLOURS[severity];
  const rows = facts.map(
    ([label, value]) =>
      `<tr><td style="padding:2px 16px 2px 0;color:#666;vertical-align:top">${escape(label)}</td>` +
      `<td style="padding:2px 0">${escape(value)}</td></tr>`,
  );
  const button = link
    ? `<p style="margin:24px 0 0"><a href="${escape(link.url)}" style="display:inline-block;padding:12px 24px;` +
      `background:#1a56db;color:#fff;text-decoration:none;border-radius:4px">${escape(link.label)}</a></p>`
    : '';
  return [
    `<!doctype html><html lang="${locale}"><head><meta charset="utf-8"><title>${escape(subject)}</title></head>`,
    '<body style="margin:0;padding:16px;font:16px/1.5 sans-serif;color:#222">',
    `<div style="max-width:600px;border-left:6px solid ${colour};padding-left:16px">`,
    `<h1 style="margin:0 0 8px;font-size:20px">${escape(subject)}</h1>`,
    `<p style="margin:0 0 16px;font-weight:bold">${escape(status)}</p>`,
    `<table role="presentation" style="border-collapse:collapse;font-size:15px">${rows.join('')}</table>`,
    `<p style="margin:16px 0 0;white-space:pre-line">${escape(text)}</p>`,
    button,
    '</div></body></html>',
  ].join('\n');
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 24);
}
