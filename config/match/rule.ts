import type { z } from 'zod';
import { cut, inJson } from '../../domain/incident/incident.ts';
import type { Rule } from '../../domain/incident/rule.ts';
import type { ChannelRule, Configuration, When } from '../configuration.ts';
import { compileFilters, possibleSeverities, type Filter } from './filter.ts';
import { holds } from './match.ts';
import { splitDuty, type Names } from '../schema/names.ts';
import { pathText, problemsOf, wording } from '../schema/problem.ts';
import type { fileSchema } from '../schema/file.ts';
import { inlineRuleSchema } from '../schema/rule.ts';
import type { WrittenHours } from '../schema/when.ts';

export type WrittenFile = z.output<ReturnType<typeof fileSchema>>;
export type WrittenRule = NonNullable<WrittenFile['channels'][string]>['rules'][number];
type InlineRuleSchema = ReturnType<typeof inlineRuleSchema>;
type InlineRule = z.output<InlineRuleSchema>;

/** A checked rule of a channel, ready to be matched. */
export function compileRule(written: WrittenRule, channel: string, timeZone?: string): ChannelRule {
  const when = compileWhen(written.when.filters, written.when.times, timeZone);
  return {
    enabled: written.enabled,
    when,
    matches: (incident, at) => holds(when, incident, at),
    severities: possibleSeverities(when.filters),
    rule: ruleOf(written, `${channel}/${written.name}`),
  };
}

export function compileWhen(
  filters: readonly (readonly Filter[])[],
  times: readonly WrittenHours[],
  timeZone = 'UTC',
): When {
  return { filters: compileFilters(filters), times: times.map((hours) => ({ timeZone, ...hours })) };
}

export function ruleOf(
  { delay, levels, startOver, acknowledgeTimeout, wording: words }: Omit<InlineRule, 'name'>,
  name: string,
): Rule {
  return {
    name,
    delayMs: delay,
    levels,
    ...(acknowledgeTimeout !== undefined && { acknowledgeTimeoutMs: acknowledgeTimeout }),
    ...(startOver && { startOver: { everyMs: startOver.every, times: startOver.times } }),
    ...(words !== undefined && { wording: words }),
  };
}

/** Of a rule that a client wrote into its request, as JSON. */
export const MOST_INLINE_CHARACTERS = 16 * 1024;
/** How often such a rule may tell somebody, if nobody ever acknowledges: each person or group counts in each round. */
const MOST_TOLD = 2000;
/** Of what is wrong with it, which stays in the history. */
const LONGEST_PROBLEM = 1000;

const inlineSchemas = new WeakMap<Configuration, InlineRuleSchema>();

/**
 * A rule that a client wrote into its request, in the shape of the file (without `when`), checked against the names of
 * `configuration`. Never throws.
 * @returns what is wrong with it, in one sentence, when it cannot be used.
 */
export function parseInlineRule(value: unknown, configuration: Configuration): Rule | string {
  let schema = inlineSchemas.get(configuration);
  if (!schema) {
    const names: Names = {
      accounts: new Map([...configuration.accounts].map(([name, { adapter }]) => [name, adapter])),
      members: new Set([...configuration.members.values()].flatMap(({ id, mailbox }) => (mailbox ? [] : [id]))),
      teams: new Set(configuration.teams.keys()),
      channels: new Set(),
      templates: new Set(configuration.templates.keys()),
      schedules: new Map([...configuration.schedules].map(([name, { roles }]) => [name, new Set(roles)])),
    };
    schema = inlineRuleSchema(names);
    inlineSchemas.set(configuration, schema);
  }
  if (inJson(value).length > MOST_INLINE_CHARACTERS) return 'rule: is larger than 16 KiB; put it into the file';
  const read = schema.safeParse(value, { error: (issue) => wording(issue) });
  if (!read.success) {
    const problems = [...problemsOf(read.error.issues, ['rule'])];
    return cut(problems.map(({ path, message }) => `${pathText(path)}: ${message}`).join('; '), LONGEST_PROBLEM);
  }
  const rule = ruleOf(read.data, read.data.name ?? 'inline');
  const told = mostTold(rule, configuration);
  if (told <= MOST_TOLD) return rule;
  return `rule: would tell somebody up to ${told} times; at most ${MOST_TOLD}, or put it into the file`;
}

function mostTold({ levels, startOver }: Rule, { teams, schedules }: Configuration): number {
  const once = levels.map(({ to, groups, repeat }) => {
    const inTeams = to.teams.map((team) => teams.get(team)?.length ?? 0);
    const onDuty = to.schedules.map((written) => schedules.get(splitDuty(written).schedule)?.roles.length ?? 1);
    const people = [to.members.length, ...inTeams, ...onDuty].reduce((sum, count) => sum + count, 0);
    return (people + groups.length) * repeat.times;
  });
  return once.reduce((sum, count) => sum + count, 0) * (1 + (startOver?.times ?? 0));
}
