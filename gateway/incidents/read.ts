import { WorkflowNotFoundError } from '@temporalio/client';
import type { Context } from 'hono';
import { INCIDENT_ID } from '../../domain/incident/incident.ts';
import { readOccurrence } from '../../domain/incident/occurrence.ts';
import { incidentWorkflowId } from '../../domain/workflow-ids.ts';
import type { Door } from '../door.ts';
import { errorName } from '../error-name.ts';
import { tooMuch, type Admitted } from './admit.ts';
import { mayTouch, NotPermitted } from './permit.ts';

const READ_MS = 3000;

/**
 * Answers with the view of an incident, as `EscalationClient.describe` does, and with what ended its run if nobody had
 * closed it. `?occurrence=` means an earlier one.
 */
export async function read(c: Context, door: Door, { token, share }: Admitted): Promise<Response> {
  const id = c.req.param('id') ?? '';
  const workflowId = incidentWorkflowId(id);
  const none = (): Response => c.json({ error: 'there is no such incident' }, 404);
  try {
    if (!INCIDENT_ID.test(id)) return none();
    const answer = await share.take(false, async () => {
      if (!(await mayTouch(door, token, workflowId))) return none();
      const { view } = await door.looks.at({ workflowId, ...readOccurrence(c.req.query('occurrence')) }, READ_MS);
      const lost = await door.looks.lost(view, READ_MS);
      return c.json({ ...view, ...(lost && { lost }) }, 200, { 'cache-control': 'no-store' });
    });
    return answer ?? tooMuch(c, Math.max(1, share.waitSeconds(false)));
  } catch (error) {
    if (error instanceof NotPermitted) return c.json({ error: error.message }, 403);
    if (error instanceof WorkflowNotFoundError) return none();
    door.logger.warn({ error: errorName(error) }, 'an incident could not be read');
    return c.json({ error: 'nobody answers: please ask again' }, 503, { 'retry-after': '1' });
  }
}
