import type { Command } from 'commander';
import colors from 'picocolors';
import type { Configuration } from '../../config/configuration.ts';
import { CommandError } from '../command-error.ts';
import { columns } from '../table.ts';

export function addValidateCommand(program: Command): void {
  program
    .command('validate')
    .description('check the configuration; problems end with exit code 2, warnings with 0')
    .option('--config <file>', 'the configuration', 'escalations.yaml')
    .option('--online', 'also ask each provider whether the credentials work; nobody is told anything')
    .action(validate);
}

async function validate({ config, online }: { config: string; online?: true }): Promise<void> {
  const [{ loadConfiguration }, { warnings }] = await Promise.all([
    import('../../config/load.ts'),
    import('../../config/warnings.ts'),
  ]);
  const configuration = await loadConfiguration(config);
  for (const warning of warnings(configuration)) console.log(`${colors.yellow('warning')} ${warning}`);
  const { accounts, channels, hash } = configuration;
  const members = [...configuration.members.values()].filter(({ mailbox }) => !mailbox);
  console.log(
    `${config} is valid: ${counted(accounts.size, 'account')}, ${counted(members.length, 'member')}, ` +
      `${counted(channels.size, 'channel')} (configuration ${hash})`,
  );
  if (online && !(await checkOnline(configuration))) {
    throw new CommandError('not every account works');
  }
}

async function checkOnline({ accounts }: Configuration): Promise<boolean> {
  const { checkAccount } = await import('../../activities/check.ts');
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
