import { z } from 'zod';
import { SEVERITIES } from '../../domain/incident/incident.ts';
import { GROUP_EVENTS, type Level } from '../../domain/incident/rule.ts';
import { adapterFacts } from '../../domain/media.ts';
import { mailboxId } from '../duty/mailbox.ts';
import { checked, duration, text } from './field.ts';
import { groupForm, groupsForm, repeatForm } from './instead.ts';
import { bySchema } from './media.ts';
import { groupProblem, type Names } from './names.ts';
import { recipientsSchema, type Mailboxes } from './recipients.ts';

/** One entry of `levels`. @param mailboxes absent: the rule of a client. */
export function levelSchema(names: Names, mailboxes?: Mailboxes) {
  return z
    .strictObject({
      to: recipientsSchema(names, mailboxes),
      by: bySchema(names).exactOptional(),
      groups: z.array(groupSchema(names), groupsForm).max(20).default([]).describe('Group chats that hear of it'),
      repeat: z
        .strictObject(
          {
            every: duration('30s', '120m').prefault('10m'),
            times: z.int().min(1).max(6).describe('How often the level is told in all, the first included: 1 to 6'),
          },
          repeatForm,
        )
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
    .superRefine(({ to, by, groups }, context) => {
      const people = to.members.length + to.teams.length + to.schedules.length;
      if (people + to.emails.length + groups.length === 0) {
        context.addIssue({
          code: 'custom',
          message: 'tells nobody; name members, teams, schedules or emails under `to`, or `groups`',
        });
      } else if (by === undefined && people > 0) {
        context.addIssue({
          code: 'custom',
          path: ['by'],
          message: 'is missing: `preference`, or lists of media under critical, warning, info or default',
        });
      }
    })
    .transform(({ to, by, groups, repeat, escalateAfter, evenIfAcknowledged, whenNobodyReached, redial }): Level => {
      return {
        to: {
          members: [...new Set([...to.members, ...to.emails.map(mailboxId)])],
          teams: to.teams,
          schedules: to.schedules,
        },
        by: by ?? 'preference',
        groups,
        repeat: { everyMs: repeat.every, times: repeat.times },
        escalateAfterMs: escalateAfter,
        evenIfAcknowledged,
        whenNobodyReached,
        ...(redial && { redial }),
      };
    });
}

function groupSchema(names: Names) {
  return z
    .strictObject(
      {
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
      },
      groupForm,
    )
    .superRefine(({ account, chat }, context) => {
      const adapter = names.accounts.get(account);
      if (adapter === undefined || chat !== undefined || adapterFacts(adapter).form !== 'direct and group') return;
      context.addIssue({
        code: 'custom',
        path: ['chat'],
        message: `is missing: ${account} serves many chats, name one`,
      });
    });
}
