import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(import.meta.dirname, 'histories');

/** Proto3 JSON of Temporal's `History`, with the fields that tests read. */
interface KeptHistory {
  events: {
    workflowExecutionStartedEventAttributes?: { workflowId: string; workflowType: { name: string } };
  }[];
}

export interface Kept {
  /** Its file, below `histories/`. */
  name: string;
  json: string;
}

/** How a kept history began: of which workflow, and which type. */
export function beginningOf({ name, json }: Kept): { workflowId: string; workflowType: { name: string } } {
  const started = (JSON.parse(json) as KeptHistory).events[0]?.workflowExecutionStartedEventAttributes;
  if (!started) throw new Error(`${name} is no history from its beginning`);
  return started;
}

/** Every history kept under `histories/<release>/`, made by `tools/record-histories.ts`. */
export function keptHistories(): Kept[] {
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
