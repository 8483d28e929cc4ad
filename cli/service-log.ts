import { pino, type Logger } from 'pino';

/** JSON lines on stdout; the environment's `LOG_LEVEL` is the least that is written, default `info`. */
export function serviceLog(): Logger {
  const { levels } = pino;
  const wanted = process.env['LOG_LEVEL']?.toLowerCase() ?? '';
  return pino({
    name: 'escalations',
    level: wanted in levels.values || wanted === 'silent' ? wanted : 'info',
    serializers: { error: errorOf },
  });
}

/** Warnings and worse of Temporal's worker go to the same log. Once a process, before the first Worker is made. */
export async function forwardTemporalLog(logger: Logger): Promise<void> {
  const { DefaultLogger, makeTelemetryFilterString, Runtime } = await import('@temporalio/worker');
  Runtime.install({
    // The service stops workers and gateway in its own order, so the SDK must not react to signals.
    shutdownSignals: [],
    logger: new DefaultLogger('WARN', ({ level, message, meta }) => {
      // Every account's Worker has activities only, on purpose.
      if (message.startsWith('No workflows registered')) return;
      if (level === 'ERROR') logger.error(meta, message);
      else logger.warn(meta, message);
    }),
    telemetryOptions: { logging: { filter: makeTelemetryFilterString({ core: 'WARN', other: 'WARN' }), forward: {} } },
  });
}

/** What an error says and where, without what clients hang onto it (requests, credentials). */
function errorOf(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { name, message, stack } = error;
  return { name, message, stack };
}
