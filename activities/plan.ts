import type { Configuration, ConfigurationInForce, Member } from '../config/configuration.ts';
import type { Directory } from '../config/duty/directory.ts';
import { redirect } from '../config/match/dynamic.ts';
import { findChannel, findRule } from '../config/match/match.ts';
import { servesPhone } from '../config/region.ts';
import { parseInlineRule } from '../config/match/rule.ts';
import type { Route } from '../domain/delivery.ts';
import type { Incident, Severity } from '../domain/incident/incident.ts';
import { CARRIED_MEDIA, DEFAULT_PREFERENCE, fallbackMedia, type CarriedMedium } from '../domain/media.ts';
import { EDITION, type GroupPlan, type MediumPlan, type PersonPlan } from '../domain/incident/plan.ts';
import { mediaFor, type Medium, type Rule } from '../domain/incident/rule.ts';
import type { Reason } from '../domain/reason.ts';
import type { Planning, RoundRequest } from './contract.ts';
import { rosterFor, type Roster } from './roster.ts';
import { steady } from './steady.ts';

/** Numbers that the template of a text message has room for; the rest is in a mail besides. */
const IN_A_TEXT = 3;

export interface PlanningOptions {
  source: ConfigurationInForce;
  directory: Directory;
  /** Search attributes the server knows by now. */
  attributes: () => readonly string[];
}

type Rounds = Pick<Planning, 'matchRule' | 'resolveRound' | 'listRoutes'>;

/**
 * Answers which rule an incident follows, and who is told by what. Reads the configuration as it is now, changes
 * nothing, never throws.
 */
export function createPlanning(options: PlanningOptions): Rounds {
  const { source, attributes } = options;
  const directory = steady(options.directory, source);
  const planning: Rounds = {
    async matchRule({ incident, rule, at }) {
      const { current } = source;
      const { severity } = incident;
      const notes: Reason[] = [...aboutTheFile(source)];
      const opened = new Date(at ?? Date.now());
      const written = asked(rule, current, notes) ?? firstMatch(incident, current, opened, notes);
      const { name: channel } = findChannel(incident, current, opened);
      const redirected = written && redirect(written, incident, current, channel);
      notes.push(...(redirected?.notes ?? []));
      const followed = redirected?.rule;
      const autoClose = current.channels.get(channel)?.autoClose;
      const [level] = followed?.delayMs === 0 ? followed.levels : [];
      return {
        ...(followed && { rule: followed }),
        edition: EDITION,
        ...(autoClose && { autoClose }),
        ...(followed && current.lastResort && { lastResort: current.lastResort }),
        configuration: current.hash,
        ...(current.locale && { locale: current.locale }),
        attributes: [...attributes()],
        carriers: Object.fromEntries(CARRIED_MEDIA.map((medium) => [medium, carriers(current, medium)])),
        notes,
        ...(level && {
          first: {
            severity,
            ...(await planning.resolveRound({ ...level, severity, ...(at !== undefined && { at }) })),
          },
        }),
      };
    },

    async resolveRound(request) {
      const { current } = source;
      const { people, notes, guessed, by } = await rosterFor(request.to, request.at ?? Date.now(), {
        directory,
        current,
      });
      return {
        configuration: current.hash,
        people: people.map((person) => planPerson(current, person, { ...request, by: by ?? request.by })),
        groups: planGroups(current, request),
        nobodyOnPurpose: mediaFor(request.by, request.severity)?.length === 0,
        ...(guessed !== undefined && { guessed }),
        notes: [...notes, ...lostGroups(current, request)],
      };
    },

    async listRoutes({ member: id, incidents }) {
      const member = await directory.member(id);
      if (!member) return [];
      const [texts = [], mails = []] = ['sms', 'email'].map(
        (medium) => planMedium(source.current, member, medium).routes,
      );
      return incidents <= IN_A_TEXT ? [[...texts, ...mails]] : [texts, mails];
    },
  };
  return planning;
}

/** The incident says so, for people who wonder why it does not follow the file. */
function* aboutTheFile({ current, refusal }: ConfigurationInForce): Generator<Reason> {
  if (!refusal) return;
  const since = new Date(refusal.sinceAt).toISOString();
  yield { key: 'file-refused', since, configuration: current.hash };
}

function asked(rule: unknown, current: Configuration, notes: Reason[]): Rule | undefined {
  if (rule === undefined || rule === null) return undefined;
  if (typeof rule === 'string') {
    const separator = rule.indexOf('/');
    const channel = current.channels.get(rule.slice(0, separator));
    const named = channel?.rules.find((candidate) => candidate.rule.name === rule);
    if (named) return named.rule;
    notes.push({ key: 'no-such-rule', rule });
    return undefined;
  }
  const inline = parseInlineRule(rule, current);
  if (typeof inline !== 'string') return inline;
  notes.push({ key: 'unusable-rule', problem: inline });
  return undefined;
}

function firstMatch(incident: Incident, current: Configuration, at: Date, notes: Reason[]): Rule | undefined {
  const { name, by } = findChannel(incident, current, at);
  if (by === 'unknown') notes.push({ key: 'no-such-channel', channel: incident.channel ?? '' });
  const match = findRule(name, incident, current, at);
  if (match) return match.rule;
  return current.unmatched === 'ignore' ? undefined : current.unmatched;
}

function planPerson(
  current: Configuration,
  { id, member }: Roster['people'][number],
  { by, severity }: RoundRequest,
): PersonPlan {
  if (member?.mailbox) return { member: id, media: [planMedium(current, member, 'email')], fallback: {} };
  const key = severity.toLowerCase() as Lowercase<Severity>;
  const media = [...new Set(mediaFor(by, severity) ?? member?.prefers?.[key] ?? DEFAULT_PREFERENCE[key])];
  const fallback = Object.fromEntries(
    media.map((medium) => [medium, fallbackMedia(medium, severity).map((other) => planMedium(current, member, other))]),
  );
  return { member: id, media: media.map((medium) => planMedium(current, member, medium)), fallback };
}

/** The accounts that can carry a medium to this member; none with the reason. */
export function planMedium(current: Configuration, member: Member | undefined, medium: Medium): MediumPlan {
  // Nobody could say how to reach this person: each of them may turn out to be right.
  if (!member) return { medium, routes: carriers(current, medium) };
  const missing = missingAddress(member, medium);
  if (missing !== undefined) return { medium, routes: [], reason: missing };
  const routes = carriers(current, medium).filter(({ account: name }) => {
    const account = current.accounts.get(name);
    return !takesPhones(medium) || (account !== undefined && servesPhone(account, member));
  });
  if (routes.length > 0) return { medium, routes };
  return {
    medium,
    routes,
    reason: { key: 'no-account-there', medium, member: member.id },
  };
}

function missingAddress(member: Member, medium: Medium): Reason | undefined {
  if (takesPhones(medium) && member.phone === undefined) return { key: 'no-phone', member: member.id };
  if (medium === 'sms' && member.landline) return { key: 'landline' };
  if (medium === 'email' && member.email === undefined) return { key: 'no-email', member: member.id };
  return undefined;
}

function takesPhones(medium: Medium): boolean {
  return medium === 'voice' || medium === 'sms';
}

function carriers(current: Configuration, medium: Medium): Route[] {
  const names = isCarried(medium) ? current.media[medium] : [medium];
  return names.flatMap((name) => {
    const account = current.accounts.get(name);
    if (!account) return [];
    const { adapter, perReceiver, keys } = account;
    return [{ account: name, adapter, ...(perReceiver && { perReceiver }), ...(keys && { keys }) }];
  });
}

/** A running escalation keeps its rule, and the file may have dropped an account meanwhile. */
function lostGroups({ accounts }: Configuration, { groups }: RoundRequest): Reason[] {
  const lost = groups.filter(({ account }) => !accounts.has(account));
  return lost.map(({ account }) => ({ key: 'account-gone', account }));
}

function planGroups(current: Configuration, { groups, severity }: RoundRequest): GroupPlan[] {
  return groups.flatMap(({ account: name, chat, alias, severities, events, ...manner }) => {
    const account = current.accounts.get(name);
    if (!account || (severities.length > 0 && !severities.includes(severity))) return [];
    const plan: GroupPlan = {
      account: name,
      adapter: account.adapter,
      alias: alias ?? [name, chat].filter((part) => part !== undefined).join('/'),
      events,
      manner,
    };
    return [chat === undefined ? plan : { ...plan, chat }];
  });
}

function isCarried(medium: Medium): medium is CarriedMedium {
  return CARRIED_MEDIA.includes(medium as CarriedMedium);
}
