import { Hono, type Context } from 'hono';
import type { Door } from '../door.ts';
import { act } from './act.ts';
import { Entrance } from './admit.ts';
import { openAll, type OpenIncident } from './open.ts';
import { read } from './read.ts';
import { Shares } from './share.ts';

const MAX_BYTES = 1024 * 1024;
const MAX_ACTION_BYTES = 32 * 1024;

/**
 * Incidents for services without a Temporal client; `gateway.tokens` says who may do what.
 *
 *     POST /incidents                one incident as JSON, { incident, rule? }, or a list of up to 100 of either
 *     POST /incidents/<id>/<action>  an action with its argument, such as /incidents/42/close {"source":"recovered"}
 *     GET  /incidents/<id>           how it stands
 *
 * `Authorization: Bearer <token>`, or signed with the token as https://www.standardwebhooks.com describes, with method
 * and path before the body. Sending the same again is safe: 429 and 503 ask for it.
 */
export function incidentRoutes(door: Door, open: OpenIncident): Hono {
  const entrance = new Entrance(door, new Shares(door.intake.proved));
  const app = new Hono();
  app.post('/incidents', (c) =>
    entrance.admit(c, { scope: 'open', path: '/incidents', maxBytes: MAX_BYTES, mayBeUnbound: true }, (admitted) =>
      openAll(c, door, open, admitted),
    ),
  );
  app.post('/incidents/:id/:action', (c) =>
    entrance.admit(c, { scope: 'act', path: pathOf(c), maxBytes: MAX_ACTION_BYTES }, (admitted) =>
      act(c, door, admitted),
    ),
  );
  app.get('/incidents/:id', (c) =>
    entrance.admit(c, { scope: 'read', path: pathOf(c), maxBytes: 0 }, (admitted) => read(c, door, admitted)),
  );
  return app;
}

/** However its characters were written. */
function pathOf(c: Context): string {
  const { id, action } = c.req.param() as { id?: string; action?: string };
  return ['', 'incidents', id, action].filter((part) => part !== undefined).join('/');
}
