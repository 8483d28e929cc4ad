import { Option, type Command } from 'commander';
import { incidentWorkflowId } from '../../domain/workflow-ids.ts';
import { CommandError } from '../command-error.ts';
import { withClient, withConnection, type ConnectionFlags } from '../connection.ts';

interface PageFlags extends ConnectionFlags {
  as?: string;
  config: string;
}

/** For an operator whom no mail and no card has told: a link of their own to the page of an incident. */
export function addPageCommand(program: Command): void {
  withConnection(program.command('page'))
    .description('print a link to the page of an incident: good for 30 days, for whoever has it')
    .argument('<incident>', 'its id, workflow id or number')
    .addOption(new Option('--as <member>', 'the member in whose name the page acts (default: it can only be read)'))
    .option('--config <file>', 'the configuration', 'escalations.yaml')
    .action(page);
}

async function page(written: string, { as: member, config, ...flags }: PageFlags): Promise<void> {
  const [{ loadConfiguration }, { findIncident }, { OPERATOR, pageUrl }] = await Promise.all([
    import('../../config/load.ts'),
    import('../../client/find.ts'),
    import('../../links/url.ts'),
  ]);
  const { gateway, members } = await loadConfiguration(config);
  const { publicUrl, secrets } = gateway;
  if (publicUrl === undefined)
    throw new CommandError(`${config} has no gateway.publicUrl: there is no page to link to`);
  if (member !== undefined && !members.has(member)) {
    throw new CommandError(`${member} is no member of ${config}; known are ${[...members.keys()].join(', ')}`);
  }
  const { id, ...which } = await withClient(flags, (client) => findIncident(client, written));
  const ref = { workflowId: incidentWorkflowId(id), ...which };
  const link = { ...ref, notification: '', account: OPERATOR, member: member ?? null };
  console.log(pageUrl(publicUrl, { ...link, now: Date.now() }, secrets));
  if (member === undefined) console.error('it can only be read: --as <member> names who acts by it');
}
