import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { House } from '../../sandbox/demo/house.ts';
import { escalations, run, type Ended } from '../child.ts';
import { openTestHouse } from '../e2e/house.ts';
import { freshPrefix, serverAddress, serverNamespace } from '../server.ts';

const prefix = freshPrefix();
const id = `${prefix}-shell`;
const login = userInfo().username;
let folder: string;
let house: House;

beforeAll(async () => {
  house = await openTestHouse({ prefix, sandbox: { limits: false }, escalateAfter: '12h' });
  folder = await mkdtemp(join(tmpdir(), 'escalations-shell-'));
  await writeFile(join(folder, 'escalations.yaml'), house.yaml);
  await house.client.open({ id, title: 'db-7 is down', severity: 'Critical', channel: 'payments' });
  await house.sandbox.responder('primary').expectCard('db-7 is down');
});
afterAll(async () => {
  await house.client.close(id, { by: { name: 'test' } }).catch(() => undefined);
  await house.close();
  await rm(folder, { recursive: true, force: true });
});

const where = (): string[] => ['--address', serverAddress(), '--namespace', serverNamespace()];

/** @param file the configuration that is on the machine, if any. */
function cli(args: string[], file = 'escalations.yaml'): Promise<Ended> {
  return run(escalations([...args, '--config', join(folder, file), ...where()]));
}

it('nobody acts in the name of somebody who does not exist, or of a member as if they were none', async () => {
  const stranger = await cli(['ack', id, '--by', 'prymary']);
  expect(stranger).toMatchObject({ code: 1, stdout: '' });
  expect(stranger.stderr).toContain('prymary is no member of');

  for (const name of ['primary', 'PRIMARY ']) {
    const disguised = await cli(['ack', id, '--name', name]);
    expect(disguised).toMatchObject({ code: 1, stdout: '' });
    expect(disguised.stderr).toContain('is a member: nothing was done. Act with --by primary');
  }
  expect((await house.client.describe(id)).progress).toBe('Triggered');
});

it('an incident is not taken from its people for somebody who does not exist', async () => {
  for (const wrong of [
    ['--member', 'backup', '--member', 'bakcup'],
    ['--team', 'nobodys'],
    ['--schedule', 'never/primary'],
  ]) {
    const refused = await cli(['reassign', id, ...wrong]);
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toMatch(/is no (member|team|schedule) of .*: nothing was done/);
  }
  expect((await house.client.describe(id)).timeline.filter(({ kind }) => kind === 'reassigned')).toEqual([]);
});

it('the timeline says from whose shell somebody acted, and whether the member was looked up', async () => {
  expect(await cli(['comment', id, 'looking', '--by', 'primary'])).toMatchObject({ code: 0, stderr: '' });
  const unchecked = await cli(['ack', id, '--by', 'primary'], 'none.yaml');
  expect(unchecked.code).toBe(0);
  expect(unchecked.stderr).toContain('whether primary is a member was not checked');
  await cli(['comment', id, 'looking too']);
  const { stdout } = await run(escalations(['status', id, ...where()]));
  expect(stdout).toContain(`primary: looking (from the shell of ${login})`);
  expect(stdout).toContain(`by primary (from the shell of ${login}, the member was not checked)`);
  expect(stdout).toContain(`${login}: looking too (from the shell of ${login})`);
});
