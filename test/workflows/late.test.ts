import { Worker } from '@temporalio/worker';
import { expect, it, onTestFinished } from 'vitest';
import { createPlanning } from '../../activities/plan.ts';
import { yamlDirectory } from '../../config/duty/directory.ts';
import { parseConfiguration } from '../../config/load.ts';
import type { IncidentView } from '../../domain/incident/view.ts';
import { timeSkippingServer, workflowBundle } from '../server.ts';
import { createTimeSkippingEnvironment } from '../time-skipping.ts';

const AWAY_MS = 11_000;
const YAML = `prefix: late
gateway: { secrets: [a-secret-of-no-consequence] }
accounts: { mails: { adapter: smtp.email, url: 'smtp://127.0.0.1:9', from: oncall@example.com } }
media: { email: [mails] }
members: { primary: { name: Primary, email: primary@example.com } }
channels:
  default:
    rules: [{ name: later, delay: 1m, levels: [{ to: { members: [primary] }, by: { default: [email] } }] }]
unmatched: ignore
`;

it(
  'dates an incident from its start, also when no worker was up then, and gives the levels their whole time',
  { skip: timeSkippingServer() === undefined },
  async () => {
    const environment = await createTimeSkippingEnvironment();
    onTestFinished(() => environment.teardown());
    const handle = await environment.client.workflow.start('escalateIncident', {
      workflowId: 'incident-late',
      taskQueue: 'late',
      args: [{ incident: { id: 'late', title: 'db-7 is down', severity: 'Critical' } }],
    });
    const startedAt = (await handle.describe()).startTime.getTime();
    await environment.sleep(AWAY_MS);

    const source = { current: parseConfiguration(YAML, { file: 'escalations.yaml', env: {} }) };
    const worker = await Worker.create({
      connection: environment.nativeConnection,
      taskQueue: 'late',
      workflowBundle: await workflowBundle(),
      activities: createPlanning({ source, directory: yamlDirectory(source), attributes: () => [] }),
    });
    await worker.runUntil(async () => {
      const planned = async (): Promise<string | undefined> =>
        (await handle.query<IncidentView>('describe')).next?.what;
      await expect.poll(planned, { timeout: 10_000 }).toBe('delay before L1');
      await handle.signal('acknowledge', { by: { member: 'primary' } });
      const view = await handle.query<IncidentView>('describe');

      expect(Date.parse(view.timeline[0]?.at ?? '')).toBe(startedAt);
      const [late] = view.timeline.filter(({ kind }) => kind === 'missed');
      // To the 11 s the start of the worker is added.
      expect(late?.text).toMatch(/^told (1[1-9]|[2-9]\d) s late: no worker was up$/);
      expect(view.timeToAcknowledgeMs).toBeGreaterThanOrEqual(AWAY_MS);
      await handle.signal('unacknowledge', { by: { member: 'primary' } });
      const { next } = await handle.query<IncidentView>('describe');
      expect(Date.parse(next?.at ?? '') - startedAt).toBeGreaterThanOrEqual(AWAY_MS + 60_000);
      await handle.terminate();
    });
  },
);
