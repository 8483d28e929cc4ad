import type { Command } from 'commander';
import type { DemoOptions } from '../../sandbox/demo/main.ts';

export function addDemoCommand(program: Command): void {
  program
    .command('demo')
    .description('the whole product on this machine, with imitated providers and a wall of phones')
    .option('--script', 'play the story unattended, check it, and end with 0 or 1')
    .option('--level <duration>', 'from the first level to the second, 1s to 12h (default: 20s, with --script 3s)')
    .option('--no-browser', 'only print the address of the wall')
    .action(async (options: DemoOptions) => {
      const { demo } = await import('../../sandbox/demo/main.ts');
      process.exitCode = await demo(options);
    });
}
