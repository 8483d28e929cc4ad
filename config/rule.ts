import type { z } from 'zod';
import type { Rule } from '../domain/rule.ts';
import type { ChannelRule, Configuration } from './configuration.ts';
import { compileFilters, possibleSeverities } from './filter.ts';
import { pathText, problemsOf, wording } from './problem.ts';
import { schemasFor } from './schema.ts';

type Schemas = ReturnType<typeof schemasFor>;
export type WrittenFile = z.output<Schemas['file']>;
export type WrittenRule = NonNullable<WrittenFile['channels'][string]>['rules'][number];
type InlineRule = z.output<Schemas['inlineRule']>;

/** A checked rule of a channel, ready to be matched. */
export function compileRule(written: WrittenRule, channel: string): ChannelRule {
  return {
    enabled: written.enabled,
    matches: compileFilters(written.when.filters),
    severities: possibleSeverities(written.when.filters),
    rule: ruleOf(written, `${channel}/${written.name}`),
  };
}

export function ruleOf({ delay, levels, startOver }: Omit<InlineRule, 'name'>, name: string): Rule {
  return {
    name,
    delayMs: delay,
    levels,
    ...(startOver && { startOver: { everyMs: startOver.every, times: startOver.times } }),
  };
}

const inlineSchemas = new WeakMap<Configuration, Schemas['inlineRule']>();

/**
 * A rule that a client wrote into its request, in the shape of the file (without `when`), checked against the names of
 * `configuration`. Never throws.
 * @returns what is wrong with it, in one sentence, when it cannot be used.
 */
export function parseInlineRule(value: unknown, configuration: Configuration): Rule | string {
  let schema = inlineSchemas.get(configuration);
  if (!schema) {
    schema = schemasFor({
      accounts: new Map([...configuration.accounts].map(([name, { adapter }]) => [name, adapter])),
      members: new Set(configuration.members.keys()),
      teams: new Set(configuration.teams.keys()),
    }).inlineRule;
    inlineSchemas.set(configuration, schema);
  }
  const read = schema.safeParse(value, { error: wording });
  if (read.success) return ruleOf(read.data, read.data.name ?? 'inline');
  return [...problemsOf(read.error.issues, ['rule'])]
    .map(({ path, message }) => `${pathText(path)}: ${message}`)
    .join('; ');
}
