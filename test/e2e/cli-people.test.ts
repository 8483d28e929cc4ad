import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { IncidentView } from '../../domain/incident/view.ts';
import { openHouse, type House } from '../../sandbox/demo/house.ts';
import { escalations, run, type Ended } from '../child.ts';
import { freshPrefix, serverAddress, serverNamespace } from '../server.ts';

const prefix = freshPrefix();
let house: House;
let folder: string;

beforeAll(async () => {
  house = await openHouse({
    address: serverAddress(),
    namespace: serverNamespace(),
    prefix,
    escalateAfter: '1h',
    gateway: false,
  });
  folder = await mkdtemp(join(tmpdir(), 'escalations-cli-people-'));
  await writeFile(join(folder, 'escalations.yaml'), house.yaml);
});
afterAll(async () => {
  await house.close();
  await rm(folder, { recursive: true, force: true });
});

const SHELL = `cli:${userInfo().username}`;
const by = (member: string): string[] => ['--by', member, '--config', join(folder, 'escalations.yaml')];

function cli(...args: string[]): Promise<Ended> {
  return run(escalations([...args, '--address', serverAddress(), '--namespace', serverNamespace()]));
}

async function opened(name: string): Promise<string> {
  const id = `${prefix}-${name}`;
  await house.client.open({ id, title: `${name} is down`, severity: 'Critical', channel: 'payments' });
  await house.sandbox.responder('primary').expectCard(`${name} is down`);
  return id;
}

it('passes an incident on from the shell, adds people and says what changed', async () => {
  const id = await opened('passed-on');

  const escalated = await cli('escalate', id, ...by('primary'));
  const tooFar = await cli('escalate', id, '--level', '3');
  const reassigned = await cli('reassign', id, '--member', 'backup', '--name', 'the desk');
  const added = await cli('add', id, '--member', 'primary', '--member', 'supervisor', '--json');
  const revised = await cli('revise', id, '--title', 'all is down', '--label', 'service=db', '--label', 'zone=a');
  const { incident, timeline } = await house.client.describe(id);
  await house.client.close(id, { by: { member: 'primary' } });

  expect(escalated).toMatchObject({ code: 0, stderr: '' });
  expect(escalated.stdout).toContain('level 2 of 2, round 1');
  expect(tooFar).toEqual({ code: 1, stdout: '', stderr: 'there is no level 3: the rule has 2\n' });
  expect([reassigned.code, added.code, revised.code]).toEqual([0, 0, 0]);
  expect((JSON.parse(added.stdout) as IncidentView).incident.id).toBe(id);
  expect(incident).toMatchObject({ title: 'all is down', labels: { service: 'db', zone: 'a' } });
  expect(timeline.filter(({ via }) => via === SHELL).map(({ kind, text }) => `${kind} ${text}`)).toEqual([
    'escalated to level 2 by primary',
    'reassigned to backup by the desk',
    'responder-added primary, supervisor by ' + String(timeline.find(({ kind }) => kind === 'revised')?.by?.name),
    expect.stringMatching(/^revised title, labels by /),
  ]);
});

it('opens a closed incident again from the shell, once', async () => {
  const id = await opened('closed');
  await house.client.close(id, { by: { member: 'primary' } });
  await house.client.result(id);

  const reopened = await cli('reopen', id, ...by('backup'), '--reason', 'it is back', '--prefix', prefix);
  const again = await cli('reopen', id, ...by('backup'), '--prefix', prefix, '--json');
  const stranger = await cli('reopen', `${prefix}-never`, '--prefix', prefix);
  const { number, progress, timeline } = await house.client.describe(id);
  await house.client.close(id, { by: { member: 'primary' } });

  expect(reopened).toEqual({ code: 0, stdout: `reopened ${number} incident-${id}\n`, stderr: '' });
  expect(JSON.parse(again.stdout)).toMatchObject({ result: 'revised', number });
  expect(stranger).toEqual({ code: 1, stdout: '', stderr: `no incident is called ${prefix}-never\n` });
  expect(progress).toBe('Triggered');
  expect(timeline.filter(({ kind }) => kind === 'reopened')).toMatchObject([
    { text: 'by backup: it is back', via: SHELL, by: { member: 'backup' } },
  ]);
});

it('keeps what is asked while no worker is up', async () => {
  const id = `${prefix}-idle`;
  await cli('open', '--id', id, '--title', 'nobody works', '--task-queue', `${prefix}-idle`);

  const added = await cli('add', id, '--member', 'primary', ...by('backup'));
  const reopened = await cli('reopen', id);
  await house.temporal.workflow.getHandle(`incident-${id}`).terminate();

  expect(added).toMatchObject({
    code: 0,
    stdout: '',
    stderr: expect.stringContaining('kept in Temporal; no worker has answered yet') as string,
  });
  expect(reopened).toMatchObject({ code: 1, stdout: '' });
  expect(reopened.stderr).toContain('no worker answers: start one with `escalations worker`');
});
