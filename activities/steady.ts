import type { Configuration, Member } from '../config/configuration.ts';
import type { Directory } from '../config/duty/directory.ts';

/** A round that waited longer for a directory would be too late; planning as a whole answers within 3 s. */
const PATIENCE_MS = 1000;
/** How many people are remembered for the time when the directory cannot be reached. */
const MOST_REMEMBERED = 10_000;

const steadied = new WeakMap<Directory, Directory>();

/**
 * A directory of anybody's making, as the pack relies on it: every answer within {@link PATIENCE_MS} or an error;
 * people it has named before, and those of the file, are found while it is away; mailboxes are never its business.
 */
export function steady(directory: Directory, source: { readonly current: Configuration }): Directory {
  const made = steadied.get(directory) ?? makeSteady(directory, source);
  steadied.set(directory, made);
  return made;
}

function makeSteady(directory: Directory, source: { readonly current: Configuration }): Directory {
  const remembered = new Map<string, Member>();
  const ofFile = (id: string): Member | undefined => source.current.members.get(id);
  return {
    async resolve(targets, at) {
      const isMailbox = (id: string): boolean => ofFile(id)?.mailbox === true;
      const mailboxes = targets.members.filter(isMailbox);
      const others = { ...targets, members: targets.members.filter((id) => !isMailbox(id)) };
      const isEmpty = others.members.length + others.teams.length + others.schedules.length === 0;
      const { members, notes } = isEmpty ? NOBODY : await within(() => directory.resolve(others, at));
      return { members: [...new Set([...members, ...mailboxes])], notes: [...notes] };
    },

    async member(id) {
      const mailbox = ofFile(id);
      if (mailbox?.mailbox) return mailbox;
      try {
        const member = await within(() => directory.member(id));
        remembered.delete(id);
        if (member) remembered.set(id, member);
        const [oldest] = remembered.keys();
        if (remembered.size > MOST_REMEMBERED && oldest !== undefined) remembered.delete(oldest);
        return member;
      } catch (error) {
        const known = remembered.get(id) ?? ofFile(id);
        if (known) return known;
        throw error;
      }
    },

    findByIdentity: (account, identity) => directory.findByIdentity(account, identity),
  };
}

const NOBODY = { members: [], notes: [] };

/** Thrown when a directory has not answered in time. */
export class SilentDirectoryError extends Error {
  override name = 'SilentDirectoryError';
}

async function within<T>(ask: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new SilentDirectoryError(`no answer within ${PATIENCE_MS} ms`));
    }, PATIENCE_MS);
  });
  try {
    return await Promise.race([ask(), silence]);
  } finally {
    clearTimeout(timer);
  }
}
