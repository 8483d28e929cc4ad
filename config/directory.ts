import type { Targets } from '../domain/rule.ts';
import type { Configuration, Member } from './configuration.ts';
import { platformOf } from './names.ts';

/** Who people are and who is to be told; a company can plug its own source. */
export interface Directory {
  /** Everybody once, in the order written. `notes` are sentences for the timeline about whom it could not find. */
  resolve(targets: Targets): Promise<{ members: string[]; notes: string[] }>;
  member(id: string): Promise<Member | undefined>;
  /** Whose id this is in the platform behind `account`. */
  findByIdentity(account: string, identity: string): Promise<Member | undefined>;
}

/** The people of `escalations.yaml`, always of the file as it is now. */
export function yamlDirectory(source: { readonly current: Configuration }): Directory {
  return {
    async resolve({ members, teams, schedules }) {
      const { current } = source;
      const notes: string[] = schedules.map((schedule) => `schedules are not available in this version: ${schedule}`);
      const wanted = new Set(members);
      for (const team of teams) {
        const people = current.teams.get(team);
        if (!people) notes.push(`no team is called ${team}`);
        for (const person of people ?? []) wanted.add(person);
      }
      const found = [...wanted].filter((id) => current.members.has(id));
      for (const id of wanted) if (!current.members.has(id)) notes.push(`no member is called ${id}`);
      return { members: found, notes };
    },

    async member(id) {
      return source.current.members.get(id);
    },

    async findByIdentity(account, identity) {
      const { accounts, members } = source.current;
      const adapter = accounts.get(account)?.adapter;
      if (adapter === undefined) return undefined;
      return [...members.values()].find((member) => identityOf(member, account, platformOf(adapter)) === identity);
    },
  };
}

/** A member's id in an account, else in its platform. */
export function identityOf({ identities }: Member, account: string, platform: string): string | undefined {
  return identities[account] ?? identities[platform];
}
