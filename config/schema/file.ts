import { z } from 'zod';
import { LOCALES } from '../../domain/locale.ts';
import { account, accountName } from './account.ts';
import { channelsSchema, routesSchema } from './channel.ts';
import { named } from './field.ts';
import { gatewaySchema } from './gateway.ts';
import { lastResortSchema } from './last-resort.ts';
import { keyedByName } from './instead.ts';
import { carriersSchema } from './media.ts';
import { membersSchema, teamsSchema } from './members.ts';
import type { Names } from './names.ts';
import type { Mailboxes } from './recipients.ts';
import { unmatchedSchema } from './rule.ts';
import { schedulesSchema } from './schedule.ts';
import { templatesSchema, wordingSchema } from './templates.ts';

/**
 * The whole of `escalations.yaml`.
 * @param names what the file introduces: every name in it is looked up there.
 * @param mailboxes filled while the file is read.
 */
export function fileSchema(names: Names, mailboxes: Mailboxes) {
  return z.strictObject({
    prefix: named(/^[a-z0-9][a-z0-9.-]{0,39}$/, 'a prefix is 1 to 40 of a-z 0-9 . -')
      .default('escalations')
      .describe('Starts every task queue and helper id'),
    locale: z
      .enum(LOCALES)
      .default('en')
      .describe('Language of what the Temporal Web UI shows of incidents; people read their own'),
    gateway: gatewaySchema(names),
    accounts: z
      .record(accountName, account, keyedByName)
      .default({})
      .describe('Provider credentials by a name of your own'),
    media: carriersSchema(names),
    members: membersSchema(names),
    teams: teamsSchema(names),
    schedules: schedulesSchema(names),
    routes: routesSchema(names),
    channels: channelsSchema(names, mailboxes),
    templates: templatesSchema(names),
    wording: wordingSchema(names),
    unmatched: unmatchedSchema(names, mailboxes),
    lastResort: lastResortSchema(names),
  });
}
