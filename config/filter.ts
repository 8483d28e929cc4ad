import { SEVERITIES, type Incident, type Severity } from '../domain/incident.ts';

/** One condition on an incident. `vals` are exact, or use `*` (any run of characters) and `?` (one character). */
export interface Filter {
  key: string;
  /** A key the incident does not have: `IN` never matches, `NOTIN` always does. */
  oper: 'IN' | 'NOTIN';
  vals: readonly string[];
}

const FIELDS: Readonly<Record<string, (incident: Incident) => string | undefined>> = {
  severity: (incident) => incident.severity,
  // An incident opens with the status its severity says.
  status: (incident) => incident.severity,
  title: (incident) => incident.title,
  description: (incident) => incident.description,
  source: (incident) => incident.source,
  channel: (incident) => incident.channel,
  dedup_key: (incident) => incident.id,
};
const LABEL = 'labels.';

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
  if (/^\/.+\/$/.test(value)) return 'regular expressions are not available in this version; use * and ?';
  if (value.startsWith('cidr:')) return 'cidr: is not available in this version; use * and ?';
  if (value.startsWith('num:')) return 'num: is not available in this version; list the values';
  if (
    (key === 'severity' || key === 'status') &&
    !SEVERITIES.some((severity) => globMatches(Array.from(value), Array.from(severity)))
  ) {
    return `no severity is called ${JSON.stringify(value)}; known: ${SEVERITIES.join(', ')}`;
  }
  return undefined;
}

/** One group whose conditions all hold is enough; no groups at all match every incident. Pure, without surprises in time. */
export function compileFilters(groups: readonly (readonly Filter[])[]): (incident: Incident) => boolean {
  if (groups.length === 0) return () => true;
  const compiled = groups.map((group) => group.map(compileFilter));
  return (incident) => compiled.some((group) => group.every((holds) => holds(incident)));
}

/** Severities for which the conditions can hold at all, whatever else the incident says. */
export function possibleSeverities(groups: readonly (readonly Filter[])[]): Severity[] {
  const matches = compileFilters(
    groups.map((group) => group.filter(({ key }) => key === 'severity' || key === 'status')),
  );
  return SEVERITIES.filter((severity) => matches({ id: '', title: '', severity, description: '', labels: {} }));
}

function compileFilter({ key, oper, vals }: Filter): (incident: Incident) => boolean {
  const exact = new Set(vals.filter((value) => !/[*?]/.test(value)));
  const patterns = vals.filter((value) => /[*?]/.test(value)).map((value) => Array.from(value));
  const isIn = oper === 'IN';
  return (incident) => {
    const text = fieldOf(incident, key);
    if (text === undefined) return !isIn;
    if (exact.has(text)) return isIn;
    if (patterns.length === 0) return !isIn;
    const characters = Array.from(text);
    return patterns.some((pattern) => globMatches(pattern, characters)) === isIn;
  };
}

function fieldOf(incident: Incident, key: string): string | undefined {
  if (!key.startsWith(LABEL)) return FIELDS[key]?.(incident);
  const name = key.slice(LABEL.length);
  return Object.hasOwn(incident.labels, name) ? incident.labels[name] : undefined;
}

/**
 * Whether the whole text fits the pattern. Only the last `*` is ever reconsidered, so that the steps are at most
 * pattern × text (256 × 16 Ki characters), whatever somebody writes.
 */
export function globMatches(pattern: readonly string[], text: readonly string[]): boolean {
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
    } else if (wanted !== undefined && (wanted === '?' || wanted === text[read])) {
      at += 1;
      read += 1;
    } else if (star >= 0) {
      resume += 1;
      read = resume;
      at = star + 1;
    } else {
      return false;
    }
  }
  while (pattern[at] === '*') at += 1;
  return at === pattern.length;
}
