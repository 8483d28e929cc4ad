import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { findServer } from '../sandbox/engine/find-server.ts';
import { findTestServer } from '../test/test-server.ts';

/**
 * `npm test [-- vitest arguments]`: gets the servers that the tests need, runs them, and ends with `N passed, N failed`
 * alone on a line. What could not run is counted and named before it, never passed over.
 */
interface Report {
  testResults: {
    name: string;
    status: 'passed' | 'failed';
    message: string;
    assertionResults: { fullName: string; status: 'passed' | 'failed' | 'skipped' | 'pending' | 'todo' | 'disabled' }[];
  }[];
}

const root = join(import.meta.dirname, '..');
const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');

const missing: string[] = [];
const notRun: string[] = [];
const argv = process.argv.slice(2);

const server = await findServer(console.log).catch((error: unknown) => (error as Error).message);
console.log(typeof server === 'string' ? server : server.how);
const testServer = await findTestServer(console.log);
console.log('how' in testServer ? testServer.how : testServer.missing);
if ('missing' in testServer) missing.push(testServer.missing);

const scratch = await mkdtemp(join(tmpdir(), 'escalations-test-'));
process.exitCode = await main().finally(() => rm(scratch, { recursive: true, force: true }));

async function main(): Promise<number> {
  const projects: string[] = [];
  if (typeof server === 'string') {
    missing.push('no Temporal server, see above');
    notRun.push(...(await listed('temporal')));
    projects.push('--project', 'pure');
  }

  const file = join(scratch, 'report.json');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  const exitCode = await run(['run', ...projects, ...reporters, ...argv]);
  const report = JSON.parse(await readFile(file, 'utf8').catch(() => '{"testResults":[]}')) as Report;

  const count = { passed: 0, failed: 0 };
  const problems: string[] = [];
  for (const { name, status, message, assertionResults } of report.testResults) {
    const path = relative(root, name);
    let fails = 0;
    for (const test of assertionResults) {
      if (test.status === 'passed') count.passed += 1;
      else if (test.status === 'failed') fails += 1;
      else notRun.push(`${path}: ${test.fullName.trim()}`);
    }
    // A file that cannot be loaded, or a hook that throws, fails without any test of it failing.
    if (status === 'failed' && fails === 0) {
      fails = 1;
      problems.push(`${path}: ${message}`);
    }
    count.failed += fails;
  }
  if (count.passed + count.failed === 0) {
    problems.push('no test ran');
    count.failed = 1;
  } else if (exitCode !== 0 && count.failed === 0) {
    problems.push(`vitest ended with ${String(exitCode)}: see its errors above`);
    count.failed = 1;
  }

  for (const problem of problems) console.log(`failed: ${problem}`);
  for (const reason of missing) console.log(`missing: ${reason}`);
  for (const test of notRun) console.log(`skipped: ${test}`);
  const skipped = notRun.length === 0 ? '' : `, ${String(notRun.length)} skipped`;
  console.log(`${String(count.passed)} passed, ${String(count.failed)} failed${skipped}`);
  return count.failed === 0 ? 0 : 1;
}

/** Names of the tests of a project, read from their files without running them. */
async function listed(project: string): Promise<string[]> {
  const file = join(scratch, 'list.json');
  const filters = argv.filter((argument) => !argument.startsWith('-'));
  await run(['list', '--static-parse', '--project', project, `--json=${file}`, ...filters]);
  const tests = JSON.parse(await readFile(file, 'utf8').catch(() => '[]')) as { name: string; file: string }[];
  return tests.map((test) => `${relative(root, test.file)}: ${test.name}`);
}

async function run(args: string[]): Promise<number> {
  const child = spawn(process.execPath, [vitest, ...args], { cwd: root, stdio: 'inherit' });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? 1;
}
