import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { Hono, type Context } from 'hono';
import { ACTION_NAMES } from '../domain/incident/action.ts';
import { readAction, refuseArguments } from '../domain/incident/actions/table.ts';
import { INCIDENT_ID, repairIncident, type IncidentInput } from '../domain/incident/incident.ts';
import type { Door } from './door.ts';
import { NOT_TAKEN } from './intake.ts';
import { errorName } from './error-name.ts';
import { INCIDENT } from '../domain/messages.ts';
import { incidentWorkflowId } from '../domain/workflow-ids.ts';

const MAX_BYTES = 1024 * 1024;
const MAX_ACTION_BYTES = 32 * 1024;
const MOST_INCIDENTS = 100;
const AT_ONCE = 10;
const OPEN_MS = 10_000;
/**
 * Incidents that have not had their turn by then are left for the next request, because whoever posts them does not
 * wait for minutes.
 */
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
  app.post('/incidents', (c) => takeBody(c, door, MAX_BYTES, (json) => openAll(c, door, open, json)));
  app.post('/incidents/:id/:action', (c) => takeBody(c, door, MAX_ACTION_BYTES, (json) => act(c, door, json)));
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
  // The signed id comes first, because a request that is sent again with another key would otherwise count again.
  const key = c.req.header('webhook-id') ?? c.req.header('idempotency-key');
  const asked = { by: { name: 'webhook' }, ...(key !== undefined && { key }), ...given, via: 'webhook' };
  const wrong = refuseArguments(action, asked);
  if (wrong !== undefined) return c.json({ error: wrong }, 400);
  // Whatever else was sent would only make the history heavy, until the server ends the run.
  const { action: argument } = readAction(action, asked);
  const workflowId = incidentWorkflowId(id);
  // Without a key of the sender each request counts. Our own key only joins requests that wait for Temporal at the same
  // time.
  const relayKey = ['webhook', workflowId, action, key ?? `${String(door.now())} ${JSON.stringify(argument)}`].join(
    ' ',
  );
  const delivered = await door.relay.tell(
    { contract: INCIDENT, workflowIds: [workflowId], signal: action, argument, key: relayKey },
    ACT_MS,
  );
  const status = ({ done: 200, gone: 404, refused: 409, unconfirmed: 503 } as const)[delivered];
  door.logger.info({ action, result: delivered, status }, 'incident action');
  return c.json({ id, result: delivered }, status);
}

/**
 * Gives `use` the body of somebody who may. A bearer token is looked at before the body is; whoever signs instead sends
 * a body that proves them, so that bodies of strangers have a smaller share of the memory.
 */
async function takeBody(
  c: Context,
  door: Door,
  maxBytes: number,
  use: (json: unknown) => Promise<Response>,
): Promise<Response> {
  const { headers } = c.req.raw;
  const tokens = door.source.current.gateway.incidentTokens ?? [];
  const refused = (): Response => c.json({ error: 'the token is not good' }, 401, { connection: 'close' });
  const bearer = /^Bearer\s+(.+)$/i.exec(headers.get('authorization') ?? '')?.[1];
  const signed = bearer === undefined ? signatureOf(headers, door.now()) : undefined;
  const isProved = bearer !== undefined && tokens.some((token) => isSame(bearer, token));
  if (!isProved && !signed) return refused();
  const intake = isProved ? door.intake.proved : door.intake.unproved;
  const taken = await intake.take(c.req.raw, maxBytes, async (body) => {
    if (signed && !isSignedBy(tokens, signed, body)) return refused();
    let json: unknown;
    try {
      json = body.length === 0 ? undefined : JSON.parse(Buffer.from(body).toString());
    } catch {
      return c.json({ error: 'the body is not JSON' }, 400);
    }
    return use(json);
  });
  if (typeof taken !== 'string') return taken;
  const { status, headers: answered } = NOT_TAKEN[taken];
  const error = taken === 'busy' ? 'busy: please send it again' : `larger than ${String(maxBytes / 1024)} KiB`;
  return c.json({ error }, status, answered);
}

interface Signature {
  id: string;
  timestamp: string;
  given: string[];
}

/** What https://www.standardwebhooks.com puts into headers, undefined when it is not there or not fresh. */
function signatureOf(headers: Headers, now: number): Signature | undefined {
  const [id, timestamp, signatures] = ['id', 'timestamp', 'signature'].map((name) => headers.get(`webhook-${name}`));
  if (!id || !timestamp || !signatures) return undefined;
  if (!(Math.abs(Number(timestamp) * 1000 - now) <= MAX_SKEW_MS)) return undefined;
  return {
    id,
    timestamp,
    given: signatures.split(' ').flatMap((one) => (one.startsWith('v1,') ? [one.slice(3)] : [])),
  };
}

function isSignedBy(tokens: readonly string[], { id, timestamp, given }: Signature, body: Uint8Array): boolean {
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
