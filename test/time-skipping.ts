import { TestWorkflowEnvironment } from '@temporalio/testing';
import { timeSkippingServer } from './server.ts';

const MOST_STARTS = 5;

/**
 * A server with its own clock, about one second to start. Skips time while a result is awaited or in `sleep`.
 *
 * An activity that was cancelled before it started, or a workflow that closed over a running one, keeps the clock from
 * skipping for good: give each test that acknowledges something an environment of its own, poll every queue, and let
 * workflows complete only when nothing is in flight.
 *
 * The environment's own client unlocks the clock while it awaits a result. Two results awaited at once unlock it once
 * too often; from then on locks of the server itself are never given back, and it stops answering. Await many results
 * with a plain `Client`, and unlock once: `openEngine` of `test/workflows/engine.ts` does.
 *
 * @throws when the machine has none; guard with `describe('…', { skip: timeSkippingServer() === undefined }, …)`.
 */
export async function createTimeSkippingEnvironment(): Promise<TestWorkflowEnvironment> {
  const path = timeSkippingServer();
  if (path === undefined) throw new Error('no time-skipping test server on this machine');
  for (let tries = 1; ; tries += 1) {
    try {
      return await TestWorkflowEnvironment.createTimeSkipping({
        server: { executable: { type: 'existing-path', path } },
      });
    } catch (error) {
      // The SDK gives it five seconds to start, which Java may need on a busy machine, and ends it after them.
      if (tries === MOST_STARTS || !String(error).includes('did not start within')) throw error;
    }
  }
}
