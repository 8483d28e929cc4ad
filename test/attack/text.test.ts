import { afterAll, beforeAll, expect, it } from 'vitest';
import { withEverywhere } from '../../sandbox/demo/everywhere.ts';
import type { House } from '../../sandbox/demo/house.ts';
import { escalations, run } from '../child.ts';
import { openTestHouse, until } from '../e2e/house.ts';
import { freshPrefix, serverAddress, serverNamespace } from '../server.ts';

const prefix = freshPrefix();
const opened: string[] = [];
let house: House;

beforeAll(async () => {
  house = await openTestHouse({ prefix, sandbox: { limits: false }, edit: withEverywhere });
});
afterAll(async () => {
  for (const id of opened) await house.client.close(id, { by: { name: 'test' } }).catch(() => undefined);
  await house.close();
});

/** Steers a terminal, turns the words around, hides some, and begins a line that says something else. */
const TRICKS = '\u001b[2J\u009b31m\u202eTRICK\u2066\u200f\u2060\ufeff\u{e0041}\u0000\r\nSeverity: Info\u2028x\u0085y';
const MISLEADING = /(?!\n)[\p{Cc}\p{Cs}\u061c\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\u{e0000}-\u{e007f}]/u;

function textsIn(data: unknown): string[] {
  if (typeof data === 'string') return [data];
  if (typeof data !== 'object' || data === null) return [];
  return Object.entries(data).flatMap(([name, value]) => [name, ...textsIn(value)]);
}

const misleadingIn = (data: unknown): string[] => textsIn(data).filter((text) => MISLEADING.test(text));

async function open(name: string, channel: string, rule?: object): Promise<string> {
  const id = `${prefix}-${name}`;
  opened.push(id);
  const incident = {
    id,
    title: `${name} ${TRICKS} [x](https://evil.example) <blink>`,
    severity: 'Critical',
    channel,
    source: `Grafana ${TRICKS}`,
    description: `Replication lag\n${TRICKS}`,
    labels: { [`service${TRICKS}`]: `db${TRICKS}`, description: 'a\nSeverity: Info' },
    detailUrl: 'https://grafana.example/d/1?\u202eq=\u200b1',
  };
  await house.client.open(incident, rule ? { rule } : {});
  return id;
}

const isTold = ({ notifications }: { notifications: { outcome: string }[] }): boolean =>
  notifications.length > 0 && notifications.every(({ outcome }) => outcome !== 'pending');

it('what a stranger wrote steers no terminal, turns no words around and begins no line, wherever it is shown', async () => {
  const id = await open('chats', 'everywhere');
  await until(house, id, isTold);
  await house.client.comment(id, { by: { name: `Eve${TRICKS}` }, via: `chat${TRICKS}`, text: `looking ${TRICKS}` });
  await house.client.acknowledge(id, { by: { name: `Eve${TRICKS}` } });
  const view = await until(house, id, ({ progress }) => progress === 'Processing');

  expect(misleadingIn(view)).toEqual([]);
  expect(view.incident.labels).toEqual({
    'service [2J 31mTRICK  Severity: Info x y': 'db [2J 31mTRICK  Severity: Info x y',
    description: 'a Severity: Info',
  });
  expect(view.incident.detailUrl).toBe('https://grafana.example/d/1?%E2%80%AEq=%E2%80%8B1');

  const cards = house.sandbox.world.cards.filter((card) => JSON.stringify(card).includes('TRICK'));
  expect(new Set(cards.map(({ vendor }) => vendor)).size).toBeGreaterThan(6);
  expect(misleadingIn(cards)).toEqual([]);
  for (const { text = '' } of cards) expect(text).not.toMatch(/^Severity: Info/m);

  const where = ['--address', serverAddress(), '--namespace', serverNamespace()];
  for (const args of [['status', id], ['status', id, '--json'], ['watch', id], ['list'], ['list', '--json']]) {
    if (args[0] === 'watch') await house.client.close(id, { by: { name: `Eve${TRICKS}` }, resolution: TRICKS });
    const { stdout, stderr } = await run(escalations([...args, ...where]));
    const lines = [...stdout.split('\n'), ...stderr.split('\n')];
    expect(lines.filter((line) => MISLEADING.test(line) || line.startsWith('Severity: Info'))).toEqual([]);
  }
  const refused = await run(escalations(['ack', id, '--name', 'me', ...where]));
  expect(refused.stderr).toContain('TRICK');
  expect(MISLEADING.test(refused.stderr.replaceAll('\n', ''))).toBe(false);
});

it('nor in a call, a text message, a mail or the page', async () => {
  const id = await open('phones', 'payments', {
    levels: [{ to: { members: ['primary'] }, by: { default: ['voice', 'sms', 'email'] }, escalateAfter: '12h' }],
  });
  const primary = house.sandbox.responder('primary');
  const call = await primary.expectCall(/phones/);
  const text = await primary.expectText(/phones/);
  const mail = await primary.expectMail(/phones/);
  expect(misleadingIn([call.text, text, mail])).toEqual([]);
  expect(mail.subject).not.toContain('\n');
  expect(mail.text).not.toMatch(/^service.*\nSeverity: Info/m);
  expect(mail.html).not.toContain('<blink>');

  const link = /https?:\/\/\S+\/i\/[\w.-]+/.exec(mail.text)?.[0] ?? '';
  const page = await (await fetch(link.replace(/^https?:\/\/[^/]+/, house.gatewayUrl))).text();
  expect(page).toContain('TRICK');
  expect(misleadingIn([page.replaceAll('\n', ' ')])).toEqual([]);
  expect(page).not.toContain('<blink>');
  await until(house, id, ({ level }) => level === 1);
});

it('is no markup for an operator who reads the Web UI', async () => {
  const id = await open('operator', 'payments');
  await until(house, id, isTold);
  const handle = house.temporal.workflow.getHandle(`incident-${id}`);
  const { memo, staticSummary } = await handle.describe().then(async (run) => ({
    memo: run.memo,
    staticSummary: await run.staticSummary(),
  }));
  expect(memo?.['title']).toBe('operator  [2J 31mTRICK  Severity: Info x y [x](https://evil.example) <blink>');
  expect(staticSummary).toBe(
    '[Critical] operator  \\[2J 31mTRICK  Severity: Info x y \\[x\\](https\\://evil.example) \\<blink\\>',
  );
});

it('an incident with a long title in Chinese is opened too, and lists show its beginning', async () => {
  const id = `${prefix}-long`;
  opened.push(id);
  await house.client.open({ id, title: '数据库主机宕机'.repeat(70), severity: 'Critical', channel: 'payments' });
  await house.sandbox.responder('primary').expectCard('数据库主机宕机');
  const run = await house.temporal.workflow.getHandle(`incident-${id}`).describe();
  expect(await run.staticSummary()).toMatch(/^\[Critical\] (数据库主机宕机)+.*…$/);
});
