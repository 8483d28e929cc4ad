import { createHash } from 'node:crypto';
import { refKey } from '../../domain/incident/occurrence.ts';
import type { GroupEvent } from '../../domain/incident/rule.ts';
import type { Actor } from '../../domain/incident/view.ts';
import type { Page, Person } from '../kit/message.ts';
import type { WebhookBotAccount } from './account.ts';

type Json = Record<string, unknown>;

/** What there is to send of a delivery; also what `{{…}}` in a body of one's own looks into. */
export function envelopeOf(delivery: Page, preset: WebhookBotAccount['preset'], now: number): Json {
  return preset === 'flashduty' ? flashdutyEnvelope(delivery, now) : standardEnvelope(delivery, now);
}

/** The same for every attempt of a notification, and in every preset. 32 hex digits. */
export function eventId({ key }: Page): string {
  return digest(key.replace(/\/plain$/, '')).slice(0, 32);
}

/** Ours, in the shape Standard Webhooks recommends. Instants are ISO 8601; what is not known is null. */
function standardEnvelope(delivery: Page, now: number): Json {
  const { event, notification, face, wording, pageUrl, responders = [] } = delivery;
  const { incident } = face;
  return {
    type: `incident.${event}`,
    timestamp: new Date(now).toISOString(),
    data: {
      event,
      notification,
      by: actorOf(face.progress === 'Closed' ? face.closedBy : face.acknowledgedBy, responders),
      incident: {
        id: incident.id,
        number: face.number,
        title: incident.title,
        description: incident.description,
        severity: incident.severity,
        progress: face.progress,
        channel: incident.channel ?? null,
        source: incident.source ?? null,
        labels: incident.labels,
        detailUrl: incident.detailUrl ?? null,
        pageUrl: pageUrl ?? null,
        startedAt: incident.startedAt ?? null,
        acknowledgedAt: face.acknowledgedAt ?? null,
        snoozedUntil: face.snoozedUntil ?? null,
        closedAt: face.closedAt ?? null,
        resolution: face.resolution ?? null,
        rule: face.rule ?? null,
        level: face.level,
        levels: face.levels,
        round: face.round,
        revision: face.revision,
        exhausted: face.exhausted,
        responders: face.responders.map((member) => actorOf({ member }, responders)),
      },
      text: { subject: wording.subject, status: wording.status, text: wording.text },
    },
  };
}

function actorOf(actor: Actor | undefined, known: readonly Person[]): Json | null {
  if (!actor) return null;
  const { member = null } = actor;
  const person = known.find((one) => one.member === member);
  return { member, name: person?.name ?? actor.name ?? member, email: person?.email ?? null };
}

/** `revised` does not say what changed: most often it is the severity. `exhausted` has no counterpart. */
const EVENT_TYPES: Record<GroupEvent, string> = {
  opened: 'i_new',
  acknowledged: 'i_ack',
  unacknowledged: 'i_unack',
  snoozed: 'i_snooze',
  woken: 'i_wake',
  escalated: 'i_assign',
  reassigned: 'i_assign',
  revised: 'i_r_severity',
  commented: 'i_comm',
  exhausted: 'i_exhausted',
  closed: 'i_rslv',
  reopened: 'i_reopen',
};

/**
 * The body of Flashduty's incident webhook, every field with its type: ids of people, channels and accounts are whole
 * numbers there, so ours are numbered by a digest of their name. A later page is `i_assign`: `i_new` comes once.
 * https://docs.flashcat.cloud/en/on-call/integration/webhooks/incident-webhook
 */
function flashdutyEnvelope(delivery: Page, now: number): Json {
  const { event, face, pageUrl, responders: known = [] } = delivery;
  const { incident, rule = '' } = face;
  const isRepeated = event === 'opened' && (face.level > 1 || face.round > 1);
  const by = { acknowledged: face.acknowledgedBy, closed: face.closedBy }[event as string];
  const responders = face.responders.map((member) => ({
    ...flashdutyPerson({ member }, known),
    assigned_at: 0,
    acknowledged_at: face.acknowledgedBy?.member === member ? seconds(face.acknowledgedAt) : 0,
  }));
  const channel = incident.channel ?? '';
  return {
    event_id: eventId(delivery),
    event_time: now,
    event_type: isRepeated ? 'i_assign' : EVENT_TYPES[event],
    ...(by && { person: flashdutyPerson(by, known) }),
    incident: {
      account_id: numbered('account'),
      account_name: '',
      incident_id: incident.id,
      num: face.number,
      title: incident.title,
      description: incident.description,
      impact: '',
      root_cause: '',
      resolution: face.resolution ?? '',
      incident_severity: incident.severity,
      incident_status: incident.severity,
      progress: face.progress,
      created_at: seconds(incident.startedAt),
      updated_at: Math.floor(now / 1000),
      start_time: seconds(incident.startedAt),
      last_time: Math.floor(now / 1000),
      end_time: seconds(face.closedAt),
      ack_time: seconds(face.acknowledgedAt),
      close_time: seconds(face.closedAt),
      snoozed_before: seconds(face.snoozedUntil),
      labels: incident.labels,
      fields: {},
      creator: {},
      creator_id: 0,
      closer: face.closedBy ? flashdutyPerson(face.closedBy, known) : {},
      responders,
      responder_ids: responders.map(({ person_id }) => person_id),
      assigned_to: {
        id: digest(`${refKey(face)}/${String(face.level)}`).slice(0, 24),
        type:
          event === 'reopened'
            ? 'reopen'
            : event === 'reassigned'
              ? 'reassign'
              : face.level > 1
                ? 'escalate'
                : 'assign',
        assigned_at: 0,
        escalate_rule_id: rule === '' ? '' : digest(rule).slice(0, 24),
        escalate_rule_name: rule,
        layer_idx: Math.max(face.level - 1, 0),
      },
      alert_cnt: 1,
      channel_id: channel === '' ? 0 : numbered(channel),
      channel_name: channel,
      data_source_id: incident.source === undefined ? 0 : numbered(incident.source),
      dedup_key: incident.id,
      equals_md5: createHash('md5').update(incident.id).digest('hex'),
      group_method: 'n',
      detail_url: pageUrl ?? incident.detailUrl ?? '',
    },
  };
}

function flashdutyPerson({ member, name }: Actor, known: readonly Person[]) {
  const person = known.find((one) => one.member === member);
  return {
    person_id: member === undefined ? 0 : numbered(member),
    person_name: person?.name ?? name ?? member ?? '',
    email: person?.email ?? '',
  };
}

/** Seconds since 1970, 0 for never. */
function seconds(at: string | undefined): number {
  return at === undefined ? 0 : Math.floor(Date.parse(at) / 1000);
}

/** A whole number below 2^52 that stays the same for a name. */
function numbered(name: string): number {
  return Number.parseInt(digest(name).slice(0, 13), 16);
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
