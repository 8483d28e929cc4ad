import type { Actor } from '../domain/incident/view.ts';

/** A member id, or whoever acted, to the name people know. Empty when nobody is named. */
export type Names = (who: Actor | string) => string;

/** Members by name; ids that are configured no more and outsiders keep the name they came with. */
export function namesFrom(members: ReadonlyMap<string, { name: string }>): Names {
  const named = (member: string): string => members.get(member)?.name ?? member;
  return (who) => {
    if (typeof who === 'string') return named(who);
    return who.member === undefined ? (who.name ?? '') : named(who.member);
  };
}
