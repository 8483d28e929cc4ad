import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(import.meta.dirname, 'histories');

/** Proto3 JSON of Temporal's `History`, with the few fields that tests read. */
export interface KeptHistory {
  events: {
    eventType: string;
    workflowExecutionStartedEventAttributes?: { workflowType: { name: string } };
    activityTaskScheduledEventAttributes?: { activityType: { name: string } };
  }[];
}

/** Every history kept under `histories/<release>/`, made by `tools/record-histories.ts`. */
export function keptHistories(): { name: string; json: string }[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.json'))
    .sort()
    .map((name) => ({ name, json: readFileSync(join(folder, name), 'utf8') }));
}

/** Everything that a history tells in plain sight: its own words, and its payloads decoded. */
export function wordsOf(json: string): string {
  return JSON.stringify(JSON.parse(json), (key, value: unknown) =>
    (key === 'data' || key === 'encoding') && typeof value === 'string'
      ? Buffer.from(value, 'base64').toString()
      : value,
  );
}
