import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

interface HistoryEvent {
  eventId: string;
  eventType: string;
  activityTaskScheduledEventAttributes?: { activityType: { name: string }; workflowTaskCompletedEventId: string };
}

const story = new URL('histories/0.1.0/story.json', import.meta.url);
const { events } = JSON.parse(readFileSync(story, 'utf8')) as { events: HistoryEvent[] };

describe('the first workflow task of an incident', () => {
  const completed = events.find(({ eventType }) => eventType === 'EVENT_TYPE_WORKFLOW_TASK_COMPLETED');
  const firstRound = events.flatMap(({ activityTaskScheduledEventAttributes: scheduled }) =>
    scheduled?.workflowTaskCompletedEventId === completed?.eventId && scheduled ? [scheduled.activityType.name] : [],
  );

  it('sends the first round: nobody waits for a second task', () => {
    expect(firstRound).toEqual(['feishu.app', 'smtp.email']);
  });

  it('writes no search attribute before the page has left', () => {
    const types = events.map(({ eventType }) => eventType);
    const page = types.indexOf('EVENT_TYPE_ACTIVITY_TASK_SCHEDULED');
    const attributes = types.indexOf('EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES');
    expect(page).toBeGreaterThan(0);
    expect(attributes === -1 || attributes > page).toBe(true);
  });
});
