import { cut } from '../../domain/incident/incident.ts';
import type { Happening, HttpRequest, TextAdapter } from '../kit/adapter.ts';
import type { Delivery } from '../kit/message.ts';
import { DeliveryError } from '../kit/delivery-error.ts';
import type { TwilioSmsAccount } from './account.ts';
import { ask } from './client.ts';
import { receiptReason } from './codes.ts';
import { PUSH_DEADLINE_MS, readForm } from './push.ts';
import { textBack, toAnswer } from './twiml.ts';

const ID = 'twilio.sms';
/** A text of many parts costs many times as much and arrives late: what matters comes first. */
const LONGEST = { subject: 200, text: 480 } as const;
/** The newest to one number among which a lost one is looked for. */
const LOOK_BACK = 20;
/** Clocks differ, and Twilio counts whole seconds. */
const MARGIN_MS = 5000;

/**
 * twilio.sms: one text to one phone.
 *
 * Request   POST {baseUrl}/2010-04-01/Accounts/{sid}/Messages.json, a form, Basic.
 * Limits    1,600 characters; dropped when it cannot leave within `ValidityPeriod`; no links into mainland China.
 * Reply     { sid, status: queued | accepted }: taken, not arrived.
 * Receipts  posted as `MessageStatus`, in any order; asked for by listing what was sent to the number.
 * Answers   posted as `Body`, answered with <Message>; never from mainland China.
 * Source    https://www.twilio.com/docs/messaging/api/message-resource, https://www.twilio.com/en-us/guidelines/cn/sms
 */
export const twilioSms: TextAdapter<TwilioSmsAccount> = {
  id: ID,
  form: 'text',
  async send(delivery, account, io) {
    const { from, messagingServiceSid, validSeconds } = account;
    const [to, body] = [phoneOf(delivery), bodyOf(delivery)];
    const statusCallback = receiptsAt(delivery);
    await ask(ID, account, io, (client) =>
      client.messages.create({
        to,
        body,
        validityPeriod: validSeconds,
        ...(from !== undefined && { from }),
        ...(messagingServiceSid !== undefined && { messagingServiceSid }),
        ...(statusCallback !== undefined && { statusCallback }),
      }),
    );
    return { outcome: 'accepted' };
  },

  /** The same words to the same number, not older than our attempt. */
  async reconcile(delivery, sentAt, account, io) {
    const [to, words] = [phoneOf(delivery), withoutLinks(bodyOf(delivery))];
    const listed = await ask(ID, account, io, (client) => client.messages.page({ to, pageSize: LOOK_BACK }));
    const found = listed.instances.find(
      ({ body, dateCreated }) => withoutLinks(body) === words && dateCreated.getTime() >= sentAt - MARGIN_MS,
    );
    if (!found) return undefined;
    return { outcome: found.status === 'delivered' ? 'delivered' : 'accepted' };
  },

  async check(account, io) {
    await ask(ID, account, io, (client) => client.messages.page({ pageSize: 1 }));
  },

  callback: {
    deadlineMs: PUSH_DEADLINE_MS,
    needsSecretPath: false,
    redelivers: false,
    read: (request, account) => ({ happenings: happeningsOf(request, readForm(request, account)) }),
    answer: (_request, _account, [result]) => toAnswer(textBack(result?.text)),
  },
};

/** @throws DeliveryError before anything is sent when the person has no phone. */
function phoneOf({ to }: Delivery): string {
  const phone = 'person' in to ? to.person.phone : undefined;
  if (phone === undefined) throw new DeliveryError('unreachable', `${ID}: there is no phone number to send to`);
  return phone;
}

function receiptsAt(delivery: Delivery): string | undefined {
  if (delivery.kind !== 'page' || delivery.callbackUrl === undefined) return undefined;
  return `${delivery.callbackUrl}?${new URLSearchParams({ ref: delivery.receiptRef }).toString()}`;
}

function bodyOf(delivery: Delivery): string {
  const { wording } = delivery;
  // Carriers of mainland China drop texts with links, and nobody there can answer.
  const isMainland = phoneOf(delivery).startsWith('+86');
  const text = cut(isMainland ? withoutLinks(wording.text) : wording.text, LONGEST.text);
  const subject = cut(wording.subject, LONGEST.subject);
  if (delivery.kind !== 'page') return `${subject}\n${text}`;
  const { face, pageUrl = '', reply } = delivery;
  const isNamed = wording.text.includes(face.number);
  return [
    isNamed ? subject : `${subject} (${face.number})`,
    text,
    !isMainland && reply?.hint,
    // A template may have put the link into the text already.
    !isMainland && !text.includes(pageUrl) && pageUrl,
  ]
    .filter(Boolean)
    .join('\n');
}

/**
 * Removes links: a comparison ignores them because every attempt has a new one, and carriers of mainland China drop texts
 * that hold one.
 */
function withoutLinks(text: string): string {
  return text.replace(/https?:\/\/\S+/g, '');
}

function happeningsOf({ url }: HttpRequest, form: URLSearchParams): Happening[] {
  const field = (name: string): string => form.get(name) ?? '';
  const ref = url.searchParams.get('ref');
  if (ref !== null) {
    const code = field('ErrorCode');
    switch (field('MessageStatus')) {
      case 'delivered':
      case 'read':
        return [{ kind: 'receipt', ref, receipt: { outcome: 'delivered' } }];
      case 'undelivered':
      case 'failed':
      case 'canceled':
        return [
          {
            kind: 'receipt',
            ref,
            receipt: { outcome: 'failed', reason: receiptReason(code), ...(code !== '' && { code }) },
          },
        ];
      default:
        return [];
    }
  }
  // STOP, START and HELP are answered by Twilio itself.
  if (field('OptOutType') !== '' || !form.has('Body')) return [];
  return [{ kind: 'reply', from: field('From'), text: field('Body'), eventId: field('MessageSid') }];
}
