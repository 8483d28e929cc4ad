import type { Context } from 'hono';
import type { ServiceToken } from '../../config/configuration.ts';
import { cut, repairIncident, toSeverity, type IncidentInput } from '../../domain/incident/incident.ts';
import type { Opened as OpenedIncident } from '../../client/escalation-client.ts';
import type { Door } from '../door.ts';
import { errorName } from '../error-name.ts';
import { tooMuch, type Admitted } from './admit.ts';
import { mayTouch, NotPermitted, permitted } from './permit.ts';

const MOST_INCIDENTS = 100;
const OPEN_MS = 10_000;
/**
 * Incidents that have not had their turn by then are left for the next request, because whoever posts them does not
 * wait for minutes.
 */
const OPEN_ALL_MS = 20_000;

/**
 * Opens an incident, as `EscalationClient.open` does. Its options have to be passed on.
 * @throws RangeError for one that no page can be made of; what `beforeRevising` throws.
 */
export type OpenIncident = (
  incident: IncidentInput,
  options: { rule?: unknown; beforeRevising?: (workflowId: string) => Promise<void> },
) => Promise<OpenedIncident>;

type Answer = ({ id: string; note?: string } & OpenedIncident) | { id: string; error: string };

/** What became of one, and which status says so where it stands alone. */
interface Opened {
  answer: Answer;
  status: 200 | 400 | 403 | 503;
}

export async function openAll(c: Context, door: Door, open: OpenIncident, admitted: Admitted): Promise<Response> {
  const { token, share, json } = admitted;
  const written = Array.isArray(json) ? json : [json];
  if (written.length === 0 || written.length > MOST_INCIDENTS) {
    return c.json({ error: `send 1 to ${MOST_INCIDENTS} incidents` }, 400);
  }
  const wait = share.spend(written.length, written.some(isCritical));
  if (wait > 0) {
    door.metrics.incidents.inc({ result: 'limited' }, written.length);
    return tooMuch(c, wait);
  }
  const endsAt = performance.now() + OPEN_ALL_MS;
  const opened = await Promise.all(
    written.map((one) =>
      share.turn(() => openOne(one, { door, token, open: performance.now() > endsAt ? undefined : open })),
    ),
  );
  for (const { answer } of opened) {
    door.metrics.incidents.inc({ result: 'error' in answer ? 'error' : answer.result });
  }
  const statuses = opened.map(({ status }) => status);
  const isWrong = !statuses.includes(200);
  const status = statuses.includes(503) ? 503 : isWrong ? Math.max(...statuses) : 200;
  const answers = opened.map(({ answer }) => answer);
  door.logger.info({ token: token.name, incidents: answers.length, status }, 'incidents');
  return c.json(Array.isArray(json) ? answers : (answers[0] ?? {}), status as Opened['status']);
}

interface Bounds {
  door: Door;
  token: ServiceToken;
  /** Absent: there is no time left. */
  open?: OpenIncident | undefined;
}

async function openOne(json: unknown, { door, token, open }: Bounds): Promise<Opened> {
  const { incident, rule } = brought(json);
  const repaired = repairIncident(incident);
  if (typeof repaired === 'string') {
    const { id } = (incident ?? {}) as { id?: unknown };
    return { answer: { id: typeof id === 'string' ? cut(id, 128) : '', error: repaired }, status: 400 };
  }
  const { id } = repaired.incident;
  const notOpened: Opened = { answer: { id, error: 'not opened: please send it again' }, status: 503 };
  if (!open) return notOpened;
  try {
    const { source, client } = door;
    const at = new Date(door.now());
    const from = { incident: incident as Record<string, unknown>, rule };
    const { left, ...may } = permitted(from, repaired.incident, { token, configuration: source.current, at });
    if (left.length > 0) door.logger.warn({ token: token.name, left }, 'an incident is opened without a part of it');
    const opened = await client.withDeadline(Date.now() + OPEN_MS, () =>
      open(may.incident as unknown as IncidentInput, {
        ...(may.rule !== undefined && { rule: may.rule }),
        beforeRevising: async (there) => {
          if (await mayTouch(door, token, there)) return;
          throw new NotPermitted('the id is that of an incident of another gateway: give yours an id of its own');
        },
      }),
    );
    return { answer: { id, ...opened, ...(left.length > 0 && { note: left.join('; ') }) }, status: 200 };
  } catch (error) {
    if (error instanceof NotPermitted) return { answer: { id, error: error.message }, status: 403 };
    door.logger.error({ error: errorName(error) }, 'an incident could not be opened');
    return notOpened;
  }
}

/** `{ incident, rule? }`, or an incident alone. */
function brought(json: unknown): { incident: unknown; rule?: unknown } {
  return typeof json === 'object' && json !== null && 'incident' in json ? json : { incident: json };
}

/** What the severity cannot be read of may be Critical. */
function isCritical(json: unknown): boolean {
  const { severity } = (brought(json).incident ?? {}) as { severity?: unknown };
  return (toSeverity(severity) ?? 'Critical') === 'Critical';
}
