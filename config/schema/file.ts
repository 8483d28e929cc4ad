import { z } from 'zod';
import { SEVERITIES } from '../../domain/incident/incident.ts';
import { adapterFacts, type CarriedMedium } from '../../domain/media.ts';
import { GROUP_EVENTS, type Level } from '../../domain/incident/rule.ts';
import { account, accountName } from './account.ts';
import { checked, duration, email, named, text, timeZone, unique } from './field.ts';
import { costProblem, type Filter } from '../match/filter.ts';
import { gateway } from './gateway.ts';
import { MAILBOX_ID, mailboxId } from '../duty/mailbox.ts';
import {
  carrierProblem,
  dutyProblem,
  groupProblem,
  identityProblem,
  mediumProblem,
  unknownName,
  type Names,
} from './names.ts';
import { person } from './person.ts';
import { scheduleSchema } from './schedule.ts';
import { templatesSchema, wordingSchema } from './templates.ts';
import { groups, times } from './when.ts';

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
