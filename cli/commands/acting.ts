import { randomUUID } from 'node:crypto';
import { userInfo } from 'node:os';
import { Option, type Command } from 'commander';
import { refuseArguments } from '../../domain/incident/actions/table.ts';
import type { ActionName, Actions } from '../../domain/incident/action.ts';
import { incidentWorkflowId } from '../../domain/workflow-ids.ts';
import type { Actor } from '../../domain/incident/view.ts';
import type { Configuration } from '../../config/configuration.ts';
import { writeShell } from '../../domain/incident/shell.ts';
import { CommandError } from '../command-error.ts';
import { isUnanswered, withClient, withConnection, type ConnectionFlags } from '../connection.ts';

export interface ActFlags extends ConnectionFlags {
  by?: string;
  name?: string;
  config?: string;
  json?: true;
}

/** An action that no worker has answered by then is left in Temporal, where it is safe. */
const ANSWER_MS = 5000;
export const CONFIG = 'escalations.yaml';

/** A command that does something to one incident, under somebody's name. */
export function acting(command: Command, description: string): Command {
  return withConnection(command)
    .description(description)
    .argument('<incident>', 'its id, workflow id or number')
    .addOption(new Option('--by <member>', 'who does it, a member of the configuration').conflicts('name'))
    .option('--name <name>', 'who does it, when it is no member (default: your login)')
    .option('--config <file>', `where the members are, for --by (default: ${CONFIG}, where there is one)`)
    .option('--json', 'print JSON');
}

/** Does it and prints the new state; durable also while no worker answers. @throws CommandError for a wrong argument. */
export async function act<N extends ActionName>(
  written: string,
  name: N,
  flags: ActFlags,
  more: Actions[N],
): Promise<void> {
  // The update may get no answer and still have counted. The signal that follows carries the same key, so both count
  // once.
  const argument: Actions[N] = { ...(await doer(flags)), key: randomUUID(), ...more };
  const wrong = refuseArguments(name, argument);
  if (wrong !== undefined) throw new CommandError(wrong);
  const [{ EscalationClient }, { findIncident }] = await Promise.all([
    import('../../client/escalation-client.ts'),
    import('../../client/find.ts'),
  ]);
  await withClient(flags, async (client) => {
    const escalations = new EscalationClient({ client });
    const { id, ...which } = await findIncident(client, written);
    const meant = { ...argument, ...which };
    const workflowId = incidentWorkflowId(id);
    try {
      const view = await client.withDeadline(Date.now() + ANSWER_MS, () => escalations.act(id, name, meant));
      if (flags.json) {
        console.log(JSON.stringify(view));
      } else {
        const [{ stateLine, tookBack }, { look }] = await Promise.all([
          import('../incident-text.ts'),
          import('../look.ts'),
        ]);
        console.log(`${workflowId} ${stateLine(view, look())}`);
        if (name === 'escalate') for (const line of tookBack(view, look())) console.log(line);
      }
    } catch (error) {
      if (!isUnanswered(error)) throw error;
      await escalations.signal(id, name, meant);
      console.error(`${workflowId}: kept in Temporal; no worker has answered yet, it counts as soon as one is up`);
    }
  });
}

/**
 * In whose name, and from whose shell: whoever may write to the namespace can act as anybody, so the timeline says whose
 * login it was.
 * @throws CommandError for `--by` somebody who is no member, because they would stop the paging unseen, and for `--name`
 * of a member, because the timeline would show one for the other.
 */
export async function doer({
  by,
  name,
  config,
}: Pick<ActFlags, 'by' | 'name' | 'config'>): Promise<{ by: Actor; via: string }> {
  const account = login();
  const asked = by ?? name;
  if (asked === undefined) return { by: { name: account }, via: writeShell({ login: account, isChecked: true }) };
  const read = await readConfiguration(config);
  if (by === undefined) {
    const member = read && memberCalled(asked, read.members);
    if (member !== undefined) throw new CommandError(`${asked} is a member: nothing was done. Act with --by ${member}`);
    return { by: { name: asked }, via: writeShell({ login: account, isChecked: true }) };
  }
  if (read) {
    expectKnown('member', [by], read.members, read.path, '; somebody else acts with --name');
  } else {
    // Somebody who stops a page from another machine has no configuration there. The command acts all the same, because
    // a page that cannot be stopped is worse, and the timeline says that nobody checked.
    const path = config ?? CONFIG;
    console.error(`whether ${by} is a member was not checked: ${path} cannot be used here; --config names another`);
  }
  return { by: { member: by }, via: writeShell({ login: account, isChecked: read !== undefined }) };
}

/** @returns undefined where there is no file that can be used. */
export async function readConfiguration(
  path = CONFIG,
): Promise<(Pick<Configuration, 'members' | 'teams' | 'schedules'> & { path: string }) | undefined> {
  const { loadConfiguration } = await import('../../config/load.ts');
  try {
    const { members, teams, schedules } = await loadConfiguration(path);
    return { members, teams, schedules, path };
  } catch {
    return undefined;
  }
}

/** @throws CommandError that says who is known. */
export function expectKnown(
  what: 'member' | 'team' | 'schedule',
  written: readonly string[],
  known: ReadonlyMap<string, unknown>,
  path: string,
  remedy = '',
): void {
  for (const name of written) {
    if (known.has(name)) continue;
    const all = known.size === 0 ? 'There is none' : `Known are ${[...known.keys()].join(', ')}`;
    throw new CommandError(`${name} is no ${what} of ${path}: nothing was done. ${all}${remedy}`);
  }
}

function memberCalled(name: string, members: Configuration['members']): string | undefined {
  const written = name.trim().toLowerCase();
  for (const [id, member] of members) {
    if ([id, member.name].some((one) => one.toLowerCase() === written)) return id;
  }
  return undefined;
}

export function collectLabel(written: string, earlier: Record<string, string>): Record<string, string> {
  const separator = written.indexOf('=');
  if (separator < 1) throw new CommandError(`a label is written key=value, not ${JSON.stringify(written)}`);
  return { ...earlier, [written.slice(0, separator)]: written.slice(separator + 1) };
}

function login(): string {
  try {
    return userInfo().username;
  } catch {
    return 'the command line';
  }
}
