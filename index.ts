export { EscalationsPlugin, type EscalationsPluginOptions } from './worker/plugin.ts';
export { startWorkers, type WorkerService, type WorkerServiceOptions } from './worker/service.ts';
export { ConfigurationSource } from './config/watch.ts';
export { ConfigurationError } from './config/schema/problem.ts';
export { loadConfiguration, parseConfiguration } from './config/load.ts';
export type { Configuration, Member } from './config/configuration.ts';
export { yamlDirectory, type Directory } from './config/duty/directory.ts';
export { EscalationClient, RefusedError, type EscalationClientOptions, type Opened } from './client/index.ts';
