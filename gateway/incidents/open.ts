import type { Context } from 'hono';
import type { ServiceToken } from '../../config/configuration.ts';
import { cut, repairIncident, toSeverity, type IncidentInput } from '../../domain/incident/incident.ts';
import type { Opened as OpenedIncident } from '../../client/escalation-client.ts';
import type { Door } from '../door.ts';
import { errorName } from '../error-name.ts';
import { tooMuchText, type Admitted } from './admit.ts';
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
  status: 200 | 400 | 403 | 429 | 503;
}

export async function openAll(c: Context, door: Door, open: OpenIncident, admitted: Admitted): Promise<Response> {
  const { token, share, json } = admitted;
  const written = Array.isArray(json) ? json : [json];
  if (written.length === 0 || written.length > MOST_INCIDENTS) {
    return c.json({ error: `send 1 to ${MOST_INCIDENTS} incidents` }, 400);
  }
  const endsAt = performance.now() + OPEN_ALL_MS;
  const took = await Promise.all(
    written.map((one) =>
      share.take(isCritical(one), () =>
        openOne(one, { door, token, open: performance.now() > endsAt ? undefined : open }),
      ),
    ),
  );
  // Whoever sends all of them again shall get through with all of them.
  const seconds = Math.max(1, share.waitSeconds(false, written.length));
  const opened = took.map((one, index) => one ?? limited(written[index], seconds));
  for (const { answer, status } of opened) {
    const refused = status === 429 ? 'limited' : 'error';
    door.metrics.incidents.inc({ result: 'error' in answer ? refused : answer.result });
  }
  const statuses = opened.map(({ status }) => status);
  const again = ([503, 429] as const).find((status) => statuses.includes(status));
  const status = again ?? (statuses.includes(200) ? 200 : Math.max(...statuses));
  const answers = opened.map(({ answer }) => answer);
  door.logger.info({ token: token.name, incidents: answers.length, status }, 'incidents');
  return c.json(Array.isArray(json) ? answers : (answers[0] ?? {}), status as Opened['status'], {
    ...(status === 429 && { 'retry-after': String(seconds) }),
  });
}

function limited(json: unknown, seconds: number): Opened {
  return { answer: { id: idIn(json), error: tooMuchText(seconds) }, status: 429 };
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
    return { answer: { id: idIn(json), error: repaired }, status: 400 };
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

function idIn(json: unknown): string {
  const { id } = (brought(json).incident ?? {}) as { id?: unknown };
  return typeof id === 'string' ? cut(id, 128) : '';
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
