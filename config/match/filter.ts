import { BlockList, isIP } from 'node:net';
import { RE2JS } from 're2js';
import { SEVERITIES, type Incident, type Severity } from '../../domain/incident/incident.ts';

/** One condition on an incident. */
export interface Filter {
  key: string;
  /** A key the incident does not have: `IN` never matches, `NOTIN` always does. */
  oper: 'IN' | 'NOTIN';
  /**
   * Exact; with `*` (any run of characters) and `?` (one character); `/regular expression/` (RE2, found anywhere in the
   * text); `cidr:10.0.0.0/8`; `num:gt:5` (gt, ge, lt, le).
   */
  vals: readonly string[];
}

/** A condition that can be asked. Pure, and in time linear in what it reads. */
export interface Condition extends Filter {
  holds(incident: Incident): boolean;
}

const FIELDS: Readonly<Record<string, (incident: Incident) => string | undefined>> = {
  severity: (incident) => incident.severity,
  // `status` is the severity, because an incident opens with the status of its severity.
  status: (incident) => incident.severity,
  title: (incident) => incident.title,
  description: (incident) => incident.description,
  source: (incident) => incident.source,
  channel: (incident) => incident.channel,
  dedup_key: (incident) => incident.id,
};
const LABEL = 'labels.';

/**
 * Instructions of a compiled regular expression. One that is hostile reads 16 KiB in about 1 ms for each of them;
 * an ordinary one has 10 to 60.
 */
const MAX_PROGRAM = 250;
/** For all conditions of a list of rules: instructions, and a tenth of one for each character of a wildcard. */
const MAX_COST = 20_000;
/** Larger programs can have more states than their cache holds: remembering them costs more than it saves. */
const MAX_CACHED_PROGRAM = 64;

const COMPARISONS: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  gt: (a, b) => a > b,
  ge: (a, b) => a >= b,
  lt: (a, b) => a < b,
  le: (a, b) => a <= b,
};

/** Says what is wrong with a condition as somebody wrote it, and at which of its values. */
export function* filterProblems({ key, vals }: Filter): Generator<{ path: (string | number)[]; message: string }> {
  if (!Object.hasOwn(FIELDS, key) && !(key.startsWith(LABEL) && key.length > LABEL.length)) {
    const known = [...Object.keys(FIELDS), 'labels.<name>'].join(', ');
    yield { path: ['key'], message: `an incident has no ${JSON.stringify(key)}; known: ${known}` };
  }
  for (const [index, value] of vals.entries()) {
    const message = valueProblem(key, value);
    if (message !== undefined) yield { path: ['vals', index], message };
  }
}

function valueProblem(key: string, value: string): string | undefined {
  let test: (text: string) => boolean;
  try {
    test = compileValues([value]);
  } catch (error) {
    return (error as Error).message;
  }
  if ((key === 'severity' || key === 'status') && !SEVERITIES.some(test)) {
    return `no severity is called ${JSON.stringify(value)}; known: ${SEVERITIES.join(', ')}`;
  }
  return undefined;
}

/** What keeps matching fast however many rules there are; undefined when all is well. */
export function costProblem(filters: Iterable<Filter>): string | undefined {
  let cost = 0;
  for (const { vals } of filters) for (const value of vals) cost += costOf(value);
  if (cost <= MAX_COST) return undefined;
  return `the regular expressions and wildcards of these conditions come to ${String(Math.ceil(cost))} steps a character, the limit is ${String(MAX_COST)}; make them fewer or shorter`;
}

function costOf(value: string): number {
  try {
    const expression = expressionIn(value);
    return expression?.programSize() ?? (isWild(value) ? value.length / 10 : 0);
  } catch {
    // `filterProblems` names the value that is no regular expression; here it only costs nothing.
    return 0;
  }
}

/** @throws Error that says what to write, when {@link filterProblems} was not asked before. */
export function compileFilters(groups: readonly (readonly Filter[])[]): Condition[][] {
  return groups.map((group) => group.map(compileFilter));
}

/** One group whose conditions all hold is enough; no groups at all match every incident. */
export function anyGroupHolds(groups: readonly (readonly Condition[])[], incident: Incident): boolean {
  return groups.length === 0 || groups.some((group) => group.every((condition) => condition.holds(incident)));
}

/** Severities for which the conditions can hold at all, whatever else the incident says. */
export function possibleSeverities(groups: readonly (readonly Condition[])[]): Severity[] {
  const deciding = groups.map((group) => group.filter(({ key }) => key === 'severity' || key === 'status'));
  return SEVERITIES.filter((severity) =>
    anyGroupHolds(deciding, { id: '', title: '', severity, description: '', labels: {} }),
  );
}

/** What a condition looks at. */
export function fieldOf(incident: Incident, key: string): string | undefined {
  if (!key.startsWith(LABEL)) return FIELDS[key]?.(incident);
  const name = key.slice(LABEL.length);
  return Object.hasOwn(incident.labels, name) ? incident.labels[name] : undefined;
}

function compileFilter(filter: Filter): Condition {
  const test = compileValues(filter.vals);
  const isIn = filter.oper === 'IN';
  return {
    ...filter,
    holds(incident) {
      const text = fieldOf(incident, filter.key);
      return (text !== undefined && test(text)) === isIn;
    },
  };
}

/** @throws Error that says what to write. */
function compileValues(vals: readonly string[]): (text: string) => boolean {
  const exact = new Set<string>();
  const blocks: string[] = [];
  const tests: ((text: string) => boolean)[] = [];
  for (const value of vals) {
    const expression = expressionIn(value);
    if (expression) tests.push(expressionTest(expression));
    else if (value.startsWith('cidr:')) blocks.push(value.slice('cidr:'.length));
    else if (value.startsWith('num:')) tests.push(numberTest(value));
    else if (isWild(value)) tests.push((text) => globMatches(value, text));
    else exact.add(value);
  }
  if (blocks.length > 0) tests.push(addressTest(blocks));
  return (text) => exact.has(text) || tests.some((test) => test(text));
}

/** Whether a value of a condition means nothing but itself. */
export function isExact(value: string): boolean {
  return !isWild(value) && !/^(cidr|num):/.test(value) && !/^\/.+\/$/s.test(value);
}

function isWild(value: string): boolean {
  return !/^(cidr|num):/.test(value) && /[*?]/.test(value);
}

function expressionIn(value: string): RE2JS | undefined {
  const source = /^\/(.+)\/$/s.exec(value)?.[1];
  if (source === undefined) return undefined;
  let expression: RE2JS;
  try {
    expression = RE2JS.compile(source);
  } catch (error) {
    const reason = (error as Error).message.replace(/^error parsing regexp: /, '');
    throw new Error(
      `is not a regular expression of RE2 (${reason}); look-around and back references do not exist there`,
      { cause: error },
    );
  }
  const size = expression.programSize();
  if (size <= MAX_PROGRAM) return expression;
  throw new Error(
    `is too large a regular expression (${String(size)} instructions, the limit is ${String(MAX_PROGRAM)}); write smaller counts in { }`,
  );
}

function expressionTest(expression: RE2JS): (text: string) => boolean {
  return expression.programSize() > MAX_CACHED_PROGRAM
    ? (text) => expression.matcher(text).find()
    : (text) => expression.test(text);
}

function numberTest(value: string): (text: string) => boolean {
  const [, name = '', limit = ''] = /^num:([a-z]+):(.+)$/.exec(value) ?? [];
  const compare = Object.hasOwn(COMPARISONS, name) ? COMPARISONS[name] : undefined;
  const bound = numberIn(limit);
  if (!compare || bound === undefined) throw new Error('write num:gt:5, with gt, ge, lt or le and a number');
  return (text) => {
    const number = numberIn(text);
    return number !== undefined && compare(number, bound);
  };
}

function numberIn(text: string): number | undefined {
  const trimmed = text.trim();
  return /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i.test(trimmed) ? Number(trimmed) : undefined;
}

function addressTest(blocks: readonly string[]): (text: string) => boolean {
  const list = new BlockList();
  for (const block of blocks) {
    const [, address = '', prefix = ''] = /^([0-9A-Fa-f.:]+)\/(\d{1,3})$/.exec(block) ?? [];
    const family = isIP(address);
    if (family === 0 || Number(prefix) > (family === 4 ? 32 : 128)) {
      throw new Error('write cidr:10.0.0.0/8 or cidr:2001:db8::/32');
    }
    list.addSubnet(address, Number(prefix), family === 4 ? 'ipv4' : 'ipv6');
  }
  return (text) => {
    const address = addressIn(text);
    return address !== undefined && list.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6');
  };
}

/** Alone or with the port that monitoring writes after it: `10.0.0.7:9100`, `[::1]:9100`. */
function addressIn(text: string): string | undefined {
  // No address has more than 100 characters, and a long text would only cost time.
  const trimmed = text.length > 100 ? '' : text.trim();
  const [, v6, v4] = /^(?:\[([^\]]+)\](?::\d{1,5})?|([\d.]+):\d{1,5})$/.exec(trimmed) ?? [];
  const address = v6 ?? v4 ?? trimmed;
  return isIP(address) === 0 ? undefined : address;
}

/**
 * Whether the whole text fits the pattern. Only the last `*` is ever reconsidered, so that the steps are at most
 * pattern × text (256 × 16 Ki characters), whatever somebody writes.
 */
export function globMatches(pattern: string, text: string): boolean {
  let at = 0;
  let read = 0;
  let star = -1;
  let resume = 0;
  while (read < text.length) {
    const wanted = pattern[at];
    if (wanted === '*') {
      star = at;
      resume = read;
      at += 1;
    } else if (wanted === '?') {
      at += 1;
      read += unitsAt(text, read);
    } else if (wanted !== undefined && wanted === text[read]) {
      at += 1;
      read += 1;
    } else if (star >= 0) {
      resume += unitsAt(text, resume);
      read = resume;
      at = star + 1;
    } else {
      return false;
    }
  }
  while (pattern[at] === '*') at += 1;
  return at === pattern.length;
}

/** UTF-16 units of the character there. */
function unitsAt(text: string, index: number): 1 | 2 {
  return (text.codePointAt(index) ?? 0) > 0xffff ? 2 : 1;
}
