import type { Logger } from 'pino';
import type { Configuration } from '../config/configuration.ts';
import { warnings } from '../config/lint/warnings.ts';
import { ConfigurationSource } from '../config/watch.ts';

/**
 * Opens a configuration that is taken over again when its file changes, and says in the log what becomes of each change.
 * @param follow makes true what nobody reads anew by himself, such as accounts that are new.
 * @throws ConfigurationError when the file cannot be used now.
 */
export async function openConfiguration(
  path: string,
  logger: Logger,
  follow: () => Promise<void>,
): Promise<ConfigurationSource> {
  const warn = (current: Configuration): void => {
    for (const warning of warnings(current)) logger.warn({ warning }, 'configuration');
  };
  const source = await ConfigurationSource.open(path, {
    onError({ problems }) {
      logger.error({ problems }, 'the changed configuration cannot be used; the one before stays in force');
    },
    onChange(current) {
      logger.info({ configuration: current.hash }, 'the changed configuration is in force');
      warn(current);
      const { heldBack } = source;
      if (heldBack.length > 0) logger.warn({ heldBack }, 'a part of the configuration waits for the next start');
      void follow();
    },
  });
  warn(source.current);
  return source;
}
