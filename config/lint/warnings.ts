import { SEVERITIES, type Severity } from '../../domain/incident/incident.ts';
import { adapterFacts, CARRIED_MEDIA, DEFAULT_PREFERENCE } from '../../domain/media.ts';
import { mediaFor, type Level, type Medium, type Rule } from '../../domain/incident/rule.ts';
import type { Configuration, Member } from '../configuration.ts';
import { identityOf } from '../duty/directory.ts';
import { isCarried, platformOf, splitDuty } from '../schema/names.ts';
import { servesPhone } from '../region.ts';
import type { Schedule } from '../duty/schedule.ts';
import { dutyWarnings, type NamedLevel } from './duty.ts';
import { matchingWarnings } from './matching.ts';
import { tokenWarnings } from './tokens.ts';

/**
 * What is allowed and probably not meant, one sentence each. For `validate` and the worker's log; nothing is private.
 * @param now milliseconds since 1970: who is on duty is looked up for the 30 days that follow.
 */
export function warnings(configuration: Configuration, now = Date.now()): string[] {
  const found = new Set<string>();
  const rules = rulesOf(configuration);
  for (const rule of rules) for (const sentence of ruleWarnings(rule, configuration)) found.add(sentence);
  for (const sentence of matchingWarnings(configuration)) found.add(sentence);
  for (const sentence of dutyWarnings(rules.flatMap(levelsOf), configuration, now)) found.add(sentence);
  for (const sentence of accountWarnings(rules, configuration)) found.add(sentence);
  for (const sentence of tokenWarnings(configuration, now)) found.add(sentence);
  if (configuration.gateway.publicUrl === undefined && configuration.accounts.size > 0) {
    found.add('gateway.publicUrl is missing: messages carry no links or buttons, and providers cannot call back');
  }
  if (configuration.gateway.phoneKey === undefined && configuration.gateway.secrets.length > 1) {
    found.add(
      'gateway.phoneKey is missing while there are several gateway.secrets: write the one there that was in use before the others (without it the last counts), or calls that ring during a rotation cannot be answered',
    );
  }
  if (configuration.unmatched === 'ignore' && !configuration.channels.has('default')) {
    found.add('unmatched is ignore and no channel is called default: incidents without a known channel reach nobody');
  }
  if (configuration.lastResort === undefined) {
    found.add('lastResort is missing: where nobody whom a rule names can be told, an incident waits unseen');
  }
  return [...found];
}

interface Live {
  rule: Rule;
  severities: readonly Severity[];
}

function rulesOf({ channels, unmatched, lastResort }: Configuration): Live[] {
  const live = [...channels.values()]
    .flatMap(({ rules }) => rules.filter(({ enabled }) => enabled))
    .map(({ rule, severities }) => ({ rule, severities: severities ?? SEVERITIES }));
  const always = [
    ...(unmatched === 'ignore' ? [] : [unmatched]),
    ...(lastResort ? [{ name: 'lastResort', delayMs: 0, levels: [lastResort] }] : []),
  ];
  return [...live, ...always.map((rule) => ({ rule, severities: SEVERITIES }))];
}

function levelsOf({ rule }: Live): NamedLevel[] {
  return rule.levels.map((level, index) => ({ where: `${rule.name} level ${index + 1}`, level }));
}

function* ruleWarnings(live: Live, configuration: Configuration): Generator<string> {
  const { rule, severities } = live;
  for (const { where, level } of levelsOf(live)) {
    const { members, teams, schedules } = level.to;
    if (members.length + teams.length + schedules.length === 0) {
      yield `${where} posts to groups only: nobody in person is told, and nobody is expected to acknowledge`;
    }
    for (const member of peopleOf(level, configuration))
      yield* personWarnings(member, level, where, severities, configuration);
  }
  if (!severities.includes('Critical')) return;
  const [only, ...others] = new Set(rule.levels.flatMap((level) => criticalMedia(level, configuration)));
  if (only === undefined) return;
  if (others.length === 0) {
    yield `${rule.name} tells people of a Critical by ${only} alone: one outage of it and nobody knows`;
  }
  const losses = [only, ...others].map((medium) => lossesOf(medium, configuration));
  if (!losses.includes(undefined)) {
    yield `${rule.name} tells people of a Critical by ${[only, ...others].join(' and ')} alone: ${losses[0] ?? ''}`;
  }
}

function* personWarnings(
  member: Member,
  level: Level,
  where: string,
  severities: readonly Severity[],
  configuration: Configuration,
): Generator<string> {
  const deaf: Severity[] = [];
  for (const severity of severities) {
    const media = mediaOf(level, member, severity);
    const reasons = media.map((medium) => obstacle(medium, member, configuration));
    if (media.length > 0 && !reasons.includes(undefined)) deaf.push(severity);
    // Nobody chose the default media, so one of them that cannot reach the member is worth no warning.
    if (level.by === 'preference' && !member.prefers) continue;
    for (const [index, reason] of reasons.entries()) {
      if (reason !== undefined) yield `${where} tells ${member.id} by ${media[index] ?? ''}, but ${reason}`;
    }
  }
  if (deaf.length > 0) yield `${where} cannot reach ${member.id} at all for ${deaf.join(', ')}`;
}

function lossesOf(medium: Medium, { accounts }: Configuration): string | undefined {
  const adapter = accounts.get(medium)?.adapter;
  return adapter && adapterFacts(adapter).loses;
}

/** Why this medium cannot reach this person. */
function obstacle(medium: Medium, member: Member, { media, accounts }: Configuration): string | undefined {
  if (!isCarried(medium)) {
    const account = accounts.get(medium);
    if (!account || identityOf(member, medium, platformOf(account.adapter)) !== undefined) return undefined;
    // An app may find the person by phone or e-mail.
    return (member.phone ?? member.email) ? undefined : 'the member has no identity there, no phone and no e-mail';
  }
  const carriers = media[medium].flatMap((name) => accounts.get(name) ?? []);
  if (carriers.length === 0) return `media.${medium} names no account`;
  if (medium === 'push') return undefined;
  if (medium === 'email') return member.email === undefined ? 'the member has no e-mail' : undefined;
  if (member.phone === undefined) return 'the member has no phone';
  if (medium === 'sms' && member.landline === true) return 'the phone is a landline';
  if (carriers.some((account) => servesPhone(account, member))) return undefined;
  const where = `phones of ${member.country ?? 'no country'}`;
  return `no account of media.${medium} serves ${member.landline === true ? `landlines among the ${where}` : where}`;
}

function* accountWarnings(rules: readonly Live[], { media, accounts, members }: Configuration): Generator<string> {
  const levels = rules.flatMap(({ rule }) => rule.levels);
  const preferred = [...members.values()].flatMap(({ prefers }) => Object.values(prefers ?? {}));
  const chosen = levels.flatMap(({ by }) => (by === 'preference' ? [] : Object.values(by)));
  const used = new Set<string>([
    ...CARRIED_MEDIA.flatMap((medium) => media[medium]),
    ...levels.flatMap(({ groups }) => groups.map(({ account }) => account)),
    ...[...preferred, ...chosen].flat(),
  ]);
  for (const [name, { adapter, traits }] of accounts) {
    if (media.voice.includes(name) && traits.asksForKey === false) {
      yield `calls of ${name} ask for no key: nobody can acknowledge by them; name keys in its templates`;
    }
    if (used.has(name)) continue;
    const { medium } = adapterFacts(adapter);
    yield `account ${name} is never used: ${medium === 'im' ? 'no rule names it' : `it is not in media.${medium}`}`;
  }
}

function peopleOf({ to }: Level, { teams, schedules, members }: Configuration): Member[] {
  const ids = new Set([
    ...to.members,
    ...to.teams.flatMap((team) => teams.get(team) ?? []),
    ...to.schedules.flatMap((written) => {
      const { schedule, role } = splitDuty(written);
      return membersEver(schedules.get(schedule), role);
    }),
  ]);
  return [...ids].flatMap((id) => members.get(id) ?? []);
}

function membersEver(schedule: Schedule | undefined, role?: string): string[] {
  if (!schedule) return [];
  const meant = (their: { role: string }): boolean => role === undefined || their.role === role;
  return [
    ...schedule.layers.filter(meant).flatMap(({ turns }) => turns.flat()),
    ...schedule.overrides.filter(meant).flatMap(({ members }) => members),
  ];
}

function mediaOf(level: Level, member: Member, severity: Severity): readonly Medium[] {
  if (member.mailbox) return ['email'];
  const key = severity.toLowerCase() as Lowercase<Severity>;
  return mediaFor(level.by, severity) ?? member.prefers?.[key] ?? DEFAULT_PREFERENCE[key];
}

function criticalMedia(level: Level, configuration: Configuration): Medium[] {
  return peopleOf(level, configuration).flatMap((member) => mediaOf(level, member, 'Critical'));
}
