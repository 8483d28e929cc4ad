import { z } from 'zod';
import type { SignedIn, SignIn } from '../kit/adapter.ts';
import { DeliveryError } from '../kit/delivery-error.ts';
import type { Io } from '../kit/io.ts';
import { baseUrlOf, type DingtalkAppAccount } from './account.ts';
import { readReply } from './reply.ts';
import { callLegacy } from './token.ts';

const tokenReply = z.object({ accessToken: z.string().min(1) });
const meReply = z.object({
  unionId: z.string().min(1),
  nick: z.string().optional(),
  /** Digits without the country code, which is in `stateCode`. */
  mobile: z.string().optional(),
  stateCode: z.string().optional(),
});
const userReply = z.object({ result: z.object({ userid: z.string().min(1) }) });

/**
 * DingTalk's own sign-in. It comes back with `authCode` (which is the code) beside `state`.
 *
 * Request  GET https://login.dingtalk.com/oauth2/auth?client_id&redirect_uri&response_type=code&scope=openid&state
 *          POST /v1.0/oauth2/userAccessToken, GET /v1.0/contact/users/me, POST oapi /topapi/user/getbyunionid;
 *          permission Contact.User.Read. Who is not of the organisation has no userId and is refused.
 * Source   https://open.dingtalk.com/document/orgapp/tutorial-obtaining-user-personal-information
 */
export const signIn: SignIn<DingtalkAppAccount> = {
  codeParameter: 'authCode',

  authorizeUrl(account, { redirectUri, state }) {
    const query = new URLSearchParams({
      client_id: account.clientId,
      redirect_uri: redirectUri,
      response_type: 'code',
      scope: 'openid',
      prompt: 'consent',
      state,
    });
    return `https://login.dingtalk.com/oauth2/auth?${query.toString()}`;
  },

  async identify(code, account, io): Promise<SignedIn> {
    const { unionId, nick, mobile, stateCode } = await meOf(code, account, io);
    const answer = await callLegacy(account, io, { path: '/topapi/user/getbyunionid', json: { unionid: unionId } });
    const user = userReply.safeParse(answer);
    if (!user.success) throw new DeliveryError('rejected', 'dingtalk.app: this person is not of the organisation');
    // The number is in their profile; DingTalk documents of neither it nor the e-mail that it was proved.
    const phone = e164Of(mobile, stateCode);
    return {
      identity: user.data.result.userid,
      ...(phone !== undefined && { phone }),
      ...(nick !== undefined && nick !== '' && { name: nick }),
    };
  },
};

async function meOf(code: string, account: DingtalkAppAccount, io: Io): Promise<z.output<typeof meReply>> {
  const api = baseUrlOf(account, 'api');
  const granted = await io.http({
    method: 'POST',
    url: `${api}/v1.0/oauth2/userAccessToken`,
    json: {
      clientId: account.clientId,
      clientSecret: account.clientSecret,
      code,
      grantType: 'authorization_code',
    },
  });
  const token = tokenReply.safeParse(readReply(granted));
  if (!token.success) throw new DeliveryError('refused', 'dingtalk.app: the sign-in was not granted');
  const me = await io.http({
    method: 'GET',
    url: `${api}/v1.0/contact/users/me`,
    headers: { 'x-acs-dingtalk-access-token': token.data.accessToken },
  });
  const { success, data } = meReply.safeParse(readReply(me));
  if (!success) throw new DeliveryError('refused', 'dingtalk.app: the sign-in does not say who it is');
  return data;
}

function e164Of(mobile: string | undefined, stateCode: string | undefined): string | undefined {
  const digits = mobile?.replace(/\D/g, '') ?? '';
  return digits === '' ? undefined : `+${(stateCode ?? '86').replace(/\D/g, '')}${digits}`;
}
