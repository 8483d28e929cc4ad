import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import { DEFAULT_SNOOZE_MINUTES } from '../../domain/incident/actions/snooze.ts';
import type { IncidentInput } from '../../domain/incident/incident.ts';
import { CommandError } from '../command-error.ts';
import { withClient, withConnection, type ConnectionFlags } from '../connection.ts';
import { readIncident, type WrittenIncident } from '../read-json.ts';
import { act, acting, collectLabel, type ActFlags } from './acting.ts';

interface OpenFlags extends ConnectionFlags {
  file?: string;
  id?: string;
  title?: string;
  severity?: string;
  channel?: string;
  label: Record<string, string>;
  source?: string;
  description?: string;
  detailUrl?: string;
  rule?: string;
  taskQueue: string;
  json?: true;
}

export function addIncidentCommands(program: Command): void {
  withConnection(program.command('open'))
    .description('open an incident, or tell an open one what changed')
    .argument('[file]', 'the incident as JSON; - reads standard input')
    .option('--file <path>', 'the same as the argument')
    .option('--id <id>', '1 to 128 of A-Z a-z 0-9 . _ : - (default: made up)')
    .option('--title <text>', 'what is wrong, in a line')
    .option('--severity <word>', 'Critical, Warning or Info (default: Critical)')
    .option('--channel <name>', 'the channel whose rules apply')
    .option('--label <key=value>', 'a label; may be given again', collectLabel, {})
    .option('--source <name>', 'what found it')
    .option('--description <text>', 'more about it')
    .option('--detail-url <url>', 'where to read on')
    .option('--rule <channel/name>', 'the rule to follow (default: the first that matches)')
    .option('--prefix, --task-queue <name>', 'task queue of the pack', 'escalations')
    .option('--json', 'print JSON')
    .action(async (file: string | undefined, flags: OpenFlags) => {
      await open(flags.file ?? file, flags);
    });

  acting(program.command('ack').alias('acknowledge'), 'acknowledge: nobody further is told').action(
    async (id: string, flags: ActFlags) => act(id, 'acknowledge', flags, {}),
  );
  acting(program.command('unack').alias('unacknowledge'), 'take an acknowledgment back').action(
    async (id: string, flags: ActFlags) => act(id, 'unacknowledge', flags, {}),
  );
  acting(program.command('snooze'), 'tell nobody for a while, then begin again')
    .option('--minutes <n>', '1 to 1440', Number, DEFAULT_SNOOZE_MINUTES)
    .action(async (id: string, { minutes, ...flags }: ActFlags & { minutes: number }) =>
      act(id, 'snooze', flags, { minutes }),
    );
  acting(program.command('wake'), 'end a snooze').action(async (id: string, flags: ActFlags) =>
    act(id, 'wake', flags, {}),
  );
  acting(program.command('close'), 'close the incident')
    .option('--resolution <text>', 'what it was')
    .action(async (id: string, { resolution, ...flags }: ActFlags & { resolution?: string }) =>
      act(id, 'close', flags, resolution === undefined ? {} : { resolution }),
    );
  acting(program.command('comment'), 'add a line to the timeline')
    .argument('<text>', 'at most 1024 characters')
    .action(async (id: string, text: string, flags: ActFlags) => act(id, 'comment', flags, { text }));
}

async function open(file: string | undefined, flags: OpenFlags): Promise<void> {
  const read: WrittenIncident = file === undefined ? { incident: {} } : await readIncident(file);
  const { incident } = read;
  const { id, title, severity, channel, source, description, detailUrl, label } = flags;
  const given = { id, title, severity, channel, source, description, detailUrl };
  for (const [key, value] of Object.entries(given)) if (value !== undefined) incident[key] = value;
  if (Object.keys(label).length > 0) incident['labels'] = { ...(incident['labels'] as object | undefined), ...label };
  if (file === undefined) {
    if (title === undefined) throw new CommandError('say what is wrong with --title, or give the incident as JSON');
    incident['severity'] ??= 'Critical';
  }
  if (incident['id'] === undefined) {
    incident['id'] = randomUUID().slice(0, 8);
    console.error(`no id was given: took ${String(incident['id'])}`);
  }

  const { EscalationClient } = await import('../../client/escalation-client.ts');
  const { result, workflowId, number, lost } = await withClient(flags, (client) =>
    new EscalationClient({ client, taskQueue: flags.taskQueue }).open(incident as IncidentInput, {
      rule: flags.rule ?? read.rule,
    }),
  );
  if (flags.json) console.log(JSON.stringify({ result, number, workflowId, id: incident['id'], lost }));
  else if (result !== 'already-closed') console.log([result, number, workflowId].filter(Boolean).join(' '));
  if (lost) console.error(`the run before this one was ${lost.how}, so nobody had handled it: people are told anew`);
  if (result === 'already-closed') {
    throw new CommandError(`${workflowId} is closed already, nothing was done: give each occurrence an id of its own`);
  }
}
