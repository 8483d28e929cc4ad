import type { Command } from 'commander';
import { isCritical, isUntaken, listIncidents, type ListedIncident } from '../../client/list.ts';
import type { EscalationState } from '../../domain/incident/attributes.ts';
import type { Locale } from '../../domain/locale.ts';
import { incidentWords } from '../../domain/words/index.ts';
import { withClient, withConnection, type ConnectionFlags } from '../connection.ts';
import { plain, type Look } from '../incident-text.ts';
import { look } from '../look.ts';
import { columns } from '../table.ts';

interface ListFlags extends ConnectionFlags {
  unacknowledged?: true;
  critical?: true;
  json?: true;
}

export function addListCommand(program: Command): void {
  withConnection(program.command('list'))
    .description('open incidents, Criticals that nobody has acknowledged at the top; needs no worker')
    .option('--unacknowledged', 'only those that nobody has acknowledged or snoozed')
    .option('--critical', 'only Criticals')
    .option('--json', 'print JSON')
    .action(list);
}

async function list(flags: ListFlags): Promise<void> {
  const all = await withClient(flags, (client) => listIncidents(client));
  const incidents = all.filter(
    (incident) => (!flags.unacknowledged || isUntaken(incident)) && (!flags.critical || isCritical(incident)),
  );
  if (flags.json) {
    console.log(JSON.stringify(incidents));
    return;
  }
  for (const line of listLines(incidents, look())) console.log(line);
}

/** One line an incident, and at the end how many of them an operator should look at. */
export function listLines(incidents: readonly ListedIncident[], { colors, locale }: Look): string[] {
  const words = WORDS[locale];
  const { severities } = incidentWords(locale);
  if (incidents.length === 0) return [words.none];
  const rows = incidents.map(({ state, severity, number, openedAt, title, id }) => [
    severity === undefined ? words.noSeverity : severities[severity],
    state === undefined ? words.noState : words.states[state],
    number === undefined ? '' : `#${number}`,
    `${openedAt.toISOString().slice(0, 19)}Z`,
    plain(id),
    plain(title ?? ''),
  ]);
  const urgent = incidents.filter((incident) => isUntaken(incident) && isCritical(incident)).length;
  return [...columns(rows), ...(urgent === 0 ? [] : [colors.red(words.urgent(urgent))])];
}

interface ListWords {
  none: string;
  noSeverity: string;
  noState: string;
  states: Record<EscalationState, string>;
  urgent: (incidents: number) => string;
}

const WORDS: Record<Locale, ListWords> = {
  en: {
    none: 'no open incident',
    noSeverity: '(unknown)',
    noState: '(no worker yet)',
    // Those of the search attribute, because the views of the Web UI are written with them.
    states: {
      delayed: 'delayed',
      paging: 'paging',
      snoozed: 'snoozed',
      acknowledged: 'acknowledged',
      exhausted: 'exhausted',
      silenced: 'silenced',
      closed: 'closed',
    },
    urgent: (incidents) => `${incidents} of them Critical and not acknowledged`,
  },
  zh: {
    none: '没有未关闭的故障',
    noSeverity: '（级别未知）',
    noState: '（尚无 worker 处理）',
    states: {
      delayed: '等待通知',
      paging: '通知中',
      snoozed: '已暂缓',
      acknowledged: '已认领',
      exhausted: '无人认领',
      silenced: '已静默',
      closed: '已关闭',
    },
    urgent: (incidents) => `其中 ${incidents} 个为严重或级别未知，且无人认领`,
  },
};
