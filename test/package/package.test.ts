import { randomUUID } from 'node:crypto';
import { access, cp, lstat, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Client } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { IncidentView } from '../../domain/incident/view.ts';
import { openHouse, type House } from '../../sandbox/demo/house.ts';
import { Child, run, type ChildOptions } from '../child.ts';
import { connectClient, freshPrefix, serverAddress, serverNamespace } from '../server.ts';
import { beginningOf, keptHistories } from '../workflows/histories.ts';
import type * as workflowCodeFile from '../../worker/workflow-code.ts';

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

const { peerDependencies } = JSON.parse(
  await readFile(join(import.meta.dirname, '..', '..', 'package.json'), 'utf8'),
) as { peerDependencies: Record<string, string> };

let folder: string;
let tarball: string;

// Packed as for publishing (`prepare` builds), and really installed: everything it needs comes from npm's cache, where
// installing this checkout left it. The projects lie side by side, each with its own copy: two have an account with every
// vendor and so their packages, the third has what installing the pack alone brings.
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'escalations-package-'));
  const { stdout } = await must('npm', ['pack', '--json', '--pack-destination', folder], {});
  tarball = join(folder, packed(stdout));
  const vendors = Object.entries(peerDependencies).map(([name, range]) => `${name}@${range}`);
  for (const [project, packages] of [
    ['esm', vendors],
    ['cjs', vendors],
    ['alone', []],
  ] as const) {
    await cp(join(import.meta.dirname, 'fixture', project), join(folder, project), { recursive: true });
    const flags = ['--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts', '--no-package-lock'];
    await must('npm', ['install', ...flags, tarball, ...packages], { cwd: join(folder, project) });
  }
}, 900_000);

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

describe('a project with the pack alone', () => {
  const cwd = (): string => join(folder, 'alone');
  const modules = (): string => join(cwd(), 'node_modules');
  const installed = (): string => join(modules(), 'temporal-escalations');
  const prefix = freshPrefix();
  let house: House;
  /** The demo's file without what needs a vendor's package. */
  let plain: string;

  beforeAll(async () => {
    const [address, namespace] = [serverAddress(), serverNamespace()];
    house = await openHouse({ address, namespace, prefix, escalateAfter: '1h', worker: false, gateway: false });
    plain = house.yaml
      .replace(/^ {2}(aliyun|tencent)-\w+:\n(?: {4}.*\n)+/gm, '')
      .replace(/^ {2}(voice|sms): .*\n/gm, '')
      .replace('[voice]', '[email]');
  });

  afterAll(() => house.close());

  function escalations(...args: string[]): Child {
    const command = join(modules(), '.bin', 'escalations');
    const child = new Child(command, args, { cwd: cwd(), env: { LOG_LEVEL: 'debug' } });
    onTestFinished(async () => {
      await child.stop();
    });
    return child;
  }

  function startWorker(): Child {
    return escalations('worker', '--address', serverAddress(), '--namespace', serverNamespace());
  }

  async function workflowCode(): Promise<typeof workflowCodeFile> {
    const file = join(installed(), 'dist', 'worker', 'workflow-code.js');
    return (await import(pathToFileURL(file).href)) as typeof workflowCodeFile;
  }

  async function shippedBundle(): Promise<{ codePath: string }> {
    const { bundleName, sdkVersion } = await workflowCode();
    return { codePath: join(installed(), 'dist', 'workflows', bundleName(sdkVersion())) };
  }

  it('has no package of a vendor, and takes 350 MB at most', async () => {
    const packages = await readdir(modules());

    expect(packages).toContain('nodemailer');
    expect(packages).not.toContain('twilio');
    expect(packages).not.toContain('tencentcloud-sdk-nodejs');
    expect(packages).not.toContain('@alicloud');
    expect(await spaceOf(modules())).toBeLessThanOrEqual(350 * 1024 * 1024);
  });

  it.each(['validate', 'worker', 'gateway'])('is told by %s which packages its accounts need', async (command) => {
    const texts =
      '  texts: { adapter: twilio.sms, accountSid: AC0123456789abcdef0123456789abcdef, authToken: t, from: T }';
    await writeFile(join(cwd(), 'escalations.yaml'), house.yaml.replace('accounts:', `accounts:\n${texts}`));

    const { code, stderr } = await escalations(command).ended;

    expect(stderr.trim().split('\n')).toEqual([
      'accounts.texts: twilio.sms needs twilio, not installed here',
      'accounts.aliyun-voice: aliyun.voice needs @alicloud/openapi-core and @darabonba/typescript, not installed here',
      'accounts.tencent-voice: tencent.voice needs tencentcloud-sdk-nodejs, not installed here',
      'accounts.aliyun-sms: aliyun.sms needs @alicloud/dysmsapi20170525 and @alicloud/openapi-core and ' +
        '@darabonba/typescript, not installed here',
      'run npm install twilio@6 @alicloud/openapi-core@1 @darabonba/typescript@1 tencentcloud-sdk-nodejs@4 ' +
        '@alicloud/dysmsapi20170525@4',
    ]);
    expect(code).toBe(2);
  });

  it('is told by the demo before it looks for a server', async () => {
    const { code, stdout, stderr } = await escalations('demo', '--script').ended;

    expect(stderr).toMatch(/^the demo has an account with every vendor: run npm install .*twilio@6/);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  });

  it('pages by the workflows that come bundled, and keeps its file when a changed one needs a package', async () => {
    const file = join(cwd(), 'escalations.yaml');
    await writeFile(file, plain);
    const worker = startWorker();
    await worker.until(/"msg":"working"/);

    const id = `${prefix}-alone`;
    await house.client.open({ id, title: `${id} is down`, severity: 'Critical', channel: 'payments' });
    await house.sandbox.responder('primary').expectCard(`${id} is down`, { timeoutMs: 30_000 });
    await writeFile(file, house.yaml);
    await worker.until(/tencent\.voice needs tencentcloud-sdk-nodejs.*the one before stays in force/);
    await house.client.close(id, { by: { member: 'primary' } });
    const { code, stdout } = await worker.stop();

    expect(code).toBe(0);
    expect(stdout).toContain('the workflows come bundled');
    expect(stdout).not.toContain('the workflows are bundled at the start');
  });

  it('bundles the workflows itself for any other version of the SDK', async () => {
    await writeFile(join(cwd(), 'escalations.yaml'), plain);
    const sdk = join(modules(), '@temporalio', 'worker', 'package.json');
    const manifest = await readFile(sdk, 'utf8');
    const { sdkVersion } = await workflowCode();
    await writeFile(sdk, manifest.replace(`"version": "${sdkVersion()}"`, '"version": "1.999.0"'));
    onTestFinished(() => writeFile(sdk, manifest));

    const worker = startWorker();
    await worker.until(/"msg":"working"/);
    const { code, stdout } = await worker.stop();

    expect(stdout).toMatch(
      /no bundle for @temporalio\/worker 1\.999\.0 is shipped.*the workflows are bundled at the start/,
    );
    expect(code).toBe(0);
  });

  it("bundles them itself with the user's converters or plugins, which may change what runs in a workflow", async () => {
    const { workflowCode: choose, workflowsPath, PLUGIN_NAME } = await workflowCode();
    const logger = pino({ level: 'silent' });
    const bundled = { workflowBundle: await shippedBundle() };
    const connection = { plugins: [] };

    expect(choose({ connection }, logger)).toEqual(bundled);
    expect(choose({ connection, dataConverter: { payloadCodecs: [] } }, logger)).toEqual(bundled);
    expect(choose({ connection: { plugins: [{ name: PLUGIN_NAME }] } }, logger)).toEqual(bundled);

    const own = { workflowsPath };
    expect(choose({ connection, dataConverter: { payloadConverterPath: '/their.js' } }, logger)).toEqual(own);
    expect(choose({ connection, dataConverter: { failureConverterPath: '/their.js' } }, logger)).toEqual(own);
    expect(choose({ connection: { plugins: [{ name: 'tracing' }] } }, logger)).toEqual(own);
  });

  it.each(keptHistories())('goes on with what earlier releases began: $name', async (history) => {
    const workflowBundle = await shippedBundle();

    await Worker.runReplayHistory({ workflowBundle }, JSON.parse(history.json), beginningOf(history).workflowId);
  });

  it('is not told where the pack was built', async () => {
    const bundle = await readFile((await shippedBundle()).codePath, 'utf8');
    const [, map = ''] = /sourceMappingURL=data:[^,]*,(.*)/.exec(bundle) ?? [];
    const { sources } = JSON.parse(Buffer.from(map, 'base64').toString()) as { sources: string[] };

    expect(sources).toContain('./dist/workflows/incident.js');
    expect(sources.filter((source) => source.includes(join(import.meta.dirname, '..', '..')))).toEqual([]);
  });
});

/** What a folder takes of a disk with blocks of 4 KiB, in bytes. */
async function spaceOf(path: string): Promise<number> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(files.map(async (file) => (await lstat(join(file.parentPath, file.name))).size));
  return sizes.reduce((sum, size) => sum + Math.ceil(size / 4096) * 4096, 0);
}
