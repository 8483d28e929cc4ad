import { z } from 'zod';
import { ADAPTER_IDS } from '../../domain/media.ts';
import { LOCALES } from '../../domain/locale.ts';
import { registry } from '../../providers/registry.ts';
import { named, timeZone, window } from './field.ts';
import { isCarried } from './names.ts';
import { wording } from './problem.ts';

export const accountName = named(/^[a-z0-9-]{1,40}$/, 'an account is named by 1 to 40 of a-z 0-9 -').refine(
  (name) => !isCarried(name),
  'voice, sms, email and push are media; call the account something else',
);

/** What every account has; the rest is the adapter's own. */
export const accountHead = {
  adapter: z.enum(ADAPTER_IDS).describe('What speaks to the provider'),
  processes: z.int().min(1).max(100).default(1).describe('Worker processes that serve it: limits are divided by this'),
  perSecond: z
    .number()
    .min(0.1)
    .max(10_000)
    .exactOptional()
    .describe('Requests a second the vendor takes, where your contract differs from its default'),
  perReceiver: z
    .array(window())
    .max(10)
    .exactOptional()
    .describe('Sends that one receiver takes, such as [1/1m, 5/1h], where they differ; [] for no limit'),
  countries: z
    .array(z.string().regex(/^[A-Z]{2}$/, 'must be two capital letters, such as CN'))
    .min(1)
    .exactOptional()
    .describe('Countries whose phones it reaches (ISO 3166), where your contract differs from its default'),
  monthlyQuota: z
    .int()
    .min(10)
    .exactOptional()
    .describe('Requests a month the vendor takes; the last tenth is kept for Critical'),
  keys: z
    .record(
      z.string().regex(/^[0-24-9]$/, 'must be a key 0 to 9 but 3, which repeats'),
      z.enum(['acknowledge', 'escalate']),
    )
    .refine((keys) => Object.values(keys).includes('acknowledge'), 'must name a key that acknowledges')
    .exactOptional()
    .describe('What each key of a call does; default { "1": acknowledge, "2": escalate }'),
  locale: z.enum(LOCALES).exactOptional().describe('What its groups read; default zh on Chinese platforms, else en'),
  timeZone: timeZone().exactOptional().describe('Of its groups; default Asia/Shanghai where they read zh, else UTC'),
};
export const account = z.looseObject(accountHead).transform((given, context) => {
  const { adapter, processes, perSecond, perReceiver, countries, monthlyQuota, keys, locale, timeZone, ...rest } =
    given;
  const registered = registry[adapter];
  const settings = registered.schema.safeParse(rest, {
    error: (issue) => wording(issue, Object.keys(accountHead)),
  });
  if (settings.success) {
    return {
      adapter,
      processes,
      settings: settings.data,
      traits: registered.traits(settings.data),
      ...(perSecond !== undefined && { perSecond }),
      ...(perReceiver && { perReceiver }),
      ...(countries && { countries }),
      ...(monthlyQuota !== undefined && { monthlyQuota }),
      ...(keys && { keys }),
      ...(locale && { locale }),
      ...(timeZone !== undefined && { timeZone }),
    };
  }
  for (const issue of settings.error.issues) context.issues.push({ ...issue, input: rest } as z.core.$ZodRawIssue);
  return z.NEVER;
});
