import { createHash } from 'node:crypto';
import type { Context } from 'hono';
import type { ServiceToken } from '../../config/configuration.ts';
import { ACTION_NAMES, type ActionName, type Actions } from '../../domain/incident/action.ts';
import { readAction, refuseArguments } from '../../domain/incident/actions/table.ts';
import { INCIDENT_ID } from '../../domain/incident/incident.ts';
import { INCIDENT } from '../../domain/messages.ts';
import { incidentWorkflowId } from '../../domain/workflow-ids.ts';
import type { Door } from '../door.ts';
import type { Message } from '../relay.ts';
import { tooMuch, type Admitted } from './admit.ts';
import { actorOf, mayTouch, NotPermitted, withoutOrders } from './permit.ts';

const ACT_MS = 3000;

export async function act(c: Context, door: Door, { token, share, signedId, json }: Admitted): Promise<Response> {
  const id = c.req.param('id') ?? '';
  const action = ACTION_NAMES.find((name) => name === c.req.param('action'));
  if (!INCIDENT_ID.test(id) || !action) {
    return c.json({ error: `there is no such action; known: ${ACTION_NAMES.join(', ')}` }, 404);
  }
  // The signed id comes first, because a request that is sent again with another key would otherwise count again.
  const key = signedId ?? c.req.header('idempotency-key');
  const asked = askedOf(token, json, key);
  const wrong = refuseArguments(action, asked);
  if (wrong !== undefined) return c.json({ error: wrong }, 400);
  // Whatever else was sent would only make the history heavy, until the server ends the run.
  const { action: argument } = readAction(action, asked);
  const workflowId = incidentWorkflowId(id);
  // Without a key of the sender each request counts. Our own key only joins requests that wait for Temporal at the same
  // time.
  const mine = key ?? `${String(door.now())} ${JSON.stringify(argument)}`;
  let refusal: string | undefined;
  const message: Message<Actions, ActionName> = {
    contract: INCIDENT,
    workflowId,
    signal: action,
    argument,
    key: ['webhook', token.sha256, workflowId, action, mine].join(' '),
    isMeant: async (there) => {
      try {
        return await mayTouch(door, token, there);
      } catch (error) {
        if (!(error instanceof NotPermitted)) throw error;
        refusal = error.message;
        return false;
      }
    },
  };
  const delivered = await share.take(true, () => door.relay.tell(message, ACT_MS));
  if (delivered === undefined) return tooMuch(c, Math.max(1, share.waitSeconds(true)));
  const status =
    refusal === undefined ? ({ done: 200, gone: 404, refused: 409, unconfirmed: 503 } as const)[delivered] : 403;
  door.logger.info({ token: token.name, action, result: delivered, status }, 'incident action');
  return c.json(refusal === undefined ? { id, result: delivered } : { error: refusal }, status);
}

/** What was sent, as far as the token may say it, and who says it. */
function askedOf(token: ServiceToken, json: unknown, key: string | undefined): Record<string, unknown> {
  const {
    by,
    key: written,
    ...given
  } = (typeof json === 'object' && json !== null ? json : {}) as Record<string, unknown>;
  const own = written ?? key;
  const { name } = token;
  return {
    ...given,
    ...(token.labelsRedirect ? {} : withoutOrders(given['labels'])),
    by: by ?? { name: actorOf(token) },
    // Whoever speaks for somebody else is named beside them.
    via: by === undefined || name === undefined ? 'webhook' : `webhook ${name}`,
    // A key of one token never takes the place of another's, or of a button's.
    ...(own !== undefined && { key: name === undefined ? own : `${name} ${digest(own)}` }),
  };
}

function digest(key: unknown): string {
  return createHash('sha256').update(JSON.stringify(key)).digest('base64url').slice(0, 22);
}
