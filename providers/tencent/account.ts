import { z } from 'zod';
import { callbackSecret, hostUrl } from '../kit/account-field.ts';
import { hostOf, type Traits } from '../kit/traits.ts';
import { codeProblem, SMS_VARIABLES, takesReplies } from '../kit/sms-values.ts';

const key = {
  secretId: z.string().min(1).describe('SecretId of a CAM user'),
  secretKey: z.string().min(1).describe('SecretKey of that user'),
};
const region = z.string().min(1).default('ap-guangzhou').describe('Region of the API');

/** Values a voice template may have variables for. */
export const VOICE_VARIABLES = ['severity', 'title', 'number', 'count', 'channel'] as const;

const voiceTemplate = z.strictObject({
  id: z.string().min(1).describe('Id of the approved template; its text asks for the key'),
  params: z
    .array(z.enum(VOICE_VARIABLES))
    .default(['severity', 'title', 'number'])
    .describe('Values of {1}, {2}, … in this order'),
});

/** Account of `tencent.voice`. */
export const tencentVoiceAccount = z.strictObject({
  ...key,
  voiceSdkAppid: z.string().regex(/^\d+$/).describe('SdkAppid of the voice application in the console'),
  templates: z
    .strictObject({ zh: voiceTemplate, en: voiceTemplate.optional() })
    .describe('Approved templates by language of the member; zh is read where en is missing'),
  playTimes: z.int().min(1).max(3).default(2).describe('How often the text is read out'),
  region,
  callbackSecret,
  baseUrl: hostUrl.default('https://vms.tencentcloudapi.com').describe('Address of the API'),
});
export type TencentVoiceAccount = z.output<typeof tencentVoiceAccount>;

export const tencentVoiceTraits = ({ baseUrl, callbackSecret }: TencentVoiceAccount): Traits => ({
  host: hostOf(baseUrl),
  callbackSecret,
  asksForKey: true,
});

const smsTemplate = z.strictObject({
  id: z.string().min(1).describe('Id of the approved template'),
  params: z
    .array(z.enum(SMS_VARIABLES))
    .default(['severity', 'title', 'number'])
    .describe('Values of {1}, {2}, … in this order'),
});

/** Account of `tencent.sms`. */
export const tencentSmsAccount = z
  .strictObject({
    ...key,
    smsSdkAppId: z.string().regex(/^\d+$/).describe('SdkAppId of the SMS application in the console'),
    signName: z.string().min(1).describe('Approved signature, the text between 【】'),
    templates: z
      .strictObject({ zh: smsTemplate, en: smsTemplate.optional() })
      .describe('Approved templates by language of the member; zh is sent where en is missing'),
    valueLength: z
      .int()
      .min(1)
      .max(35)
      .default(35)
      .describe('Longest value of a variable in characters; accounts of individuals are held to 12'),
    region,
    callbackSecret: callbackSecret.optional(),
    baseUrl: hostUrl.default('https://sms.tencentcloudapi.com').describe('Address of the API'),
  })
  .superRefine((account, context) => {
    const message = codeProblem(account);
    if (message !== undefined) context.addIssue({ code: 'custom', path: ['callbackSecret'], message });
  });
export type TencentSmsAccount = z.output<typeof tencentSmsAccount>;

export const tencentSmsTraits = (account: TencentSmsAccount): Traits => ({
  host: hostOf(account.baseUrl),
  callbackSecret: account.callbackSecret,
  takesReplies: takesReplies(account),
});
