import type { IncidentView } from '../../domain/view.ts';
import type { Arrival, SandboxCall, SandboxCard, SandboxMail, SandboxText } from '../world.ts';
import type { House } from './house.ts';
import { WALL_FAULTS } from './wall-faults.ts';
import type { Watched } from './wall-watch.ts';

/** Everything the page draws, oldest first where it is a list of happenings. */
export interface Snapshot {
  /** The clock all instants are of. */
  now: number;
  level: string;
  people: PersonShown[];
  /** Newest first. */
  incidents: (Watched & { url?: string; view?: IncidentView })[];
  channels: string[];
  faults: { name: string; label: string; waits: boolean }[];
  traffic: Pick<Arrival, 'at' | 'vendor' | 'action' | 'answer'>[];
}

interface PersonShown {
  name: string;
  title: string;
  phone: string;
  email: string;
  calls: SandboxCall[];
  texts: SandboxText[];
  mails: Omit<SandboxMail, 'html' | 'headers' | 'messageId'>[];
  cards: SandboxCard[];
}

const SHOWN = { items: 30, traffic: 60 } as const;

export function snapshot(
  { sandbox, configuration }: House,
  incidents: readonly Watched[],
  { level, runsUrl }: { level: string; runsUrl?: string },
): Snapshot {
  const { world, faults } = sandbox;
  return {
    now: Date.now(),
    level,
    people: world.people.map(({ name, phone = '', email = '', openId }) => ({
      name,
      title: configuration.members.get(name)?.name ?? name,
      phone,
      email,
      calls: world.calls.filter(({ to }) => to === phone).slice(-SHOWN.items),
      texts: world.texts.filter(({ to }) => to === phone).slice(-SHOWN.items),
      mails: world.mails
        .filter(({ to }) => to === email)
        .slice(-SHOWN.items)
        .map(({ id, to, from, subject, text, at }) => ({ id, to, from, subject, text: text.slice(0, 300), at })),
      cards: world.cards.filter(({ to }) => to === openId).slice(-SHOWN.items),
    })),
    incidents: incidents.map((incident) => ({
      ...incident,
      ...(runsUrl !== undefined && {
        url: `${runsUrl}/${encodeURIComponent(incident.workflowId)}/${incident.runId}/history`,
      }),
    })),
    channels: [...configuration.channels.keys()],
    faults: Object.entries(WALL_FAULTS).map(([name, { label, faults: made }]) => ({
      name,
      label,
      waits: faults.waiting.some(({ fault }) => made.includes(fault)),
    })),
    traffic: world.arrivals
      .slice(-SHOWN.traffic)
      .map(({ at, vendor, action, answer }) => ({ at, vendor, action, answer })),
  };
}
