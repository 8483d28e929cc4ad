import { legible, legibleIn, legibleLine, legibleUrl } from '../legible.ts';
import { nextDue } from './due.ts';
import { recipientName, type Escalation } from './escalation.ts';
import { refOf } from './occurrence.ts';
import { hasToldNobody } from './pass.ts';
import { titleOf, type Incident } from './incident.ts';
import type { Reason } from '../reason.ts';
import { comingText, reasonText, recordText } from '../words/index.ts';
import type { IncidentView, ReasonView } from './view.ts';

/** Beside the data, for programs that bring no words of their own. */
const ENGLISH = { locale: 'en' } as const;

/**
 * What people and programs are shown of an escalation. This is where the texts of strangers are made legible, and not
 * where they come in: what a run remembers stays as it came, so that its history replays.
 */
export function describe(state: Escalation): IncidentView {
  const iso = (at: number): string => new Date(at).toISOString();
  const next = nextDue(state);
  const { snoozedUntil, closed, rule, outcome, openedAt, firstAcknowledgedAt } = state;
  const [first] = state.acknowledgments;
  return {
    ...refOf(state),
    number: state.number,
    incident: shown(state.incident),
    progress: state.progress,
    ...(outcome && { outcome }),
    ...(rule && { rule: legibleLine(rule.name) }),
    ...(rule?.wording !== undefined && { wording: rule.wording }),
    configuration: state.match?.configuration ?? '',
    level: state.level,
    levels: rule?.levels.length ?? 0,
    round: state.round,
    revision: state.revision,
    ...(snoozedUntil !== undefined && { snoozedUntil: iso(snoozedUntil) }),
    exhausted: state.exhausted,
    ...(state.exhausted && hasToldNobody(state) && { toldNobody: true as const }),
    ...(first && { acknowledgedAt: iso(first.at), acknowledgedBy: legibleIn(first.by) }),
    ...(closed && { closedAt: iso(closed.at), closedBy: legibleIn(closed.by) }),
    ...(closed?.resolution !== undefined && { resolution: legibleLine(closed.resolution) }),
    ...(firstAcknowledgedAt !== undefined && { timeToAcknowledgeMs: firstAcknowledgedAt - openedAt }),
    ...(closed && { timeToCloseMs: closed.at - openedAt }),
    responders: state.responders.map(({ member, at }) => {
      const acknowledged = state.acknowledgments.find(({ by }) => by.member === member);
      return {
        member: legibleLine(member),
        assignedAt: iso(at),
        ...(acknowledged && { acknowledgedAt: iso(acknowledged.at), timeToAcknowledgeMs: acknowledged.at - at }),
      };
    }),
    notifications: state.notifications.map((notification) => ({
      id: notification.id,
      level: notification.level,
      round: notification.round,
      to: legibleLine(recipientName(notification)),
      medium: notification.medium,
      event: notification.event,
      outcome: notification.outcome,
      ...(notification.trying && {
        waiting: {
          account: notification.trying.route.account,
          since: iso(notification.trying.since ?? notification.at),
        },
      }),
      ...explain(notification.reason),
      attempts: notification.attempts.map(({ reason, ...attempt }) => ({ ...legibleIn(attempt), ...explain(reason) })),
      at: iso(notification.at),
    })),
    timeline: state.timeline.map((written) => {
      const record = legibleIn(written);
      return { ...record, text: recordText(record, ENGLISH) };
    }),
    ...(next && { next: { at: iso(next.at), what: comingText(next.what, ENGLISH), coming: next.what } }),
  };
}

function shown(incident: Incident): Incident {
  const { description, labels, detailUrl, ...more } = incident;
  return {
    ...legibleIn(more),
    title: titleOf(incident),
    description: legible(description),
    labels: legibleIn(labels),
    ...(detailUrl !== undefined && { detailUrl: legibleUrl(detailUrl) }),
  };
}

function explain(given: Reason | undefined): ReasonView {
  if (given === undefined) return {};
  const reason = legibleIn(given);
  return { reason: reasonText(reason, ENGLISH), ...(typeof reason !== 'string' && { why: reason }) };
}
