import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { Hono, type Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { ACTION_NAMES, refuseArguments } from '../domain/incident/action.ts';
import { INCIDENT_ID, repairIncident, type IncidentInput } from '../domain/incident/incident.ts';
import type { Door } from './door.ts';
import { errorName } from './error-name.ts';
import { INCIDENT } from '../domain/messages.ts';
import { incidentWorkflowId } from '../domain/workflow-ids.ts';

const MAX_BYTES = 1024 * 1024;
const MOST_INCIDENTS = 100;
const AT_ONCE = 10;
const OPEN_MS = 10_000;
/** What has not had its turn by then is left for the next time: whoever posts does not wait for minutes. */
const OPEN_ALL_MS = 20_000;
const ACT_MS = 3000;
/** Freshness of a signed request, both directions. */
const MAX_SKEW_MS = 5 * 60_000;

/** Opens an incident, as `EscalationClient.open` does. @throws RangeError for one that no page can be made of. */
export type OpenIncident = (
  incident: IncidentInput,
  options: { rule?: unknown },
) => Promise<{ result: 'started' | 'revised' | 'already-closed'; workflowId: string }>;

type Answer = { id: string; result: string; workflowId: string } | { id: string; error: string };

/**
 * Incidents by webhook, for services without a Temporal client; `gateway.incidentTokens` says who may.
 *
 *     POST /incidents                one incident as JSON, { incident, rule? }, or a list of up to 100 of either
 *     POST /incidents/<id>/<action>  an action with its argument, such as /incidents/42/close {"source":"recovered"}
 *
 * `Authorization: Bearer <token>`, or signed with the token as https://www.standardwebhooks.com describes. Sending the
 * same again is safe: 503 asks for it.
 */
export function incidentRoutes(door: Door, open: OpenIncident): Hono {
  const app = new Hono();
  const limit = bodyLimit({ maxSize: MAX_BYTES, onError: (c) => c.json({ error: 'larger than 1 MiB' }, 413) });
  app.post('/incidents', limit, async (c) => {
    const body = await readBody(c, door);
    return body instanceof Response ? body : openAll(c, door, open, body.json);
  });
  app.post('/incidents/:id/:action', limit, async (c) => {
    const body = await readBody(c, door);
    return body instanceof Response ? body : act(c, door, body.json);
  });
  return app;
}

async function openAll(c: Context, door: Door, open: OpenIncident, json: unknown): Promise<Response> {
  const written = Array.isArray(json) ? json : [json];
  if (written.length === 0 || written.length > MOST_INCIDENTS) {
    return c.json({ error: `send 1 to ${MOST_INCIDENTS} incidents` }, 400);
  }
  const answers: Answer[] = [];
  let isAway = false;
  const endsAt = performance.now() + OPEN_ALL_MS;
  for (let from = 0; from < written.length; from += AT_ONCE) {
    const some = written.slice(from, from + AT_ONCE);
    const isLate = performance.now() > endsAt;
    const opened = await Promise.all(some.map((one) => openOne(one, door, isLate ? undefined : open)));
    isAway ||= opened.some(({ away }) => away);
    answers.push(...opened.map(({ answer }) => answer));
  }
  for (const answer of answers) door.metrics.incidents.inc({ result: 'error' in answer ? 'error' : answer.result });
  const isWrong = answers.every((answer) => 'error' in answer);
  const status = isAway ? 503 : isWrong ? 400 : 200;
  door.logger.info({ incidents: answers.length, status }, 'incidents');
  return c.json(Array.isArray(json) ? answers : (answers[0] ?? {}), status);
}

async function openOne(json: unknown, door: Door, open?: OpenIncident): Promise<{ answer: Answer; away: boolean }> {
  const { incident, rule } = isObject(json) && 'incident' in json ? json : { incident: json, rule: undefined };
  const repaired = repairIncident(incident);
  if (typeof repaired === 'string') {
    const id = isObject(incident) && typeof incident['id'] === 'string' ? incident['id'].slice(0, 128) : '';
    return { answer: { id, error: repaired }, away: false };
  }
  const { id } = repaired.incident;
  const notOpened = { answer: { id, error: 'not opened: please send it again' }, away: true };
  if (!open) return notOpened;
  try {
    const { result, workflowId } = await door.client.withDeadline(Date.now() + OPEN_MS, () =>
      open(incident as IncidentInput, rule === undefined ? {} : { rule }),
    );
    return { answer: { id, result, workflowId }, away: false };
  } catch (error) {
    door.logger.error({ error: errorName(error) }, 'an incident could not be opened');
    return notOpened;
  }
}

async function act(c: Context, door: Door, json: unknown): Promise<Response> {
  const id = c.req.param('id') ?? '';
  const action = ACTION_NAMES.find((name) => name === c.req.param('action'));
  if (!INCIDENT_ID.test(id) || !action) {
    return c.json({ error: `there is no such action; known: ${ACTION_NAMES.join(', ')}` }, 404);
  }
  const given = isObject(json) ? json : {};
  // The one that is signed comes first: what is sent again with another key would count again.
  const key = c.req.header('webhook-id') ?? c.req.header('idempotency-key');
  const argument = { by: { name: 'webhook' }, ...(key !== undefined && { key }), ...given, via: 'webhook' };
  const wrong = refuseArguments(action, argument);
  if (wrong !== undefined) return c.json({ error: wrong }, 400);
  const workflowId = incidentWorkflowId(id);
  // Without a key of theirs each request counts; ours only joins those that wait for Temporal together.
  const relayKey = ['webhook', workflowId, action, key ?? `${String(door.now())} ${JSON.stringify(argument)}`].join(
    ' ',
  );
  const delivered = await door.relay.tell(
    { contract: INCIDENT, workflowIds: [workflowId], signal: action, argument, key: relayKey },
    ACT_MS,
  );
  const status = ({ done: 200, gone: 404, unconfirmed: 503 } as const)[delivered];
  door.logger.info({ action, result: delivered, status }, 'incident action');
  return c.json({ id, result: delivered }, status);
}

/** The body of somebody who may. */
async function readBody(c: Context, door: Door): Promise<{ json: unknown } | Response> {
  const bytes = new Uint8Array(await c.req.arrayBuffer());
  const tokens = door.source.current.gateway.incidentTokens ?? [];
  if (!mayOpen(c.req.raw.headers, bytes, tokens, door.now())) return c.json({ error: 'the token is not good' }, 401);
  try {
    return { json: bytes.length === 0 ? undefined : JSON.parse(Buffer.from(bytes).toString()) };
  } catch {
    return c.json({ error: 'the body is not JSON' }, 400);
  }
}

function mayOpen(headers: Headers, body: Uint8Array, tokens: readonly string[], now: number): boolean {
  const bearer = /^Bearer\s+(.+)$/i.exec(headers.get('authorization') ?? '')?.[1];
  if (bearer !== undefined) return tokens.some((token) => isSame(bearer, token));
  const [id, timestamp, signatures] = ['id', 'timestamp', 'signature'].map((name) => headers.get(`webhook-${name}`));
  if (!id || !timestamp || !signatures) return false;
  if (!(Math.abs(Number(timestamp) * 1000 - now) <= MAX_SKEW_MS)) return false;
  const given = signatures.split(' ').flatMap((one) => (one.startsWith('v1,') ? [one.slice(3)] : []));
  return tokens.some((token) => {
    const secret = token.startsWith('whsec_') ? Buffer.from(token.slice(6), 'base64') : token;
    const expected = createHmac('sha256', secret).update(`${id}.${timestamp}.`).update(body).digest('base64');
    return given.some((one) => isSame(one, expected));
  });
}

// Equal lengths are what timingSafeEqual demands, and hashing tells nothing about the secret's.
function isSame(given: string, expected: string): boolean {
  const [a, b] = [given, expected].map((text) => createHash('sha256').update(text).digest());
  return a !== undefined && b !== undefined && timingSafeEqual(a, b);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
