import type { Command } from 'commander';
import type { OnCallFlags } from './duty.ts';

export function addOnCallCommand(program: Command): void {
  program
    .command('oncall')
    .description('who is on duty, until when, and who is next; by the file, without a server')
    .argument('[schedule]', 'a schedule, or one role of it as db-primary/backup; default: all')
    .option('--at <time>', 'instead of now: ISO 8601, local time of each schedule unless it says a zone')
    .option('--days <days>', 'all shifts of the next days, 1 to 366')
    .option('--config <file>', 'the configuration', 'escalations.yaml')
    .option('--json', 'print JSON')
    .action(async (written: string | undefined, flags: OnCallFlags) => {
      const { onCall } = await import('./duty.ts');
      await onCall(written, flags);
    });
}
