import { beforeAll, describe, expect, it } from 'vitest';
import { createPlanning } from '../../activities/plan.ts';
import { Simulation } from '../../client/simulation.ts';
import { yamlDirectory } from '../../config/directory.ts';
import { repairIncident } from '../../domain/incident.ts';
import { adapterFacts } from '../../domain/media.ts';
import { parse, sample } from '../config/sample.ts';

const PEOPLE = 50;
const INCIDENTS = 600;
const WITHIN_MS = 60_000;
const DAY_MS = 24 * 60 * 60_000;

const members = Array.from({ length: PEOPLE }, (_, index) => `m${index}`);
const configuration = parse(
  sample({
    5: `  aliyun-voice: { adapter: aliyun.voice, accessKeyId: k, accessKeySecret: s, callerNumbers: ["02131234567"], templates: { zh: { start: TTS_1, keys: { "1": TTS_2 } } }, callbackSecret: secret-of-the-path }
  tencent-voice: { adapter: tencent.voice, secretId: i, secretKey: k, voiceSdkAppid: "1", templates: { zh: { id: "1" } }, callbackSecret: secret-of-the-path }
  aliyun-sms: { adapter: aliyun.sms, accessKeyId: k, accessKeySecret: s, signName: S, templates: { zh: { code: SMS_1 } } }
  tencent-sms: { adapter: tencent.sms, secretId: i, secretKey: k, smsSdkAppId: "1", signName: S, templates: { zh: { id: "1" } } }
media: { email: [mail], voice: [aliyun-voice, tencent-voice], sms: [tencent-sms, aliyun-sms] }`,
    7: `  primary: { name: Primary, email: primary@example.com, phone: "+8613800000001" }
${members.map((name, n) => `  ${name}: { name: ${name}, email: ${name}@example.com, phone: "+86139${String(n).padStart(8, '0')}" }`).join('\n')}`,
  }),
);

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
    simulation = new Simulation({ planner, phoneOf, failing: new Set() }, Date.parse('2026-11-20T08:00:00Z'));
    for (let index = 0; index < INCIDENTS; index += 1) {
      const opened = repairIncident({ id: `i${index}`, title: 'db is down', severity: 'Critical' });
      if (typeof opened === 'string') throw new Error(opened);
      const level = { to: { members: [owner(index)] }, by: { default: ['voice', 'sms'] }, escalateAfter: '12h' };
      simulation.open(opened, { levels: [level] }, Math.floor((index * WITHIN_MS) / INCIDENTS));
    }
    await simulation.run(DAY_MS);
  }, 120_000);

  it('leave nobody untold of anything', () => {
    const told = new Set([
      ...simulation.calls.flatMap(({ member, announces }) => announces.map((id) => `${id} ${member}`)),
      ...simulation.moments.flatMap(({ what, incident, to }) => (what === 'sent' ? [`${incident} ${to ?? ''}`] : [])),
    ]);
    const untold = Array.from({ length: INCIDENTS }, (_, index) => `i${index} ${owner(index)}`).filter(
      (one) => !told.has(one),
    );
    expect(untold).toEqual([]);
  });

  it('keep every limit of every vendor, calls and texts', () => {
    const all: Told[] = [
      ...simulation.calls,
      ...simulation.moments.flatMap(({ what, account, to, afterMs }) =>
        (what === 'sent' || what === 'listed') && account !== undefined && to !== undefined
          ? [{ account, member: to, afterMs }]
          : [],
      ),
    ];
    for (const [name, { adapter }] of configuration.accounts) {
      for (const member of members) {
        const times = all
          .filter((one) => one.account === name && one.member === member)
          .map(({ afterMs }) => afterMs)
          .sort((a, b) => a - b);
        for (const { sends, perMs } of adapterFacts(adapter).perReceiver) {
          const most = Math.max(
            0,
            ...times.map((at) => times.filter((other) => other >= at && other < at + perMs).length),
          );
          expect(most, `${name} to ${member} within ${perMs} ms`).toBeLessThanOrEqual(sends);
        }
      }
    }
    expect(all.length).toBeGreaterThan(INCIDENTS);
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
