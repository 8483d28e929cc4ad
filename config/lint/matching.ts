import { SEVERITIES, type Incident, type Severity } from '../../domain/incident/incident.ts';
import type { Configuration, When } from '../configuration.ts';
import { isExact, type Condition } from '../match/filter.ts';

/** Rules and routes that no incident can ever follow. */
export function* matchingWarnings({ routes, channels }: Configuration): Generator<string> {
  yield* neverMatching(
    routes.map(({ when, channel }, index) => ({ name: `route ${String(index + 1)} to ${channel}`, when })),
  );
  for (const { rules } of channels.values()) {
    const live = rules.filter(({ enabled }) => enabled);
    yield* neverMatching(live.map(({ rule, when }) => ({ name: rule.name, when })));
  }
}

/** In the order in which they are asked. */
function* neverMatching(asked: readonly { name: string; when: When }[]): Generator<string> {
  const takenBy = new Map<Severity, string>();
  for (const { name, when } of asked) {
    const reasons = when.filters.map(contradiction);
    const [reason] = reasons;
    if (reason !== undefined && !reasons.includes(undefined)) {
      yield `${name} can never match: ${reason}`;
      continue;
    }
    const left = SEVERITIES.filter((severity) => canMatch(when, severity));
    const before = new Set(left.map((severity) => takenBy.get(severity)));
    if (left.length === 0) yield `${name} can never match: it takes no severity`;
    else if (!before.has(undefined)) {
      yield `${name} can never match: ${[...before].join(' and ')} before it takes every incident that it could match`;
    }
    for (const severity of left) {
      if (!takenBy.has(severity) && takesAll(when, severity)) takenBy.set(severity, name);
    }
  }
}

/** Why no incident meets all conditions of a group; undefined: one may. */
function contradiction(group: readonly Condition[]): string | undefined {
  for (const { key, oper, vals } of group) {
    if (oper !== 'IN' || !vals.every(isExact)) continue;
    const others = group.filter((condition) => condition.key === key);
    if (vals.some((value) => others.every((condition) => condition.holds(incidentWith(key, value))))) continue;
    return `its conditions on ${key} exclude each other`;
  }
  return undefined;
}

function canMatch({ filters }: When, severity: Severity): boolean {
  return filters.length === 0 || filters.some((group) => deciding(group).every((one) => holdsFor(one, severity)));
}

/** Whether every incident of this severity matches, whatever else it says and at any hour. */
function takesAll({ filters, times }: When, severity: Severity): boolean {
  if (times.length > 0) return false;
  return (
    filters.length === 0 ||
    filters.some((group) => deciding(group).length === group.length && group.every((one) => holdsFor(one, severity)))
  );
}

function deciding(group: readonly Condition[]): Condition[] {
  return group.filter(({ key }) => key === 'severity' || key === 'status');
}

function holdsFor(condition: Condition, severity: Severity): boolean {
  return condition.holds(incidentWith('severity', severity));
}

/** An incident with one known field, to ask whether a condition on that field can hold. */
function incidentWith(key: string, value: string): Incident {
  const incident = { id: '', title: '', severity: 'Critical', description: '', labels: {} } as const;
  if (key.startsWith('labels.')) return { ...incident, labels: { [key.slice('labels.'.length)]: value } };
  const field = { status: 'severity', dedup_key: 'id' }[key] ?? key;
  return { ...incident, [field]: value };
}
