import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createProgram } from '../../../cli/program.ts';
import type { CallMade } from '../../../cli/simulate/phones.ts';
import { offset } from '../../../cli/simulate/text.ts';
import type { Moment } from '../../../cli/simulate/simulation.ts';
import { escalations, run, type Ended } from '../../child.ts';

const YAML = `gateway: { secrets: [pK3xZ7vQ9mT4wB6n] }
accounts:
  feishu-cn: { adapter: feishu.app, appId: a, appSecret: b, verificationToken: c }
  aliyun-voice: { adapter: aliyun.voice, accessKeyId: k, accessKeySecret: s, callerNumbers: ['02131234567'],
    templates: { zh: { start: T, keys: { '1': T } } }, callbackSecret: av-w3Kx9Zr7Qm2Vt4 }
  tencent-voice: { adapter: tencent.voice, secretId: i, secretKey: k, voiceSdkAppid: '1400000000',
    templates: { zh: { id: '1', params: [title] } }, callbackSecret: tv-w3Kx9Zr7Qm2Vt4 }
  aliyun-sms: { adapter: aliyun.sms, accessKeyId: k, accessKeySecret: s, signName: On call,
    templates: { zh: { code: S, params: [title] } }, callbackSecret: as-w3Kx9Zr7Qm2Vt4, perReceiver: [20/1h] }
  mail: { adapter: smtp.email, url: 'smtp://127.0.0.1:2525', from: oncall@example.com }
media: { voice: [aliyun-voice, tencent-voice], sms: [aliyun-sms], email: [mail] }
members:
  primary: { name: Primary, email: primary@example.com, identities: { feishu: ou_1 } }
  backup: { name: Backup, email: backup@example.com }
  supervisor: { name: Supervisor, phone: '+8613800000003', email: supervisor@example.com }
schedules:
  rota:
    timeZone: Asia/Shanghai
    layers: [{ members: [primary, backup], start: 2026-01-05, every: 1d, handOver: '09:00' }]
channels:
  payments:
    rules:
      - name: P1
        when: { filters: [[{ key: severity, oper: IN, vals: [Critical] }]] }
        levels:
          - { to: { members: [primary] }, by: { default: [feishu-cn, email] }, escalateAfter: 5m }
          - { to: { members: [supervisor] }, by: { default: [voice] } }
  rota:
    autoClose: { after: 720h }
    rules:
      - name: rota
        levels:
          - { to: { schedules: [rota] }, by: { default: [email] }, repeat: { every: 10m, times: 2 } }
unmatched: ignore
`;
const CRITICAL = { id: 'db-7', title: 'db-7 is down', severity: 'Critical', channel: 'payments' };

let folder: string;
let configuration: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'escalations-simulate-'));
  configuration = join(folder, 'escalations.yaml');
  await writeFile(configuration, YAML);
});
afterAll(() => rm(folder, { recursive: true }));

function simulate(incident: object | undefined, ...more: string[]): Promise<Ended> {
  const about = incident ? ['--incident', '-'] : [];
  const input = incident ? { input: JSON.stringify(incident) } : {};
  const args = ['simulate', '--config', configuration, ...about, ...more];
  return run(escalations(args, { env: { LC_ALL: 'C' }, ...input }));
}

const lines = ({ stdout }: Ended): string[] => stdout.trimEnd().split('\n');

describe('escalations simulate', () => {
  it('tells the whole story of a Critical that nobody takes', async () => {
    const ended = await simulate(CRITICAL, '--at', '2026-11-20T08:00:00Z');

    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(lines(ended)[0]).toMatch(/^\[Critical\] db-7 is down, opens 2026-11-2\d \d\d:\d\d:00 /);
    expect(lines(ended).slice(1)).toEqual([
      'channel payments (the incident names it)',
      'follows payments/P1',
      '+00:00           assigned to primary',
      '+00:00  level 1  feishu-cn → primary',
      '+00:00  level 1  email → primary by mail',
      '+05:00           escalated to level 2: nobody acknowledged',
      '+05:00           assigned to supervisor',
      '+05:00  level 2  voice → supervisor by aliyun-voice (then tencent-voice)',
      '+06:00  level 2  voice → supervisor: unanswered by aliyun-voice, nobody picked up',
      '+06:00           told primary, supervisor: nobody acknowledged and nobody is being told now, an operator must act',
      'nothing further happens by itself',
    ]);
  });

  it('tells the same story in Chinese to who reads Chinese', async () => {
    const ended = await simulate(CRITICAL, '--at', '2026-11-20T08:00:00Z', '--fail', 'aliyun-voice', '--lang', 'zh');

    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(lines(ended)[0]).toMatch(/^\[严重\] db-7 is down，触发于 2026-11-2\d \d\d:\d\d:00 /);
    expect(lines(ended).slice(1)).toEqual([
      '协作空间 payments（由故障指定）',
      '采用规则 payments/P1',
      '+00:00             分派给 primary',
      '+00:00  第 1 环节  feishu-cn → primary',
      '+00:00  第 1 环节  邮件 → primary（mail）',
      '+05:00             升级至第 2 环节：无人认领',
      '+05:00             分派给 supervisor',
      '+05:00  第 2 环节  电话 → supervisor（aliyun-voice，备用 tencent-voice）',
      '+05:00  第 2 环节  电话 → supervisor（tencent-voice），此前 aliyun-voice 未成功：按模拟设定失败',
      '+06:00  第 2 环节  电话 → supervisor：未接听（tencent-voice），无人接听',
      '+06:00             已通知 primary、supervisor；无人认领，目前不再通知任何人，请管理员处理',
      '此后没有自动进行的步骤',
    ]);
  });

  it('takes the language from the environment, and answers programs in English all the same', async () => {
    const args = ['simulate', '--config', configuration, '--incident', '-', '--acknowledge-after', '200h'];
    const chinese = { env: { LC_ALL: 'zh_CN.UTF-8' }, input: JSON.stringify({ ...CRITICAL, channel: 'rota' }) };
    const [people, programs] = await Promise.all([
      run(escalations(args, chinese)),
      run(escalations([...args, '--json'], chinese)),
    ]);

    expect(lines(people).at(-1)).toBe('模拟到第 7 天为止；下一步：+8d 08:00:00 认领');
    expect(programs.stdout).not.toMatch(/\p{Script=Han}/u);
    expect(programs.stdout).toContain('"what":"acknowledge"');
  });

  it('names members beside their ids where a name says more', async () => {
    const named = join(folder, 'named.yaml');
    await writeFile(named, YAML.replace('name: Supervisor', 'name: 李四'));
    const { stdout } = await simulate(CRITICAL, '--config', named);

    expect(stdout).toContain('assigned to supervisor (李四)');
    expect(stdout).toContain('voice → supervisor (李四) by aliyun-voice');
    expect(stdout).toContain('email → primary by mail');
  });

  it('leaves the supervisor alone when the primary acknowledges in time', async () => {
    const ended = await simulate(CRITICAL, '--acknowledge-after', '3m', '--by', 'primary');

    expect(lines(ended).slice(-2)).toEqual([
      '+03:00           acknowledged by primary',
      'nothing further happens by itself',
    ]);
    expect(ended.stdout).not.toContain('supervisor');
  });

  it('shows who stands in when accounts fail, up to another medium', async () => {
    const one = lines(await simulate(CRITICAL, '--fail', 'aliyun-voice'));
    const both = lines(await simulate(CRITICAL, '--fail', 'aliyun-voice', '--fail', 'tencent-voice'));

    expect(one).toContain(
      '+05:00  level 2  voice → supervisor by tencent-voice, because of aliyun-voice: it is told to fail',
    );
    expect(one.join('\n')).toContain('unanswered by tencent-voice');
    expect(both).toContain('+05:00  level 2  sms → supervisor by aliyun-sms');
    expect(both.join('\n')).not.toContain('unanswered');
  });

  it('asks who is on duty at the time of each round, and looks no further than a week', async () => {
    const incident = { ...CRITICAL, severity: 'Info', channel: 'rota' };
    const ended = await simulate(incident, '--at', '2026-11-20T08:55+08:00');

    expect(lines(ended).slice(2)).toEqual([
      'follows rota/rota',
      '+00:00                    assigned to primary',
      '+00:00  level 1           email → primary by mail',
      '+10:00                    assigned to backup',
      '+10:00  level 1, round 2  email → backup by mail',
      '+10:00                    told primary, backup: nobody acknowledged and nobody is being told now, an operator must act',
      'stopped after 7 days; next: auto-close at +30d 00:00:00',
    ]);
  });

  it('says that nobody is told when no rule matches', async () => {
    const ended = await simulate({ ...CRITICAL, severity: 'Info' });

    expect(lines(ended)).toContain('follows no rule: nobody is told');
    expect(ended.stdout).not.toContain('→');
  });

  it('answers programs in JSON', async () => {
    const { stdout } = await simulate(CRITICAL, '--json', '--at', '2026-11-20T08:00:00Z');
    const { moments, ...about } = JSON.parse(stdout) as { moments: Moment[] };

    expect(about).toEqual({
      at: '2026-11-20T08:00:00.000Z',
      channel: { name: 'payments', by: 'name' },
      rule: 'payments/P1',
    });
    expect(moments.find(({ what }) => what === 'called')).toEqual({
      afterMs: 300_000,
      incident: 'db-7',
      level: 2,
      round: 1,
      what: 'called',
      text: 'voice → supervisor by aliyun-voice (then tencent-voice)',
      to: 'supervisor',
      medium: 'voice',
      account: 'aliyun-voice',
      then: ['tencent-voice'],
    });
  });

  it.each([
    [[], /^say which incident with --incident, or how many with --storm$/],
    [['--storm', '0', '--member', 'supervisor'], /^--storm is a whole number from 1 to 500$/],
    [['--storm', '40'], /^--storm and --member go together/],
    [['--storm', '40', '--member', 'nobody'], /^no member is called "nobody"; known: primary, backup, supervisor$/],
    [['--storm', '2', '--member', 'supervisor', '--fail', 'x'], /^no account is called "x"; known: feishu-cn, /],
    [['--incident', '-', '--by', 'primary'], /^--by needs --acknowledge-after$/],
    [['--incident', '-', '--acknowledge-after', '7'], /^--acknowledge-after: "7" is not a duration; write it like 0s/],
  ])('refuses %j and says what to write', async (flags, why) => {
    const args = ['simulate', '--config', configuration, ...flags];
    await expect(createProgram().parseAsync(args, { from: 'user' })).rejects.toThrow(why);
  });
});

describe('forty incidents in a minute for one person', () => {
  const storm = ['--storm', '40', '--member', 'supervisor', '--at', '2026-11-20T08:00:00Z'];
  const played = async (...more: string[]) =>
    JSON.parse((await simulate(undefined, ...storm, '--json', ...more)).stdout) as {
      calls: CallMade[];
      moments: Moment[];
    };

  it('are two calls, and the line is never busy with two at once', async () => {
    const { calls, moments } = await played();

    expect(calls.map(({ afterMs, endedAfterMs, announces }) => [afterMs, endedAfterMs, announces.length])).toEqual([
      [0, 60_000, 1],
      [60_000, 120_000, 39],
    ]);
    expect(new Set(calls.flatMap(({ announces }) => announces)).size).toBe(40);
    expect(moments.filter(({ what }) => what === 'called')).toHaveLength(40);
  });

  it('go out by SMS after 20 s of waiting, and by e-mail once the vendor takes no more SMS', async () => {
    const { moments } = await played();
    const openedAt = new Map(
      moments.filter(({ what }) => what === 'opened').map(({ incident, afterMs }) => [incident, afterMs]),
    );
    const sent = moments.filter(({ what, incident }) => what === 'sent' && incident !== '');
    const messages = sent.filter(({ afterMs, incident }) => afterMs - (openedAt.get(incident) ?? 0) === 20_000);

    // Those of the first 40 s wait that long until the next call begins.
    expect(messages).toHaveLength(sent.length);
    expect(new Set(messages.map(({ incident }) => incident)).size).toBe(26);
    expect(messages.filter(({ medium }) => medium === 'email')).toHaveLength(6);
  });

  it('are acknowledged by one key as far as the call announced them', async () => {
    const { calls, moments } = await played('--acknowledge-after', '90s');
    const acknowledged = moments.filter(({ what }) => what === 'acknowledged').map(({ incident }) => incident);

    expect(calls[1]).toMatchObject({ outcome: 'answered', endedAfterMs: 90_000 });
    expect(new Set(acknowledged)).toEqual(new Set(calls[1]?.announces));
    expect(acknowledged).not.toContain('storm-1');
  });

  it('fit on a screen', async () => {
    const ended = await simulate(undefined, ...storm);

    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(lines(ended).length).toBeLessThan(25);
    expect(lines(ended)).toContain('+01:00            call 2 by aliyun-voice (then tencent-voice) announces 39');
    expect(lines(ended)).toContain('+00:01 to +00:58  39 incidents: voice → supervisor waits: the phone rings already');
  });

  it('are told in Chinese, without a word of English left', async () => {
    const ended = await simulate(undefined, ...storm, '--acknowledge-after', '90s', '--lang', 'zh');

    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(lines(ended)[0]).toBe('一分钟内触发 40 个故障，均需拨打 supervisor 的电话');
    const text = lines(ended).join('\n');
    expect(text).toContain('第 2 通电话由 aliyun-voice 拨出（备用 tencent-voice），播报 39 个故障');
    expect(text).toContain('+00:01 至 +00:58  39 个故障：电话 → supervisor：等待，电话正在响铃');
    expect(text).toContain('39 个故障：由 supervisor 认领');
    const names = /supervisor|(aliyun|tencent)-(voice|sms)|\bmail\b|storm|SMS/g;
    expect(text.replace(names, '')).not.toMatch(/[a-z]{3}/i);
  });
});

it.each([
  [0, '+00:00'],
  [59_999, '+00:59'],
  [3_600_000, '+1:00:00'],
  [93_784_000, '+1d 02:03:04'],
])('writes %d ms after the opening as %s', (afterMs, written) => {
  expect(offset(afterMs)).toBe(written);
});
