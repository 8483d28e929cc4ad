import { actorName } from '../domain/incident/actor.ts';
import type { Actor } from '../domain/incident/view.ts';
import type { Locale } from '../domain/locale.ts';
import { incidentWords } from '../domain/words/index.ts';

/**
 * Calls the members of a configuration by id and name, because commands take the id and people know the name:
 * `zhang3 (Zhang San)`. A name that says no more than the id is left out; who is no member keeps their name.
 */
export function memberNames(
  members: ReadonlyMap<string, { name: string }>,
  locale: Locale,
): (who: Actor | string) => string {
  return (who) => {
    const id = typeof who === 'string' ? who : who.member;
    if (id === undefined) return actorName(who as Actor);
    const name = members.get(id)?.name;
    if (name === undefined || name.toLowerCase() === id.toLowerCase()) return id;
    return `${id}${incidentWords(locale).because(name)}`;
  };
}
