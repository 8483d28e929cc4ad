import { z } from 'zod';
import { duration, text } from './field.ts';
import { levelsForm, whenForm } from './instead.ts';
import { levelSchema } from './level.ts';
import type { Names } from './names.ts';
import type { Mailboxes } from './recipients.ts';
import { wordingSchema } from './templates.ts';
import { groups, times } from './when.ts';

const ruleName = text(64).describe('What people call this rule');

/** One entry of `rules`. */
export function ruleSchema(names: Names, mailboxes: Mailboxes) {
  return z.strictObject({
    name: ruleName,
    enabled: z.boolean().default(true),
    when: z
      .strictObject({ filters: groups.default([]), times }, whenForm)
      .prefault({})
      .describe('Which incidents; absent: every incident'),
    ...steps(names, mailboxes),
  });
}

/**
 * A rule without `when`: what a client gives with its incident, or `unmatched` of the file.
 * @param mailboxes absent: the rule of a client.
 */
export function inlineRuleSchema(names: Names, mailboxes?: Mailboxes) {
  return z
    .strictObject({ name: ruleName.exactOptional(), ...steps(names, mailboxes) })
    .describe('A rule without `when`');
}

export function unmatchedSchema(names: Names, mailboxes: Mailboxes) {
  return z
    .union([
      z.literal('ignore').describe('Nobody is told'),
      levelSchema(names, mailboxes),
      inlineRuleSchema(names, mailboxes),
    ])
    .describe('`ignore`, or { to, by } to tell somebody of incidents that no rule matches');
}

/** What a rule does, in order. */
function steps(names: Names, mailboxes?: Mailboxes) {
  return {
    delay: duration('0s', '1h').prefault('0s'),
    levels: z.array(levelSchema(names, mailboxes), levelsForm).min(1).max(20).describe('Who is told first, who next'),
    acknowledgeTimeout: duration('1m', '72h')
      .exactOptional()
      .describe('Acknowledged for this long and not closed: told again'),
    startOver: z
      .strictObject({ every: duration('1m', '24h'), times: z.int().min(1).max(100) })
      .exactOptional()
      .describe('Begin again after the last level'),
    wording: wordingSchema(names),
  };
}
