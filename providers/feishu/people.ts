import { z } from 'zod';
import { PlatformIds } from '../kit/platform-ids.ts';
import { baseUrlOf, type FeishuAppAccount } from './account.ts';
import { callFeishu } from './token.ts';

const lookUpReply = z.object({
  user_list: z
    .array(z.object({ user_id: z.string().optional(), mobile: z.string().optional(), email: z.string().optional() }))
    .default([]),
});

/**
 * The `open_id` of people for this app, by phone, else by e-mail.
 *
 * Request  POST {baseUrl}/open-apis/contact/v3/users/batch_get_id?user_id_type=open_id, JSON { mobiles, emails }.
 * Source   https://open.feishu.cn/document/server-docs/contact-v3/user/batch_get_id
 */
export const openIds = new PlatformIds<FeishuAppAccount>({
  adapter: 'feishu.app',
  addressOf: ({ phone, email }, account) =>
    phone === undefined && email === undefined ? undefined : [baseUrlOf(account), account.appId, phone, email],
  notLinked: (member) =>
    `nobody in the tenant has the phone or e-mail of ${member}; ` +
    'add their open_id to identities, or correct the phone or e-mail',
  async lookUp({ phone, email }, account, io) {
    const data = await callFeishu(account, io, {
      method: 'POST',
      path: '/open-apis/contact/v3/users/batch_get_id?user_id_type=open_id',
      json: {
        // Numbers of mainland China stand without their country code, all others with it.
        ...(phone !== undefined && { mobiles: [phone.replace(/^\+86/, '')] }),
        ...(email !== undefined && { emails: [email] }),
        include_resigned: false,
      },
    });
    const found = lookUpReply.parse(data).user_list.filter((entry) => entry.user_id !== undefined);
    return (found.find((entry) => entry.mobile !== undefined) ?? found[0])?.user_id;
  },
});
