import type { HttpReply, Io } from '../kit/io.ts';
import { baseUrlOf, type SlackAppAccount } from './account.ts';
import { readReply } from './reply.ts';

/**
 * One method of the Web API. Every method takes a form whose nested values are JSON; JSON bodies work for some only.
 *
 * Request  POST {baseUrl}/api/{method}, Authorization: Bearer {botToken}.
 * Source   https://docs.slack.dev/apis/web-api
 * @param token null: the fields carry the credentials (OAuth).
 * @throws DeliveryError
 */
export async function callSlack(
  account: Pick<SlackAppAccount, 'baseUrl' | 'botToken'>,
  io: Io,
  method: string,
  fields: Record<string, unknown> = {},
  token: string | null = account.botToken,
): Promise<HttpReply> {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  const reply = await io.http({
    method: 'POST',
    url: `${baseUrlOf(account)}/api/${method}`,
    headers: token === null ? {} : { authorization: `Bearer ${token}` },
    form: Object.fromEntries(
      given.map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]),
    ),
  });
  return readReply(reply);
}
