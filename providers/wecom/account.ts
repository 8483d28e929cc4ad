import { z } from 'zod';
import { hostOf, type Traits } from '../kit/traits.ts';

/** A self-built app of one WeCom corporation that receives messages; one address takes its events and messages. */
export const wecomAppAccount = z.strictObject({
  corpId: z.string().min(1).describe('Corporation ID, ww…'),
  agentId: z.union([z.int().min(1), z.string().regex(/^\d{1,10}$/)]).describe('AgentId of the app'),
  secret: z.string().min(1).describe('Secret of the app'),
  token: z.string().min(1).describe('Token of "Receive messages"'),
  encodingAesKey: z
    .string()
    .regex(/^[A-Za-z0-9+/]{43}$/, 'must be the 43 characters of the console')
    .describe('EncodingAESKey of "Receive messages"'),
  baseUrl: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('Address of the API instead of qyapi.weixin.qq.com'),
});
export type WecomAppAccount = z.output<typeof wecomAppAccount>;

export const wecomAppTraits = (account: WecomAppAccount): Traits => ({ host: hostOf(baseUrlOf(account)) });

/** Without a trailing slash. */
export function baseUrlOf({ baseUrl }: WecomAppAccount): string {
  return (baseUrl ?? 'https://qyapi.weixin.qq.com').replace(/\/+$/, '');
}
