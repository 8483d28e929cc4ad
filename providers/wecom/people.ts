import { z } from 'zod';
import { DeliveryError } from '../kit/delivery-error.ts';
import type { Io } from '../kit/io.ts';
import { PlatformIds } from '../kit/platform-ids.ts';
import { baseUrlOf, type WecomAppAccount } from './account.ts';
import { callWecom } from './token.ts';

const lookUpReply = z.object({ userid: z.string().min(1) });

const NOBODY = ['46004', '60111'];
/** Of the corporation's own mail, and a private one. */
const EMAIL_TYPES = [1, 2] as const;

/**
 * The `userid` of people in the corporation, by phone, else by e-mail.
 *
 * Request  POST /cgi-bin/user/getuserid, JSON { mobile }; POST /cgi-bin/user/get_userid_by_email, JSON { email, email_type }.
 * Source   https://developer.work.weixin.qq.com/document/path/95402, …/95895
 */
export const userIds = new PlatformIds<WecomAppAccount>({
  adapter: 'wecom.app',
  // Longer than elsewhere: the platform shuts out an app that asks often for people it does not know.
  unknownMs: 30 * 60_000,
  addressOf: ({ phone, email }, account) =>
    phone === undefined && email === undefined
      ? undefined
      : [baseUrlOf(account), account.corpId, account.agentId, phone, email],
  notLinked: (member) =>
    `nobody in the corporation has the phone or e-mail of ${member}; ` +
    'let them open the app once, add their userid to identities, or correct the phone or e-mail',
  lookUp: async ({ phone, email }, account, io) =>
    // UNCONFIRMED: numbers outside mainland China are taken with their country code.
    (phone && (await ask('user/getuserid', { mobile: phone.replace(/^\+86/, '') }, account, io))) ??
    (email && (await byEmail(email, account, io))),
});

async function byEmail(email: string, account: WecomAppAccount, io: Io): Promise<string | undefined> {
  for (const email_type of EMAIL_TYPES) {
    const found = await ask('user/get_userid_by_email', { email, email_type }, account, io);
    if (found !== undefined) return found;
  }
  return undefined;
}

async function ask(path: string, json: object, account: WecomAppAccount, io: Io): Promise<string | undefined> {
  try {
    return lookUpReply.parse(await callWecom(account, io, { path, json })).userid;
  } catch (error) {
    if (error instanceof DeliveryError && NOBODY.includes(error.providerCode ?? '')) return undefined;
    throw error;
  }
}
