import { condition, defineQuery, defineSignal, setDefaultSignalHandler, setHandler } from '@temporalio/workflow';
import type { Actor, IncidentView } from '../../domain/incident/view.ts';

/** The real one: it keeps who is signed in. */
export { member } from '../../workflows/member.ts';

/** What the stand-ins below were told, in order. */
export interface Heard {
  signal: string;
  argument: Record<string, unknown>;
}

const heardQuery = defineQuery<Heard[]>('heard');
const describeQuery = defineQuery<IncidentView>('describe');
const closeSignal = defineSignal<[Record<string, unknown>]>('close');

/** An incident that shows what it was told at once, without escalating anything. */
export async function standInIncident(view: IncidentView): Promise<IncidentView> {
  const heard: Heard[] = [];
  let isClosed = false;

  setHandler(heardQuery, () => heard);
  setHandler(describeQuery, () => view);
  setHandler(closeSignal, (argument) => {
    heard.push({ signal: 'close', argument });
    view.progress = 'Closed';
    view.closedBy = argument['by'] as Actor;
    view.closedAt = new Date().toISOString();
    isClosed = true;
  });
  setDefaultSignalHandler((signal, ...[argument]) => {
    const given = argument as Record<string, unknown>;
    heard.push({ signal, argument: given });
    const by = given['by'] as Actor | undefined;
    view.revision += 1;
    if (signal === 'acknowledge') {
      view.progress = 'Processing';
      view.acknowledgedBy ??= by ?? {};
      view.acknowledgedAt ??= new Date().toISOString();
      view.responders.push({
        member: by?.member ?? '',
        assignedAt: view.acknowledgedAt,
        acknowledgedAt: view.acknowledgedAt,
      });
    }
    if (signal === 'escalate' && Number(given['level']) > view.level) {
      view.level = Number(given['level']);
      view.timeline.push({
        at: '2026-11-21T02:06:00.000Z',
        kind: 'escalated',
        text: `to level ${String(view.level)}`,
        level: view.level,
        ...(by && { by }),
      });
    }
    if (signal === 'reassign') {
      view.timeline.push({ at: '2026-11-21T02:06:00.000Z', kind: 'reassigned', text: '', ...(by && { by }) });
    }
    if (signal === 'snooze') view.snoozedUntil = '2026-11-21T04:00:00.000Z';
    if (signal === 'comment') {
      view.timeline.push({
        at: view.timeline[0]?.at ?? '',
        kind: 'commented',
        comment: String(given['text']),
        text: String(given['text']),
        ...(by && { by }),
      });
    }
  });
  await condition(() => isClosed);
  return view;
}

/** A phone number, or anything else that only listens. */
export async function standInListener(): Promise<void> {
  const heard: Heard[] = [];
  setHandler(heardQuery, () => heard);
  setDefaultSignalHandler((signal, ...[argument]) => {
    heard.push({ signal, argument: argument as Record<string, unknown> });
  });
  await condition(() => false);
}
