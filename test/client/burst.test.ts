import { beforeAll, describe, expect, it } from 'vitest';
import { createPlanning } from '../../activities/plan.ts';
import { Simulation } from '../../cli/simulate/simulation.ts';
import { yamlDirectory } from '../../config/duty/directory.ts';
import { repairIncident } from '../../domain/incident/incident.ts';
import { adapterFacts } from '../../domain/media.ts';
import { parse, sample } from '../config/sample.ts';

const PEOPLE = 50;
const INCIDENTS = 600;
const WITHIN_MS = 60_000;
const DAY_MS = 24 * 60 * 60_000;
const BEGAN_AT = Date.parse('2026-11-20T08:00:00Z');

const members = Array.from({ length: PEOPLE }, (_, index) => `m${index}`);
const configuration = parse(
  sample({
    5: `  aliyun-voice: { adapter: aliyun.voice, accessKeyId: k, accessKeySecret: s, callerNumbers: ["02131234567"], templates: { zh: { start: TTS_1, keys: { "1": TTS_2 } } }, callbackSecret: p8Vd-q4Xt-m2Zr-w7K }
  tencent-voice: { adapter: tencent.voice, secretId: i, secretKey: k, voiceSdkAppid: "1", templates: { zh: { id: "1" } }, callbackSecret: p8Vd-q4Xt-m2Zr-w7K }
  aliyun-sms: { adapter: aliyun.sms, accessKeyId: k, accessKeySecret: s, signName: S, templates: { zh: { code: SMS_1 } } }
  tencent-sms: { adapter: tencent.sms, secretId: i, secretKey: k, smsSdkAppId: "1", signName: S, templates: { zh: { id: "1" } } }
media: { email: [mail], voice: [tencent-voice, aliyun-voice], sms: [tencent-sms, aliyun-sms] }`,
    7: `  primary: { name: Primary, email: primary@example.com, phone: "+8613800000001" }
${members.map((name, n) => `  ${name}: { name: ${name}, email: ${name}@example.com, phone: "+86139${String(n).padStart(8, '0')}" }`).join('\n')}`,
  }),
);

/** Often enough for the windows of every vendor to fill. */
const REPEATED = { repeat: { every: '2m', times: 2 }, escalateAfter: '12h' };

/** One thing that reached one person through one account. */
interface Told {
  account: string;
  member: string;
  afterMs: number;
}

describe(`${INCIDENTS} incidents within a minute for ${PEOPLE} people, of whom nobody picks up`, () => {
  let simulation: Simulation;
  const owner = (index: number): string => `m${index % PEOPLE}`;
  beforeAll(async () => {
    const source = { current: configuration };
    const planner = createPlanning({ source, directory: yamlDirectory(source), attributes: () => [] });
    const phoneOf = (member: string): string | undefined => configuration.members.get(member)?.phone;
    simulation = new Simulation({ planner, phoneOf, failing: new Set() }, BEGAN_AT);
    for (let index = 0; index < INCIDENTS; index += 1) {
      const opened = repairIncident({ id: `i${index}`, title: 'db is down', severity: 'Critical' });
      if (typeof opened === 'string') throw new Error(opened);
      const level = { to: { members: [owner(index)] }, by: { default: ['voice', 'sms'] }, ...REPEATED };
      simulation.open(opened, { levels: [level] }, Math.floor((index * WITHIN_MS) / INCIDENTS));
    }
    await simulation.run(DAY_MS);
  }, 120_000);

  /** What the providers took; calls have their own list. */
  const taken = (): (Told & { incident: string })[] =>
    Array.from({ length: INCIDENTS }, (_, index) => index).flatMap((index) =>
      simulation
        .state(`i${index}`)
        .notifications.flatMap(({ attempts }) => attempts)
        .filter(({ medium, outcome }) => medium !== 'voice' && outcome === 'accepted')
        .map(({ account, at }) => ({
          incident: `i${index}`,
          member: owner(index),
          account,
          afterMs: Date.parse(at) - BEGAN_AT,
        })),
    );

  it('leave nobody untold of anything', () => {
    const told = new Set([
      ...simulation.calls.flatMap(({ member, announces }) => announces.map((id) => `${id} ${member}`)),
      ...taken().map(({ incident, member }) => `${incident} ${member}`),
    ]);
    const untold = Array.from({ length: INCIDENTS }, (_, index) => `i${index} ${owner(index)}`).filter(
      (one) => !told.has(one),
    );
    expect(untold).toEqual([]);
  });

  it('keep every limit of every vendor, calls and texts', () => {
    const lists = simulation.moments.flatMap(({ what, account = '', to = '', afterMs }) =>
      what === 'listed' ? [{ account, member: to, afterMs }] : [],
    );
    const all: Told[] = [...simulation.calls, ...taken(), ...lists];
    for (const [name, { adapter }] of configuration.accounts) {
      for (const member of members) {
        const times = all.filter((one) => one.account === name && one.member === member).map(({ afterMs }) => afterMs);
        for (const { sends, perMs } of adapterFacts(adapter).perReceiver) {
          const within = (from: number): number => times.filter((at) => at >= from && at < from + perMs).length;
          const most = Math.max(0, ...times.map(within));
          expect(most, `${name} to ${member} within ${perMs} ms`).toBeLessThanOrEqual(sends);
        }
      }
    }
    expect(new Set(all.map(({ account }) => account))).toEqual(
      new Set(['aliyun-voice', 'tencent-voice', 'tencent-sms', 'aliyun-sms', 'mail']),
    );
  });

  it('never ring a phone twice at once, whatever the account', () => {
    for (const member of members) {
      const calls = simulation.calls.filter((call) => call.member === member);
      expect(calls.length).toBeGreaterThan(0);
      for (const [index, { afterMs }] of calls.slice(1).entries()) {
        expect(afterMs).toBeGreaterThanOrEqual(calls[index]?.endedAfterMs ?? Infinity);
      }
    }
  });
});
