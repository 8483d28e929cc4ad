import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { z } from 'zod';
import type { CallbackContract, Happening } from '../kit/adapter.ts';
import { CallbackError } from '../kit/adapter.ts';
import { pushItems } from '../kit/push-items.ts';
import { hasSecretPath } from '../kit/secret-path.ts';

/** Fields are documented as strings and arrive as numbers now and then. */
export const text = z.union([z.string(), z.number()]).transform(String);

/** Every push names the phone so. */
export const phone = { mobile: text, nationcode: text.default('86') };

/**
 * How the pushes of one product are taken: one object or a list of them, unsigned.
 * @param item reads one of them; the unreadable are left out, the others count.
 */
export function pushContract(item: z.ZodType<Happening[]>): CallbackContract<{ callbackSecret?: string | undefined }> {
  return {
    // UNCONFIRMED: neither the deadline nor, for calls, a repetition is written down; SMS pushes come three times.
    deadlineMs: 3000,
    needsSecretPath: true,
    redelivers: true,
    read(push, { callbackSecret }) {
      // The push is not signed: the address is all that tells it from a forgery.
      if (!hasSecretPath(push.url, callbackSecret)) throw new CallbackError(401, 'the secret path is wrong');
      const items = pushItems(push.body);
      const readable = items.flatMap((one) => {
        const read = item.safeParse(one);
        return read.success ? [read.data] : [];
      });
      if (items.length > 0 && readable.length === 0) throw new CallbackError(400, 'no item of the push can be read');
      return { happenings: readable.flat() };
    },
    answer: () => ({ status: 200, body: '{"result":0,"errmsg":"OK"}', contentType: 'application/json' }),
  };
}

/** E.164; undefined when it is no number. */
export function numberOf({ nationcode, mobile }: { nationcode: string; mobile: string }): string | undefined {
  const number = parsePhoneNumberFromString(`+${nationcode}${mobile}`, { extract: false });
  return number?.isValid() ? number.number : undefined;
}
