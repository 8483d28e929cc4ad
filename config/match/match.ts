// Finds the channel and the rule for an incident.

import type { Incident } from '../../domain/incident/incident.ts';
import type { ChannelRule, Configuration, When } from '../configuration.ts';
import { anyGroupHolds } from './filter.ts';
import { isWithin } from './hours.ts';

export interface FoundChannel {
  /** A key of `channels`, but for `default`, which nobody has to write. */
  name: string;
  /** `unknown`: the incident names one that is not there. */
  by: 'name' | 'route' | 'default' | 'unknown';
  /** Of the route, from 1. */
  route?: number;
}

/**
 * The channel whose rules apply: the one that the incident names, else that of the first route that matches, else
 * `default`. A channel that the configuration does not know is served by `default` too.
 * @param at when the incident opened.
 */
export function findChannel(incident: Incident, { channels, routes }: Configuration, at: Date): FoundChannel {
  const { channel } = incident;
  if (channel !== undefined) {
    return channels.has(channel) ? { name: channel, by: 'name' } : { name: 'default', by: 'unknown' };
  }
  const index = routes.findIndex(({ when }) => holds(when, incident, at));
  const route = routes[index];
  return route ? { name: route.channel, by: 'route', route: index + 1 } : { name: 'default', by: 'default' };
}

/** The first enabled rule of a channel that matches. */
export function findRule(
  channel: string,
  incident: Incident,
  { channels }: Configuration,
  at: Date,
): ChannelRule | undefined {
  return channels.get(channel)?.rules.find((rule) => rule.enabled && rule.matches(incident, at));
}

export function holds({ filters, times }: When, incident: Incident, at: Date): boolean {
  return isWithin(times, at) && anyGroupHolds(filters, incident);
}
