import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Person } from '../kit/adapter.ts';
import { DeliveryError } from '../kit/delivery-error.ts';
import type { Io } from '../kit/io.ts';
import { baseUrlOf, type FeishuAppAccount } from './account.ts';
import { beforeSending, callFeishu } from './token.ts';

const lookUpReply = z.object({
  user_list: z
    .array(z.object({ user_id: z.string().optional(), mobile: z.string().optional(), email: z.string().optional() }))
    .default([]),
});

const KNOWN_MS = 6 * 60 * 60_000;
const UNKNOWN_MS = 5 * 60_000;
const MAX_KEPT = 10_000;

/** By app and address, for the whole process. */
const people = new Map<string, { openId: string | undefined; until: number }>();

/**
 * The person's `open_id` for this app: as configured, else looked up by phone, then by e-mail.
 *
 * Request  POST {baseUrl}/open-apis/contact/v3/users/batch_get_id?user_id_type=open_id, JSON { mobiles, emails }.
 * Source   https://open.feishu.cn/document/server-docs/contact-v3/user/batch_get_id
 * @throws DeliveryError `unreachable` when nobody is found.
 */
export async function openIdOf(person: Person, account: FeishuAppAccount, io: Io): Promise<string> {
  const openId = await findOpenId(person, account, io);
  if (openId === undefined) {
    throw new DeliveryError(
      'unreachable',
      `feishu.app: app not linked: nobody in the tenant has the phone or e-mail of ${person.member}; ` +
        'add their open_id to identities, or correct the phone or e-mail',
    );
  }
  return openId;
}

/** The same, undefined when nobody is found. @throws DeliveryError when it cannot be asked. */
export async function findOpenId(person: Person, account: FeishuAppAccount, io: Io): Promise<string | undefined> {
  if (person.identity !== undefined) return person.identity;
  const kept = people.get(keyOf(person, account));
  return kept && kept.until > io.now() ? kept.openId : lookUp(person, account, io);
}

/** The platform no longer knows the person by this id: look again next time. */
export function forgetOpenId(person: Person, account: FeishuAppAccount): void {
  people.delete(keyOf(person, account));
}

async function lookUp(person: Person, account: FeishuAppAccount, io: Io): Promise<string | undefined> {
  const { phone, email } = person;
  if (phone === undefined && email === undefined) return undefined;
  const json = {
    // Numbers of mainland China stand without their country code, all others with it.
    ...(phone !== undefined && { mobiles: [phone.replace(/^\+86/, '')] }),
    ...(email !== undefined && { emails: [email] }),
    include_resigned: false,
  };
  const found = await callFeishu(account, io, {
    method: 'POST',
    path: '/open-apis/contact/v3/users/batch_get_id?user_id_type=open_id',
    json,
  })
    .then((data) => lookUpReply.parse(data).user_list.filter((entry) => entry.user_id !== undefined))
    .catch((error: unknown) => {
      throw beforeSending(error, 'looking the person up');
    });
  const openId = (found.find((entry) => entry.mobile !== undefined) ?? found[0])?.user_id;
  if (people.size >= MAX_KEPT) people.clear();
  people.set(keyOf(person, account), { openId, until: io.now() + (openId === undefined ? UNKNOWN_MS : KNOWN_MS) });
  return openId;
}

/** Hashed, so that no address lies about in memory for longer than a request. */
function keyOf({ phone, email }: Person, account: FeishuAppAccount): string {
  return createHash('sha256')
    .update(JSON.stringify([baseUrlOf(account), account.appId, phone, email]))
    .digest('base64');
}
