// Which incidents a rule is for, and at which hours.

import { toSeverity } from '../../../domain/incident/incident.ts';
import { filterProblems, type Filter } from '../../match/filter.ts';
import type { FlashdutyFilter, FlashdutyRule } from './export.ts';
import type { Ledger } from './ledger.ts';

/** None: every incident; `never`: the product could match it, but no incident of ours can. */
export function groupsOf(filters: readonly FlashdutyFilter[][], ledger: Ledger): Filter[][] | 'never' {
  const groups: Filter[][] = [];
  let lost = 0;
  for (const group of filters) {
    const conditions = group.map((filter) => conditionOf(filter, ledger));
    if (conditions.includes('never')) {
      lost += 1;
      continue;
    }
    const kept = conditions.filter((condition) => typeof condition === 'object');
    if (kept.length > 0) {
      groups.push(kept);
      continue;
    }
    if (group.length > 0) ledger.note('nothing is left of a group of conditions: the rule matches every incident now');
    return [];
  }
  if (filters.length === 0 || lost < filters.length) return groups;
  ledger.note('no incident here can match its conditions: the rule is disabled');
  return 'never';
}

const ALIASES: Readonly<Record<string, string>> = {
  alert_severity: 'severity',
  incident_severity: 'severity',
  data_source_id: 'source',
  integration_id: 'source',
};

/** A condition that cannot be asked here is left out: the rule matches more than before, not less. */
function conditionOf({ key: written, oper, vals }: FlashdutyFilter, ledger: Ledger): Filter | 'always' | 'never' {
  const key = Object.hasOwn(ALIASES, written) ? (ALIASES[written] ?? written) : written;
  const condition = `the condition on ${written}`;
  const [unknown] = filterProblems({ key, oper, vals: [] });
  if (unknown) {
    ledger.note(`${condition} was left out: ${unknown.message}`);
    return 'always';
  }
  const kept: string[] = [];
  let recovered = 0;
  for (const value of vals) {
    const isSeverity = key === 'severity' || key === 'status';
    const read = isSeverity ? (toSeverity(value) ?? value) : value;
    if (isSeverity && /^ok$/i.test(read)) {
      recovered += 1;
      continue;
    }
    const named = key === 'source' && /^\d+$/.test(read) ? `integration-${read}` : read;
    if (named !== read) {
      ledger.note(`${condition} named integration ${read}: put what incidents say as \`source\` for ${named}`);
    }
    const [problem] = filterProblems({ key, oper, vals: [named] });
    const message = problem?.message ?? (named.length > 256 ? 'is longer than 256 characters' : undefined);
    if (message === undefined) kept.push(named);
    else ledger.note(`${condition} lost a value: ${message}`);
  }
  if (recovered > 0) ledger.note('the status Ok was left out: an incident that recovered is closed here');
  if (kept.length > 0) return { key, oper, vals: kept };
  if (recovered > 0 && recovered === vals.length) return oper === 'IN' ? 'never' : 'always';
  ledger.note(`${condition} was left out`);
  return 'always';
}

export function timesOf(rule: FlashdutyRule, timeZone: string | undefined, ledger: Ledger): Record<string, unknown>[] {
  const times: Record<string, unknown>[] = [];
  for (const { start, end, repeat, cal_id } of rule.time_filters) {
    if (cal_id != null) ledger.note(`hours of the service calendar ${cal_id} were left out`);
    const from = /^\d\d:\d\d/.exec(start ?? '')?.[0];
    const to = /^\d\d:\d\d/.exec(end ?? '')?.[0];
    if (from === undefined || to === undefined) {
      if (cal_id == null) ledger.note('hours without start and end were left out');
      continue;
    }
    const days = [...new Set(repeat.map((day) => day % 7))];
    times.push({ ...(days.length > 0 && { days }), from, to });
  }
  if (rule.time_filters.length > 0 && times.length === 0) ledger.note('it holds at all hours now');
  if (times.length > 0 && timeZone === undefined) {
    ledger.note('its hours are read as UTC; say --time-zone, or set timeZone of the channel');
  }
  return times;
}
