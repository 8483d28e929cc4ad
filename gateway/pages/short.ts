import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { Hono, type Context } from 'hono';
import { pageUrl } from '../../links/url.ts';
import { readShort } from '../../links/short.ts';
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
/** As long as a long link is good. */
const LIFETIME_MS = 30 * 24 * 60 * 60_000;

/** `/s/<number>.<member>.<mac>`: leads to the personal page of the latest incident with this number, and changes nothing. */
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
  try {
    const since = new Date(door.now() - LIFETIME_MS).toISOString();
    const query = [
      `WorkflowType = '${INCIDENT.type}'`,
      `TaskQueue = '${prefix}'`,
      `IncidentNumber = '${number}'`,
      `StartTime > '${since}'`,
    ].join(' AND ');
    let workflowId = await latest(door.client, query);
    if (workflowId === undefined) {
      await sleep(INDEXED_AFTER_MS);
      workflowId = await latest(door.client, query);
    }
    if (workflowId === undefined) return await c.html(plainPage(words, words.page.notKept), 410);
    const named = { workflowId, notification: '', account: '', member, now: door.now() };
    return c.redirect(pageUrl(publicUrl, named, secrets), 302);
  } catch (error) {
    door.logger.warn({ error: errorName(error) }, 'a short link was not resolved');
    return c.html(plainPage(words, words.page.unreadable), 503);
  }
}

async function latest(client: Client, query: string): Promise<string | undefined> {
  return client.withDeadline(Date.now() + BUDGET_MS, async (): Promise<string | undefined> => {
    for await (const { workflowId } of client.workflow.list({ query, pageSize: 1 })) return workflowId;
    return undefined;
  });
}
