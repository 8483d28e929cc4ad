import type { Command } from 'commander';
import { parseDuration } from '../../config/schema/duration.ts';
import { CommandError } from '../command-error.ts';
import { parseAt } from './rules.ts';
import type { SimulateFlags } from '../simulate/run.ts';

const MOST_INCIDENTS = 500;

export function addSimulateCommand(program: Command): void {
  program
    .command('simulate')
    .description('print what would follow for an incident, or a storm of them; asks no server and tells nobody')
    .option('--incident <file>', 'the incident as JSON; - reads standard input')
    .option('--config <file>', 'the configuration', 'escalations.yaml')
    .option('--at <time>', 'when it opens, such as 2026-11-21T03:00+08:00 (default: now)', parseAt)
    .option('--acknowledge-after <duration>', 'somebody acknowledges, such as 7m; in a storm: presses 1', parseAfter)
    .option('--by <member>', 'who acknowledges (default: whoever was assigned first)')
    .option('--fail <account>', 'an account that takes nothing; may be given again', collect, [])
    .option('--storm <incidents>', `so many within a minute, 1 to ${MOST_INCIDENTS}, told by voice`, parseStorm)
    .option('--member <member>', 'with --storm: whose phone rings')
    .option('--json', 'print JSON')
    .action(async (flags: SimulateFlags) => {
      const { simulate } = await import('../simulate/run.ts');
      await simulate(flags);
    });
}

function parseAfter(written: string): number {
  try {
    return parseDuration(written);
  } catch (error) {
    throw new CommandError(`--acknowledge-after: ${(error as Error).message}`);
  }
}

function parseStorm(written: string): number {
  const incidents = Number(written);
  if (Number.isInteger(incidents) && incidents >= 1 && incidents <= MOST_INCIDENTS) return incidents;
  throw new CommandError(`--storm is a whole number from 1 to ${MOST_INCIDENTS}`);
}

function collect(written: string, earlier: string[]): string[] {
  return [...earlier, written];
}
