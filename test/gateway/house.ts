import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Worker } from '@temporalio/worker';
import { pino } from 'pino';
import type { Configuration, Member } from '../../config/configuration.ts';
import { yamlDirectory } from '../../config/duty/directory.ts';
import type { IncidentView } from '../../domain/incident/view.ts';
import { createGateway, type Gateway } from '../../gateway/index.ts';
import { startServer, type Engine } from '../../sandbox/engine/start-server.ts';
// Installs the process's Temporal runtime before anything else makes one.
import { accountOf } from '../account.ts';
import { freshPrefix } from '../server.ts';
import type { Heard } from './workflows.ts';

export const SECRET = 'the-secret-of-the-gateway';
export const CALLBACK_SECRET = 'k7Jq-Wm2Xs9RtLd4BzNcp';
export const PUBLIC_URL = 'https://oncall.example.com';
/** Where the gateway's clock stands when a test starts. */
export const NOON = Date.parse('2026-11-21T02:05:00Z');

/** A gateway before a Temporal server of its own, which can be taken away and brought back. */
export interface House {
  gateway: Gateway;
  engine: Engine;
  client: Client;
  configuration: Configuration;
  clock: { at: number };
  /** Everything the gateway has logged. */
  logged(): string;
  /** A running stand-in incident. */
  incident(changes?: Partial<IncidentView>): Promise<string>;
  /** A running workflow of this id that only listens. */
  listener(workflowId: string): Promise<void>;
  /** What a stand-in was told, every earlier signal included. */
  heard(workflowId: string): Promise<Heard[]>;
  /** Another gateway like this one, which remembers nothing of it. */
  another(): Gateway;
  /** No worker answers any more. */
  stopWorker(): Promise<void>;
  close(): Promise<void>;
}

export async function buildHouse(): Promise<House> {
  const folder = await mkdtemp(join(tmpdir(), 'gateway-'));
  const engine = await startServer({ dbFilename: join(folder, 'temporal.db') });
  const connection = await Connection.connect({ address: engine.address });
  const client = new Client({ connection });
  const native = await NativeConnection.connect({ address: engine.address });
  const taskQueue = freshPrefix();
  const worker = await Worker.create({
    connection: native,
    taskQueue,
    workflowBundle: await bundleWorkflowCode({
      workflowsPath: join(import.meta.dirname, 'workflows.ts'),
      logger: new DefaultLogger('WARN'),
    }),
  });
  const running = worker.run();
  let isRunning = true;
  const stopWorker = async () => {
    if (!isRunning) return;
    isRunning = false;
    worker.shutdown();
    await running;
  };

  const configuration = houseConfiguration(taskQueue);
  const source = { current: configuration };
  const clock = { at: NOON };
  const lines: string[] = [];
  const logger = pino({ base: null }, { write: (line: string) => void lines.push(line) });
  const another = () =>
    createGateway({ source, client, directory: yamlDirectory(source), logger, now: () => clock.at });
  const gateway = another();
  let opened = 0;

  return {
    gateway,
    engine,
    client,
    configuration,
    clock,
    logged: () => lines.join(''),
    async incident(changes = {}) {
      opened += 1;
      const workflowId = `incident-${taskQueue}-${String(opened)}`;
      const view = { ...openIncident(workflowId), ...changes };
      await client.workflow.start('standInIncident', { taskQueue, workflowId, args: [view] });
      return workflowId;
    },
    async listener(workflowId) {
      await client.workflow.start('standInListener', { taskQueue, workflowId });
    },
    heard: (workflowId) => client.workflow.getHandle(workflowId).query<Heard[]>('heard'),
    another,
    stopWorker,
    async close() {
      await gateway.close();
      await stopWorker();
      await native.close();
      await connection.close();
      await engine.stop();
      await rm(folder, { recursive: true });
    },
  };
}

export function openIncident(workflowId: string): IncidentView {
  return {
    workflowId,
    number: 'K7Q2ZD',
    incident: {
      id: '42',
      title: 'db-7 is down',
      severity: 'Critical',
      description: 'Replication lag above 300 s & rising.',
      channel: 'payments',
      source: 'alertmanager',
      labels: { service: 'db', region: 'cn-north-1' },
      detailUrl: 'https://alerts.example.com/42',
      startedAt: '2026-11-21T02:00:00.000Z',
    },
    progress: 'Triggered',
    configuration: '0123456789ab',
    rule: 'payments/P1',
    level: 1,
    levels: 2,
    round: 2,
    revision: 3,
    exhausted: false,
    responders: [{ member: 'primary', assignedAt: '2026-11-21T02:00:01.000Z' }],
    notifications: [
      {
        id: 'n1',
        level: 1,
        round: 1,
        to: 'primary',
        medium: 'voice',
        outcome: 'unanswered',
        reason: 'no answer',
        attempts: [],
        at: '2026-11-21T02:00:01.000Z',
      },
      {
        id: 'n2',
        level: 1,
        round: 2,
        to: 'primary',
        medium: 'feishu-cn',
        outcome: 'accepted',
        attempts: [],
        at: '2026-11-21T02:02:01.000Z',
      },
    ],
    timeline: [
      {
        at: '2026-11-21T02:00:00.000Z',
        kind: 'opened',
        severity: 'Critical',
        title: 'db-7 is down',
        text: '[Critical] db-7 is down',
      },
      {
        at: '2026-11-21T02:00:01.000Z',
        kind: 'notified',
        written: 'level 1, round 1: primary by voice',
        text: 'level 1, round 1: primary by voice',
      },
      {
        at: '2026-11-21T02:02:01.000Z',
        kind: 'notified',
        written: 'level 1, round 2: primary by feishu-cn',
        text: 'level 1, round 2: primary by feishu-cn',
      },
    ],
    next: { at: '2026-11-21T02:07:00.000Z', what: 'level 2' },
  };
}

function houseConfiguration(prefix: string): Configuration {
  const members: Member[] = [
    { id: 'primary', name: 'Primary', locale: 'en', timeZone: 'Asia/Shanghai', identities: { feishu: 'ou_primary' } },
    { id: 'backup', name: '小王', locale: 'zh', timeZone: 'Asia/Shanghai', identities: { feishu: 'ou_backup' } },
  ];
  const templates = { zh: { start: 'TTS_1', keys: { 1: 'TTS_2' } } };
  const key = { accessKeyId: 'k', accessKeySecret: 's', callbackSecret: CALLBACK_SECRET };
  const accounts = [
    accountOf('feishu-cn', 'feishu.app', { appId: 'cli_a', appSecret: 's', verificationToken: 'v-token' }),
    accountOf('aliyun-voice', 'aliyun.voice', { ...key, callerNumbers: ['02131234567'], templates }),
    accountOf('aliyun-sms', 'aliyun.sms', { ...key, signName: 'Ops', templates: { zh: { code: 'SMS_1' } } }),
    accountOf('mail', 'smtp.email', { url: 'smtp://127.0.0.1:25', from: 'oncall@example.com' }),
  ];
  return {
    hash: '0123456789ab',
    prefix,
    gateway: {
      tokens: [],
      host: '127.0.0.1',
      port: 0,
      publicUrl: PUBLIC_URL,
      secrets: [SECRET],
    },
    accounts: new Map(accounts.map((each) => [each.name, each])),
    media: { voice: ['aliyun-voice'], sms: ['aliyun-sms'], email: ['mail'], push: [] },
    members: new Map(members.map((member) => [member.id, member])),
    teams: new Map(),
    schedules: new Map(),
    routes: [],
    channels: new Map(),
    templates: new Map(),
    unmatched: 'ignore',
  };
}
