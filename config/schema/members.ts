import { z } from 'zod';
import { checked, named, text } from './field.ts';
import { keyedByName, listOfNames } from './instead.ts';
import { preferenceSchema } from './media.ts';
import { identityProblem, type Names } from './names.ts';
import { person } from './person.ts';
import { memberKey, memberName } from './recipients.ts';

export function membersSchema(names: Names) {
  return z
    .record(
      memberKey,
      person.extend({
        prefers: preferenceSchema(names),
        identities: z
          .record(
            checked((key) => identityProblem(key, names)),
            text(200),
          )
          .default({})
          .describe('Ids in IM apps, by account or by platform (feishu)'),
      }),
      keyedByName,
    )
    .default({})
    .describe('People who can be told');
}

export function teamsSchema(names: Names) {
  return z
    .record(
      named(/^[^\s/]{1,64}$/, 'a team is keyed by 1 to 64 characters without spaces and /'),
      z.array(memberName(names), listOfNames).min(1).max(100),
      keyedByName,
    )
    .default({})
    .describe('Members by team');
}
