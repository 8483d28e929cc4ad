// Whom a level tells, by what, how often and for how long.

import { DEFAULT_PREFERENCE } from '../../../domain/media.ts';
import { durationText } from './duration-text.ts';
import type { FlashdutyLayer, FlashdutyTarget } from './export.ts';
import { groupTargets } from './group.ts';
import { accountOf, adapterOf, placeholder, slug, type Ledger } from './ledger.ts';

export function levelOf(layer: FlashdutyLayer, where: string, ledger: Ledger): Record<string, unknown> {
  const target = layer.target ?? undefined;
  const unitMs = ledger.unit === 'minutes' ? 60_000 : 1000;
  const to = {
    members: (target?.person_ids ?? []).map((person) => placeholder(ledger.members, `person-${slug(person)}`)),
    teams: (target?.team_ids ?? []).map((team) => placeholder(ledger.teams, `team-${slug(team)}`)),
    schedules: Object.entries(target?.schedule_to_role_ids ?? {}).flatMap(([schedule, roles]) =>
      dutiesOf(`schedule-${slug(schedule)}`, roles, ledger),
    ),
    emails: target?.emails ?? [],
  };
  const groups = (target?.webhooks ?? []).flatMap((webhook) => groupTargets(webhook, where, ledger));
  let people = to.members.length + to.teams.length + to.schedules.length;
  if (people + to.emails.length + groups.length === 0) {
    ledger.note(`${where} tells nobody that could be carried over: name somebody instead of person-unknown`);
    to.members.push(placeholder(ledger.members, 'person-unknown'));
    people = 1;
  }
  const repeat = repeatOf(layer, unitMs, where, ledger);
  return {
    to: Object.fromEntries(Object.entries(to).filter(([, names]) => names.length > 0)),
    ...(people > 0 && { by: mediaOf(target, where, ledger) }),
    ...(groups.length > 0 && { groups }),
    ...(repeat && { repeat }),
    escalateAfter: durationText(waitOf(layer, unitMs, where, ledger)),
    ...(layer.force_escalate === true && { evenIfAcknowledged: true }),
  };
}

/** Role 0 is the default one. */
function dutiesOf(schedule: string, roles: readonly string[], { schedules }: Ledger): string[] {
  const known = schedules.get(schedule) ?? new Set();
  schedules.set(schedule, known);
  if (roles.length === 0 || roles.includes('0')) return [schedule];
  return roles.map((role) => {
    known.add(`role-${slug(role)}`);
    return `${schedule}/role-${slug(role)}`;
  });
}

function repeatOf({ max_times, notify_step }: FlashdutyLayer, unitMs: number, where: string, ledger: Ledger) {
  const times = Math.round(max_times ?? 1);
  if (times === 0) ledger.note(`${where}: max_times 0 was read as told once`);
  if (times <= 1) return undefined;
  if (times > 6) ledger.note(`${where}: max_times ${String(times)} was cut to 6`);
  const everyMs = clamp((notify_step ?? 10 * (60_000 / unitMs)) * unitMs, 30_000, 120 * 60_000);
  return { every: durationText(everyMs), times: Math.min(times, 6) };
}

function waitOf({ escalate_window: wait }: FlashdutyLayer, unitMs: number, where: string, ledger: Ledger): number {
  if (wait == null) return 30 * 60_000;
  if (wait <= 0) {
    ledger.note(`${where}: escalate_window ${String(wait)} may mean never or at once; took the usual 30 minutes`);
    return 30 * 60_000;
  }
  const waitMs = clamp(wait * unitMs, 1000, 12 * 3_600_000);
  if (waitMs !== wait * unitMs) ledger.note(`${where}: escalate_window ${String(wait)} was cut to 12 hours`);
  return waitMs;
}

const SEVERITY_KEYS = ['critical', 'warning', 'info'] as const;

function mediaOf(target: FlashdutyTarget | undefined, where: string, ledger: Ledger): unknown {
  const by = target?.by;
  if (!by) return (target?.webhooks ?? []).length > 0 ? { default: [] } : 'preference';
  if (by.follow_preference === true) return 'preference';
  const media = SEVERITY_KEYS.map((severity) => {
    const carried = by[severity].flatMap((medium) => mediumOf(medium, where, ledger) ?? []);
    if (carried.length > 0 || by[severity].length === 0) return [...new Set(carried)];
    const instead = [...DEFAULT_PREFERENCE[severity]];
    ledger.note(`${where}: nothing is left of the media for ${severity}; took ${instead.join(', ')}`);
    return instead;
  });
  const [first = []] = media;
  if (media.every((other) => other.join() === first.join())) return { default: first };
  return Object.fromEntries(SEVERITY_KEYS.map((severity, index) => [severity, media[index] ?? []]));
}

function mediumOf(written: string, where: string, ledger: Ledger): string | undefined {
  if (/^(voice|sms|email|push)$/.test(written)) return written;
  if (written === 'flashduty_app') return 'push';
  const [, app = '', source = ''] = /^(\w+)_app:(\w+)$/.exec(written) ?? [];
  const adapter = adapterOf(`${app}.app`);
  if (adapter) return accountOf(adapter, source, ledger);
  ledger.note(`${where}: the medium ${written} is not available here and was left out`);
  return undefined;
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(Math.max(value, min), max);
}
