import Sms, { QuerySendDetailsRequest, SendSmsRequest } from '@alicloud/dysmsapi20170525';
import type { TextAdapter } from '../kit/adapter.ts';
import type { Delivery } from '../kit/message.ts';
import type { Io } from '../kit/io.ts';
import { DeliveryError } from '../kit/delivery-error.ts';
import { smsValues } from '../kit/sms-values.ts';
import type { AliyunSmsAccount } from './account.ts';
import { isMainland, isMainlandMobile, toVendorNumber } from './numbers.ts';
import { PUSH_ANSWER, PUSH_DEADLINE_MS, readPush, readSmsItem } from './push.ts';
import { askInVain, ask, demandOk, runtimeOptions, sdkConfig } from './transport.ts';

const ID = 'aliyun.sms';
const PAGE_SIZE = 50;
/** A message sent around midnight may be filed under either day. */
const MIDNIGHT_MARGIN_MS = 10 * 60_000;

/**
 * aliyun.sms: one message to one phone from an approved template.
 *
 * Request   Dysmsapi 2017-05-25 `SendSms`, everything in the query, ACS3; not idempotent, `OutId` is echoed.
 * Limits    values 1 to 35 characters without addresses of pages; 50 a day per number, signature and template.
 * Reply     `{ Code, Message, BizId }`; only `OK` is success, and it means taken, not arrived.
 * Receipts  pushed as `SmsReport`; asked for with `QuerySendDetails`; what the receiver answers is pushed as `SmsUp`.
 * Source    https://help.aliyun.com/document_detail/419273.html
 */
export const aliyunSms: TextAdapter<AliyunSmsAccount> = {
  id: ID,
  form: 'text',
  async send(delivery, account, io) {
    const template = account.templates[delivery.locale] ?? account.templates.zh;
    const values = smsValues(delivery, io.now());
    const request = new SendSmsRequest({
      phoneNumbers: toVendorNumber(phoneOf(delivery)),
      signName: account.signName,
      templateCode: template.code,
      templateParam: JSON.stringify(Object.fromEntries(template.params.map((name) => [name, values[name]]))),
      ...(delivery.kind === 'page' && { outId: delivery.receiptRef }),
    });
    const { body } = await ask(ID, io, () => clientFor(account).sendSmsWithOptions(request, runtimeOptions(io)));
    demandOk(ID, body?.code, body?.message);
    return { outcome: 'accepted' };
  },

  async reconcile(delivery, sentAt, account, io) {
    const phone = toVendorNumber(phoneOf(delivery));
    const days = new Set([sentAt - MIDNIGHT_MARGIN_MS, sentAt, sentAt + MIDNIGHT_MARGIN_MS].map(chinaDay));
    for (const day of days) {
      const status = await findStatus(phone, day, delivery.receiptRef, account, io);
      // A failed one was taken all the same; its receipt tells why it did not arrive.
      if (status !== undefined) return { outcome: status === 3 ? 'delivered' : 'accepted' };
    }
    return undefined;
  },

  /** Asks what was sent to a number nobody has: only refused credentials are a fault. */
  async check(account, io) {
    await askInVain(queryPage('13000000000', chinaDay(io.now()), 1, account, io));
  },

  callback: {
    deadlineMs: PUSH_DEADLINE_MS,
    needsSecretPath: true,
    redelivers: true,
    read: (pushed, account) => readPush(pushed, account.callbackSecret, readSmsItem),
    answer: () => PUSH_ANSWER,
  },
};

const clients = new WeakMap<AliyunSmsAccount, Sms.default>();

function clientFor(account: AliyunSmsAccount): Sms.default {
  const known = clients.get(account) ?? new Sms.default(sdkConfig(account));
  clients.set(account, known);
  return known;
}

/** @throws DeliveryError before anything is sent when the person has no phone that takes messages. */
function phoneOf({ to }: Delivery): string {
  const phone = 'person' in to ? to.person.phone : undefined;
  if (phone === undefined) throw new DeliveryError('unreachable', `${ID}: there is no phone number to send to`);
  if (isMainland(phone) && !isMainlandMobile(phone)) {
    throw new DeliveryError('rejected', `${ID}: the number is a landline, which takes no messages`);
  }
  return phone;
}

/** @returns `SendStatus` (1 waiting, 2 failed, 3 delivered) of the message with this reference, if the vendor has it. */
async function findStatus(
  phone: string,
  day: string,
  ref: string,
  account: AliyunSmsAccount,
  io: Io,
): Promise<number | undefined> {
  for (let page = 1; ; page += 1) {
    const { details, total } = await queryPage(phone, day, page, account, io);
    const found = details.find((detail) => detail.outId === ref);
    if (found) return found.sendStatus ?? 1;
    if (details.length === 0 || page * PAGE_SIZE >= total) return undefined;
  }
}

async function queryPage(
  phoneNumber: string,
  sendDate: string,
  currentPage: number,
  account: AliyunSmsAccount,
  io: Io,
) {
  const request = new QuerySendDetailsRequest({ phoneNumber, sendDate, currentPage, pageSize: PAGE_SIZE });
  const { body } = await ask(ID, io, () => clientFor(account).querySendDetailsWithOptions(request, runtimeOptions(io)));
  demandOk(ID, body?.code, body?.message);
  return { details: body?.smsSendDetailDTOs?.smsSendDetailDTO ?? [], total: Number(body?.totalCount ?? 0) };
}

/** `yyyyMMdd` of China, which has one time zone and no summer time. */
function chinaDay(at: number): string {
  return new Date(at + 8 * 3_600_000).toISOString().slice(0, 10).replaceAll('-', '');
}
