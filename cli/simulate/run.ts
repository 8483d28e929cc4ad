import colors from 'picocolors';
import { createPlanning } from '../../activities/plan.ts';
import type { Configuration } from '../../config/configuration.ts';
import { yamlDirectory } from '../../config/duty/directory.ts';
import { loadConfiguration } from '../../config/load.ts';
import { findChannel } from '../../config/match/match.ts';
import { unknownName } from '../../config/schema/names.ts';
import { parseInlineRule } from '../../config/match/rule.ts';
import { repairIncident, type Repaired } from '../../domain/incident/incident.ts';
import { CommandError } from '../command-error.ts';
import { plain } from '../incident-text.ts';
import { memberNames } from '../member-name.ts';
import { look } from '../look.ts';
import { incidentWords, type Listener } from '../../domain/words/index.ts';
import { readIncident, type WrittenIncident } from '../read-json.ts';
import { momentLines, offset, stormLines } from './text.ts';
import { Simulation } from './simulation.ts';
import { simulationWords } from './words.ts';
import { channelLine } from '../commands/rules.ts';

export interface SimulateFlags {
  incident?: string;
  config: string;
  at?: Date;
  /** Milliseconds. */
  acknowledgeAfter?: number;
  by?: string;
  fail: string[];
  storm?: number;
  member?: string;
  json?: true;
}

const WEEK_MS = 7 * 24 * 60 * 60_000;
const STORM_MS = 60_000;

/** Prints what would follow. @throws CommandError for flags that make no sense together, or name nobody. */
export async function simulate(flags: SimulateFlags): Promise<void> {
  const isStorm = flags.storm !== undefined;
  refuse(!isStorm && flags.incident === undefined, 'say which incident with --incident, or how many with --storm');
  refuse(isStorm !== (flags.member !== undefined), '--storm and --member go together: whose phone rings');
  refuse(flags.by !== undefined && flags.acknowledgeAfter === undefined, '--by needs --acknowledge-after');
  refuse(isStorm && flags.by !== undefined, 'in a storm it is --member who presses 1: leave --by out');
  const configuration = await loadConfiguration(flags.config);
  for (const account of flags.fail) known('account', account, configuration.accounts);
  for (const member of [flags.by, flags.member]) {
    if (member !== undefined) known('member', member, configuration.members);
  }
  const written: WrittenIncident = flags.incident === undefined ? { incident: {} } : await readIncident(flags.incident);
  if (flags.storm === undefined) await simulateOne(written, configuration, flags);
  else await simulateStorm(written, configuration, { ...flags, storm: flags.storm, member: flags.member ?? '' });
}

async function simulateOne(written: WrittenIncident, configuration: Configuration, flags: SimulateFlags) {
  const { acknowledgeAfter, by, json, at = new Date() } = flags;
  const repaired = readable({ id: 'simulated', ...written.incident });
  const { incident } = repaired;
  const listener = listenerOf(configuration, flags);
  const simulation = simulationOf(configuration, at, flags.fail, listener);
  simulation.open(repaired, written.rule);
  if (acknowledgeAfter !== undefined) {
    simulation.acknowledge(incident.id, by === undefined ? undefined : { member: by }, acknowledgeAfter);
  }
  const next = await simulation.run(WEEK_MS);
  const { rule } = simulation.state(incident.id);
  const channel = findChannel(incident, configuration, at);
  if (json) {
    const { moments } = simulation;
    console.log(JSON.stringify({ at: at.toISOString(), channel, rule: rule?.name, moments, next }));
    return;
  }
  const { locale } = listener;
  const { timeZone } = look();
  const words = simulationWords(locale);
  const title = plain(`[${incidentWords(locale).severities[incident.severity]}] ${incident.title}`);
  const opened = `${at.toLocaleString('sv-SE', { timeZone })} ${timeZone}`;
  console.log(words.heading(colors.bold(title), opened));
  console.log(channelLine(channel, locale));
  console.log(rule ? words.follows(colors.bold(plain(rule.name))) : words.followsNone);
  for (const line of momentLines(simulation.moments, locale)) console.log(line);
  console.log(
    next
      ? `${colors.dim(words.stopped)}${words.next(plain(next.what), offset(next.afterMs))}`
      : colors.dim(words.nothingFurther),
  );
}

async function simulateStorm(
  { incident }: WrittenIncident,
  configuration: Configuration,
  flags: SimulateFlags & { storm: number; member: string },
) {
  const { storm, member, acknowledgeAfter, json, fail, at = new Date() } = flags;
  const rule = { name: 'storm', levels: [{ to: { members: [member] }, by: { default: ['voice'] } }] };
  const problem = parseInlineRule(rule, configuration);
  if (typeof problem === 'string') throw new CommandError(problem);
  const listener = listenerOf(configuration, flags);
  const simulation = simulationOf(configuration, at, fail, listener);
  for (let index = 0; index < storm; index += 1) {
    const one = { title: 'storm', severity: 'Critical', ...incident, id: `storm-${index + 1}` };
    simulation.open(readable(one), rule, Math.floor((index * STORM_MS) / storm));
  }
  if (acknowledgeAfter !== undefined) simulation.press(member, acknowledgeAfter);
  const next = await simulation.run(WEEK_MS);
  const { moments, calls } = simulation;
  if (json) {
    console.log(JSON.stringify({ at: at.toISOString(), calls, moments, next }));
    return;
  }
  const { locale, names } = listener;
  console.log(simulationWords(locale).stormHeading(storm, colors.bold(plain(names?.(member) ?? member))));
  for (const line of stormLines(moments, calls, locale)) console.log(line);
}

/** A person reads their language and members by their names; a program reads English and ids. */
function listenerOf({ members }: Configuration, { json }: SimulateFlags): Listener {
  if (json) return { locale: 'en' };
  const { locale } = look();
  return { locale, names: memberNames(members, locale) };
}

function simulationOf(configuration: Configuration, at: Date, failing: string[], listener: Listener): Simulation {
  const source = { current: configuration };
  const planner = createPlanning({ source, directory: yamlDirectory(source), attributes: () => [] });
  const phoneOf = (member: string): string | undefined => configuration.members.get(member)?.phone;
  return new Simulation({ planner, phoneOf, failing: new Set(failing) }, at.getTime(), listener);
}

function readable(written: object): Repaired {
  const repaired = repairIncident(written);
  if (typeof repaired === 'string') throw new CommandError(repaired);
  return repaired;
}

function known(kind: string, name: string, names: ReadonlyMap<string, unknown>): void {
  if (!names.has(name)) throw new CommandError(unknownName(kind, name, names.keys()));
}

function refuse(isWrong: boolean, why: string): void {
  if (isWrong) throw new CommandError(why);
}
