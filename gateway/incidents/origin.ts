import { type Client } from '@temporalio/client';
import { grpcCode } from '../../client/grpc-code.ts';

const ASK_MS = 3000;
const NOT_FOUND = 5;

/** What a run was started with, which nobody can change afterwards. */
export interface Origin {
  type: string;
  taskQueue: string;
  at: Date;
  /** As the starter wrote it: of an incident its input. */
  input(): Promise<unknown>;
}

/**
 * How the latest run of a workflow was started, also one that has ended. No worker is asked.
 * @returns undefined when there is none.
 * @throws what gRPC says when the server does not answer in time.
 */
export async function originOf(client: Client, workflowId: string): Promise<Origin | undefined> {
  const { namespace } = client.options;
  const first = { namespace, execution: { workflowId }, maximumPageSize: 1 };
  try {
    const { history } = await client.withDeadline(Date.now() + ASK_MS, () =>
      client.workflowService.getWorkflowExecutionHistory(first),
    );
    const [event] = history?.events ?? [];
    const { workflowType, taskQueue, input } = event?.workflowExecutionStartedEventAttributes ?? {};
    return {
      type: workflowType?.name ?? '',
      taskQueue: taskQueue?.name ?? '',
      at: new Date(Number(event?.eventTime?.seconds ?? 0) * 1000),
      input: () => decoded(client, input?.payloads?.slice(0, 1) ?? []),
    };
  } catch (error) {
    if (grpcCode(error) === NOT_FOUND) return undefined;
    throw error;
  }
}

type Payloads = Parameters<Client['options']['loadedDataConverter']['payloadCodecs'][number]['decode']>[0];

async function decoded(client: Client, encoded: Payloads): Promise<unknown> {
  const { payloadCodecs, payloadConverter } = client.options.loadedDataConverter;
  let payloads = encoded;
  for (const codec of payloadCodecs.toReversed()) payloads = await codec.decode(payloads);
  const [payload] = payloads;
  return payload && payloadConverter.fromPayload(payload);
}
