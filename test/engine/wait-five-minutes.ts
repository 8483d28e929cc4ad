import { sleep } from '@temporalio/workflow';

/** Milliseconds that passed by the workflow's clock. */
export async function waitFiveMinutes(): Promise<number> {
  const startedAt = Date.now();
  await sleep('5 minutes');
  return Date.now() - startedAt;
}
