import type { Command } from 'commander';
import colors from 'picocolors';
import type { Explanation, Tried } from '../../config/match/explain.ts';
import type { FoundChannel } from '../../config/match/match.ts';
import { repairIncident } from '../../domain/incident/incident.ts';
import { CommandError } from '../command-error.ts';
import { plain } from '../incident-text.ts';
import { readIncident } from '../read-json.ts';
import type { Locale } from '../../domain/locale.ts';
import { incidentWords, reasonText } from '../../domain/words/index.ts';

interface Flags {
  incident: string;
  config: string;
  at?: Date;
  json?: true;
}

export function addRulesCommand(program: Command): void {
  program
    .command('rules')
    .description('what the rules of the configuration would do')
    .command('test')
    .description('which rule an incident would follow, and why not another; asks no server')
    .requiredOption('--incident <file>', 'the incident as JSON; - reads standard input')
    .option('--config <file>', 'the configuration', 'escalations.yaml')
    .option('--at <time>', 'when it opens, such as 2026-11-21T03:00+08:00 (default: now)', parseAt)
    .option('--json', 'print JSON')
    .action(test);
}

async function test({ incident: file, config, at = new Date(), json }: Flags): Promise<void> {
  const [{ loadConfiguration }, { explain }, written] = await Promise.all([
    import('../../config/load.ts'),
    import('../../config/match/explain.ts'),
    readIncident(file),
  ]);
  const repaired = repairIncident({ id: 'test', ...written.incident });
  if (typeof repaired === 'string') throw new CommandError(repaired);
  const explanation = explain(repaired.incident, await loadConfiguration(config), at);
  if (json) {
    console.log(JSON.stringify({ at: at.toISOString(), ...explanation, repairs: repaired.repairs }));
    return;
  }
  for (const repair of repaired.repairs) console.error(plain(reasonText(repair, { locale: 'en' })));
  for (const line of explanationLines(explanation)) console.log(line);
}

/** What a person reads: how the channel was found, each rule with its reasons, and what follows. */
export function explanationLines({ channel, routes, rules, follows }: Explanation): string[] {
  const outcome = {
    unmatched: colors.yellow('no rule matches: `unmatched` is followed'),
    ignore: colors.red('no rule matches, and `unmatched` says ignore: nobody is told'),
  };
  return [
    ...routes.flatMap(triedLines),
    channelLine(channel, 'en'),
    ...(rules.length > 0 ? rules.flatMap(triedLines) : ['  the configuration has no channel of that name']),
    follows === 'unmatched' || follows === 'ignore' ? outcome[follows] : `follows ${colors.bold(plain(follows))}`,
  ];
}

/** `channel payments (the incident names it)`. */
export function channelLine({ name, by, route }: FoundChannel, locale: Locale): string {
  const found = {
    en: {
      name: 'the incident names it',
      route: `route ${String(route)}`,
      default: 'the incident names none and no route matches',
      unknown: 'the incident names one that is not there',
    },
    zh: {
      name: '由故障指定',
      route: `路由 ${String(route)}`,
      default: '故障未指定，也没有匹配的路由',
      unknown: '故障指定的协作空间不存在',
    },
  }[locale][by];
  const { labels, because } = incidentWords(locale);
  return `${labels.channel} ${colors.bold(name)}${because(found)}`;
}

function triedLines({ name, result, reasons }: Tried): string[] {
  const [mark, remark] = {
    matches: [colors.green('✓'), ''],
    later: ['–', ' would match too, but comes later'],
    disabled: ['–', ' is disabled'],
    differs: [colors.red('✗'), ''],
  }[result];
  return [`  ${mark} ${plain(name)}${remark}`, ...reasons.map((reason) => `      ${plain(reason)}`)];
}

export function parseAt(written: string): Date {
  const hasZone = /^\d{4}-\d\d-\d\dT\d\d:\d\d.*(Z|[+-]\d\d:?\d\d)$/.test(written);
  const at = new Date(written);
  if (hasZone && !Number.isNaN(at.getTime())) return at;
  throw new CommandError(
    `--at is a time with its zone, such as 2026-11-21T03:00+08:00, not ${JSON.stringify(written)}`,
  );
}
