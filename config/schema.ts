import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { z } from 'zod';
import { SEVERITIES } from '../domain/incident.ts';
import { ADAPTER_IDS, adapterFacts, type CarriedMedium } from '../domain/media.ts';
import { GROUP_EVENTS, type Level } from '../domain/rule.ts';
import { LOCALES } from '../providers/kit/adapter.ts';
import { registry } from '../providers/registry.ts';
import { checked, duration, email, named, text, timeZone, unique, window } from './field.ts';
import { costProblem, filterProblems, type Filter } from './filter.ts';
import { DAYS, type Hours } from './hours.ts';
import { MAILBOX_ID, mailboxId } from './mailbox.ts';
import {
  carrierProblem,
  dutyProblem,
  groupProblem,
  identityProblem,
  isCarried,
  mediumProblem,
  unknownName,
  type Names,
} from './names.ts';
import { wording } from './problem.ts';
import { templatesSchema, wordingSchema } from './templates.ts';
import { clockTime, scheduleSchema } from './schedule-schema.ts';

/**
 * Schemas of `escalations.yaml`; every name in a rule is looked up in `names`.
 * @param source a rule of a `client` stays in a history: it may name no address.
 * @returns `mailboxes` too: addresses by the id that stands for them in rules, filled while a file is read.
 */
export function schemasFor(names: Names, source: 'file' | 'client' = 'file') {
  const mailboxes = new Map<string, string>();
  const member = checked((id) =>
    names.members.has(id) ? undefined : unknownName('member', id, names.members),
  ).describe('A member, by the key in `members`');
  const team = checked((id) => (names.teams.has(id) ? undefined : unknownName('team', id, names.teams))).describe(
    'A team, by the key in `teams`',
  );
  const duty = checked((written) => dutyProblem(written, names)).describe(
    'A schedule, by the key in `schedules`; one role of it as db-primary/backup',
  );
  const emails = z
    .array(email())
    .max(20)
    .default([])
    .superRefine((addresses, context) => {
      if (source === 'client' && addresses.length > 0) {
        context.addIssue('addresses would stay in the history; name a member or put the rule into the file');
      }
      for (const [index, address] of addresses.entries()) {
        const known = mailboxes.get(mailboxId(address)) ?? address;
        mailboxes.set(mailboxId(address), known);
        if (known.toLowerCase() === address.toLowerCase()) continue;
        const message = 'has the same short name as another address; make it a member';
        context.addIssue({ code: 'custom', path: [index], message });
      }
    })
    .describe('Bare addresses, told by e-mail whatever `by` says');
  const medium = checked((name) => mediumProblem(name, names)).describe(
    '`voice`, `sms`, `email`, `push` or the name of an IM account',
  );
  const media = z.array(medium).max(10).superRefine(unique);
  const mediaBySeverity = {
    critical: media.exactOptional(),
    warning: media.exactOptional(),
    info: media.exactOptional(),
  };

  const by = z
    .union([
      z.literal('preference').describe('As each member prefers'),
      z.strictObject({ ...mediaBySeverity, default: media.exactOptional() }).superRefine((choice, context) => {
        if (choice.default) return;
        const missing = (['critical', 'warning', 'info'] as const).filter((severity) => !choice[severity]);
        if (missing.length === 0) return;
        const message = `nothing is said for ${missing.join(' and ')}; add it or \`default\` ([] tells nobody on purpose)`;
        context.addIssue({ code: 'custom', message });
      }),
    ])
    .describe('`preference`, or lists of media under critical, warning, info or default');

  const group = z.strictObject({
    account: checked((name) => groupProblem(name, names)).describe('An IM account or bot'),
    chat: text(200).exactOptional().describe('The chat inside the account, such as oc_…'),
    alias: text(40).exactOptional().describe('What people call this group'),
    severities: z.array(z.enum(SEVERITIES)).default([]).describe('Only these; empty or absent: all'),
    events: z.array(z.enum(GROUP_EVENTS)).default([]).describe('Only these; empty or absent: all'),
    mention: z
      .union([z.boolean(), z.literal('all')])
      .default(false)
      .describe('In a page: true mentions the responders, all everybody in the group'),
    threads: z.boolean().exactOptional().describe('Post what happens later below the first message'),
    verbose: z.boolean().exactOptional().describe('The whole text instead of a card'),
  });
  const groupWithChat = group.superRefine(({ account, chat }, context) => {
    const adapter = names.accounts.get(account);
    if (adapter === undefined || chat !== undefined || adapterFacts(adapter).form !== 'direct and group') return;
    context.addIssue({ code: 'custom', path: ['chat'], message: `is missing: ${account} serves many chats, name one` });
  });

  const level = z
    .strictObject({
      to: z
        .strictObject({
          members: z.array(member).max(100).default([]),
          teams: z.array(team).max(20).default([]),
          schedules: z.array(duty).max(20).default([]).describe('Whoever is on duty when a round starts'),
          emails,
        })
        .prefault({})
        .describe('Who is told'),
      by: by.exactOptional(),
      groups: z.array(groupWithChat).max(20).default([]).describe('Group chats that hear of it'),
      repeat: z
        .strictObject({
          every: duration('30s', '120m').prefault('10m'),
          times: z.int().min(1).max(6).describe('How often the level is told in all, the first included: 1 to 6'),
        })
        .prefault({ times: 1 })
        .describe('How often the level is told'),
      escalateAfter: duration('1s', '12h').prefault('30m'),
      evenIfAcknowledged: z.boolean().default(false).describe('Tell the next level even though somebody acknowledged'),
      redial: z.boolean().default(false).describe('Call once more within the round when nobody picks up'),
      whenNobodyReached: z
        .enum(['escalate', 'wait'])
        .default('escalate')
        .describe('When the first round reached nobody'),
    })
    .superRefine(({ to, by: choice, groups }, context) => {
      const people = to.members.length + to.teams.length + to.schedules.length;
      if (people + to.emails.length + groups.length === 0) {
        context.addIssue({
          code: 'custom',
          message: 'tells nobody; name members, teams, schedules or emails under `to`, or `groups`',
        });
      } else if (choice === undefined && people > 0) {
        context.addIssue({
          code: 'custom',
          path: ['by'],
          message: 'is missing: `preference`, or lists of media under critical, warning, info or default',
        });
      }
    })
    .transform(
      ({ to, by: choice, groups, repeat, escalateAfter, evenIfAcknowledged, whenNobodyReached, redial }): Level => {
        return {
          to: {
            members: [...new Set([...to.members, ...to.emails.map(mailboxId)])],
            teams: to.teams,
            schedules: to.schedules,
          },
          by: choice ?? 'preference',
          groups,
          repeat: { everyMs: repeat.every, times: repeat.times },
          escalateAfterMs: escalateAfter,
          evenIfAcknowledged,
          whenNobodyReached,
          ...(redial && { redial }),
        };
      },
    );

  const steps = {
    delay: duration('0s', '1h').prefault('0s'),
    levels: z.array(level).min(1).max(20).describe('Who is told first, who next'),
    acknowledgeTimeout: duration('1m', '72h')
      .exactOptional()
      .describe('Acknowledged for this long and not closed: told again'),
    startOver: z
      .strictObject({ every: duration('1m', '24h'), times: z.int().min(1).max(100) })
      .exactOptional()
      .describe('Begin again after the last level'),
    wording: wordingSchema(names),
  };
  const ruleName = text(64).describe('What people call this rule');

  const rule = z.strictObject({
    name: ruleName,
    enabled: z.boolean().default(true),
    when: z
      .strictObject({ filters: groups.default([]), times })
      .prefault({})
      .describe('Which incidents; absent: every incident'),
    ...steps,
  });
  const inlineRule = z.strictObject({ name: ruleName.exactOptional(), ...steps }).describe('A rule without `when`');

  const unmatched = z
    .union([z.literal('ignore').describe('Nobody is told'), level, inlineRule])
    .describe('`ignore`, or { to, by } to tell somebody of incidents that no rule matches');

  const route = z.strictObject({
    when: groups,
    times,
    channel: checked((name) =>
      names.channels.has(name) ? undefined : unknownName('channel', name, names.channels),
    ).describe('A channel, by the key in `channels`'),
  });

  const carriers = (carried: CarriedMedium) =>
    z
      .array(checked((name) => carrierProblem(name, carried, names)))
      .max(20)
      .superRefine(unique)
      .default([])
      .describe(`Accounts that carry ${carried}, in order of preference`);

  const file = z.strictObject({
    prefix: named(/^[a-z0-9][a-z0-9.-]{0,39}$/, 'a prefix is 1 to 40 of a-z 0-9 . -')
      .default('escalations')
      .describe('Starts every task queue and helper id'),
    gateway,
    accounts: z.record(accountName, account).default({}).describe('Provider credentials by a name of your own'),
    media: z
      .strictObject({
        voice: carriers('voice'),
        sms: carriers('sms'),
        email: carriers('email'),
        push: carriers('push'),
      })
      .prefault({})
      .describe('Which accounts carry what'),
    members: z
      .record(
        named(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'a member is keyed by 1 to 64 of A-Z a-z 0-9 . _ -').refine(
          (id) => !MAILBOX_ID.test(id),
          'mail- and 8 digits stand for a bare address; call the member something else',
        ),
        person.extend({
          prefers: z.strictObject(mediaBySeverity).exactOptional().describe('Where a level says `by: preference`'),
          identities: z
            .record(
              checked((key) => identityProblem(key, names)),
              text(200),
            )
            .default({})
            .describe('Ids in IM apps, by account or by platform (feishu)'),
        }),
      )
      .default({})
      .describe('People who can be told'),
    teams: z
      .record(
        named(/^[^\s/]{1,64}$/, 'a team is keyed by 1 to 64 characters without spaces and /'),
        z.array(member).min(1).max(100),
      )
      .default({})
      .describe('Members by team'),
    schedules: z
      .record(
        named(/^[^\s/]{1,64}$/, 'a schedule is keyed by 1 to 64 characters without spaces and /'),
        scheduleSchema(member),
      )
      .default({})
      .describe('Who is on duty when'),
    routes: z
      .array(route)
      .max(500)
      .superRefine((routes, context) => {
        limitCost(
          routes.flatMap(({ when }) => when),
          context,
        );
      })
      .default([])
      .describe('Where incidents go that name no channel; the first that matches wins, else channel `default`'),
    channels: z
      .record(
        named(/^[^\s/]{1,64}$/, 'a channel is keyed by 1 to 64 characters without spaces and /'),
        z.strictObject({
          autoClose: z
            .strictObject({
              after: duration('1m', '720h'),
              since: z.enum(['opened', 'updated']).default('updated').describe('Since it opened, or was last touched'),
            })
            .exactOptional()
            .describe('Closes what nobody touches; never a Critical that nobody has acknowledged'),
          wording: wordingSchema(names),
          timeZone: timeZone().exactOptional().describe('Of hours under `when.times` that name none; default UTC'),
          rules: z
            .array(rule)
            .min(1)
            .max(200)
            .superRefine(uniqueNames)
            .superRefine((rules, context) => {
              limitCost(
                rules.flatMap(({ when }) => when.filters),
                context,
              );
            })
            .describe('The first that matches wins'),
        }),
      )
      .default({})
      .describe('Rules by channel; `default` serves incidents without a known channel'),
    templates: templatesSchema(names),
    wording: wordingSchema(names),
    unmatched,
  });
  return { file, inlineRule, mailboxes };
}

const gateway = z
  .strictObject({
    listen: z
      .string()
      .default('127.0.0.1:8080')
      .transform((written, context) => {
        const match = /^(?:\[([0-9A-Fa-f:.]+)\]|([^\s:/]+)):(\d{1,5})$/.exec(written);
        const host = match?.[1] ?? match?.[2];
        const port = Number(match?.[3]);
        if (host !== undefined && port <= 65535) return { host, port };
        context.addIssue('write host and port, such as 127.0.0.1:8080 or [::]:8080');
        return z.NEVER;
      })
      .describe('Where the gateway listens, host:port'),
    publicUrl: z
      .string()
      .transform((written, context) => {
        const url = URL.canParse(written) ? new URL(written) : undefined;
        const isPlain = url && /^https?:$/.test(url.protocol) && `${url.username}${url.search}${url.hash}` === '';
        if (isPlain) return url.href.replace(/\/+$/, '');
        context.addIssue(
          'write the address people and providers reach the gateway at, such as https://oncall.example.com',
        );
        return z.NEVER;
      })
      .exactOptional()
      .describe('How people and providers reach the gateway; links and buttons need it'),
    secrets: z
      .array(z.string().min(16))
      .min(1)
      .max(5)
      .describe('Keys for links and buttons, each at least 16 characters; the first signs, all verify'),
    incidentTokens: z
      .array(z.string().min(16))
      .max(20)
      .exactOptional()
      .describe('Whoever holds one may POST incidents to the gateway, each at least 16 characters'),
  })
  .describe('{ listen, publicUrl, secrets: ["${GATEWAY_SECRET}"] }');

const accountName = named(/^[a-z0-9-]{1,40}$/, 'an account is named by 1 to 40 of a-z 0-9 -').refine(
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
const account = z.looseObject(accountHead).transform((given, context) => {
  const { adapter, processes, perSecond, perReceiver, countries, monthlyQuota, keys, locale, timeZone, ...rest } =
    given;
  const settings = registry[adapter].schema.safeParse(rest, { error: wording });
  if (settings.success) {
    return {
      adapter,
      processes,
      settings: settings.data,
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

/** What providers refuse to call, or bill by the minute. */
const NOBODYS_PHONE: readonly string[] = ['PREMIUM_RATE', 'SHARED_COST', 'PAGER', 'VOICEMAIL'];

const person = z.strictObject({
  name: text(100).describe('What people call this member'),
  email: email().exactOptional(),
  phone: z
    .string()
    .transform((written, context) => {
      const number = parsePhoneNumberFromString(written, { extract: false });
      if (number?.isValid() !== true || !written.trimStart().startsWith('+')) {
        context.addIssue(
          'is not a valid phone number; write + and the country code, then the number, such as "+86138…"',
        );
        return z.NEVER;
      }
      if (number.ext !== undefined) {
        context.addIssue('an extension cannot be called; give a direct number');
        return z.NEVER;
      }
      const type = number.getType();
      if (type !== undefined && NOBODYS_PHONE.includes(type)) {
        context.addIssue("is a service number, not a person's phone; give a direct number");
        return z.NEVER;
      }
      return {
        phone: number.number,
        ...(number.country && { country: number.country }),
        ...(type === 'FIXED_LINE' && { landline: true }),
      };
    })
    .exactOptional()
    .describe('With + and country code, in quotes'),
  locale: z.enum(LOCALES).default('en').describe('Language of calls and messages'),
  timeZone: timeZone().default('UTC').describe('IANA name, such as Asia/Shanghai'),
});

const filter = z
  .strictObject({
    key: z.string().describe('severity, title, source, labels.service, …'),
    oper: z.enum(['IN', 'NOTIN']),
    vals: z
      .array(z.string().min(1).max(256))
      .min(1)
      .max(100)
      .describe('Exact, or with * and ?, or /regular expression/, cidr:10.0.0.0/8, num:gt:5 (gt, ge, lt, le)'),
  })
  .superRefine((written, context) => {
    for (const problem of filterProblems(written)) context.addIssue({ code: 'custom', ...problem });
  });
const groups = z
  .array(z.array(filter).min(1).max(50))
  .max(50)
  .describe('One group whose conditions all hold is enough');

const hours = z
  .strictObject({
    days: z
      .array(
        z
          .union([z.enum(DAYS).transform((day) => DAYS.indexOf(day)), z.int().min(0).max(6)])
          .describe('a day: sun, mon, … sat, or 0 to 6 (0 is Sunday)'),
      )
      .min(1)
      .max(7)
      .default([0, 1, 2, 3, 4, 5, 6])
      .describe('Days on which the hours begin; default: every day'),
    from: clockTime(1439).describe('Local time of day, such as "09:00"'),
    to: clockTime(1440).describe('Exclusive; at or before `from`: on the next day'),
    timeZone: timeZone().exactOptional(),
  })
  .transform(({ timeZone, ...rest }): WrittenHours => ({ ...rest, ...(timeZone !== undefined && { timeZone }) }));
const times = z
  .array(hours)
  .max(50)
  .default([])
  .describe('Hours of the week in which the incident opens; one is enough; absent: always');

/** Without a time zone: that of the channel. */
export type WrittenHours = Omit<Hours, 'timeZone'> & { timeZone?: string };

function limitCost(groups: readonly (readonly Filter[])[], context: z.RefinementCtx): void {
  const message = costProblem(groups.flat());
  if (message !== undefined) context.addIssue({ code: 'custom', message });
}

function uniqueNames(rules: readonly { name: string }[], context: z.RefinementCtx): void {
  const seen = new Set<string>();
  for (const [index, { name }] of rules.entries()) {
    if (seen.has(name)) {
      const message = `another rule of this channel is called ${JSON.stringify(name)}; give each its own name`;
      context.addIssue({ code: 'custom', path: [index, 'name'], message });
    }
    seen.add(name);
  }
}
