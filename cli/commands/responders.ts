import type { Command } from 'commander';
import type { Actions } from '../../domain/incident/action.ts';
import { CommandError } from '../command-error.ts';
import { withClient } from '../connection.ts';
import { act, acting, collectLabel, CONFIG, doer, expectKnown, readConfiguration, type ActFlags } from './acting.ts';

interface TargetFlags extends ActFlags {
  member: string[];
  team: string[];
  schedule: string[];
}

interface ReopenFlags extends ActFlags {
  reason?: string;
  taskQueue: string;
}

interface ReviseFlags extends ActFlags {
  title?: string;
  severity?: string;
  description?: string;
  label: Record<string, string>;
}

const ANSWER_MS = 5000;

/** What changes who is told, and of what. */
export function addResponderCommands(program: Command): void {
  acting(program.command('escalate'), 'tell the next level now')
    .option('--level <n>', 'a later level, from 1 (default: the one after the present)', Number)
    .action(async (id: string, { level, ...flags }: ActFlags & { level?: number }) =>
      act(id, 'escalate', flags, level === undefined ? {} : { level }),
    );
  targeting(acting(program.command('reassign'), 'give it to these people instead; no level follows')).action(
    async (id: string, flags: TargetFlags) => act(id, 'reassign', flags, await targetsOf(flags)),
  );
  targeting(acting(program.command('add'), 'tell these people too, once; nothing else changes')).action(
    async (id: string, flags: TargetFlags) => act(id, 'addResponders', flags, await targetsOf(flags)),
  );
  acting(program.command('revise'), 'change what it says; a raised severity is told anew')
    .option('--title <text>', 'what is wrong, in a line')
    .option('--severity <word>', 'Critical, Warning or Info')
    .option('--description <text>', 'more about it')
    .option('--label <key=value>', 'a label to set; may be given again', collectLabel, {})
    .action(async (id: string, flags: ReviseFlags) => act(id, 'revise', flags, changesOf(flags)));
  acting(program.command('reopen'), 'open a closed incident again: the same number and timeline, from the first level')
    .option('--reason <text>', 'why')
    .option('--prefix, --task-queue <name>', 'task queue of the pack', 'escalations')
    .action(reopen);
}

function targeting(command: Command): Command {
  return command
    .option('--member <member>', 'a member; may be given again', collect, [])
    .option('--team <team>', 'everybody of a team; may be given again', collect, [])
    .option(
      '--schedule <schedule>',
      'who is on duty, or one role as db-primary/backup; may be given again',
      collect,
      [],
    );
}

function collect(written: string, earlier: string[]): string[] {
  return [...earlier, written];
}

/** @throws CommandError for a name that nobody has: the others would be taken off and nobody told. */
async function targetsOf({ member, team, schedule, config }: TargetFlags): Promise<Actions['reassign']> {
  if (member.length + team.length + schedule.length === 0) {
    throw new CommandError('say who with --member, --team or --schedule');
  }
  const read = await readConfiguration(config);
  if (read) {
    expectKnown('member', member, read.members, read.path);
    expectKnown('team', team, read.teams, read.path);
    const named = schedule.map((written) => written.split('/', 1)[0] ?? '');
    expectKnown('schedule', named, read.schedules, read.path);
  } else {
    console.error(`whether these are known was not checked: ${config ?? CONFIG} cannot be used here`);
  }
  return { members: member, teams: team, schedules: schedule };
}

function changesOf({ title, severity, description, label }: ReviseFlags): Actions['revise'] {
  const labels = Object.keys(label).length === 0 ? undefined : label;
  const changes = Object.entries({ title, severity, description, labels }).filter(([, value]) => value !== undefined);
  if (changes.length === 0)
    throw new CommandError('say what changes with --title, --severity, --description or --label');
  return Object.fromEntries(changes);
}

async function reopen(written: string, { reason, taskQueue, json, ...flags }: ReopenFlags): Promise<void> {
  const [{ EscalationClient }, { findIncident }] = await Promise.all([
    import('../../client/escalation-client.ts'),
    import('../../client/find.ts'),
  ]);
  await withClient(flags, async (client) => {
    const { id, ...which } = await findIncident(client, written);
    const argument = { ...(await doer(flags)), ...which, ...(reason !== undefined && { reason }) };
    // A closed incident is read from its history, by a worker: unlike other actions this one needs one that is up.
    const { result, workflowId, number } = await client.withDeadline(Date.now() + ANSWER_MS, () =>
      new EscalationClient({ client, taskQueue }).reopen(id, argument),
    );
    if (json) console.log(JSON.stringify({ result, number, workflowId, id }));
    else if (result === 'started') console.log(`reopened ${number ?? ''} ${workflowId}`);
    else console.log(`${workflowId} is open already: nothing was done`);
  });
}
