import { createServer, type AddressInfo } from 'node:net';
import { Client, Connection, type ConnectionOptions } from '@temporalio/client';
import { pino, type Logger } from 'pino';
import { EscalationClient } from '../../client/escalation-client.ts';
import type { Configuration } from '../../config/configuration.ts';
import { yamlDirectory } from '../../config/duty/directory.ts';
import { parseConfiguration } from '../../config/load.ts';
import { ConfigurationSource } from '../../config/watch.ts';
import { createGateway, type Gateway } from '../../gateway/index.ts';
import { startWorkers, type WorkerService } from '../../worker/service.ts';
import type { Pack } from '../../worker/workers.ts';
import { Sandbox, type SandboxOptions } from '../index.ts';
import { CREDENTIALS, demoConfiguration, PEOPLE, TEMPLATES, type DemoConfiguration } from './configuration.ts';

export interface HouseOptions extends Omit<DemoConfiguration, 'endpoints' | 'gatewayPort' | 'operationsPort'> {
  /** The Temporal server's front end, `host:port`. */
  address: string;
  namespace?: string;
  /** TLS and keys of a server that is not ours. */
  connection?: Pick<ConnectionOptions, 'tls' | 'metadata'> & { apiKey?: string };
  /** Default: a free one. */
  gatewayPort?: number;
  logger?: Logger;
  workflowBundle?: Pack['workflowBundle'];
  maxCachedWorkflows?: number;
  sandbox?: Partial<SandboxOptions>;
  /** Changes the configuration before it is read. */
  edit?: (yaml: string, sandbox: Sandbox) => string;
  /** Leave out what runs as a process of its own. Default: both. */
  worker?: boolean;
  gateway?: boolean;
}

/** Everything but the Temporal server, in this process: imitated providers, worker, gateway, client. */
export interface House {
  sandbox: Sandbox;
  /** The file as a separate process would read it. */
  yaml: string;
  configuration: Configuration;
  gatewayUrl: string;
  /** Where the gateway has its metrics. */
  operationsUrl: string;
  client: EscalationClient;
  temporal: Client;
  worker?: WorkerService;
  gateway?: Gateway;
  close(): Promise<void>;
}

export async function openHouse(options: HouseOptions): Promise<House> {
  const opened: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const shut of opened.splice(0).reverse()) await shut();
  };
  try {
    return { ...(await furnish(options, opened)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function furnish(options: HouseOptions, opened: (() => Promise<void>)[]): Promise<Omit<House, 'close'>> {
  const {
    address,
    namespace = 'default',
    logger = pino({ level: 'silent' }),
    workflowBundle,
    maxCachedWorkflows,
  } = options;
  const { aliyun, tencent, feishu, smtp } = CREDENTIALS;
  const sandbox = await Sandbox.start({
    people: PEOPLE,
    aliyun: { ...aliyun, templates: TEMPLATES.aliyun },
    tencent: { ...tencent, templates: TEMPLATES.tencent },
    feishu,
    smtp,
    ...options.sandbox,
  });
  opened.push(() => sandbox.close());
  const gatewayPort = options.gatewayPort ?? (await freePort());
  const gatewayUrl = `http://127.0.0.1:${String(gatewayPort)}`;
  const operationsPort = await freePort();
  const callbacks = `${gatewayUrl}/callbacks`;
  sandbox.setCallbacks({
    aliyunVoice: `${callbacks}/aliyun-voice/${CREDENTIALS.callbacks.aliyunVoice}`,
    aliyunSms: `${callbacks}/aliyun-sms/${CREDENTIALS.callbacks.aliyunSms}`,
    tencentVoice: `${callbacks}/tencent-voice/${CREDENTIALS.callbacks.tencentVoice}`,
    feishu: `${callbacks}/feishu-cn`,
  });
  const written = demoConfiguration({ ...options, endpoints: sandbox.endpoints, gatewayPort, operationsPort });
  const yaml = options.edit?.(written, sandbox) ?? written;
  const configuration = parseConfiguration(yaml, { file: 'escalations.yaml', env: {} });
  const source = ConfigurationSource.fixed(configuration);

  const where = { ...options.connection, address };
  const connection = await Connection.connect(where);
  opened.push(() => connection.close());
  const temporal = new Client({ connection, namespace });
  const client = new EscalationClient({ client: temporal, taskQueue: configuration.prefix });
  const gateway =
    options.gateway === false
      ? undefined
      : createGateway({
          source,
          client: temporal,
          directory: yamlDirectory(source),
          logger,
          open: (incident, how) => client.open(incident, how),
        });
  if (gateway) opened.push(() => gateway.close());
  await gateway?.listen();
  const worker =
    options.worker === false
      ? undefined
      : await startWorkers({
          source,
          logger,
          connection: where,
          namespace,
          ...(workflowBundle && { workflowBundle }),
          ...(maxCachedWorkflows !== undefined && { maxCachedWorkflows }),
        });
  if (worker) opened.push(() => worker.stop());

  return {
    sandbox,
    yaml,
    configuration,
    gatewayUrl,
    operationsUrl: `http://127.0.0.1:${String(operationsPort)}`,
    client,
    temporal,
    ...(worker && { worker }),
    ...(gateway && { gateway }),
  };
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
