import type { IncidentView } from '../../domain/incident/view.ts';
import { openHouse, type House, type HouseOptions } from '../../sandbox/demo/house.ts';
import { freshPrefix, serverAddress, serverNamespace, workflowBundle } from '../server.ts';

/** Everything but the Temporal server, which all files share: here under a prefix of its own. */
export async function openTestHouse(options: Omit<HouseOptions, 'address' | 'namespace'>): Promise<House> {
  return openHouse({
    address: serverAddress(),
    namespace: serverNamespace(),
    prefix: freshPrefix(),
    workflowBundle: await workflowBundle(),
    ...options,
  });
}

/** Where the imitated platforms are, for further accounts in the configuration. */
export function sandboxUrl(yaml: string): string {
  return /baseUrl: (http:\S+)/.exec(yaml)?.[1] ?? '';
}

/** The view once it is so, also when the incident has been closed by then. */
export async function until(
  { client }: House,
  id: string,
  isReached: (view: IncidentView) => boolean,
): Promise<IncidentView> {
  for await (const { view } of client.watch(id, 50)) if (isReached(view)) return view;
  const view = await client.describe(id);
  if (isReached(view)) return view;
  throw new Error(`never reached; the timeline ends with ${JSON.stringify(view.timeline.slice(-3))}`);
}
