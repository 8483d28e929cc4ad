import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { checkTemplates } from '../../config/lint/wording.ts';
import { escalations, run } from '../child.ts';
import { parse, sample } from '../config/sample.ts';

const BOT =
  '  ops: { adapter: dingtalk.bot, webhook: "https://oapi.dingtalk.com/robot/send?access_token=x", keyword: "#" }';
const house = (...entries: string[]): string =>
  sample({
    4: `${BOT}\n  mail: { adapter: smtp.email, url: "smtp://127.0.0.1:2525", from: oncall@example.com }`,
  }).replace(
    'unmatched: ignore',
    ['unmatched: ignore', 'wording: house', 'templates:', '  house:', ...entries].join('\n'),
  );
const findings = (...entries: string[]) =>
  checkTemplates(parse(house(...entries))).map(({ isFailure, text }) => `${isFailure ? '✗' : '!'} ${text}`);

describe('a check of the templates', () => {
  it('has nothing to say of good ones', () => {
    expect(findings('    - { text: "#{{ incident.number }} {{ lead }}" }')).toEqual([]);
  });

  it('finds what fails only with some incidents', () => {
    const failing = `    - { media: [mail], events: [opened], locale: en, text: '{% for r in responders %}{{ r.nick }}{% endfor %}' }`;
    expect(findings(failing)).toEqual(['✗ house for mail, opened, en: undefined variable: r.nick']);
  });

  it('says where a bot’s keyword is missing, and where a message comes near the limit', () => {
    expect(findings('    - { media: [ops], events: [closed], locale: en, subject: a, facts: a }')).toEqual([
      '! house for ops, closed, en: lacks the keyword of the bot; it is added to the subject',
    ]);
    const long = `    - { media: [ops], events: [closed], locale: en, text: '{% for i in (1..1700) %}#123456789{% endfor %}' }`;
    expect(findings(long)).toEqual([
      expect.stringMatching(/^! house for ops, closed, en: 17\d\d\d of 20000 bytes; what is too much is cut$/),
    ]);
  });

  it('says what is never used', () => {
    expect(findings('    - { text: "#" }', '    - { media: [mail], text: b }')).toEqual([
      '! house: entry 2 is never used: no account fits, or an entry above takes all',
    ]);
    const unchosen = house('    - { text: "#" }').replace('wording: house\n', '');
    expect(checkTemplates(parse(unchosen)).map(({ text }) => text)).toEqual([
      'house: no rule, no channel and no top-level wording chooses it',
    ]);
  });
});

describe('escalations templates', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'escalations-templates-'));
    await writeFile(
      join(folder, 'good.yaml'),
      house('    - { subject: "{{ incident.number }}: {{ incident.title }}" }'),
    );
    await writeFile(
      join(folder, 'bad.yaml'),
      house('    - { text: "{% for r in responders %}{{ r.x }}{% endfor %}" }'),
    );
    await writeFile(join(folder, 'incident.json'), JSON.stringify({ title: 'disk\u001b[31m full', severity: 'Info' }));
  });
  afterAll(() => rm(folder, { recursive: true }));
  const command = (...args: string[]) =>
    run(escalations(['templates', ...args.map((arg) => (/\.(yaml|json)$/.test(arg) ? join(folder, arg) : arg))]));

  it('show gives a preset as configuration that can be used as it is', async () => {
    const { code, stdout } = await command('show', 'email', 'closed', '--lang', 'zh');
    expect(code).toBe(0);
    expect(stdout).toContain('        故障已关闭。\n        {{ incident.description }}\n');
    const { templates } = parseYaml(stdout) as { templates: { house: object[] } };
    const [entry] = templates.house;
    expect(checkTemplates(parse(house(`    - ${JSON.stringify(entry)}`)))).toEqual([]);
  });

  it('preview says what each account would send of a given incident, and steers no terminal', async () => {
    const { code, stdout } = await command('preview', 'all', '--config', 'good.yaml', '--incident', 'incident.json');
    expect(code).toBe(0);
    for (const account of ['feishu-cn (feishu.app)', 'ops (dingtalk.bot)', 'mail (smtp.email)']) {
      expect(stdout).toContain(account);
    }
    expect(stdout).toContain('  7QK2MD: disk [31m full');
    expect(stdout).toMatch(/ops \(dingtalk\.bot\), opened, en: \d+ of 20000 bytes/);
  });

  it('preview knows the presets of every adapter without a configuration', async () => {
    const { code, stdout } = await command('preview', 'telegram.bot', 'snoozed', '--lang', 'zh');
    expect(code).toBe(0);
    expect(stdout).toContain('已暂缓至 04:05');
    const called = await command('preview', 'aliyun.voice');
    expect(called).toMatchObject({ code: 1 });
    expect(called.stderr).toContain('calls speak by the templates of their own account');
  });

  it('check ends with 1 when a template fails', async () => {
    expect(await command('check', '--config', 'good.yaml')).toMatchObject({ code: 0 });
    const { code, stdout } = await command('check', '--config', 'bad.yaml');
    expect(code).toBe(1);
    expect(stdout).toContain('house for mail, opened, en: undefined variable: r.x');
  });
});
