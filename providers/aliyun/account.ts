import { z } from 'zod';
import { callbackSecret, hostUrl } from '../kit/account-field.ts';
import { hostOf, type Traits } from '../kit/traits.ts';
import { codeProblem, SMS_VARIABLES, takesReplies } from '../kit/sms-values.ts';
import { emailAck } from '../kit/mail-account.ts';

const accessKey = {
  accessKeyId: z.string().min(1).describe('AccessKey ID of a RAM user'),
  accessKeySecret: z.string().min(1).describe('AccessKey secret of that user'),
};

const voiceTemplate = z.strictObject({
  start: z.string().min(1).describe('Code TTS_… of the text that is read out'),
  keys: z
    .record(z.string().regex(/^[0-9*#]$/), z.string().min(1))
    .refine((keys) => Object.keys(keys).length > 0, 'must name at least one key')
    .optional()
    .describe('Code TTS_… of the text read after a key, by key, without variables; absent: no keys are asked for'),
  bye: z.string().min(1).optional().describe('Code TTS_… of the text read before hanging up, without variables'),
});

/** Values a voice template may have variables for. */
export const VOICE_VARIABLES = ['severity', 'title', 'number', 'count', 'channel'] as const;

/** Account of `aliyun.voice`. */
export const aliyunVoiceAccount = z.strictObject({
  ...accessKey,
  callerNumbers: z
    .array(z.string().regex(/^\d{5,15}$/))
    .min(1)
    .describe('Purchased numbers to call from, digits only'),
  templates: z
    .strictObject({ zh: voiceTemplate, en: voiceTemplate.optional() })
    .describe('Approved texts by language of the member; zh is read where en is missing'),
  params: z
    .array(z.enum(VOICE_VARIABLES))
    .default(['severity', 'title', 'number'])
    .describe('Variables that the start texts have'),
  playTimes: z.int().min(1).max(3).default(2).describe('How often the text is read out'),
  keyTimeoutMs: z.int().min(1000).max(60_000).default(5000).describe('How long to wait for a key after each reading'),
  callbackSecret,
  baseUrl: hostUrl.default('https://dyvmsapi.aliyuncs.com').describe('Address of the API'),
});
export type AliyunVoiceAccount = z.output<typeof aliyunVoiceAccount>;

export const aliyunVoiceTraits = ({
  baseUrl,
  callbackSecret,
  callerNumbers,
  templates,
}: AliyunVoiceAccount): Traits => ({
  host: hostOf(baseUrl),
  callbackSecret,
  callerNumbers,
  asksForKey: [templates.zh, templates.en ?? templates.zh].every(({ keys }) => keys !== undefined),
});

const smsTemplate = z.strictObject({
  code: z.string().min(1).describe('Code SMS_… of the approved template'),
  params: z
    .array(z.enum(SMS_VARIABLES))
    .default(['severity', 'title', 'number'])
    .describe('Variables that the template has'),
});

/** Account of `aliyun.sms`. */
export const aliyunSmsAccount = z
  .strictObject({
    ...accessKey,
    signName: z.string().min(1).describe('Approved signature, the text between 【】'),
    templates: z
      .strictObject({ zh: smsTemplate, en: smsTemplate.optional() })
      .describe('Approved templates by language of the member; zh is sent where en is missing'),
    callbackSecret: callbackSecret.optional(),
    baseUrl: hostUrl.default('https://dysmsapi.aliyuncs.com').describe('Address of the API'),
  })
  .superRefine((account, context) => {
    const message = codeProblem(account);
    if (message !== undefined) context.addIssue({ code: 'custom', path: ['callbackSecret'], message });
  });
export type AliyunSmsAccount = z.output<typeof aliyunSmsAccount>;

export const aliyunSmsTraits = (account: AliyunSmsAccount): Traits => ({
  host: hostOf(account.baseUrl),
  callbackSecret: account.callbackSecret,
  takesReplies: takesReplies(account),
});

/** Where DirectMail takes mail by SMTP. https://help.aliyun.com/zh/direct-mail/smtp-endpoints */
const MAIL_SERVERS = {
  'cn-hangzhou': 'smtpdm.aliyun.com',
  'ap-southeast-1': 'smtpdm-ap-southeast-1.aliyuncs.com',
  'us-east-1': 'smtpdm-us-east-1.aliyuncs.com',
  'eu-central-1': 'smtpdm-eu-central-1.aliyuncs.com',
} as const;

/** Account of `aliyun.email`: DirectMail, which is an SMTP server where the sender signs in. */
export const aliyunEmailAccount = z
  .strictObject({
    address: z.email().describe('Sender address set up in the console; it also signs in'),
    password: z.string().min(1).describe('SMTP password of that address'),
    name: z
      .string()
      .min(1)
      .max(100)
      .regex(/^[^<>"\r\n]+$/, 'must not have < > or quotes')
      .optional()
      .describe('Name that mailboxes show as the sender'),
    region: z
      .enum(['cn-hangzhou', 'ap-southeast-1', 'us-east-1', 'eu-central-1'])
      .default('cn-hangzhou')
      .describe('Region of the sender address: it works in no other'),
    emailAck,
    baseUrl: z
      .url({ protocol: /^smtps?$/ })
      .optional()
      .describe('Address of the server, smtps://host:465; by default that of the region'),
  })
  .transform(({ address, password, name, region, baseUrl, ...rest }) => {
    const url = new URL(baseUrl ?? `smtps://${MAIL_SERVERS[region]}:465`);
    url.username = encodeURIComponent(address);
    url.password = encodeURIComponent(password);
    const from = name === undefined ? address : `${name} <${address}>`;
    return { url: url.href, from, ...rest };
  });
export type AliyunEmailAccount = z.output<typeof aliyunEmailAccount>;

export const aliyunEmailTraits = ({ url, emailAck: linksAct }: AliyunEmailAccount): Traits => ({
  host: hostOf(url),
  linksAct,
});
