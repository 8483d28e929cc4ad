import { z } from 'zod';

/** Values a voice template may have variables for. */
export const VOICE_VARIABLES = ['severity', 'title', 'number', 'count', 'channel'] as const;

const template = z.strictObject({
  id: z.string().min(1).describe('Id of the approved template; its text asks for the key'),
  params: z
    .array(z.enum(VOICE_VARIABLES))
    .default(['severity', 'title', 'number'])
    .describe('Values of {1}, {2}, … in this order'),
});

/** Account of `tencent.voice`. */
export const tencentVoiceAccount = z.strictObject({
  secretId: z.string().min(1).describe('SecretId of a CAM user'),
  secretKey: z.string().min(1).describe('SecretKey of that user'),
  voiceSdkAppid: z.string().regex(/^\d+$/).describe('SdkAppid of the voice application in the console'),
  templates: z
    .strictObject({ zh: template, en: template.optional() })
    .describe('Approved templates by language of the member; zh is read where en is missing'),
  playTimes: z.int().min(1).max(3).default(2).describe('How often the text is read out'),
  region: z.string().min(1).default('ap-guangzhou').describe('Region of the API'),
  /** Nothing else authenticates a push. */
  callbackSecret: z
    .string()
    .regex(/^[A-Za-z0-9_-]{16,}$/, 'must be at least 16 letters, digits, - or _')
    .describe('Secret last part of the callback address /callbacks/<account>/<secret>, entered in the console'),
  // The SDK can only be told host and port, so a path would be lost silently.
  baseUrl: z
    .url({ protocol: /^https?$/ })
    .refine((url) => new URL(url).pathname === '/', 'must not have a path')
    .default('https://vms.tencentcloudapi.com')
    .describe('Address of the API'),
});
export type TencentVoiceAccount = z.output<typeof tencentVoiceAccount>;
