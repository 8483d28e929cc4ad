import type { Command } from 'commander';
import type { ListedIncident } from '../../client/list.ts';
import { withClient, withConnection, type ConnectionFlags } from '../connection.ts';

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
  const { isCritical, isUntaken, listIncidents } = await import('../../client/list.ts');
  const all = await withClient(flags, (client) => listIncidents(client));
  const incidents = all.filter(
    (incident) => (!flags.unacknowledged || isUntaken(incident)) && (!flags.critical || isCritical(incident)),
  );
  if (flags.json) {
    console.log(JSON.stringify(incidents));
    return;
  }
  if (incidents.length === 0) {
    console.log('no open incident');
    return;
  }
  const [{ columns }, { default: colors }] = await Promise.all([import('../table.ts'), import('picocolors')]);
  for (const line of columns(await rows(incidents))) console.log(line);
  const urgent = incidents.filter((incident) => isUntaken(incident) && isCritical(incident)).length;
  if (urgent > 0) console.log(colors.red(`${urgent} of them Critical and not acknowledged`));
}

async function rows(incidents: readonly ListedIncident[]): Promise<string[][]> {
  const { plain } = await import('../incident-text.ts');
  return incidents.map(({ state = '(no worker yet)', severity = '(unknown)', number, openedAt, title, id }) => [
    severity,
    state,
    number === undefined ? '' : `#${number}`,
    `${openedAt.toISOString().slice(0, 19)}Z`,
    id,
    plain(title ?? ''),
  ]);
}
