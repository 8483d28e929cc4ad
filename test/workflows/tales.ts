import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { join } from 'node:path';
import type { IncidentView } from '../../domain/incident/view.ts';
import type { Foretold, Hardness, Tale } from '../domain/incident/oracle.ts';
import { EVERYBODY } from '../domain/incident/tales.ts';
import { openEngine } from './engine.ts';
import type { Hands, Telling, Told } from './teller.ts';

const INCIDENTS = 'tales';
const TELLERS = 'tellers';
/** Between the beginnings of two tales, in the server's time: what is due at once is due of few. */
const APART_MS = 1000;

/** A tale and what the real workflow made of it. */
export interface ToldTale {
  tale: Tale;
  /** In the end. */
  view: IncidentView;
  /** What reached the accounts; times since the tale began. */
  sent: (Omit<Foretold['notifications'][number], 'medium'> & { medium: string })[];
}

/** Tells tales to the real workflow, all of them side by side. */
export async function tellAll(tales: readonly Tale[]): Promise<ToldTale[]> {
  const engine = await openEngine(CONFIGURATION, isRefusing);
  const { client } = engine;
  try {
    await engine.work({
      taskQueue: TELLERS,
      workflowBundle: await bundleWorkflowCode({
        workflowsPath: join(import.meta.dirname, 'teller.ts'),
        logger: new DefaultLogger('WARN'),
      }),
      activities: { ...handsOf(client) },
    });
    return await engine.skipping(() =>
      Promise.all(
        tales.map(async (tale, nth) => {
          const { beganAt, view } = await tell(client, tale, nth);
          const its = engine.sent.filter(({ workflowId }) => workflowId === view.workflowId);
          const sent = its.map(({ at, member, ...rest }) => ({ ...rest, atMs: at - beganAt, member: nameOf(member) }));
          return { tale, view, sent };
        }),
      ),
    );
  } finally {
    await engine.close();
  }
}

function handsOf({ workflow }: Client): Hands {
  return {
    async open(workflowId, input) {
      await workflow.start('escalateIncident', { workflowId, taskQueue: INCIDENTS, args: [input] });
    },
    async act(workflowId, { name, argument }) {
      await workflow.getHandle(workflowId).signal(name, argument).catch(unlessClosed);
    },
    look: (workflowId) => workflow.getHandle(workflowId).query<IncidentView>('describe'),
  };
}

function unlessClosed(error: unknown): void {
  if (!(error instanceof WorkflowNotFoundError)) throw error;
}

function tell({ workflow }: Client, tale: Tale, nth: number): Promise<Told> {
  const { severity, acts, untilS } = tale;
  const id = String(nth);
  const telling: Telling = {
    workflowId: `incident-${id}`,
    input: { incident: { id, title: `tale ${id}`, severity }, rule: writtenRule(tale) },
    pauseMs: nth * APART_MS,
    acts: acts.map(({ what, atS, by, ...more }) => ({
      atMs: atS * 1000,
      name: what,
      argument: { by: { member: memberId(by, tale) }, ...more, ...(what === 'comment' && { text: 'hm' }) },
    })),
    untilMs: untilS * 1000,
  };
  return workflow.execute<(telling: Telling) => Promise<Told>>('tell', {
    workflowId: `teller-${id}`,
    taskQueue: TELLERS,
    args: [telling],
  });
}

/** The rule as a client writes it. */
function writtenRule(tale: Tale): unknown {
  const { delayS, floors, startOver } = tale.policy;
  return {
    name: 'tale',
    delay: seconds(delayS),
    ...(startOver && { startOver: { every: seconds(startOver.everyS), times: startOver.times } }),
    levels: floors.map((floor) => ({
      to:
        floor.members.length === 0
          ? { schedules: ['deserted'] }
          : { members: floor.members.map((member) => memberId(member, tale)) },
      by: { critical: floor.critical, default: floor.otherwise },
      repeat: { every: seconds(floor.everyS), times: floor.times },
      escalateAfter: seconds(floor.escalateAfterS),
      evenIfAcknowledged: floor.evenIfAcknowledged,
      whenNobodyReached: floor.whenNobodyReached,
    })),
  };
}

function seconds(count: number): string {
  return `${count}s`;
}

const HARDNESSES: readonly (Hardness | 'fine')[] = ['fine', 'absent', 'refusing'];

/** People are hard to reach in other ways in each tale, so each of them is configured in all ways. */
function memberId(name: string, { unreachable }: Pick<Tale, 'unreachable'>): string {
  return [name, unreachable[`${name} sms`] ?? 'fine', unreachable[`${name} email`] ?? 'fine'].join('.');
}

function nameOf(id: string): string {
  return id.split('.')[0] ?? '';
}

function isRefusing(id: string, medium: string): boolean {
  const [, sms, email] = id.split('.');
  return (medium === 'sms' ? sms : email) === 'refusing';
}

const MEMBERS = EVERYBODY.flatMap((name, nth) =>
  HARDNESSES.flatMap((sms) =>
    HARDNESSES.map((email) => {
      const phone = sms === 'absent' ? '' : `, phone: '+861380000000${nth}'`;
      const address = email === 'absent' ? '' : `, email: ${name}@example.com`;
      // Before the first level everybody is told as they prefer; the oracle's people like texts.
      const prefers = '{ critical: [sms], warning: [sms], info: [sms] }';
      return `  ${name}.${sms}.${email}: { name: ${name}, prefers: ${prefers}${phone}${address} }\n`;
    }),
  ),
);

const CONFIGURATION = `prefix: ${INCIDENTS}
gateway: { secrets: [a-secret-of-no-consequence] }
accounts:
  texts:
    adapter: aliyun.sms
    accessKeyId: k
    accessKeySecret: s
    signName: On call
    templates: { zh: { code: SMS_1, params: [title] } }
    perSecond: 10000
    perReceiver: []
  mails: { adapter: smtp.email, url: 'smtp://127.0.0.1:9', from: oncall@example.com, perSecond: 10000 }
media: { sms: [texts], email: [mails] }
members:
${MEMBERS.join('')}schedules:
  deserted: { timeZone: UTC, layers: [{ members: [alice.fine.fine], start: 2020-01-01, end: 2020-01-02, every: 1d }] }
unmatched: ignore
`;
