import { randomUUID } from 'node:crypto';
import { userInfo } from 'node:os';
import { Option, type Command } from 'commander';
import { refuseArguments } from '../../domain/incident/actions/table.ts';
import type { ActionName, Actions } from '../../domain/incident/action.ts';
import { incidentWorkflowId } from '../../domain/workflow-ids.ts';
import type { Actor } from '../../domain/incident/view.ts';
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
const CONFIG = 'escalations.yaml';

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
  const argument: Actions[N] = { by: await doer(flags), via: 'cli', key: randomUUID(), ...more };
  const wrong = refuseArguments(name, argument);
  if (wrong !== undefined) throw new CommandError(wrong);
  const [{ EscalationClient }, { findIncident }] = await Promise.all([
    import('../../client/escalation-client.ts'),
    import('../../client/find.ts'),
  ]);
  await withClient(flags, async (client) => {
    const escalations = new EscalationClient({ client });
    const id = await findIncident(client, written);
    const workflowId = incidentWorkflowId(id);
    try {
      const view = await client.withDeadline(Date.now() + ANSWER_MS, () => escalations.act(id, name, argument));
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
      await escalations.signal(id, name, argument);
      console.error(`${workflowId}: kept in Temporal; no worker has answered yet, it counts as soon as one is up`);
    }
  });
}

/** In whose name. @throws CommandError for `--by` somebody who is no member: they would stop the paging unseen. */
export async function doer({ by, name, config }: Pick<ActFlags, 'by' | 'name' | 'config'>): Promise<Actor> {
  if (by === undefined) return { name: name ?? login() };
  await expectMember(by, config);
  return { member: by };
}

async function expectMember(member: string, path = CONFIG): Promise<void> {
  const { loadConfiguration } = await import('../../config/load.ts');
  let members: ReadonlyMap<string, unknown>;
  try {
    ({ members } = await loadConfiguration(path));
  } catch {
    // Somebody who stops a page from another machine has no configuration there. The command acts all the same, because
    // a page that cannot be stopped is worse, and says that it did not check.
    console.error(`whether ${member} is a member was not checked: ${path} cannot be used here; --config names another`);
    return;
  }
  if (members.has(member)) return;
  throw new CommandError(
    `${member} is no member of ${path}: nothing was done. Known are ${[...members.keys()].join(', ')}; ` +
      'somebody else acts with --name',
  );
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
