// What is wrong with the file: each problem as a sentence with its path.

import type { z } from 'zod';
import { meantKey } from './nearest.ts';

/** Keys and list positions from the top of the file. */
export type Path = readonly (string | number)[];

/** One thing to mend, said to a person. */
export interface Problem {
  path: Path;
  message: string;
  /** The key itself is wrong rather than what it holds. */
  onKey?: boolean;
  /** Where in a text of several lines, from 1. */
  within?: { row: number; col: number };
}

/** `.message` is what a person reads: every problem on a line of its own, `file:line:column  path: what to do`. */
export class ConfigurationError extends Error {
  override name = 'ConfigurationError';
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}

/** `channels.payments.rules[0].name`. */
export function pathText(path: Path): string {
  return path
    .map((part) => {
      if (typeof part === 'number') return `[${String(part)}]`;
      return /^[\p{L}\p{N}_-]+$/u.test(part) ? `.${part}` : `[${JSON.stringify(part)}]`;
    })
    .join('')
    .replace(/^\./, '');
}

/**
 * Settings that are designed and not built yet. Their message says so, because "unknown" would look like a slip of the
 * pen.
 */
const LATER = /(^|\.)(identitiesFrom|allowTokenLabels)$/;

/** What a schema found, in the words of {@link wording}, with one problem per key. */
export function* problemsOf(issues: readonly z.core.$ZodIssue[], path: Path = []): Generator<Problem> {
  for (const issue of issues) {
    const at = [...path, ...issue.path.map((part) => (typeof part === 'number' ? part : String(part)))];
    switch (issue.code) {
      case 'unrecognized_keys':
        for (const [index, key] of issue.keys.entries()) {
          const isLater = LATER.test(pathText([...at, key]));
          const message = isLater
            ? 'is not available in this version; remove it'
            : `unknown key; ${issue.message.split('\n')[index] ?? ''}`;
          yield { path: [...at, key], message, onKey: true };
        }
        break;
      case 'invalid_key':
        yield { path: at, message: issue.issues[0]?.message ?? issue.message, onKey: true };
        break;
      case 'invalid_union': {
        const meant = meantBranch(issue.errors);
        if (meant) yield* problemsOf(meant, at);
        else yield { path: at, message: issue.message };
        break;
      }
      case 'custom': {
        const within = issue.params?.['within'] as Problem['within'];
        yield { path: at, message: issue.message, ...(within && { within }) };
        break;
      }
      default:
        yield { path: at, message: issue.message };
    }
  }
}

/**
 * The branch of a union with the fewest unknown keys, which is most likely the one that was meant; undefined when what
 * was written is of another type than every branch.
 */
function meantBranch(branches: readonly (readonly z.core.$ZodIssue[])[]): readonly z.core.$ZodIssue[] | undefined {
  const strangers = (branch: readonly z.core.$ZodIssue[]) =>
    branch.reduce((sum, issue) => sum + (issue.code === 'unrecognized_keys' ? issue.keys.length : 0), 0);
  return branches
    .filter((branch) => !branch.some(({ code, path }) => path.length === 0 && /^invalid_(type|value)$/.test(code)))
    .sort((a, b) => strangers(a) - strangers(b))[0];
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
  record: 'a mapping',
};

/**
 * Error map of every schema here: says what to write, never what was written (it may be a secret).
 * @param more keys that are known besides those of the schema.
 */
export function wording(issue: z.core.$ZodRawIssue, more: readonly string[] = []): string | undefined {
  const description = (issue.inst as z.ZodType | undefined)?.description;
  switch (issue.code) {
    case 'invalid_type': {
      if (issue.input === undefined) return description === undefined ? 'is missing' : `is missing: ${description}`;
      const expected = KINDS[issue.expected] ?? issue.expected;
      const quote = expected === 'text' && typeof issue.input !== 'object' ? '; put it in quotes' : '';
      return `expected ${expected}, got ${kindOf(issue.input)}${quote}`;
    }
    case 'invalid_value': {
      const choice = `one of ${issue.values.map(String).join(', ')}`;
      return issue.input === undefined ? `is missing: ${choice}` : `expected ${choice}`;
    }
    case 'invalid_union':
      return `${issue.input === undefined ? 'is missing:' : 'expected'} ${description ?? 'something else'}`;
    case 'unrecognized_keys': {
      const shape = (issue.inst as Partial<z.ZodObject> | undefined)?.shape ?? {};
      const known = `known: ${Object.keys(shape).join(', ')}`;
      // The message has one line for each unknown key.
      return issue.keys
        .map((key) => meantKey(key, shape, more))
        .map((meant) => (meant === undefined ? known : `did you mean ${meant}? ${known}`))
        .join('\n');
    }
    case 'too_small':
      return `must ${bound(issue.origin, 'at least', issue.minimum)}`;
    case 'too_big':
      return `must ${bound(issue.origin, 'at most', issue.maximum)}`;
    default:
      return undefined;
  }
}

function bound(origin: string, which: string, limit: number | bigint): string {
  if (origin === 'string') return `have ${which} ${String(limit)} characters`;
  if (origin === 'array') return `have ${which} ${String(limit)} ${limit === 1 ? 'entry' : 'entries'}`;
  return `be ${which} ${String(limit)}`;
}

function kindOf(value: unknown): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  return KINDS[typeof value] ?? typeof value;
}
