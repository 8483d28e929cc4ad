import { proxyActivities } from '@temporalio/workflow';

interface Floor {
  post(url: string): Promise<void>;
}

/** The least that Temporal can do for a page: one workflow, one activity on another queue, one request. */
export async function floor(url: string): Promise<void> {
  const { post } = proxyActivities<Floor>({ taskQueue: 'floor.channel', startToCloseTimeout: '11s' });
  await post(url);
}
