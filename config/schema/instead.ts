// What to write in place of something that has the wrong form, with what was written in it.

import { stringify } from 'yaml';
import type { z } from 'zod';
import type { Names } from './names.ts';
import { wording } from './problem.ts';

/** A name of the file, nothing that could be an address or a secret. */
const NAME = /^[\p{L}\p{N}][\p{L}\p{N}_./-]{0,63}$/u;
const DURATION = /^\d[\d.]*[smh]$/;
const MOST_SHOWN = 160;

/**
 * A parameter of a schema.
 * @param show the right form of what was written; undefined where none can be told.
 */
export function instead(show: (written: unknown) => string | undefined) {
  return {
    error(issue: z.core.$ZodRawIssue): string | undefined {
      if (issue.input === undefined || !['invalid_type', 'invalid_union'].includes(issue.code)) return undefined;
      const form = show(issue.input);
      const said = wording(issue);
      return form === undefined || said === undefined ? undefined : `${said}; write ${form}`;
    },
  };
}

/** For a list of names: one of them alone. */
export const listOfNames = instead((written) => (isName(written) ? flow([written]) : undefined));

/** For what is keyed by name: a list of it. What stands under the names is not repeated: it may hold secrets. */
export const keyedByName = instead((written) => {
  if (!Array.isArray(written)) return undefined;
  const names = written.map((entry) => (isName(entry) ? entry : nameIn(entry))).filter(isName);
  return `{ ${(names.length > 0 ? names.slice(0, 3) : ['<name>']).map((name) => `${name}: { … }`).join(', ')} }`;
});

/** For `to` of a level: names alone, each under what it is. */
export function recipientsForm({ members, teams, schedules }: Names) {
  return instead((written) => {
    const entries = Array.isArray(written) ? written : [written];
    if (entries.some((entry) => typeof entry === 'string' && entry.includes('@'))) return '{ emails: […] }';
    if (entries.length === 0 || !entries.every(isName)) return undefined;
    const isTeam = (name: string): boolean => teams.has(name) && !members.has(name);
    const isDuty = (name: string): boolean =>
      schedules.has(name.split('/')[0] ?? '') && !members.has(name) && !isTeam(name);
    const groups = {
      members: entries.filter((name) => !isTeam(name) && !isDuty(name)),
      teams: entries.filter(isTeam),
      schedules: entries.filter(isDuty),
    };
    return flow(Object.fromEntries(Object.entries(groups).filter(([, names]) => names.length > 0)));
  });
}

/** For `by` of a level: media without saying for which severity. */
export const byForm = instead((written) => {
  const media = Array.isArray(written) ? written : [written];
  return media.length > 0 && media.every(isName) ? flow({ default: media }) : undefined;
});

/** For `groups` of a level: an account, or one group outside of a list. */
export const groupsForm = instead((written) => {
  if (isName(written)) return flow([{ account: written }]);
  return isMapping(written) ? flow([written]) : undefined;
});

export const groupForm = instead((written) => (isName(written) ? flow({ account: written }) : undefined));

export const levelsForm = instead((written) =>
  isMapping(written) ? '[{ to: …, by: … }], a list of levels' : undefined,
);

export const repeatForm = instead((written) => {
  if (typeof written === 'number') return flow({ times: written });
  return isDuration(written) ? flow({ every: written, times: 2 }) : undefined;
});

export const autoCloseForm = instead((written) => (isDuration(written) ? flow({ after: written }) : undefined));

/** For filters: conditions that are not in a list of lists, or written as `field: value`. */
export const filtersForm = instead((written) => {
  if (isMapping(written) && Array.isArray(written['filters'])) return flow(written['filters']);
  const entries = Array.isArray(written) ? written : [written];
  if (entries.length === 0 || !entries.every(isMapping)) return undefined;
  const conditions = entries.flatMap(conditionsIn);
  return `${flow([conditions])}: lists in a list; all conditions of one inner list must hold`;
});

function conditionsIn(written: Record<string, unknown>): unknown[] {
  if ('key' in written || 'vals' in written) return [written];
  return Object.entries(written).map(([key, value]) => ({ key, oper: 'IN', vals: [value].flat() }));
}

/** For `when` of a rule: filters alone. */
export const whenForm = instead((written) => (Array.isArray(written) ? `{ filters: ${flow(written)} }` : undefined));

function nameIn(entry: unknown): unknown {
  if (!isMapping(entry)) return undefined;
  const { id, key, name } = entry;
  return [id, key, name].find(isName) ?? Object.keys(entry).find((_, __, keys) => keys.length === 1);
}

function isName(written: unknown): written is string {
  return typeof written === 'string' && NAME.test(written);
}

function isDuration(written: unknown): written is string {
  return typeof written === 'string' && DURATION.test(written);
}

function isMapping(written: unknown): written is Record<string, unknown> {
  return typeof written === 'object' && written !== null && !Array.isArray(written);
}

/** As one would write it in one line of YAML. */
function flow(value: unknown): string {
  const text = stringify(value, { collectionStyle: 'flow', lineWidth: 0 }).trim();
  return text.length <= MOST_SHOWN ? text : `${text.slice(0, MOST_SHOWN)}…`;
}
