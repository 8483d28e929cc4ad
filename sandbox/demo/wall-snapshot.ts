// Everything the phone wall draws, as one object of plain data.

import type { IncidentView } from '../../domain/incident/view.ts';
import type { Arrival, PersonCard, SandboxCall, SandboxCard, SandboxMail, SandboxText, World } from '../world.ts';
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
  /** On the chat platforms. */
  ids: string[];
  /** Not somebody's phone but a chat of several. */
  isGroup?: true;
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
    people: [...peopleOf(world, configuration), ...groupsOf(world)],
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

function peopleOf(world: World, { members }: House['configuration']): PersonShown[] {
  return world.people.map((person) => {
    const { name, phone = '', email = '' } = person;
    const ids = idsOf(person);
    return {
      name,
      title: members.get(name)?.name ?? name,
      phone,
      email,
      ids,
      calls: world.calls.filter(({ to }) => to === phone).slice(-SHOWN.items),
      texts: world.texts.filter(({ to }) => to === phone).slice(-SHOWN.items),
      mails: world.mails
        .filter(({ to }) => to === email)
        .slice(-SHOWN.items)
        .map(({ id, to, from, subject, text, at }) => ({ id, to, from, subject, text: text.slice(0, 300), at })),
      cards: world.cards.filter(({ to }) => ids.includes(to)).slice(-SHOWN.items),
    };
  });
}

/** Every chat that something was posted to and that is nobody's own. */
function groupsOf(world: World): PersonShown[] {
  const own = new Set(world.people.flatMap((person) => idsOf(person)));
  const chats = new Map<string, SandboxCard[]>();
  for (const card of world.cards) {
    if (own.has(card.to)) continue;
    const key = `${card.vendor} ${card.to}`;
    chats.set(key, [...(chats.get(key) ?? []), card]);
  }
  return [...chats.entries()].map(([key, cards], index) => ({
    name: `group-${String(index)}`,
    title: key.slice(key.indexOf(' ') + 1),
    phone: 'group chat',
    email: '',
    ids: [],
    isGroup: true,
    calls: [],
    texts: [],
    mails: [],
    cards: cards.slice(-SHOWN.items),
  }));
}

function idsOf({ openId, ids }: PersonCard): string[] {
  return [...(openId === undefined ? [] : [openId]), ...Object.values(ids ?? {})];
}
