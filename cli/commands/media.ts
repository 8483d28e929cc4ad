import type { Command } from 'commander';
import type { Window } from '../../domain/delivery.ts';
import { ADAPTER_IDS, adapterFacts, type AdapterFacts } from '../../domain/media.ts';
import { columns, markdown } from '../table.ts';

const HEAD = ['adapter', 'medium', 'form', 'answered by', 'confirms', 'redraws', 'limits', 'note'];

export function addMediaCommand(program: Command): void {
  program
    .command('media')
    .description('what every adapter can do and is limited to')
    .option('--json', 'print JSON')
    .option('--markdown', 'print a Markdown table')
    .action(({ json, markdown: isMarkdown }: { json?: true; markdown?: true }) => {
      if (json) {
        console.log(JSON.stringify(Object.fromEntries(ADAPTER_IDS.map((id) => [id, adapterFacts(id)]))));
        return;
      }
      const rows = [HEAD, ...ADAPTER_IDS.map((id) => mediaRow(isMarkdown ? `\`${id}\`` : id, adapterFacts(id)))];
      for (const line of (isMarkdown ? markdown : columns)(rows)) console.log(line);
    });
}

export function mediaRow(name: string, facts: AdapterFacts): string[] {
  const { medium, form, interaction, confirms, redraws, perSecond, perReceiver, maxText, note } = facts;
  const perPerson = perReceiver.length === 0 ? [] : [`${perReceiver.map(windowText).join(', ')} a receiver`];
  const limits = [`${perSecond}/s`, ...perPerson, ...(maxText === 'none' ? [] : [maxText])].join('; ');
  return [name, medium, form, interaction, confirms, redraws ? 'yes' : 'no', limits, note];
}

const UNITS = [
  [86_400_000, 'day'],
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1000, 's'],
] as const;

/** `5/h`, `2/10 min`. */
function windowText({ sends, perMs }: Window): string {
  const [unitMs, unit] = UNITS.find(([ms]) => perMs % ms === 0) ?? [1, 'ms'];
  const times = perMs / unitMs;
  return `${sends}/${times === 1 ? '' : `${times} `}${unit}`;
}
