import { z } from 'zod';
import { comparedMail } from '../../domain/mail-address.ts';
import { MAILBOX_ID, mailboxId } from '../duty/mailbox.ts';
import { checked, email, named } from './field.ts';
import { listOfNames, recipientsForm } from './instead.ts';
import { dutyProblem, unknownName, type Names } from './names.ts';

/** Bare addresses by the id that stands for them in rules; filled while a file is read. */
export type Mailboxes = Map<string, string>;

/**
 * `to` of a level.
 * @param mailboxes absent: the rule of a client, which stays in a history and may name no address.
 */
export function recipientsSchema(names: Names, mailboxes?: Mailboxes) {
  return z
    .strictObject(
      {
        members: z.array(memberName(names), listOfNames).max(100).default([]),
        teams: z.array(teamName(names), listOfNames).max(20).default([]),
        schedules: z
          .array(dutyName(names), listOfNames)
          .max(20)
          .default([])
          .describe('Whoever is on duty when a round starts'),
        emails: addresses(mailboxes),
      },
      recipientsForm(names),
    )
    .prefault({})
    .describe('Who is told');
}

/** A key of `members` where the file introduces it. */
export const memberKey = named(
  /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
  'a member is keyed by 1 to 64 of A-Z a-z 0-9 . _ -',
).refine((id) => !MAILBOX_ID.test(id), 'mail- and 8 digits stand for a bare address; call the member something else');

/** A key of `members` where the file refers to it. */
export function memberName({ members }: Names) {
  return checked((id) => (members.has(id) ? undefined : unknownName('member', id, members))).describe(
    'A member, by the key in `members`',
  );
}

function teamName({ teams }: Names) {
  return checked((id) => (teams.has(id) ? undefined : unknownName('team', id, teams))).describe(
    'A team, by the key in `teams`',
  );
}

function dutyName(names: Names) {
  return checked((written) => dutyProblem(written, names)).describe(
    'A schedule, by the key in `schedules`; one role of it as db-primary/backup',
  );
}

function addresses(mailboxes: Mailboxes | undefined) {
  return z
    .array(email())
    .max(20)
    .default([])
    .superRefine((written, context) => {
      if (!mailboxes && written.length > 0) {
        context.addIssue('addresses would stay in the history; name a member or put the rule into the file');
      }
      for (const [index, address] of written.entries()) {
        const known = mailboxes?.get(mailboxId(address)) ?? address;
        mailboxes?.set(mailboxId(address), known);
        if (comparedMail(known) === comparedMail(address)) continue;
        const message = 'has the same short name as another address; make it a member';
        context.addIssue({ code: 'custom', path: [index], message });
      }
    })
    .describe('Bare addresses, told by e-mail whatever `by` says');
}
