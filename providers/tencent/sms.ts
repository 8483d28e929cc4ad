import { createHash } from 'node:crypto';
import { sms } from 'tencentcloud-sdk-nodejs/tencentcloud/services/sms/index.js';
import { z } from 'zod';
import type { Happening, TextAdapter } from '../kit/adapter.ts';
import type { Delivery } from '../kit/message.ts';
import { DeliveryError } from '../kit/delivery-error.ts';
import type { Io } from '../kit/io.ts';
import { smsValues } from '../kit/sms-values.ts';
import type { TencentSmsAccount } from './account.ts';
import { receiptReason } from './codes.ts';
import { numberOf, phone, pushContract, text } from './push.ts';
import { askInVain, refusal, request, sdkConfig, unreadable } from './transport.ts';

const ID = 'tencent.sms';
const PAGE_SIZE = 50;
/** Clocks differ, and the vendor counts whole seconds. */
const MARGIN_S = 5;
/** A request that was cut off was taken within this time, or never. */
const TAKEN_WITHIN_S = 20;

const sent = z.object({ SendStatusSet: z.tuple([z.object({ SerialNo: z.string(), Code: z.string() })]) });

/** `SendStatus`: 1 not submitted, 2 delivered, 3 under way, 4 not delivered. */
const records = z.object({
  SendRecordSet: z.array(z.object({ SerialNo: z.string(), SendStatus: z.int(), SendTime: z.number() })).nullish(),
});

/** https://cloud.tencent.com/document/api/382/59178 (a list), https://cloud.tencent.com/document/api/382/59179 (one). */
const pushed = z.union([
  z
    .object({ report_status: text, errmsg: text.default(''), ext: z.string().nullish() })
    .transform(({ report_status, errmsg, ext }): Happening[] => {
      // Without the reference, which support has to enable, nobody can say which message this is about.
      if (!ext) return [];
      const code = errmsg === '' ? {} : { code: errmsg };
      const receipt =
        report_status === 'SUCCESS'
          ? { outcome: 'delivered' as const, ...code }
          : { outcome: 'failed' as const, reason: receiptReason(errmsg), ...code };
      return [{ kind: 'receipt', ref: ext, receipt }];
    }),
  z.object({ ...phone, text: z.string(), time: text }).transform((push): Happening[] => {
    const from = numberOf(push);
    // The push has no id of its own: the same words of the same second are the same message.
    const eventId = createHash('sha256')
      .update(JSON.stringify([from, push.time, push.text]))
      .digest('hex');
    return from === undefined ? [] : [{ kind: 'reply', from, text: push.text, eventId: eventId.slice(0, 32) }];
  }),
]);

/**
 * tencent.sms: one message to one phone from an approved template.
 *
 * Request   sms 2021-01-11 `SendSms`, JSON, TC3; variables by position; `SessionContext` comes back in receipts once
 *           support has enabled it.
 * Limits    the same text 1 in 30 s, 10 a day per number unless the console says otherwise; no addresses of pages.
 * Reply     `{ SendStatusSet: [{ SerialNo, Code }] }`; only `Ok` is success, and it means taken, not arrived.
 * Receipts  pushed as a list, answers of the receiver one by one; asked for with `DescribeSendRecordList`.
 * Source    https://cloud.tencent.com/document/api/382/55981
 */
export const tencentSms: TextAdapter<TencentSmsAccount> = {
  id: ID,
  form: 'text',
  async send(delivery, account, io) {
    const template = account.templates[delivery.locale] ?? account.templates.zh;
    const values = smsValues(delivery, io.now(), account.valueLength);
    const params = {
      PhoneNumberSet: [phoneOf(delivery)],
      SmsSdkAppId: account.smsSdkAppId,
      SignName: account.signName,
      TemplateId: template.id,
      TemplateParamSet: template.params.map((name) => values[name]),
      ...(delivery.kind === 'page' && { SessionContext: delivery.receiptRef }),
    };
    const answer = sent.safeParse(await request(ID, clientFor(account).sdk, 'SendSms', params, io));
    if (!answer.success) throw unreadable(ID);
    const [{ Code, SerialNo }] = answer.data.SendStatusSet;
    if (Code !== 'Ok') throw refusal(ID, Code);
    clientFor(account).claimed.set(SerialNo, delivery.key);
    return { outcome: 'accepted' };
  },

  /**
   * The vendor's records hold no reference of ours. A record of these seconds that belongs to no other send of this
   * process is taken for ours, because the vendor's own limit stops two messages to one phone so close together.
   */
  async reconcile(delivery, sentAt, account, io) {
    const { claimed } = clientFor(account);
    const from = Math.floor(sentAt / 1000) - MARGIN_S;
    const found = (await listSent(phoneOf(delivery), from, account, io)).find(
      ({ SerialNo, SendTime, SendStatus }) =>
        SendStatus !== 1 &&
        SendTime <= from + MARGIN_S + TAKEN_WITHIN_S &&
        [undefined, delivery.key].includes(claimed.get(SerialNo)),
    );
    if (!found) return undefined;
    claimed.set(found.SerialNo, delivery.key);
    return { outcome: found.SendStatus === 2 ? 'delivered' : 'accepted' };
  },

  /** Asks what was sent to a number nobody has: only refused credentials are a fault. */
  async check(account, io) {
    await askInVain(listSent('+8613000000000', Math.floor(io.now() / 1000), account, io));
  },

  callback: pushContract(pushed),
};

interface Client {
  sdk: InstanceType<typeof sms.v20210111.Client>;
  /** The key of the delivery, by serial number, where it is known. */
  claimed: Claims;
}
const clients = new WeakMap<TencentSmsAccount, Client>();

function clientFor(account: TencentSmsAccount): Client {
  const known = clients.get(account) ?? { sdk: new sms.v20210111.Client(sdkConfig(account)), claimed: new Claims() };
  clients.set(account, known);
  return known;
}

/** The latest few thousand: what is older is not asked for any more. */
class Claims extends Map<string, string> {
  override set(serial: string, key: string): this {
    super.set(serial, key);
    const [oldest] = this.keys();
    if (this.size > 5000 && oldest !== undefined) this.delete(oldest);
    return this;
  }
}

async function listSent(phoneNumber: string, beginTime: number, account: TencentSmsAccount, io: Io) {
  const question = {
    PhoneNumber: phoneNumber,
    SmsSdkAppId: account.smsSdkAppId,
    BeginTime: beginTime,
    Limit: PAGE_SIZE,
    Offset: 0,
  };
  const answer = records.safeParse(await request(ID, clientFor(account).sdk, 'DescribeSendRecordList', question, io));
  if (!answer.success) throw unreadable(ID);
  return answer.data.SendRecordSet ?? [];
}

/** @throws DeliveryError before anything is sent when the person has no phone. */
function phoneOf({ to }: Delivery): string {
  const number = 'person' in to ? to.person.phone : undefined;
  if (number === undefined) throw new DeliveryError('unreachable', `${ID}: there is no phone number to send to`);
  return number;
}
