import { z } from 'zod';
import { DeliveryError } from '../kit/delivery-error.ts';
import { PlatformIds } from '../kit/platform-ids.ts';
import { baseUrlOf, type DingtalkAppAccount } from './account.ts';
import { callLegacy } from './token.ts';

const lookUpReply = z.object({ result: z.object({ userid: z.string().min(1) }) });

const NOBODY = ['60121', '33012'];

/**
 * The `userId` of people in the organisation, by phone; DingTalk knows no look-up by e-mail.
 *
 * Request  POST https://oapi.dingtalk.com/topapi/v2/user/getbymobile?access_token=…, JSON { mobile };
 *          permission qyapi_get_member_by_mobile.
 * Source   https://open.dingtalk.com/document/orgapp/query-users-by-phone-number
 */
export const userIds = new PlatformIds<DingtalkAppAccount>({
  adapter: 'dingtalk.app',
  addressOf: ({ phone }, account) =>
    phone === undefined ? undefined : [baseUrlOf(account, 'legacy'), account.clientId, phone],
  notLinked: (member) =>
    `nobody in the organisation has the phone of ${member}; ` +
    'let them open the app once, add their userId to identities, or correct the phone',
  async lookUp({ phone = '' }, account, io) {
    try {
      // UNCONFIRMED: numbers outside mainland China are taken with their country code.
      const mobile = phone.replace(/^\+86/, '');
      const reply = await callLegacy(account, io, { path: '/topapi/v2/user/getbymobile', json: { mobile } });
      return lookUpReply.parse(reply).result.userid;
    } catch (error) {
      if (error instanceof DeliveryError && NOBODY.includes(error.providerCode ?? '')) return undefined;
      throw error;
    }
  },
});
