import { randomInt } from 'node:crypto';
import { readObject, type Message, type Posted } from './callbacks.ts';
import { Refusal } from './faults.ts';
import { Frequency } from './frequency.ts';
import type { Stage } from './stage.ts';
import { ANSWER_DEADLINE_MS, fill, nationOf, needed, type TencentSettings } from './tencent-template.ts';
import type { SandboxText } from './world.ts';

const REPORT_AFTER_MS = 50;
const DAY_MS = 24 * 3_600_000;
const CONTEXT_MAX_BYTES = 512;

interface Sent {
  serial: string;
  to: string;
  signature: string;
  context: string;
  content: string;
  sentAt: number;
  reportedAt?: number;
}

/**
 * SMS 2021-01-11: SendSms, DescribeSendRecordList, the receipts (a list) and the answers of receivers (one object).
 * A number that is refused does not make the request fail: its status says so.
 *
 * Limits  the same text to one number once in 30 s; 10 a day. UNCONFIRMED for mainland China; the console changes both.
 * Source  https://cloud.tencent.com/document/api/382/55981, https://cloud.tencent.com/document/api/382/59178, 59179
 */
export class TencentSms {
  readonly #stage: Stage;
  readonly #settings: TencentSettings;
  readonly #sameText = new Frequency([{ sends: 1, perMs: 30_000 }]);
  readonly #perDay = new Frequency([{ sends: 10, perMs: DAY_MS }]);
  readonly #sent: Sent[] = [];

  constructor(stage: Stage, settings: TencentSettings) {
    this.#stage = stage;
    this.#settings = settings;
    stage.replies.set('tencent', (text, words) => this.#answered(text, words));
  }

  send(params: Record<string, unknown>): Record<string, unknown> {
    const numbers = params['PhoneNumberSet'];
    if (!Array.isArray(numbers) || numbers.length === 0 || !numbers.every((number) => typeof number === 'string')) {
      throw new Refusal('MissingParameter', 'The parameter PhoneNumberSet is missing.');
    }
    if (numbers.length > 200) throw new Refusal('LimitExceeded.PhoneNumberCountLimit', 'At most 200 numbers.');
    if (needed(params, 'SmsSdkAppId') !== this.#settings.smsSdkAppId) {
      throw new Refusal('UnauthorizedOperation.SmsSdkAppIdVerifyFail', 'The SmsSdkAppId is not yours.');
    }
    const context = typeof params['SessionContext'] === 'string' ? params['SessionContext'] : '';
    if (Buffer.byteLength(context) >= CONTEXT_MAX_BYTES) {
      throw new Refusal('InvalidParameterValue.ContentLengthLimit', 'SessionContext is too long.');
    }
    return { SendStatusSet: numbers.map((number) => this.#sendTo(number, context, params)) };
  }

  query(params: Record<string, unknown>): Record<string, unknown> {
    const number = needed(params, 'PhoneNumber');
    needed(params, 'SmsSdkAppId');
    const { BeginTime: from, EndTime: to, Limit: limit, Offset: offset } = params;
    if (
      typeof from !== 'number' ||
      typeof limit !== 'number' ||
      limit < 1 ||
      limit > 50 ||
      typeof offset !== 'number'
    ) {
      throw new Refusal('InvalidParameter', 'BeginTime, Limit (1 to 50) and Offset are numbers.');
    }
    const found = this.#sent.filter(
      (sent) => sent.to === number && unix(sent.sentAt) >= from && (typeof to !== 'number' || unix(sent.sentAt) <= to),
    );
    return {
      SendRecordSet: found.slice(offset, offset + limit).map((sent) => ({
        PhoneNumber: sent.to,
        SerialNo: sent.serial,
        SendStatus: sent.reportedAt === undefined ? 3 : 2,
        RequestCode: 'Ok',
        StatusCode: sent.reportedAt === undefined ? '' : 'DELIVRD',
        Content: `${sent.content.slice(0, 4)}****`,
        SendTime: unix(sent.sentAt),
        UserReceiveTime: sent.reportedAt === undefined ? 0 : unix(sent.reportedAt),
      })),
    };
  }

  #sendTo(to: string, context: string, params: Record<string, unknown>): Record<string, unknown> {
    const status = (code: string, message: string, serial = ''): Record<string, unknown> => ({
      SerialNo: serial,
      PhoneNumber: to,
      Fee: code === 'Ok' ? 1 : 0,
      SessionContext: context,
      Code: code,
      Message: message,
      IsoCode: to.startsWith('+86') ? 'CN' : '',
    });
    if (!/^\+861[3-9]\d{9}$/.test(to) && !/^\+(?!86)[1-9]\d{7,14}$/.test(to)) {
      return status('InvalidParameterValue.IncorrectPhoneNumber', 'incorrect phone number');
    }
    const template = this.#settings.templates[needed(params, 'TemplateId')];
    if (template === undefined) {
      return status('FailedOperation.TemplateIncorrectOrUnapproved', 'template is not approved or does not exist');
    }
    const filled = fill(template, params['TemplateParamSet'] ?? []);
    if (filled === undefined) {
      return status('InvalidParameterValue.TemplateParameterFormatError', 'template parameters do not fit');
    }
    if (/https?:\/\/|www\./i.test(filled)) {
      return status('InvalidParameterValue.ProhibitedUseUrlInTemplateParameter', 'urls are prohibited in parameters');
    }
    const signature = needed(params, 'SignName');
    const content = `【${signature}】${filled}`;
    if (this.#stage.limits && this.#sameText.exceeds(`${to} ${content}`) !== undefined) {
      return status('LimitExceeded.PhoneNumberThirtySecondLimit', 'the same text within 30 seconds');
    }
    if (this.#stage.limits && this.#perDay.exceeds(to) !== undefined) {
      return status('LimitExceeded.PhoneNumberDailyLimit', 'the daily limit of the number');
    }
    const serial = `2019:${String(randomInt(1e14, 2e14))}${String(randomInt(1000, 9999))}`;
    this.#deliver({ serial, to, signature, context, content, sentAt: Date.now() });
    return status('Ok', 'send success', serial);
  }

  #deliver(sent: Sent): void {
    const { world, callbacks } = this.#stage;
    this.#sent.push(sent);
    world.texts.push({ id: sent.serial, vendor: 'tencent', to: sent.to, text: sent.content, at: sent.sentAt });
    world.changed('texts');
    callbacks.after(REPORT_AFTER_MS, () => {
      sent.reportedAt = Date.now();
      const item = {
        user_receive_time: new Date(sent.reportedAt + 8 * 3_600_000).toISOString().slice(0, 19).replace('T', ' '),
        ...nationOf(sent.to),
        report_status: 'SUCCESS',
        errmsg: 'DELIVRD',
        description: '用户短信送达成功',
        sid: sent.serial,
        ...(this.#settings.echoesContext && { ext: sent.context }),
      };
      return this.#push('SmsStatus', sent.serial, JSON.stringify([item]));
    });
  }

  async #answered(text: SandboxText, words: string): Promise<Posted | undefined> {
    const sent = this.#sent.find(({ serial }) => serial === text.id);
    const item = { extend: '', ...nationOf(text.to), sign: sent?.signature ?? '', text: words, time: unix(Date.now()) };
    return this.#push('SmsReply', text.id, JSON.stringify(item));
  }

  async #push(what: string, about: string, body: string): Promise<Posted | undefined> {
    const { callbacks } = this.#stage;
    const url = callbacks.urls.tencentSms;
    if (url === undefined) return undefined;
    const message: Message = {
      vendor: 'tencent',
      what,
      about,
      url,
      headers: {},
      body,
      deadlineMs: ANSWER_DEADLINE_MS,
    };
    return callbacks.push(message, takenByReceiver, this.#settings.repushScaleMs);
  }
}

function takenByReceiver(posted: Posted): boolean {
  return posted.status === 200 && readObject(posted.body)?.['result'] === 0;
}

function unix(at: number): number {
  return Math.floor(at / 1000);
}
