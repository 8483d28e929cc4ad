import type { Configuration, Member } from '../config/configuration.ts';
import type { Directory } from '../config/duty/directory.ts';
import { cut } from '../domain/incident/incident.ts';
import type { MediaChoice, Targets } from '../domain/incident/rule.ts';
import { SilentDirectoryError } from './steady.ts';

/** Whom a round tells. */
export interface Roster {
  /** `member` is absent where nobody could say how to reach this person: the channel worker may know. */
  people: { id: string; member?: Member }[];
  notes: string[];
  /** The directory could not say who is meant, for this reason; `people` are who was at hand. */
  guessed?: string;
  /** Of the rule that was at hand, where it is not the one that was asked about. */
  by?: MediaChoice;
}

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
    return guess(targets, current, directory, reasonOf(error));
  }
}

async function lookUpAll(ids: readonly string[], directory: Directory) {
  const found = await Promise.all(ids.map((id) => lookUp(id, directory)));
  return {
    people: found.filter((person) => typeof person !== 'string'),
    strangers: found.filter((person) => typeof person === 'string'),
  };
}

async function lookUp(id: string, directory: Directory): Promise<Roster['people'][number] | string> {
  try {
    const member = await directory.member(id);
    return member ? { id, member } : `no member is called ${id}`;
  } catch {
    return { id };
  }
}

/** The members that are named, else whom `unmatched` names. */
async function guess(
  { members }: Targets,
  { unmatched }: Configuration,
  directory: Directory,
  why: string,
): Promise<Roster> {
  const guessed = `who is on duty could not be found out (${why})`;
  const named = async (ids: readonly string[], note: string): Promise<Roster> => {
    const { people, strangers } = await lookUpAll(ids, directory);
    return { people, guessed, notes: [`${guessed}: ${note}`, ...strangers] };
  };
  if (members.length > 0) return named(members, 'told the members named');
  const [level] = unmatched === 'ignore' ? [] : unmatched.levels;
  if (!level || level.to.members.length === 0) return named([], 'nobody is named here, nor in unmatched');
  return { ...(await named(level.to.members, 'told whom unmatched names')), by: level.by };
}

/** Of an error no more than its name: its message is somebody else's and may hold anything. */
function reasonOf(error: unknown): string {
  if (error instanceof SilentDirectoryError) return 'the directory does not answer';
  return `the directory failed: ${error instanceof Error ? cut(error.name, 60) : 'no reason given'}`;
}

function bounded(notes: readonly string[]): string[] {
  return notes.slice(0, MOST_NOTES).map((note) => cut(note, LONGEST_NOTE));
}
