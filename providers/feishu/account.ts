import { z } from 'zod';
import { hostOf, type Traits } from '../kit/traits.ts';

/** A self-built Feishu or Lark app with the bot ability; one address serves its events and its card callbacks. */
export const feishuAppAccount = z.strictObject({
  appId: z.string().min(1).describe('App ID, cli_…'),
  appSecret: z.string().min(1).describe('App Secret'),
  verificationToken: z.string().min(1).describe('Verification Token of "Events & Callbacks"'),
  encryptKey: z
    .string()
    .min(1)
    .optional()
    .describe('Encrypt Key of the same page; without it only the Verification Token speaks for a push'),
  region: z.enum(['feishu', 'lark']).default('feishu').describe('feishu: mainland China; lark: everywhere else'),
  baseUrl: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe("Address of the API instead of the region's own"),
});
export type FeishuAppAccount = z.output<typeof feishuAppAccount>;

export const feishuAppTraits = (account: FeishuAppAccount): Traits => ({ host: hostOf(baseUrlOf(account)) });

const HOSTS = { feishu: 'https://open.feishu.cn', lark: 'https://open.larksuite.com' } as const;

/** Without a trailing slash. */
export function baseUrlOf(account: FeishuAppAccount): string {
  return (account.baseUrl ?? HOSTS[account.region]).replace(/\/+$/, '');
}
