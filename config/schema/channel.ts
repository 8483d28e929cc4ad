import { z } from 'zod';
import { costProblem, type Filter } from '../match/filter.ts';
import { checked, duration, named, timeZone } from './field.ts';
import { autoCloseForm, keyedByName } from './instead.ts';
import { unknownName, type Names } from './names.ts';
import type { Mailboxes } from './recipients.ts';
import { ruleSchema } from './rule.ts';
import { wordingSchema } from './templates.ts';
import { groups, times } from './when.ts';

export function channelsSchema(names: Names, mailboxes: Mailboxes) {
  return z
    .record(
      named(/^[^\s/]{1,64}$/, 'a channel is keyed by 1 to 64 characters without spaces and /'),
      z.strictObject({
        autoClose: z
          .strictObject(
            {
              after: duration('1m', '720h'),
              since: z.enum(['opened', 'updated']).default('updated').describe('Since it opened, or was last touched'),
            },
            autoCloseForm,
          )
          .exactOptional()
          .describe('Closes what nobody touches; never a Critical that nobody has acknowledged'),
        labelsRedirect: z.boolean().default(true).describe('Whether labels (layer_…) may name whom a level tells'),
        wording: wordingSchema(names),
        timeZone: timeZone().exactOptional().describe('Of hours under `when.times` that name none; default UTC'),
        rules: z
          .array(ruleSchema(names, mailboxes))
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
      keyedByName,
    )
    .default({})
    .describe('Rules by channel; `default` serves incidents without a known channel');
}

export function routesSchema({ channels }: Names) {
  const channel = checked((name) => (channels.has(name) ? undefined : unknownName('channel', name, channels)));
  return z
    .array(
      z.strictObject({
        when: groups,
        times,
        channel: channel.describe('A channel, by the key in `channels`'),
      }),
    )
    .max(500)
    .superRefine((routes, context) => {
      limitCost(
        routes.flatMap(({ when }) => when),
        context,
      );
    })
    .default([])
    .describe('Where incidents go that name no channel; the first that matches wins, else channel `default`');
}

/** Matching every rule of a list must stay fast however many there are. */
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
