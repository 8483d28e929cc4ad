import { Context } from '@temporalio/activity';
import type { Configuration } from '../config/configuration.ts';
import type { Directory } from '../config/duty/directory.ts';
import type { IncidentView } from '../domain/incident/view.ts';
import { startOf } from '../client/long-lived.ts';
import { talk } from '../client/talk.ts';
import { PHONE } from '../domain/messages.ts';
import { phoneWorkflowId } from '../links/phone-id.ts';
import type { Planning } from './contract.ts';
import { DeliveryError } from '../providers/kit/delivery-error.ts';
import { toFailure } from './failure.ts';
import { steady } from './steady.ts';

/** How often somebody else's incident is reported to be still awaited. */
const HEARTBEAT_MS = 10_000;

/** What an incident asks of other workflows that it cannot ask itself. */
export function createLine({
  source,
  directory,
}: {
  source: { readonly current: Configuration };
  directory: Directory;
}): Pick<Planning, 'requestCall' | 'awaitIncident'> {
  return {
    async requestCall(request) {
      const { prefix, gateway } = source.current;
      const phone = (await steady(directory, source).member(request.member))?.phone;
      if (phone === undefined) {
        const reason = { key: 'no-phone', member: request.member } as const;
        throw toFailure(new DeliveryError('unreachable', reason), { repeatSafe: false, earlier: [] });
      }
      const line = phoneWorkflowId(prefix, gateway, phone);
      const { client } = Context.current();
      await talk(client).tell(PHONE, line, 'request', request, startOf.phone(prefix, request.member));
      return { line };
    },

    async awaitIncident(workflowId) {
      const context = Context.current();
      const beat = setInterval(() => {
        context.heartbeat();
      }, HEARTBEAT_MS);
      try {
        const result = context.client.workflow.getHandle(workflowId).result() as Promise<IncidentView>;
        return await Promise.race([result, context.cancelled]);
      } finally {
        clearInterval(beat);
      }
    },
  };
}
