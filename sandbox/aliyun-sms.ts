import { randomInt } from 'node:crypto';
import type { AliyunSettings } from './aliyun.ts';
import { chinaTime, need, render, whole } from './aliyun-template.ts';
import { readObject, type Posted } from './callbacks.ts';
import { Refusal } from './faults.ts';
import { Frequency } from './frequency.ts';
import type { Stage } from './stage.ts';
import type { SandboxText } from './world.ts';

const REPORT_AFTER_MS = 50;
const DAY_MS = 24 * 3_600_000;

interface Sent {
  phone: string;
  bizId: string;
  outId: string;
  code: string;
  content: string;
  sentAt: number;
  reportedAt?: number;
}

/**
 * Dysmsapi 2017-05-25: SendSms, QuerySendDetails, and the pushes SmsReport and SmsUp. Mainland mobiles only; notifications 50 a day
 * per signature, template and number.
 *
 * Source  https://help.aliyun.com/document_detail/419273.html, 419277, 101508, 101867, 2881383
 */
export class AliyunSms {
  readonly #stage: Stage;
  readonly #settings: AliyunSettings;
  readonly #perDay = new Frequency([{ sends: 50, perMs: DAY_MS }]);
  readonly #sent: Sent[] = [];

  constructor(stage: Stage, settings: AliyunSettings) {
    this.#stage = stage;
    this.#settings = settings;
    stage.replies.set('aliyun', (text, words) => this.#answered(text, words));
  }

  send(params: URLSearchParams): Record<string, unknown> {
    const given = need(params, 'PhoneNumbers').split(',');
    const signature = need(params, 'SignName');
    const code = need(params, 'TemplateCode');
    if (given.length > 1000) throw new Refusal('isv.MOBILE_COUNT_OVER_LIMIT', '手机号码数量超过限制');
    const phones = given.map(nationalMobile);
    const template = code.startsWith('SMS_') ? this.#settings.templates[code] : undefined;
    if (template === undefined) throw new Refusal('isv.SMS_TEMPLATE_ILLEGAL', '该账号下找不到对应模板');
    const content = `【${signature}】${render(template, params.get('TemplateParam'))}`;
    const outId = params.get('OutId') ?? '';
    // UNCONFIRMED for SendSms; SendBatchSms documents fewer than 256 characters.
    if (outId.length >= 256) throw new Refusal('isv.PARAM_LENGTH_LIMIT', 'OutId超过长度限制');
    for (const phone of phones) {
      if (this.#stage.limits && this.#perDay.exceeds([signature, code, phone].join()) !== undefined) {
        throw new Refusal('isv.BUSINESS_LIMIT_CONTROL', '触发天级流控Permits:50');
      }
    }
    const bizId = `${String(randomInt(1e14, 2e14))}${String(randomInt(1000, 9999))}^0`;
    for (const phone of phones) this.#deliver({ phone, bizId, outId, code, content, sentAt: Date.now() });
    return { BizId: bizId };
  }

  query(params: URLSearchParams): Record<string, unknown> {
    const phone = nationalMobile(need(params, 'PhoneNumber'));
    const date = need(params, 'SendDate');
    need(params, 'PageSize');
    need(params, 'CurrentPage');
    const size = whole(params, 'PageSize', 1, 50) ?? 1;
    const page = whole(params, 'CurrentPage', 1, Number.MAX_SAFE_INTEGER) ?? 1;
    const bizId = params.get('BizId');
    const found = this.#sent.filter(
      (sent) =>
        sent.phone === phone &&
        chinaTime(sent.sentAt).slice(0, 10).replaceAll('-', '') === date &&
        (bizId === null || bizId === '' || sent.bizId === bizId),
    );
    const details = found.slice((page - 1) * size, page * size).map((sent) => ({
      PhoneNum: sent.phone,
      SendStatus: sent.reportedAt === undefined ? 1 : 3,
      ErrCode: sent.reportedAt === undefined ? '' : 'DELIVERED',
      TemplateCode: sent.code,
      Content: sent.content,
      SendDate: chinaTime(sent.sentAt),
      ...(sent.reportedAt !== undefined && { ReceiveDate: chinaTime(sent.reportedAt) }),
      OutId: sent.outId,
    }));
    return { TotalCount: String(found.length), SmsSendDetailDTOs: { SmsSendDetailDTO: details } };
  }

  #deliver(sent: Sent): void {
    const { world, callbacks } = this.#stage;
    this.#sent.push(sent);
    world.texts.push({
      id: sent.bizId,
      vendor: 'aliyun',
      to: `+86${sent.phone}`,
      text: sent.content,
      at: sent.sentAt,
    });
    world.changed('texts');
    callbacks.after(REPORT_AFTER_MS, () => {
      sent.reportedAt = Date.now();
      const url = callbacks.urls.aliyunSms;
      if (url === undefined || !this.#settings.smsReports) return;
      return callbacks.push(report(sent, url), takenByReceiver, this.#settings.repushScaleMs);
    });
  }

  async #answered(text: SandboxText, words: string): Promise<Posted | undefined> {
    const { callbacks } = this.#stage;
    const url = callbacks.urls.aliyunSms;
    if (url === undefined) return undefined;
    const item = {
      phone_number: text.to.replace('+86', ''),
      send_time: chinaTime(Date.now()),
      content: words,
      sign_name: /^【(.*?)】/.exec(text.text)?.[1] ?? '',
      dest_code: '1234',
      sequence_id: randomInt(1e9, 2e9),
    };
    const message = { ...PUSH, what: 'SmsUp', about: text.id, url, body: JSON.stringify([item]) };
    return callbacks.push(message, takenByReceiver, this.#settings.repushScaleMs);
  }
}

/** Only this is looked at, in every push of the vendor: HTTP 200 and a numeric `code`. */
export function takenByReceiver(posted: Posted): boolean {
  return posted.status === 200 && typeof readObject(posted.body)?.['code'] === 'number';
}

/** Of every push of the vendor. */
const PUSH = { vendor: 'aliyun', headers: {}, deadlineMs: 700 } as const;

function report(sent: Sent, url: string): Parameters<Stage['callbacks']['push']>[0] {
  const item = {
    phone_number: sent.phone,
    send_time: chinaTime(sent.sentAt),
    report_time: chinaTime(sent.reportedAt ?? sent.sentAt),
    success: true,
    err_code: 'DELIVERED',
    err_msg: '用户接收成功',
    sms_size: String(sent.content.length <= 70 ? 1 : Math.ceil(sent.content.length / 67)),
    biz_id: sent.bizId,
    out_id: sent.outId,
  };
  return { ...PUSH, what: 'SmsReport', about: sent.bizId, url, body: JSON.stringify([item]) };
}

function nationalMobile(given: string): string {
  const mobile = /^(?:\+|\+?86|0086)?(1[3-9]\d{9})$/.exec(given)?.[1];
  if (mobile === undefined) throw new Refusal('isv.MOBILE_NUMBER_ILLEGAL', '手机号码格式错误');
  return mobile;
}
