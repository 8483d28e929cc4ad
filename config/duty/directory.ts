import type { Targets } from '../../domain/incident/rule.ts';
import type { Configuration, Member } from '../configuration.ts';
import { platformOf, splitDuty } from '../schema/names.ts';
import { onDuty } from './schedule.ts';
import type { Reason } from '../../domain/reason.ts';

/**
 * Who people are and who is to be told. A company can plug its own source, whole or over the one of the file; the file
 * still lists the names that its rules use.
 *
 *     const source = await ConfigurationSource.open('escalations.yaml');
 *     const file = yamlDirectory(source);
 *     const directory = { ...file, resolve: async (targets, at) => ourRota(targets, at) };
 *     new EscalationsPlugin({ config: 'escalations.yaml', directory });
 *
 * It is asked at the start of every round and before every send. It may be slow or fail: after 300 ms it is asked once
 * more, and when it has not answered within a second the round is told as last time, else to the members that the rule
 * names, and the timeline says so. Of an error that it throws only the name is shown, because its text may hold an
 * address. It is never asked about bare e-mail addresses of rules.
 */
export interface Directory {
  /**
   * Who is meant at `at` (milliseconds since 1970): members, those of the teams, and who is on duty in the schedules,
   * each `name` or `name/role`.
   * @returns everybody once, in the order written. `notes` are sentences for the timeline about whom it could not find;
   *   they stay in the history, so they hold no address.
   */
  resolve(targets: Targets, at: number): Promise<{ members: string[]; notes: Reason[] }>;
  /** `undefined`: there is no such member. */
  member(id: string): Promise<Member | undefined>;
  /** Whose id this is in the platform behind `account`: who pressed a button. */
  findByIdentity(account: string, identity: string): Promise<Member | undefined>;
}

/**
 * The people of `escalations.yaml`, always of the file as it is now.
 *
 * @example
 * ```ts
 * import { ConfigurationSource, yamlDirectory, type Directory } from 'temporal-escalations';
 *
 * const file = yamlDirectory(await ConfigurationSource.open('escalations.yaml'));
 * // The file's people, but for one who has left.
 * export const directory: Directory = {
 *   ...file,
 *   member: async (id) => (id === 'former' ? undefined : file.member(id)),
 * };
 * ```
 */
export function yamlDirectory(source: { readonly current: Configuration }): Directory {
  return {
    async resolve({ members, teams, schedules }, at) {
      const { current } = source;
      const notes: Reason[] = [];
      const wanted = new Set(members);
      for (const team of teams) {
        const people = current.teams.get(team);
        if (!people) notes.push({ key: 'no-such-team', team });
        for (const person of people ?? []) wanted.add(person);
      }
      for (const written of schedules) {
        const { schedule: name, role: only } = splitDuty(written);
        const schedule = current.schedules.get(name);
        const duties = schedule ? onDuty(schedule, at).filter(({ role }) => (only ?? role) === role) : [];
        if (duties.length === 0) notes.push({ key: 'no-such-schedule', schedule: written });
        for (const { role, members: theirs } of duties) {
          if (theirs.length === 0) notes.push({ key: 'off-duty', schedule: name, role });
          for (const person of theirs) wanted.add(person);
        }
      }
      const found = [...wanted].filter((id) => current.members.has(id));
      for (const id of wanted) if (!current.members.has(id)) notes.push({ key: 'no-such-member', member: id });
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
