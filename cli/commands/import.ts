import { Option, type Command } from 'commander';
import colors from 'picocolors';
import type { ImportOptions } from '../../config/import/flashduty.ts';
import { plain } from '../incident-text.ts';
import { readJson } from '../read-json.ts';

export function addImportCommand(program: Command): void {
  program
    .command('import')
    .description('rules of another product as ours')
    .command('flashduty')
    .description('print rules of Flashduty as YAML; on standard error, what could not be carried over')
    .argument('<file>', 'a rule, a list of rules or an answer of its API as JSON; - reads standard input')
    .option('--channel <name>', 'the channel they go into (default: channel-<id>)')
    .option('--time-zone <zone>', 'of the hours in the rules, such as Asia/Shanghai')
    .addOption(
      new Option('--units <unit>', 'of notify_step and escalate_window (default: as their size says)').choices([
        'minutes',
        'seconds',
      ]),
    )
    .action(importRules);
}

async function importRules(file: string, options: ImportOptions): Promise<void> {
  const [{ importFlashduty }, document] = await Promise.all([
    import('../../config/import/flashduty.ts'),
    readJson(file),
  ]);
  const { yaml, notes } = importFlashduty(document, options);
  process.stdout.write(yaml);
  for (const note of notes) console.error(`${colors.yellow('note')} ${plain(note)}`);
}
