import { expect, it, onTestFinished } from 'vitest';
import { createPlanning } from '../../activities/plan.ts';
import { Simulation } from '../../cli/simulate/simulation.ts';
import { yamlDirectory } from '../../config/duty/directory.ts';
import { parseConfiguration } from '../../config/load.ts';
import { describe } from '../../domain/incident/describe.ts';
import { repairIncident } from '../../domain/incident/incident.ts';
import type { IncidentView } from '../../domain/incident/view.ts';
import { timeSkippingServer } from '../server.ts';
import { openEngine } from './engine.ts';

const HOUR_MS = 60 * 60_000;

/** Each channel is a story of its own; all of them close by themselves, for the engine to come to an end. */
const CONFIGURATION = `prefix: simulated
gateway: { secrets: [a-secret-of-no-consequence] }
accounts:
  mails: { adapter: smtp.email, url: 'smtp://127.0.0.1:9', from: oncall@example.com, perSecond: 10000 }
  slack: { adapter: slack.bot, webhook: 'https://hooks.slack.com/services/T0/B0/x' }
  texts: { adapter: twilio.sms, accountSid: AC00000000000000000000000000000000, authToken: t, from: '+15005550006' }
media: { email: [mails], sms: [texts] }
members:
  primary: { name: Primary, email: primary@example.com }
  nowhere: { name: Nowhere }
  boss: { name: Boss, email: boss@example.com, phone: '+4915112345678' }
schedules:
  deserted: { timeZone: UTC, layers: [{ members: [primary], start: 2020-01-01, end: 2020-01-02, every: 1d }] }
channels:
  room-first:
    autoClose: { after: 1h, since: opened }
    rules:
      - name: post, then mail
        levels:
          - { groups: [{ account: slack }], escalateAfter: 5m }
          - { to: { members: [primary] }, by: { default: [email] } }
  chosen-events:
    autoClose: { after: 1h, since: opened }
    rules:
      - name: only the end
        levels: [{ to: { members: [primary] }, by: { default: [email] }, groups: [{ account: slack, events: [closed] }] }]
  nobody-at-all:
    autoClose: { after: 1h, since: opened }
    rules:
      - name: unreachable
        levels:
          - { to: { members: [nowhere] }, by: { default: [email] } }
          - { to: { schedules: [deserted] }, by: { default: [email] } }
  only-a-room:
    autoClose: { after: 1h, since: opened }
    rules: [{ name: posts, levels: [{ groups: [{ account: slack }], escalateAfter: 10m }] }]
  on-purpose:
    autoClose: { after: 1h, since: opened }
    rules: [{ name: silent, levels: [{ to: { members: [primary] }, by: { default: [] }, groups: [{ account: slack }] }] }]
lastResort: { members: [boss], by: [sms, email] }
unmatched: ignore
`.replaceAll('', '');

/** What left, to whom, sorted: such as `5 min email → primary`; and what the timeline says of the levels. */
interface Told {
  left: string[];
  said: string[];
}

const minutes = (ms: number): string => `${String(Math.round(ms / 60_000))} min`;
const saidIn = (timeline: IncidentView['timeline']): string[] =>
  timeline.flatMap(({ kind, text }) => (kind === 'escalated' || kind === 'exhausted' ? [`${kind} ${text}`] : []));

const incidentIn = (channel: string) => ({
  id: channel,
  title: 'db-7 is down',
  severity: 'Warning',
  channel,
});

async function simulated(channel: string): Promise<Told> {
  const source = { current: parseConfiguration(CONFIGURATION, { file: 'escalations.yaml', env: {} }) };
  const planner = createPlanning({ source, directory: yamlDirectory(source), attributes: () => [] });
  const simulation = new Simulation({ planner, phoneOf: () => undefined, failing: new Set() }, Date.now());
  const repaired = repairIncident(incidentIn(channel));
  if (typeof repaired === 'string') throw new TypeError(repaired);
  simulation.open(repaired);
  await simulation.run(2 * HOUR_MS);
  const left = simulation.moments.flatMap(({ what, afterMs, medium = '', to = '' }) =>
    what === 'sent' ? [`${minutes(afterMs)} ${medium} → ${to}`] : [],
  );
  return { left: left.sort(), said: saidIn(describe(simulation.state(repaired.incident.id)).timeline) };
}

const CHANNELS = ['room-first', 'chosen-events', 'nobody-at-all', 'only-a-room', 'on-purpose'];
const ROOM = 'slack → slack';

it(
  'tells what the simulation foretold: levels of groups, chosen events, the last resort',
  { skip: timeSkippingServer() === undefined },
  async () => {
    const engine = await openEngine(CONFIGURATION);
    onTestFinished(() => engine.close());

    const real = await engine.skipping(() =>
      Promise.all(
        CHANNELS.map(async (channel): Promise<Told> => {
          const incident = incidentIn(channel);
          const workflowId = `incident-${incident.id}`;
          const handle = await engine.client.workflow.start('escalateIncident', {
            workflowId,
            taskQueue: 'simulated',
            args: [{ incident }],
          });
          const view = (await handle.result()) as IncidentView;
          const [opened] = view.timeline;
          const left = engine.sent
            .filter((one) => one.workflowId === workflowId)
            .map(({ at, medium, member }) => {
              const told = medium === 'im' ? ROOM : `${medium} → ${member}`;
              return `${minutes(at - Date.parse(opened?.at ?? ''))} ${told}`;
            });
          return { left: left.sort(), said: saidIn(view.timeline) };
        }),
      ),
    );
    const foretold = await Promise.all(CHANNELS.map(simulated));

    expect(real).toEqual(foretold);
    expect(real.map(({ left }) => left)).toEqual([
      [`0 min ${ROOM}`, '5 min email → primary', `5 min ${ROOM}`, `5 min ${ROOM}`, `60 min ${ROOM}`],
      ['0 min email → primary', `60 min ${ROOM}`],
      ['0 min email → boss', '0 min sms → boss'],
      [
        `0 min ${ROOM}`,
        '10 min email → boss',
        `10 min ${ROOM}`,
        `10 min ${ROOM}`,
        '10 min sms → boss',
        `60 min ${ROOM}`,
      ],
      [`0 min ${ROOM}`, `0 min ${ROOM}`, `60 min ${ROOM}`],
    ]);
  },
);
