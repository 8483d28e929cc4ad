import { upsertMemo, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import { defineSearchAttributeKey, type SearchAttributePair } from '@temporalio/common';
import { escalationState, keyword } from '../domain/incident/attributes.ts';
import type { Escalation } from '../domain/incident/escalation.ts';
import { titleOf } from '../domain/incident/incident.ts';

const state = defineSearchAttributeKey('EscalationState', 'KEYWORD');
const number = defineSearchAttributeKey('IncidentNumber', 'KEYWORD');
const severity = defineSearchAttributeKey('IncidentSeverity', 'KEYWORD');
const progress = defineSearchAttributeKey('IncidentProgress', 'KEYWORD');
const channel = defineSearchAttributeKey('IncidentChannel', 'KEYWORD');
const rule = defineSearchAttributeKey('EscalationRule', 'KEYWORD');
const level = defineSearchAttributeKey('EscalationLevel', 'INT');

/** What lists and filters in the Web UI show. Only attributes the server knows, and only when they change. */
export class Attributes {
  readonly #written: Record<string, unknown> = {};
  #title: unknown;

  constructor() {
    const { typedSearchAttributes, memo } = workflowInfo();
    // Whoever started the run has shown this much already. Histories of 0.1.0 began with nothing that is read here.
    const begun = typedSearchAttributes.get(state) === undefined ? [] : typedSearchAttributes.getAll();
    for (const { key, value } of begun) this.#written[key.name] = value;
    this.#title = memo?.['title'];
  }

  write(escalation: Escalation): void {
    const { match, incident, progress: now, rule: followed, level: reached } = escalation;
    if (!match) return;
    const wanted: SearchAttributePair[] = [
      { key: state, value: escalationState(escalation) },
      { key: number, value: escalation.number },
      { key: severity, value: incident.severity },
      { key: progress, value: now },
      ...(incident.channel === undefined ? [] : [{ key: channel, value: keyword(incident.channel) }]),
      ...(followed === undefined ? [] : [{ key: rule, value: keyword(followed.name) }]),
      { key: level, value: reached },
    ];
    const changed = wanted.filter(
      ({ key, value }) => match.attributes.includes(key.name) && this.#written[key.name] !== value,
    );
    if (this.#title !== undefined && this.#title !== incident.title) {
      this.#title = incident.title;
      upsertMemo({ title: titleOf(incident) });
    }
    if (changed.length === 0) return;
    for (const { key, value } of changed) this.#written[key.name] = value;
    upsertSearchAttributes(changed);
  }
}
