import { bundleWorkflowCode, DefaultLogger, Worker } from '@temporalio/worker';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { freshPrefix, timeSkippingServer } from '../server.ts';
import { createTimeSkippingEnvironment } from '../time-skipping.ts';
import type { waitFiveMinutes } from './wait-five-minutes.ts';

describe('the time-skipping test server', { skip: timeSkippingServer() === undefined }, () => {
  it('lets five minutes of policy pass without anybody waiting for them', async () => {
    const environment = await createTimeSkippingEnvironment();
    onTestFinished(() => environment.teardown());
    const taskQueue = freshPrefix();
    const worker = await Worker.create({
      connection: environment.nativeConnection,
      taskQueue,
      workflowBundle: await bundleWorkflowCode({
        workflowsPath: join(import.meta.dirname, 'wait-five-minutes.ts'),
        logger: new DefaultLogger('WARN'),
      }),
    });
    const { workflow } = environment.client;

    const passedMs = await worker.runUntil(
      workflow.execute<typeof waitFiveMinutes>('waitFiveMinutes', { taskQueue, workflowId: taskQueue }),
    );

    expect(passedMs).toBeGreaterThanOrEqual(300_000);
  });
});
