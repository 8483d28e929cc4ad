import { createHash } from 'node:crypto';
import type { SendMailOptions } from 'nodemailer';
import type { Delivery, Person } from './adapter.ts';
import { addressIn, type MailAccount } from './mail-account.ts';

/**
 * One mail to one person, as text and as HTML. All mails of an incident hang on one root that is never sent itself, and
 * share their subject, so that mailboxes show them as one conversation. The same notification has the same Message-ID,
 * by which many mailboxes show a repeated one once. Nothing in it loads from anywhere or tells that it was read.
 */
export function composeMail(
  delivery: Delivery,
  person: Person & { email: string },
  account: MailAccount,
): SendMailOptions {
  const { face, wording, key } = delivery;
  const address = addressIn(account.from);
  const domain = address.slice(address.lastIndexOf('@') + 1);
  const root = `<inc.${digest(face.workflowId)}@${domain}>`;
  return {
    from: account.from,
    to: { name: person.name, address: person.email },
    subject: wording.subject,
    text: textOf(delivery),
    html: htmlOf(delivery),
    messageId: `<inc.${face.number}.${digest(key)}@${domain}>`,
    inReplyTo: root,
    references: [root],
    priority: face.incident.severity === 'Critical' ? 'high' : 'normal',
    headers: {
      // No vacation replies: https://www.rfc-editor.org/rfc/rfc3834, and the same for Exchange.
      'Auto-Submitted': 'auto-generated',
      'X-Auto-Response-Suppress': 'All',
    },
  };
}

function textOf({ wording, pageUrl }: Delivery): string {
  return [
    wording.status,
    wording.facts.map(([label, value]) => `${label}: ${value}`).join('\n'),
    wording.text,
    pageUrl === undefined ? '' : `${wording.openPage}: ${pageUrl}`,
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

const COLOURS = { Critical: '#c62828', Warning: '#e65100', Info: '#f9a825' } as const;

/** Tables and inline styles: what every mail program draws. */
function htmlOf({ face, wording, locale, pageUrl }: Delivery): string {
  const colour = face.progress === 'Closed' ? '#2e7d32' : COLOURS[face.incident.severity];
  const facts = wording.facts.map(
    ([label, value]) =>
      `<tr><td style="padding:2px 16px 2px 0;color:#666;vertical-align:top">${escape(label)}</td>` +
      `<td style="padding:2px 0">${escape(value)}</td></tr>`,
  );
  const button =
    pageUrl === undefined
      ? ''
      : `<p style="margin:24px 0 0"><a href="${escape(pageUrl)}" style="display:inline-block;padding:12px 24px;` +
        `background:#1a56db;color:#fff;text-decoration:none;border-radius:4px">${escape(wording.openPage)}</a></p>`;
  return [
    `<!doctype html><html lang="${locale}"><head><meta charset="utf-8"><title>${escape(wording.subject)}</title></head>`,
    '<body style="margin:0;padding:16px;font:16px/1.5 sans-serif;color:#222">',
    `<div style="max-width:600px;border-left:6px solid ${colour};padding-left:16px">`,
    `<h1 style="margin:0 0 8px;font-size:20px">${escape(wording.subject)}</h1>`,
    `<p style="margin:0 0 16px;font-weight:bold">${escape(wording.status)}</p>`,
    `<table role="presentation" style="border-collapse:collapse;font-size:15px">${facts.join('')}</table>`,
    `<p style="margin:16px 0 0;white-space:pre-line">${escape(wording.text)}</p>`,
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
