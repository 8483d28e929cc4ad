import { upsertSearchAttributes } from '@temporalio/workflow';
import { defineSearchAttributeKey, type SearchAttributePair } from '@temporalio/common';
import type { Escalation } from '../domain/incident/escalation.ts';

const number = defineSearchAttributeKey('IncidentNumber', 'KEYWORD');
const severity = defineSearchAttributeKey('IncidentSeverity', 'KEYWORD');
const progress = defineSearchAttributeKey('IncidentProgress', 'KEYWORD');
const channel = defineSearchAttributeKey('IncidentChannel', 'KEYWORD');
const rule = defineSearchAttributeKey('EscalationRule', 'KEYWORD');
const level = defineSearchAttributeKey('EscalationLevel', 'INT');

/** What lists and filters in the Web UI show. Only attributes the server knows, and only when they change. */
export class Attributes {
  private written: Record<string, unknown> = {};

  write({ match, incident, progress: now, rule: followed, level: reached }: Escalation): void {
    if (!match) return;
    const wanted: SearchAttributePair[] = [
      { key: number, value: match.number },
      { key: severity, value: incident.severity },
      { key: progress, value: now },
      ...(incident.channel === undefined ? [] : [{ key: channel, value: incident.channel }]),
      ...(followed === undefined ? [] : [{ key: rule, value: followed.name }]),
      { key: level, value: reached },
    ];
    const changed = wanted.filter(
      ({ key, value }) => match.attributes.includes(key.name) && this.written[key.name] !== value,
    );
    if (changed.length === 0) return;
    for (const { key, value } of changed) this.written[key.name] = value;
    upsertSearchAttributes(changed);
  }
}
