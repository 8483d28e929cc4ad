import { z } from 'zod';
import type { SignedIn, SignIn } from '../kit/adapter.ts';
import { DeliveryError } from '../kit/delivery-error.ts';
import type { WecomAppAccount } from './account.ts';
import { callWecom } from './token.ts';

const userReply = z.object({ userid: z.string().min(1) });

/**
 * Sign-in inside the WeCom client, without asking anything: it proves the `userid` alone.
 *
 * Request  GET https://open.weixin.qq.com/connect/oauth2/authorize?…&scope=snsapi_base#wechat_redirect
 *          GET /cgi-bin/auth/getuserinfo?code. Who is no member has no `userid` and is refused.
 * Source   https://developer.work.weixin.qq.com/document/path/91022, …/91023
 */
export const signIn: SignIn<WecomAppAccount> = {
  authorizeUrl({ corpId, agentId }, { redirectUri, state }) {
    const query = new URLSearchParams({
      appid: corpId,
      redirect_uri: redirectUri,
      response_type: 'code',
      scope: 'snsapi_base',
      state,
      agentid: String(agentId),
    });
    return `https://open.weixin.qq.com/connect/oauth2/authorize?${query.toString()}#wechat_redirect`;
  },

  async identify(code, account, io): Promise<SignedIn> {
    const answer = await callWecom(account, io, { path: 'auth/getuserinfo', query: { code } });
    const { success, data } = userReply.safeParse(answer);
    if (!success) throw new DeliveryError('rejected', 'wecom.app: this person is no member of the corporation');
    return { identity: data.userid };
  },
};
