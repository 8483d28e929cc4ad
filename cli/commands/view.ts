import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { Command } from 'commander';
import type { RecordView } from '../../domain/incident/view.ts';
import { isAway, isUnanswered, withClient, withConnection, type ConnectionFlags } from '../connection.ts';

interface ViewFlags extends ConnectionFlags {
  json?: true;
}

const ANSWER_MS = 5000;
const AGAIN_MS = 1000;

export function addViewCommands(program: Command): void {
  withConnection(program.command('status'))
    .description('what an incident looks like now')
    .argument('<incident>', 'its id, workflow id or number')
    .option('--json', 'print the view as JSON')
    .action(status);
  withConnection(program.command('watch'))
    .description('print the timeline as it grows, until the incident is closed')
    .argument('<incident>', 'its id, workflow id or number')
    .option('--json', 'print one JSON record a line')
    .action(watch);
}

async function status(written: string, flags: ViewFlags): Promise<void> {
  await withClient(flags, async (client) => {
    const { escalations, id, ...which } = await found(client, written);
    const { view, lost } = await client.withDeadline(Date.now() + ANSWER_MS, async () => {
      const view = await escalations.describe(id, which);
      return { view, lost: view.progress === 'Closed' ? undefined : await escalations.lost(id) };
    });
    if (flags.json) {
      console.log(JSON.stringify({ ...view, ...(lost && { lost }) }));
      return;
    }
    const [{ statusText }, { look }] = await Promise.all([import('../incident-text.ts'), import('../look.ts')]);
    console.log(statusText(view, look(), lost));
  });
}

async function watch(written: string, flags: ViewFlags): Promise<void> {
  const [{ lostLine, timelineLines }, { look }] = await Promise.all([
    import('../incident-text.ts'),
    import('../look.ts'),
  ]);
  await withClient(flags, async (client) => {
    const { escalations, id, ...which } = await found(client, written);
    const printed = new Set<string>();
    let last: RecordView | undefined;
    let isWaiting = false;
    for (;;) {
      try {
        for await (const { records } of escalations.watch(id, AGAIN_MS, which)) {
          isWaiting = false;
          const fresh = records.filter((record) => !printed.has(JSON.stringify(record)));
          for (const record of fresh) printed.add(JSON.stringify(record));
          const lines = flags.json ? fresh.map((record) => JSON.stringify(record)) : timelineLines(fresh, look(), last);
          for (const line of lines) console.log(line);
          last = fresh.at(-1) ?? last;
        }
        const lost = await escalations.lost(id);
        if (lost && !flags.json) console.log(lostLine(lost, look()));
        return;
      } catch (error) {
        // `watch` goes on while the worker or the server is away, because somebody who watches an outage waits for
        // them.
        if (!isUnanswered(error) && !isAway(error)) throw error;
        if (!isWaiting) console.error('no answer from Temporal or the worker, waiting');
        isWaiting = true;
        await sleep(AGAIN_MS);
      }
    }
  });
}

async function found(client: Client, written: string) {
  const [{ EscalationClient }, { findIncident }] = await Promise.all([
    import('../../client/escalation-client.ts'),
    import('../../client/find.ts'),
  ]);
  return { escalations: new EscalationClient({ client }), ...(await findIncident(client, written)) };
}
