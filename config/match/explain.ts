import { cut, type Incident } from '../../domain/incident/incident.ts';
import type { Configuration, When } from '../configuration.ts';
import { fieldOf, type Condition } from './filter.ts';
import { hoursText, isWithin, wallText } from './hours.ts';
import { findChannel, findRule, holds, type FoundChannel } from './match.ts';

/** Which rule an incident would follow, and why not another. */
export interface Explanation {
  channel: FoundChannel;
  /** Those that were asked; empty when the incident names its channel. */
  routes: Tried[];
  /** All of the channel, in order. */
  rules: Tried[];
  /** The rule to follow, `unmatched`, or `ignore`. */
  follows: string;
}

export interface Tried {
  /** `payments/P1`, or `route 2 to payments`. */
  name: string;
  /** `later`: it matches too, but an earlier one was first. */
  result: 'matches' | 'later' | 'disabled' | 'differs';
  /** Why it does not match: any one of them is enough. */
  reasons: string[];
}

/** Says of every route and rule what {@link findChannel} and {@link findRule} found. @param at when the incident opened. */
export function explain(incident: Incident, configuration: Configuration, at: Date): Explanation {
  const { channels, routes, unmatched } = configuration;
  const channel = findChannel(incident, configuration, at);
  const followed = findRule(channel.name, incident, configuration, at);
  return {
    channel,
    routes:
      incident.channel === undefined
        ? routes.slice(0, channel.route).map(({ when, channel: to }, index) => ({
            name: `route ${String(index + 1)} to ${to}`,
            ...tried(when, incident, at),
          }))
        : [],
    rules: (channels.get(channel.name)?.rules ?? []).map((rule): Tried => {
      const { name } = rule.rule;
      if (!rule.enabled) return { name, result: 'disabled', reasons: [] };
      const found = tried(rule.when, incident, at);
      return found.result === 'matches' && rule !== followed
        ? { name, result: 'later', reasons: [] }
        : { name, ...found };
    }),
    follows: followed?.rule.name ?? (unmatched === 'ignore' ? 'ignore' : unmatched.name),
  };
}

function tried(when: When, incident: Incident, at: Date): Omit<Tried, 'name'> {
  return holds(when, incident, at)
    ? { result: 'matches', reasons: [] }
    : { result: 'differs', reasons: [...reasonsAgainst(when, incident, at)] };
}

function* reasonsAgainst({ filters, times }: When, incident: Incident, at: Date): Generator<string> {
  if (!isWithin(times, at)) {
    const zones = [...new Set(times.map(({ timeZone }) => timeZone))];
    yield `outside its hours (${times.map(hoursText).join(', ')}): it is ${zones.map((zone) => wallText(at, zone)).join(', ')}`;
  }
  const failed = filters.map((group) => group.filter((condition) => !condition.holds(incident)));
  if (failed.some((group) => group.length === 0)) return;
  for (const [index, group] of failed.entries()) {
    const where = filters.length > 1 ? `group ${String(index + 1)}: ` : '';
    for (const condition of group) yield `${where}${conditionText(condition)}: ${actualText(condition, incident)}`;
  }
}

/** `severity IN [Critical, Warning]`. */
function conditionText({ key, oper, vals }: Condition): string {
  return `${key} ${oper} [${cut(vals.join(', '), 120)}]`;
}

function actualText({ key }: Condition, incident: Incident): string {
  const text = fieldOf(incident, key);
  if (text === undefined) return 'the incident has none';
  return text === '' ? 'is empty' : `is ${cut(text, 60)}`;
}
