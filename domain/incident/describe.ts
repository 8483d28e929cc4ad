import { nextDue } from './due.ts';
import { recipientName, type Escalation } from './escalation.ts';
import { hasToldNobody } from './pass.ts';
import type { Reason } from '../reason.ts';
import { comingText, reasonText, recordText } from '../words/index.ts';
import type { IncidentView, ReasonView } from './view.ts';

/** Beside the data, for programs that bring no words of their own. */
const ENGLISH = { locale: 'en' } as const;

/** What people and programs are shown of an escalation. */
export function describe(state: Escalation): IncidentView {
  const iso = (at: number): string => new Date(at).toISOString();
  const next = nextDue(state);
  const { snoozedUntil, closed, rule, outcome, openedAt, firstAcknowledgedAt } = state;
  const [first] = state.acknowledgments;
  return {
    workflowId: state.workflowId,
    number: state.match?.number ?? '',
    incident: state.incident,
    progress: state.progress,
    ...(outcome && { outcome }),
    ...(rule && { rule: rule.name }),
    ...(rule?.wording !== undefined && { wording: rule.wording }),
    configuration: state.match?.configuration ?? '',
    level: state.level,
    levels: rule?.levels.length ?? 0,
    round: state.round,
    revision: state.revision,
    ...(snoozedUntil !== undefined && { snoozedUntil: iso(snoozedUntil) }),
    exhausted: state.exhausted,
    ...(state.exhausted && hasToldNobody(state) && { toldNobody: true as const }),
    ...(first && { acknowledgedAt: iso(first.at), acknowledgedBy: first.by }),
    ...(closed && { closedAt: iso(closed.at), closedBy: closed.by }),
    ...(closed?.resolution !== undefined && { resolution: closed.resolution }),
    ...(firstAcknowledgedAt !== undefined && { timeToAcknowledgeMs: firstAcknowledgedAt - openedAt }),
    ...(closed && { timeToCloseMs: closed.at - openedAt }),
    responders: state.responders.map(({ member, at }) => {
      const acknowledged = state.acknowledgments.find(({ by }) => by.member === member);
      return {
        member,
        assignedAt: iso(at),
        ...(acknowledged && { acknowledgedAt: iso(acknowledged.at), timeToAcknowledgeMs: acknowledged.at - at }),
      };
    }),
    notifications: state.notifications.map((notification) => ({
      id: notification.id,
      level: notification.level,
      round: notification.round,
      to: recipientName(notification),
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
      attempts: notification.attempts.map(({ reason, ...attempt }) => ({ ...attempt, ...explain(reason) })),
      at: iso(notification.at),
    })),
    timeline: state.timeline.map((record) => ({ ...record, text: recordText(record, ENGLISH) })),
    ...(next && { next: { at: iso(next.at), what: comingText(next.what, ENGLISH), coming: next.what } }),
  };
}

function explain(reason: Reason | undefined): ReasonView {
  if (reason === undefined) return {};
  return { reason: reasonText(reason, ENGLISH), ...(typeof reason !== 'string' && { why: reason }) };
}
