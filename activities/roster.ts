import type { Configuration, Member } from '../config/configuration.ts';
import type { Directory } from '../config/duty/directory.ts';
import { cut } from '../domain/incident/incident.ts';
import type { MediaChoice, Targets } from '../domain/incident/rule.ts';
import type { Reason, Why } from '../domain/reason.ts';
import { SilentDirectoryError } from './steady.ts';

/** Whom a round tells. */
export interface Roster {
  /** `member` is absent where nobody could say how to reach this person: the channel worker may know. */
  people: { id: string; member?: Member }[];
  notes: Reason[];
  /** The directory could not say who is meant, for this reason; `people` are who was at hand. */
  guessed?: Unknown;
  /** The media of the rule that was at hand, where that is not the rule that was asked about. */
  by?: MediaChoice;
}

type Unknown = Extract<Why, { key: 'duty-unknown' }>;

const MOST_NOTES = 20;
const LONGEST_NOTE = 300;

/** Never throws, and takes 2 s at most. */
export async function rosterFor(
  targets: Targets,
  at: number,
  { directory, current }: { directory: Directory; current: Configuration },
): Promise<Roster> {
  try {
    const { members, notes } = await directory.resolve(targets, at);
    const { people, strangers } = await lookUpAll(members, directory);
    return { people, notes: bounded([...notes, ...strangers]) };
  } catch (error) {
    return guess(targets, current, directory, error);
  }
}

async function lookUpAll(ids: readonly string[], directory: Directory) {
  const found = await Promise.all(ids.map((id) => lookUp(id, directory)));
  return {
    people: found.filter((person) => 'id' in person),
    strangers: found.filter((person) => 'key' in person),
  };
}

async function lookUp(
  id: string,
  directory: Directory,
): Promise<Roster['people'][number] | { key: 'no-such-member'; member: string }> {
  try {
    const member = await directory.member(id);
    return member ? { id, member } : { key: 'no-such-member', member: id };
  } catch {
    return { id };
  }
}

/** The members that are named, else whom `unmatched` names. */
async function guess(
  { members }: Targets,
  { unmatched }: Configuration,
  directory: Directory,
  error: unknown,
): Promise<Roster> {
  const guessed = unknownFor(error);
  const named = async (ids: readonly string[], told: Unknown['told'] & string): Promise<Roster> => {
    const { people, strangers } = await lookUpAll(ids, directory);
    return { people, guessed, notes: [{ ...guessed, told }, ...strangers] };
  };
  if (members.length > 0) return named(members, 'named');
  const [level] = unmatched === 'ignore' ? [] : unmatched.levels;
  if (!level || level.to.members.length === 0) return named([], 'nobody');
  return { ...(await named(level.to.members, 'unmatched')), by: level.by };
}

/** Only the name of an error is shown, because its message comes from somebody else's code and may hold anything. */
function unknownFor(error: unknown): Unknown {
  if (error instanceof SilentDirectoryError) return { key: 'duty-unknown' };
  return { key: 'duty-unknown', error: error instanceof Error ? cut(error.name, 60) : 'no reason given' };
}

function isWhy(note: Reason): note is Why {
  return typeof note === 'object' && typeof note.key === 'string';
}

/** Sentences of a directory may be of any length. @throws for what is no sentence. */
function bounded(notes: readonly Reason[]): Reason[] {
  return notes.slice(0, MOST_NOTES).map((note) => (isWhy(note) ? note : cut(note, LONGEST_NOTE)));
}
