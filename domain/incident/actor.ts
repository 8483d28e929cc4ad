import type { Why } from '../reason.ts';
import { cut } from './incident.ts';
import type { Actor } from './view.ts';

/** For people: the member, else the name. */
export function actorName(actor: Actor | undefined): string {
  return actor?.member ?? actor?.name ?? 'somebody';
}

/** Who acted. Where it is missing or cannot be read, "somebody" acted, and the timeline notes that. */
export function readActor(raw: unknown, notes: Why[]): Actor {
  if (typeof raw === 'object' && raw !== null) {
    const { member, name } = raw as Record<string, unknown>;
    if (typeof member === 'string' && member !== '') return { member: cut(member, 128) };
    if (typeof name === 'string' && name !== '') return { name: cut(name, 128) };
  }
  if (typeof raw === 'string' && raw !== '') return { name: cut(raw, 128) };
  notes.push({ key: 'nobody-named' });
  return { name: 'somebody' };
}
