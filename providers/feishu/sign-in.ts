import { z } from 'zod';
import type { SignedIn, SignIn } from '../kit/adapter.ts';
import { DeliveryError } from '../kit/delivery-error.ts';
import { baseUrlOf, type FeishuAppAccount } from './account.ts';
import { readReply } from './reply.ts';

const PAGES = { feishu: 'https://accounts.feishu.cn', lark: 'https://accounts.larksuite.com' } as const;

const tokenReply = z.object({ access_token: z.string().min(1) });
const userReply = z.object({
  data: z.object({
    open_id: z.string().min(1),
    name: z.string().optional(),
    mobile: z.string().optional(),
    email: z.string().optional(),
    enterprise_email: z.string().optional(),
  }),
});

/**
 * Who opened the app's home page: OAuth of the platform, without a question inside its client.
 *
 * Page     GET {accounts host}/open-apis/authen/v1/authorize?client_id&redirect_uri&response_type=code&state
 * Token    POST {baseUrl}/open-apis/authen/v2/oauth/token, JSON { grant_type, client_id, client_secret, code, redirect_uri }.
 * Person   GET {baseUrl}/open-apis/authen/v1/user_info; phone and e-mail come with their scopes only. `mobile` and `email`
 *          are what an administrator imported, unproved; `enterprise_email` is the mailbox that the company runs in Feishu.
 * Source   https://open.feishu.cn/document/authentication-management/access-token/obtain-oauth-code
 *          https://open.feishu.cn/document/authentication-management/access-token/get-user-access-token
 *          https://open.feishu.cn/document/server-docs/authentication-management/login-state-management/get
 */
export const feishuSignIn: SignIn<FeishuAppAccount> = {
  authorizeUrl(account, { redirectUri, state }) {
    const { appId, baseUrl, region } = account;
    const url = new URL(`${baseUrl === undefined ? PAGES[region] : baseUrlOf(account)}/open-apis/authen/v1/authorize`);
    url.search = new URLSearchParams({
      client_id: appId,
      redirect_uri: redirectUri,
      response_type: 'code',
      state,
    }).toString();
    return url.href;
  },

  async identify(code, account, io, { redirectUri } = { redirectUri: '' }): Promise<SignedIn> {
    const granted = await io.http({
      method: 'POST',
      url: `${baseUrlOf(account)}/open-apis/authen/v2/oauth/token`,
      json: {
        grant_type: 'authorization_code',
        client_id: account.appId,
        client_secret: account.appSecret,
        code,
        redirect_uri: redirectUri,
      },
    });
    const token = tokenReply.safeParse(readReply(granted)).data?.access_token;
    if (token === undefined) throw unreadable();
    const asked = await io.http({
      method: 'GET',
      url: `${baseUrlOf(account)}/open-apis/authen/v1/user_info`,
      headers: { authorization: `Bearer ${token}` },
    });
    const person = userReply.safeParse(readReply(asked)).data?.data;
    if (!person) throw unreadable();
    const { open_id, name, mobile, email, enterprise_email: provenEmail } = person;
    return {
      identity: open_id,
      ...(name && { name }),
      ...(mobile && { phone: e164Of(mobile) }),
      ...(email && { email }),
      ...(provenEmail && { provenEmail }),
    };
  },
};

function unreadable(): DeliveryError {
  return new DeliveryError('unavailable', 'feishu.app: the sign-in was answered in a way that cannot be read');
}

/** Numbers of mainland China may come without their country code. */
function e164Of(mobile: string): string {
  const number = mobile.replaceAll(' ', '');
  return number.startsWith('+') ? number : `+86${number}`;
}
