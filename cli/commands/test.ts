import { InvalidArgumentError, type Command } from 'commander';
import colors from 'picocolors';
import { CommandError } from '../command-error.ts';

interface TestFlags {
  config: string;
  to?: string;
  chat?: string;
  wait: number;
}

export function addTestCommand(program: Command): void {
  program
    .command('test <account>')
    .description('send one real message or call through one account and show each step')
    .option('--to <member>', 'who receives it')
    .option('--chat <chat>', 'the group that receives it')
    .option('--wait <seconds>', 'how long to wait for what the provider tells later', seconds, 60)
    .option('--config <file>', 'the configuration', 'escalations.yaml')
    .action(test);
}

async function test(name: string, { config, to, chat, wait }: TestFlags): Promise<void> {
  const [{ loadConfiguration }, { yamlDirectory }, { tryAccount }, { hear }] = await Promise.all([
    import('../../config/load.ts'),
    import('../../config/duty/directory.ts'),
    import('../trial/try-account.ts'),
    import('../trial/hear.ts'),
  ]);
  const current = await loadConfiguration(config);
  const account = current.accounts.get(name);
  if (!account) {
    throw new CommandError(`no account is called ${name}; known: ${[...current.accounts.keys()].join(', ') || 'none'}`);
  }
  const target = to === undefined ? { chat: chat ?? '' } : { member: to };
  const heard = wait > 0 ? await hear(account, current) : 'deaf';
  const happenings = typeof heard === 'string' ? undefined : heard;
  if (heard === 'taken') console.log(`${colors.dim('–')} what the provider tells goes to the gateway: see its log`);
  let isBad = false;
  const trial = { account, to: target, current, directory: yamlDirectory({ current }), waitMs: wait * 1000 };
  try {
    for await (const tried of tryAccount({ ...trial, ...(happenings && { happenings }) })) {
      const { step, state, text, remedy } = tried;
      const mark = { good: colors.green('✓'), doubtful: colors.yellow('!'), bad: colors.red('✗') }[state];
      console.log(`${mark} ${step.padEnd('look-up'.length)}  ${text}`);
      if (remedy !== undefined) console.log(`  → ${remedy}`);
      isBad ||= state === 'bad';
    }
  } finally {
    happenings?.close();
  }
  if (isBad) throw new CommandError(`${name} did not deliver: see ✗ above`);
}

function seconds(written: string): number {
  const value = Number(written);
  if (!Number.isInteger(value) || value < 0 || value > 600) throw new InvalidArgumentError('give 0 to 600 seconds');
  return value;
}
