import { escalate } from '../../workflows/escalate.ts';

/** What a team that uses the pack may write: pages people, and returns the member who closed the incident. */
export async function repairDatabase(id: string, taskQueue: string): Promise<string | undefined> {
  const view = await escalate({ id, title: 'db-7 is down', severity: 'Critical', channel: 'payments' }, { taskQueue });
  return view.closedBy?.member;
}
