// What a token may do, and what it may not bring.

import type { Configuration, Scope, ServiceToken } from '../../config/configuration.ts';
import { findChannel } from '../../config/match/match.ts';
import { MOST_INLINE_CHARACTERS } from '../../config/match/rule.ts';
import { cut, inJson, repairIncident, type Incident } from '../../domain/incident/incident.ts';
import { CONTROL_LABEL } from '../../domain/incident/rule.ts';
import { INCIDENT } from '../../domain/messages.ts';
import type { Door } from '../door.ts';
import { originOf } from './origin.ts';

/** A sentence for whoever posts: the token is good, but not for this. */
export class NotPermitted extends Error {
  override name = 'NotPermitted';
}

/** Who acts, in the timeline, where a request names nobody. */
export function actorOf({ name }: ServiceToken): string {
  return name ?? 'webhook';
}

/** @throws NotPermitted when the token lacks the scope. */
export function demandScope(token: ServiceToken, scope: Scope): void {
  if (!token.scopes.includes(scope)) throw new NotPermitted(`${called(token)} lacks the scope ${scope}`);
}

/**
 * Whether a token may touch an incident that is there already.
 * @returns false when there is none that this gateway knows.
 * @throws NotPermitted when it is of a channel that the token is not for; what gRPC says when nobody answers.
 */
export async function mayTouch(door: Door, token: ServiceToken, workflowId: string): Promise<boolean> {
  const { client, source } = door;
  const origin = await originOf(client, workflowId);
  if (origin?.type !== INCIDENT.type || origin.taskQueue !== source.current.prefix) return false;
  if (!token.channels) return true;
  const { incident } = ((await origin.input()) ?? {}) as { incident?: unknown };
  const known = repairIncident(incident, workflowId);
  if (typeof known === 'string') return false;
  demandChannel(token, findChannel(known.incident, source.current, origin.at).name);
  return true;
}

/** An incident as a service wrote it, and the rule that it brought. */
export interface Brought {
  incident: Record<string, unknown>;
  rule: unknown;
}

/**
 * What the token may bring of it. Somebody has to be paged, so that what it may not bring is left out, and only an
 * incident of another channel is refused.
 * @param repaired the incident as it is understood.
 * @returns `left`: one sentence for each thing that was left out.
 * @throws NotPermitted when the incident is of a channel that the token is not for.
 */
export function permitted(
  { incident, rule }: Brought,
  repaired: Incident,
  { token, configuration, at }: { token: ServiceToken; configuration: Configuration; at: Date },
): Brought & { left: string[] } {
  const { name: channel } = findChannel(repaired, configuration, at);
  demandChannel(token, channel);
  const left: string[] = [];
  const problem = ruleProblem(rule, token);
  if (problem !== undefined) left.push(`the rule was left out: ${problem}`);
  const labels = token.labelsRedirect ? {} : withoutOrders(incident['labels']);
  if ('labels' in labels) left.push(`labels that redirect a level were left out: ${called(token)} may not bring them`);
  return {
    incident: {
      ...incident,
      ...(token.name !== undefined && repaired.source === undefined && { source: token.name }),
      // Worked out anew by a worker, the channel could be another one.
      ...(token.channels && repaired.channel === undefined && configuration.channels.has(channel) && { channel }),
      ...labels,
    },
    rule: problem === undefined ? rule : undefined,
    left,
  };
}

/** The labels that redirect no level; nothing when all of them may stay. */
export function withoutOrders(labels: unknown): { labels?: Record<string, unknown> } {
  if (typeof labels !== 'object' || labels === null || Array.isArray(labels)) return {};
  const entries = Object.entries(labels);
  const kept = entries.filter(([label]) => !CONTROL_LABEL.test(label));
  return kept.length === entries.length ? {} : { labels: Object.fromEntries(kept) };
}

function ruleProblem(rule: unknown, token: ServiceToken): string | undefined {
  if (rule === undefined || rule === null) return undefined;
  if (typeof rule === 'string') {
    const [channel = ''] = rule.split('/');
    if (!token.channels || token.channels.includes(channel)) return undefined;
    return `${called(token)} is not for the channel ${cut(channel, 64)}`;
  }
  if (!token.inlineRules) return `${called(token)} may not bring one that is written out`;
  return inJson(rule).length > MOST_INLINE_CHARACTERS ? 'it is larger than 16 KiB' : undefined;
}

function demandChannel(token: ServiceToken, channel: string): void {
  const { channels } = token;
  if (!channels || channels.includes(channel)) return;
  throw new NotPermitted(`${called(token)} is for ${channels.join(', ')}, not for the channel ${channel}`);
}

function called({ name }: ServiceToken): string {
  return name === undefined ? 'this token' : `the token ${name}`;
}
