import { randomUUID } from 'node:crypto';
import { access, cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { IncidentView } from '../../domain/incident/view.ts';
import { openHouse, type House } from '../../sandbox/demo/house.ts';
import { Child, run, type ChildOptions } from '../child.ts';
import { connectClient, freshPrefix, serverAddress, serverNamespace } from '../server.ts';

/** Names of each way into the package, for those who import and those who require. */
const EXPORTS = {
  'temporal-escalations': [
    'ConfigurationError',
    'ConfigurationSource',
    'EscalationClient',
    'EscalationsPlugin',
    'RefusedError',
    'loadConfiguration',
    'parseConfiguration',
    'startWorkers',
    'yamlDirectory',
  ],
  'temporal-escalations/workflow': ['escalate'],
  'temporal-escalations/workflows': ['account', 'escalateIncident', 'member', 'phone'],
  'temporal-escalations/client': ['EscalationClient', 'RefusedError', 'incidentWorkflowId'],
  'temporal-escalations/gateway': ['createGateway'],
  'temporal-escalations/sandbox': ['Sandbox'],
};

let folder: string;
let tarball: string;

// Packed as for publishing (`prepare` builds), and really installed: everything it needs comes from npm's cache, where
// installing this checkout left it. Both projects lie side by side, each with its own copy.
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'escalations-package-'));
  const { stdout } = await must('npm', ['pack', '--json', '--pack-destination', folder], {});
  tarball = join(folder, packed(stdout));
  for (const project of ['esm', 'cjs']) {
    await cp(join(import.meta.dirname, 'fixture', project), join(folder, project), { recursive: true });
    const flags = ['--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts', '--no-package-lock'];
    await must('npm', ['install', ...flags, tarball], { cwd: join(folder, project) });
  }
}, 300_000);

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** What `npm pack --json` says after whatever the build printed. */
function packed(stdout: string): string {
  const [, name] = /"filename": "([^"]+\.tgz)"/.exec(stdout) ?? [];
  if (name === undefined) throw new Error(`npm pack named no file: ${stdout}`);
  return name;
}

async function must(command: string, args: readonly string[], options: ChildOptions): Promise<{ stdout: string }> {
  const ended = await new Child(command, args, options).ended;
  if (ended.code !== 0) throw new Error(`${command} ${args[0] ?? ''} failed:\n${ended.stdout}\n${ended.stderr}`);
  return ended;
}

it('brings everything its exports name, and no test', async () => {
  const installed = join(folder, 'esm', 'node_modules', 'temporal-escalations');
  const { exports, bin } = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8')) as {
    exports: Record<string, string | Record<string, string>>;
    bin: Record<string, string>;
  };
  const promised = [exports, bin].flatMap((group) =>
    Object.values(group).flatMap((to) => (typeof to === 'string' ? [to] : Object.values(to))),
  );

  const missing: string[] = [];
  for (const path of promised) await access(join(installed, path)).catch(() => missing.push(path));
  const files = await readdir(join(installed, 'dist'), { recursive: true });

  expect(missing).toEqual([]);
  expect(files.length).toBeGreaterThan(200);
  expect(files.filter((file) => /(^|\/)(test|bench|tools)(\/|$)|\.test\.|\.spec\./.test(file))).toEqual([]);
  await access(join(installed, 'config', 'escalations.schema.json'));
  await access(join(installed, 'tools', 'temporal', 'go.mod'));
});

it('is packed the way bundlers and runtimes expect', async () => {
  const { code, stdout, stderr } = await run(new Child('npx', ['publint', 'run', '--strict', tarball]));

  expect({ code, stdout, stderr }).toMatchObject({ code: 0 });
});

it('puts the command line on the path of a project', async () => {
  const command = join(folder, 'cjs', 'node_modules', '.bin', 'escalations');

  const media = await run(new Child(command, ['media', '--json']));

  expect(media.code).toBe(0);
  expect(Object.keys(JSON.parse(media.stdout) as object)).toContain('tencent.voice');
});

describe.each([
  { project: 'esm', files: { exports: 'exports.mjs', worker: 'worker.mjs' }, word: 'imports' },
  { project: 'cjs', files: { exports: 'exports.js', worker: 'worker.js' }, word: 'requires' },
])('a project that $word the package', ({ project, files }) => {
  const cwd = (): string => join(folder, project);
  const prefix = freshPrefix();
  const taskQueue = `${prefix}-theirs`;
  let house: House;
  let client: Client;
  let worker: Child;

  beforeAll(async () => {
    client = await connectClient();
    const [address, namespace] = [serverAddress(), serverNamespace()];
    house = await openHouse({ address, namespace, prefix, escalateAfter: '1h', worker: false, gateway: false });
    await writeFile(join(cwd(), 'escalations.yaml'), house.yaml);
    const env = { ADDRESS: address, NAMESPACE: namespace, TASK_QUEUE: taskQueue };
    worker = new Child(process.execPath, [files.worker], { cwd: cwd(), env });
  });

  afterAll(async () => {
    await worker.stop();
    await house.close();
    await client.connection.close();
  });

  /** Their workflow, which pages and waits. */
  async function repairDatabase(id: string) {
    const incident = { id, title: `${id} is down`, severity: 'Critical', channel: 'payments' };
    const workflowId = `repair-${randomUUID()}`;
    const handle = await client.workflow.start('repairDatabase', { workflowId, taskQueue, args: [incident, prefix] });
    return { workflowId, result: handle.result() as Promise<IncidentView> };
  }

  it('finds the documented names', async () => {
    const { stdout, stderr, code } = await run(
      new Child(process.execPath, [files.exports, ...Object.keys(EXPORTS)], { cwd: cwd() }),
    );

    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
    expect(JSON.parse(stdout)).toEqual(EXPORTS);
  });

  it('pages from a workflow of its own and learns how it ended', async () => {
    const { result } = await repairDatabase(`${prefix}-new`);
    const primary = house.sandbox.responder('primary');
    await primary.expectCard(`${prefix}-new is down`, { timeoutMs: 30_000 });

    await house.client.close(`${prefix}-new`, { by: { member: 'primary' }, resolution: 'restarted it' });

    expect(await result).toMatchObject({
      progress: 'Closed',
      closedBy: { member: 'primary' },
      resolution: 'restarted it',
      incident: { id: `${prefix}-new` },
    });
  });

  it('waits for the incident that somebody else had opened, and has its end also afterwards', async () => {
    const id = `${prefix}-open`;
    const primary = house.sandbox.responder('primary');
    await house.client.open({ id, title: 'opened elsewhere', severity: 'Critical', channel: 'payments' });
    await primary.expectCard('opened elsewhere', { timeoutMs: 30_000 });

    const during = await repairDatabase(id);
    await expect
      .poll(async () => {
        const { raw } = await client.workflow.getHandle(during.workflowId).describe();
        return raw.pendingActivities?.map(({ activityType }) => activityType?.name);
      })
      .toEqual(['awaitIncident']);
    await house.client.close(id, { by: { name: 'Grafana' } });
    const [view, afterwards] = [await during.result, await (await repairDatabase(id)).result];

    expect(view).toMatchObject({ progress: 'Closed', closedBy: { name: 'Grafana' } });
    expect(afterwards).toEqual(view);
    expect(primary.cards.filter((card) => JSON.stringify(card).includes(`${id} is down`))).toEqual([]);
  });

  it('ends its own Worker and the pack with it', async () => {
    const { code, stderr } = await worker.stop();

    expect({ code, stderr: stderr.includes('Error') ? stderr : '' }).toEqual({ code: 0, stderr: '' });
  });
});
