export { EscalationsPlugin, type EscalationsPluginOptions } from './plugin.ts';
export { startWorkers, type WorkerService, type WorkerServiceOptions } from './service.ts';
