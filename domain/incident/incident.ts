import { legibleLine } from '../legible.ts';
import type { Why } from '../reason.ts';

export const SEVERITIES = ['Critical', 'Warning', 'Info'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** What an incident service tells us; repaired by {@link repairIncident}, never refused while a page can be made of it. */
export interface Incident {
  /** 1 to 128 of `A-Z a-z 0-9 . _ : -`. */
  id: string;
  /** At most 512 characters. */
  title: string;
  severity: Severity;
  /** At most 2048 characters. */
  description: string;
  channel?: string;
  source?: string;
  /** At most 50 entries, 16 KiB of keys and values together. */
  labels: Record<string, string>;
  /** http or https. */
  detailUrl?: string;
  /** ISO 8601. */
  startedAt?: string;
}

/** An incident as a client may write it: only the id is needed. */
export type IncidentInput = Partial<Omit<Incident, 'id' | 'severity' | 'labels'>> & {
  id: string;
  severity?: string;
  labels?: Record<string, unknown>;
};

export const INCIDENT_ID = /^[A-Za-z0-9._:-]{1,128}$/;
export const LIMITS = {
  title: 512,
  description: 2048,
  detailUrl: 2048,
  labels: 50,
  labelCharacters: 16 * 1024,
  text: 1024,
} as const;

export interface Repaired {
  incident: Incident;
  /** What was repaired, for the timeline. */
  repairs: Why[];
}

/**
 * Makes a usable incident of whatever arrived.
 * @param fallbackId taken when the id is missing or unusable (the tail of the workflow id).
 * @returns a sentence instead when no page can be made: no incident object, or no usable id.
 */
export function repairIncident(input: unknown, fallbackId?: string): Repaired | string {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    return 'the incident is missing: start with {"incident":{"id":"…","title":"…","severity":"Critical"}}';
  }
  const raw = input as Record<string, unknown>;
  const repairs: Why[] = [];
  const id = [raw['id'], fallbackId].find((x): x is string => typeof x === 'string' && INCIDENT_ID.test(x));
  if (id === undefined) return 'incident.id must be 1 to 128 of A-Z a-z 0-9 . _ : -';
  if (id !== raw['id']) repairs.push({ key: 'id-taken', id });

  const text = (key: string, max: number): string | undefined => {
    const value = raw[key];
    if (value === undefined || value === null) return undefined;
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') {
      repairs.push({ key: 'not-text', field: key });
      return undefined;
    }
    const whole = String(value);
    if (whole.length <= max) return whole;
    repairs.push({ key: 'cut', field: key, from: whole.length, to: max });
    return cut(whole, max);
  };

  let title = text('title', LIMITS.title)?.trim();
  if (!title) {
    title = noTitle(id);
    repairs.push({ key: 'no-title' });
  }
  const severity = toSeverity(raw['severity']);
  if (severity === undefined) repairs.push({ key: 'unknown-severity', given: describe(raw['severity']) });

  const incident: Incident = {
    id,
    title,
    severity: severity ?? 'Critical',
    description: text('description', LIMITS.description) ?? '',
    labels: repairLabels(raw['labels'], repairs),
  };
  const channel = text('channel', 128);
  if (channel) incident.channel = channel;
  const source = text('source', 128);
  if (source) incident.source = source;
  const detailUrl = raw['detailUrl'];
  if (detailUrl !== undefined && detailUrl !== null) {
    // An address that is too long is dropped and not cut, because half an address leads nowhere.
    const isAddress = typeof detailUrl === 'string' && /^https?:\/\/\S+$/i.test(detailUrl);
    if (isAddress && detailUrl.length <= LIMITS.detailUrl) incident.detailUrl = detailUrl;
    else repairs.push({ key: 'no-web-address' });
  }
  const startedAt = text('startedAt', 64);
  if (startedAt !== undefined) {
    const at = Date.parse(startedAt);
    if (Number.isNaN(at)) repairs.push({ key: 'no-time' });
    else incident.startedAt = new Date(at).toISOString();
  }
  return { incident, repairs };
}

/** The title as people read it: in one line, and never empty. */
export function titleOf({ id, title }: Pick<Incident, 'id' | 'title'>): string {
  return legibleLine(title) || noTitle(id);
}

function noTitle(id: string): string {
  return `(no title) ${id}`;
}

/** Reads a severity in any case of letters; undefined when it is none of the three. */
export function toSeverity(value: unknown): Severity | undefined {
  if (typeof value !== 'string') return undefined;
  return SEVERITIES.find((severity) => severity.toLowerCase() === value.trim().toLowerCase());
}

/** True when `a` is worse than `b`. */
export function isWorse(a: Severity, b: Severity): boolean {
  return SEVERITIES.indexOf(a) < SEVERITIES.indexOf(b);
}

/** Cuts to at most `max` UTF-16 units, never inside a character, and ends with an ellipsis. */
export function cut(text: string, max: number): string {
  if (text.length <= max) return text;
  let end = max - 1;
  const unit = text.charCodeAt(end - 1);
  if (unit >= 0xd800 && unit <= 0xdbff) end -= 1;
  return `${text.slice(0, end)}…`;
}

/** At most 50 labels and 16 KiB; what is over is dropped, and a record says so. */
export function repairLabels(value: unknown, repairs: Why[]): Record<string, string> {
  const labels: Record<string, string> = {};
  if (value === undefined || value === null) return labels;
  if (typeof value !== 'object' || Array.isArray(value)) {
    repairs.push({ key: 'labels-no-object' });
    return labels;
  }
  let room: number = LIMITS.labelCharacters;
  let dropped = 0;
  for (const [key, entry] of Object.entries(value)) {
    const text = typeof entry === 'string' ? entry : inJson(entry);
    const size = key.length + text.length;
    if (Object.keys(labels).length >= LIMITS.labels || size > room || key === '__proto__') {
      dropped += 1;
      continue;
    }
    room -= size;
    labels[key] = text;
  }
  if (dropped > 0) repairs.push({ key: 'labels-dropped', count: dropped });
  return labels;
}

function describe(value: unknown): string {
  return value === undefined ? '(none)' : cut(inJson(value), 40);
}

/** `JSON.stringify` answers undefined for what JSON does not know, whatever its type says. */
export function inJson(value: unknown): string {
  const text: unknown = JSON.stringify(value);
  return typeof text === 'string' ? text : '';
}
