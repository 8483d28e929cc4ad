import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { ActionName, Actions, Receipt } from '../domain/incident/action.ts';
import type { CallDrop, CallEvent, CallList, CallRequest, CallWord } from '../domain/phone/call.ts';
import type { IncidentInput } from '../domain/incident/incident.ts';
import type { Escalation, Reopened } from '../domain/incident/escalation.ts';
import type { CodeRequest, Reply, ReplyCode } from '../domain/phone/reply-code.ts';
import type { IncidentView } from '../domain/incident/view.ts';

/** Workflow type of an incident; its id is `incident-<incident.id>`. */
export const ESCALATE_INCIDENT = 'escalateIncident';
export type EscalateIncident = (input: EscalateInput) => Promise<IncidentView>;

/** Input of `escalateIncident`. `rule`: `channel/name`, or a rule written out; without it the first that matches. */
export interface EscalateInput {
  incident: IncidentInput;
  rule?: unknown;
  /** Only for a run that opens a closed incident again. */
  reopened?: Reopened;
  /** Only for a run that continues an earlier one. */
  carried?: Escalation;
}

/** Every action of a person exists as a signal (durable, no answer) and as an update (answers, or refuses). */
export const actionSignal = <N extends ActionName>(name: N) => defineSignal<[Actions[N]]>(name);
export const actionUpdate = <N extends ActionName>(name: N) => defineUpdate<IncidentView, [Actions[N]]>(name);

export const describeIncident = defineQuery<IncidentView>('describe');

/** A provider told more about a message it had taken. */
export const receiptSignal = defineSignal<[Receipt]>('receipt');
/** The phone workflow's word about a call. */
export const callSignal = defineSignal<[CallWord]>('call');

/** To the workflow of a phone number. */
export const requestSignal = defineSignal<[CallRequest]>('request');
export const dropSignal = defineSignal<[CallDrop]>('drop');
export const callbackSignal = defineSignal<[CallEvent]>('callback');
export const replySignal = defineSignal<[Reply]>('reply');
/** The code that a text about an incident carries. */
export const codeSignal = defineSignal<[CodeRequest]>('code');
/** The codes that are out. */
export const codesQuery = defineQuery<ReplyCode[]>('codes');
/** What the call announces that an event is about. */
export const announcedQuery = defineQuery<CallList | undefined, [CallEvent]>('announced');
