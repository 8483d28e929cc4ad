import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { Hono, type Context } from 'hono';
import { pageUrl } from '../../links/url.ts';
import { isShortFor, readShort } from '../../links/short.ts';
import { refOf, type IncidentRef } from '../../domain/incident/occurrence.ts';
import { firstRun } from '../../client/occurrences.ts';
import { talk } from '../../client/talk.ts';
import { INCIDENT } from '../../domain/messages.ts';
import { wordsFor } from '../../templates/words.ts';
import type { Door } from '../door.ts';
import { errorName } from '../error-name.ts';
import { headers, noStore, spokenIn } from './guard.ts';
import { plainPage } from './html.ts';
import { wrong } from '../strangers.ts';

const BUDGET_MS = 2000;
/** The text may arrive before the server's lists show the incident, so it is looked for again. */
const INDEXED_AFTER_MS = 800;
/** Runs that have the number, the newest first. */
const MOST_LOOKED_AT = 8;
/** As long as a long link is good. */
const LIFETIME_MS = 30 * 24 * 60 * 60_000;

/**
 * `/s/<number>.<member>.<mac>`: leads to the personal page of the one incident with this number that it was signed for,
 * and changes nothing.
 */
export function shortRoutes(door: Door): Hono {
  const app = new Hono();
  app.use('/s/*', noStore, headers);
  app.get('/s/:link', (c) => lead(c, door));
  return app;
}

async function lead(c: Context, door: Door): Promise<Response> {
  const words = wordsFor(spokenIn(c));
  const { prefix, gateway } = door.source.current;
  const { secrets, publicUrl } = gateway;
  // The signature is checked before anything is looked up, so that strangers cannot keep the server busy with lists.
  const read = readShort(c.req.param('link') ?? '', secrets);
  if (!read || publicUrl === undefined) {
    return wrong(c, 'link', await c.html(plainPage(words, words.page.linkUnknown), 404));
  }
  const { number, member } = read;
  if (!(await door.directory.member(member))) return c.html(plainPage(words, words.page.linkOfFormer), 410);
  const isMeant = (ref: IncidentRef): boolean => isShortFor(read, ref, secrets);
  try {
    const since = new Date(door.now() - LIFETIME_MS).toISOString();
    const query = [
      `WorkflowType = '${INCIDENT.type}'`,
      `TaskQueue = '${prefix}'`,
      `IncidentNumber = '${number}'`,
      `StartTime > '${since}'`,
    ].join(' AND ');
    let found = await find(door.client, query, isMeant);
    if (found === 'none') {
      await sleep(INDEXED_AFTER_MS);
      found = await find(door.client, query, isMeant);
    }
    if (found === 'none') return await c.html(plainPage(words, words.page.notKept), 410);
    if (found === 'others') return await c.html(plainPage(words, words.page.linkUnknown), 404);
    const named = { ...found, notification: '', account: '', member, now: door.now() };
    return c.redirect(pageUrl(publicUrl, named, secrets), 302);
  } catch (error) {
    door.logger.warn({ error: errorName(error) }, 'a short link was not resolved');
    return c.html(plainPage(words, words.page.unreadable), 503);
  }
}

/** Of those that share the number the one that is meant; `others`: it is none of them. */
async function find(
  client: Client,
  query: string,
  isMeant: (ref: IncidentRef) => boolean,
): Promise<IncidentRef | 'others' | 'none'> {
  const endsAt = Date.now() + BUDGET_MS;
  return client.withDeadline(endsAt, async () => {
    let looked = 0;
    for await (const { workflowId, runId } of client.workflow.list({ query, pageSize: MOST_LOOKED_AT })) {
      const { occurrence } = await firstRun(client, { workflowId, runId });
      if (occurrence !== undefined && isMeant({ workflowId, occurrence })) return { workflowId, occurrence };
      // One that was opened again keeps its occurrence, and one of 0.1.0 has none: the incident itself knows.
      const view = await talk(client, { withinMs: endsAt - Date.now() }).ask(
        INCIDENT,
        { workflowId, runId },
        'describe',
      );
      if (isMeant(refOf(view))) return refOf(view);
      looked += 1;
      if (looked === MOST_LOOKED_AT) break;
    }
    return looked === 0 ? 'none' : 'others';
  });
}
