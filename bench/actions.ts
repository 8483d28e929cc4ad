import type { Client } from '@temporalio/client';

/** Event types that cost a billable action each. Source: docs.temporal.io/cloud/actions */
const BILLABLE: Record<string, string> = {
  workflowExecutionStartedEventAttributes: 'starts',
  activityTaskScheduledEventAttributes: 'activities',
  timerStartedEventAttributes: 'timers',
  workflowExecutionSignaledEventAttributes: 'signals received',
  signalExternalWorkflowExecutionInitiatedEventAttributes: 'signals sent',
  upsertWorkflowSearchAttributesEventAttributes: 'search attribute upserts',
  workflowExecutionUpdateAcceptedEventAttributes: 'updates',
};

export interface Cost {
  events: number;
  actions: number;
  by: Record<string, number>;
}

/** What a run cost: events of its history, and the actions a cloud would bill. */
export async function costOf(client: Client, workflowId: string): Promise<Cost> {
  const { events = [] } = await client.workflow.getHandle(workflowId).fetchHistory();
  const by: Record<string, number> = {};
  const add = (what: string): void => {
    by[what] = (by[what] ?? 0) + 1;
  };
  let tasksWithLocalActivities = new Set<string>();
  for (const event of events ?? []) {
    for (const [attributes, what] of Object.entries(BILLABLE)) {
      if (event[attributes as keyof typeof event]) add(what);
    }
    const marker = event.markerRecordedEventAttributes;
    // All local activities of one workflow task are one action.
    if (marker) tasksWithLocalActivities = tasksWithLocalActivities.add(String(marker.workflowTaskCompletedEventId));
  }
  if (tasksWithLocalActivities.size > 0) by['tasks with local activities'] = tasksWithLocalActivities.size;
  const actions = Object.values(by).reduce((sum, count) => sum + count, 0);
  return { events: events?.length ?? 0, actions, by };
}
