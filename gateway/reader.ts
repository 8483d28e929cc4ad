import type { Member } from '../config/configuration.ts';
import { namesFrom } from '../templates/names.ts';
import type { Reader } from '../templates/wording.ts';
import type { Door } from './door.ts';

/** A member reads in their own language and by their own clock. */
export function readerFor({ locale, timeZone }: Pick<Member, 'locale' | 'timeZone'>, door: Door): Reader {
  return { locale, timeZone, names: namesFrom(door.source.current.members), now: door.now() };
}
