import type { Command } from 'commander';

export function addDemoCommand(program: Command): void {
  program
    .command('demo')
    .description('the whole product on this machine with imitated providers and a wall of phones')
    .option('--script', 'play the story unattended, check it, and end with 0 or 1')
    .action(async ({ script = false }: { script?: boolean }) => {
      const { demo } = await import('../../sandbox/demo/main.ts');
      await demo({ script });
    });
}
