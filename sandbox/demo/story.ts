// The scripted story of the demo: it tells and checks each step.

import type { IncidentInput } from '../../domain/incident/incident.ts';
import type { IncidentView } from '../../domain/incident/view.ts';
import { textOf } from '../feishu-card.ts';
import type { HeldCall, HeldCard } from '../responder.ts';
import type { Arrival, Fault, SandboxMail } from '../world.ts';
import type { House } from './house.ts';

/** What the story is about. */
export function seedIncident(id: string): IncidentInput {
  return {
    id,
    title: 'db-7 is down',
    severity: 'Critical',
    description: 'The primary of the payments database has not answered for 3 minutes; writes fail.',
    channel: 'payments',
    source: 'alertmanager',
    labels: { service: 'db' },
  };
}

/** Why Alibaba will not call the supervisor. */
export const SEED_FAULT: Fault = {
  vendor: 'aliyun',
  action: 'IvrCall',
  effect: { refuse: 'isv.BUSINESS_LIMIT_CONTROL' },
};

/** How long the scripted story watches that nobody is told any more. */
const QUIET_MS = 2000;
/** Beyond what the level says: servers and providers need some milliseconds, a busy machine some more. */
const PATIENCE_MS = 15_000;

type Stage = Pick<House, 'sandbox' | 'client' | 'temporal'>;

interface Telling {
  id: string;
  levelMs: number;
  say: (line: string) => void;
}

/**
 * Plays the story unattended, tells every step with its time and checks it.
 * @returns whether it happened as told.
 */
export async function playStory(house: Stage, { id, levelMs, say }: Telling): Promise<boolean> {
  const startedAt = performance.now();
  const told = (mark: string, text: string): void => {
    const elapsed = ((performance.now() - startedAt) / 1000).toFixed(3).padStart(8);
    say(`${new Date().toISOString().slice(11, 23)} ${elapsed} s  ${mark} ${text}`);
  };
  const story = new Story(house, id, levelMs);
  for (const step of story.steps()) {
    try {
      told('✓', await step());
    } catch (error) {
      told('✗', (error as Error).message);
      await story.timeline().then(
        (lines) => {
          for (const line of lines) say(`    ${line}`);
        },
        () => undefined,
      );
      return false;
    }
  }
  return true;
}

class Story {
  readonly #house: Stage;
  readonly #id: string;
  readonly #levelMs: number;

  constructor(house: Stage, id: string, levelMs: number) {
    this.#house = house;
    this.#id = id;
    this.#levelMs = levelMs;
  }

  /** In order; each answers with the sentence that was seen to be true, or throws. */
  *steps(): Generator<() => Promise<string>> {
    const { sandbox, client } = this.#house;
    const { world } = sandbox;
    const primary = sandbox.responder('primary');
    const supervisor = sandbox.responder('supervisor');
    const title = seedIncident(this.#id).title ?? '';
    const patience = { timeoutMs: PATIENCE_MS };
    const late = { timeoutMs: this.#levelMs + PATIENCE_MS };
    let card: HeldCard;
    let mail: SandboxMail;
    let call: HeldCall;
    let before: Arrival[];

    yield async () => {
      sandbox.faults.add(SEED_FAULT);
      const { result, workflowId } = await client.open(seedIncident(this.#id));
      check(result === 'started', `the incident was ${result}, not started`);
      return `A Critical incident is opened: ${title} (workflow ${workflowId})`;
    };
    yield async () => {
      card = await primary.expectCard(title, patience);
      check(card.shows('Not acknowledged'), `the card says: ${card.text}`);
      return 'Primary gets a Feishu card with Acknowledge, Snooze and Close';
    };
    yield async () => {
      mail = await primary.expectMail(title, patience);
      check(/http:\/\/127\.0\.0\.1:\d+\/i\//.test(mail.html), 'the mail has no link to the incident page');
      return `Primary gets an e-mail, "${mail.subject}", with a link to the incident page`;
    };
    yield async () => {
      call = await supervisor.expectCall(title, late);
      const view = await client.describe(this.#id);
      const waitedMs = escalatedAt(view) - Date.parse(view.timeline[0]?.at ?? '');
      check(waitedMs >= this.#levelMs, `level 2 started after ${String(waitedMs)} ms`);
      check(view.acknowledgedAt === undefined, 'somebody acknowledged');
      return `Nobody acknowledges: level 2 starts ${(waitedMs / 1000).toFixed(3)} s after the incident`;
    };
    yield async () => {
      const refused = world.arrivals.find(({ vendor, action }) => vendor === 'aliyun' && action === 'IvrCall');
      check(refused?.answer === 'isv.BUSINESS_LIMIT_CONTROL', `Alibaba answered ${refused?.answer ?? 'nothing'}`);
      check(call.vendor === 'tencent', `the call came through ${call.vendor}`);
      return 'Alibaba refuses the call to Supervisor (isv.BUSINESS_LIMIT_CONTROL), Tencent calls';
    };
    yield async () => {
      await call.press('1');
      const view = await this.#until(({ progress }) => progress === 'Processing', 'acknowledged');
      const by = view.timeline.find(({ kind }) => kind === 'acknowledged');
      check(by?.by?.member === 'supervisor' && by.via === 'voice', `acknowledged by ${JSON.stringify(by)}`);
      return `Supervisor hears "${call.text}", presses 1: acknowledged`;
    };
    yield async () => {
      await card.until('Acknowledged by Supervisor', patience);
      return "Primary's card is redrawn: acknowledged by Supervisor";
    };
    yield async () => {
      await call.hangUp();
      before = [...world.arrivals];
      await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
      const further = world.arrivals.slice(before.length).filter(({ action }) => action !== 'messages.patch');
      check(further.length === 0, `told further: ${further.map(({ vendor }) => vendor).join(', ')}`);
      return `Nothing further is sent (watched for ${String(QUIET_MS / 1000)} s)`;
    };
    yield async () => {
      const { toast, error } = await card.click('Close');
      check(toast?.type === 'success', `the click was answered with ${toast?.content ?? error ?? 'nothing'}`);
      await card.until('Closed by Primary', patience);
      return 'Primary presses Close on the card';
    };
    yield async () => {
      const view = await client.result(this.#id);
      check(view.closedBy?.member === 'primary', `closed by ${JSON.stringify(view.closedBy)}`);
      const { status } = await this.#house.temporal.workflow.getHandle(view.workflowId).describe();
      check(status.name === 'COMPLETED', `the workflow is ${status.name}`);
      check(card.shows('Closed by Primary') && buttonsOn(card) === 0, `the card still offers something: ${card.text}`);
      return `The workflow is completed; the card says ${(textOf(card.json).split('\n')[1] ?? '').toLowerCase()}, without buttons`;
    };
  }

  async timeline(): Promise<string[]> {
    const { timeline } = await this.#house.client.describe(this.#id);
    return timeline.map(({ at, kind, text }) => `${at.slice(11, 23)} ${kind} ${text}`);
  }

  async #until(holds: (view: IncidentView) => boolean, what: string): Promise<IncidentView> {
    for await (const { view } of this.#house.client.watch(this.#id, 50)) {
      if (holds(view)) return view;
      if (Date.now() - Date.parse(view.timeline[0]?.at ?? '') > this.#levelMs + 4 * PATIENCE_MS) break;
    }
    throw new Error(`the incident was never ${what}`);
  }
}

function escalatedAt({ timeline }: IncidentView): number {
  return Date.parse(timeline.find(({ kind }) => kind === 'escalated')?.at ?? '');
}

function buttonsOn(card: HeldCard): number {
  return JSON.stringify(card.json).split('"value":').length - 1;
}

function check(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new Error(otherwise);
}
