import type { Command } from 'commander';
import colors from 'picocolors';
import type { Configuration } from '../../config/configuration.ts';
import { CommandError } from '../command-error.ts';
import { reach, targetOf, withConnection, type ConnectionFlags } from '../connection.ts';
import { columns } from '../table.ts';

/** How long to wait for Temporal, which only adds warnings to what the command prints. */
const TEMPORAL_MS = 1500;

export function addValidateCommand(program: Command): void {
  withConnection(program.command('validate'))
    .description('check the configuration; problems end with exit code 2, warnings with 0')
    .option('--config <file>', 'the configuration', 'escalations.yaml')
    .option(
      '--online',
      'also ask each provider whether the credentials work, and Temporal who is verified; nobody is told',
    )
    .action(validate);
}

async function validate({
  config,
  online,
  ...flags
}: ConnectionFlags & { config: string; online?: true }): Promise<void> {
  const [{ loadConfiguration }, { demandPackages }, { warnings }] = await Promise.all([
    import('../../config/load.ts'),
    import('../../config/packages.ts'),
    import('../../config/lint/warnings.ts'),
  ]);
  const configuration = await loadConfiguration(config);
  for (const warning of warnings(configuration)) console.log(`${colors.yellow('warning')} ${warning}`);
  demandPackages(configuration);
  const { accounts, channels, hash } = configuration;
  const members = [...configuration.members.values()].filter(({ mailbox }) => !mailbox);
  console.log(
    `${config} is valid: ${counted(accounts.size, 'account')}, ${counted(members.length, 'member')}, ` +
      `${counted(channels.size, 'channel')} (configuration ${hash})`,
  );
  if (online) await warnUnverified(configuration, flags);
  if (online && !(await checkOnline(configuration))) {
    throw new CommandError('not every account works');
  }
}

/** Warns of addresses that nobody has proved. It is only a warning, because members are told there all the same. */
async function warnUnverified(current: Configuration, flags: ConnectionFlags): Promise<void> {
  const [{ Client }, { Proofs }, { unverifiedOf }] = await Promise.all([
    import('@temporalio/client'),
    import('../../client/proofs.ts'),
    import('../../links/digest.ts'),
  ]);
  const target = await targetOf(flags);
  const connection = await reach(target, TEMPORAL_MS).catch(() => undefined);
  if (!connection) {
    console.log('– who is verified: Temporal cannot be reached');
    return;
  }
  try {
    const client = new Client({ connection, namespace: target.namespace });
    const proofs = new Proofs({ current });
    for (const member of current.members.values()) {
      if (member.mailbox) continue;
      const open = await unverifiedOf(member, proofs.of(client, member.id), current.gateway.secrets);
      if (open.length === 0) continue;
      const what = open.join(' and ');
      console.log(`${colors.yellow('warning')} ${member.id}: ${what} not verified; see escalations verify`);
    }
  } finally {
    await connection.close();
  }
}

async function checkOnline({ accounts }: Configuration): Promise<boolean> {
  const { checkAccount } = await import('../trial/check.ts');
  const rows = await Promise.all(
    [...accounts.values()].map(async (account) => ({ account, checked: await checkAccount(account) })),
  );
  const lines = columns(
    rows.map(({ account: { name, adapter }, checked }) => {
      switch (checked.result) {
        case 'good':
          return ['✓', name, adapter, 'the credentials work'];
        case 'bad':
          return ['✗', name, adapter, checked.reason];
        case 'unchecked':
          return ['–', name, adapter, 'cannot be checked without telling somebody'];
      }
    }),
  );
  for (const line of lines) console.log(line);
  return rows.every(({ checked }) => checked.result !== 'bad');
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
