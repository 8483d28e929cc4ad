import type { Keys, Window } from '../domain/delivery.ts';
import type { AdapterId } from '../domain/media.ts';
import type { AutoClose, Level, Rule, Medium } from '../domain/incident/rule.ts';
import type { Incident, Severity } from '../domain/incident/incident.ts';
import type { Locale } from '../domain/locale.ts';
import type { Templates } from '../templates/template.ts';
import type { Condition } from './match/filter.ts';
import type { Hours } from './match/hours.ts';
import type { Schedule } from './duty/schedule.ts';
import type { Traits } from '../providers/kit/traits.ts';

/** One loaded, checked `escalations.yaml`. Immutable; a reload makes a new one. */
export interface Configuration {
  /** First 12 hex digits of the SHA-256 of the file as written (before `${ENV}` is filled in). */
  hash: string;
  /** Starts every task queue and helper id. Default `escalations`. */
  prefix: string;
  gateway: GatewaySettings;
  accounts: ReadonlyMap<string, Account>;
  /** Accounts that carry each medium, in order of preference. */
  media: Readonly<Record<'voice' | 'sms' | 'email' | 'push', readonly string[]>>;
  /** The people of the file, and a mailbox for each bare address in a rule. */
  members: ReadonlyMap<string, Member>;
  teams: ReadonlyMap<string, readonly string[]>;
  schedules: ReadonlyMap<string, Schedule>;
  /** For incidents that name no channel: the first that matches, else channel `default`. */
  routes: readonly ChannelRoute[];
  channels: ReadonlyMap<string, Channel>;
  /** Wording by a name that rules and channels choose. */
  templates: Templates;
  /** The templates for rules and channels that choose none; absent: the presets. */
  wording?: string;
  /** Of what the Web UI shows of incidents. Absent: English. */
  locale?: Locale;
  /** For incidents that no rule matches. */
  unmatched: Rule | 'ignore';
  /** Who is told when all levels of a rule have ended and nobody could be told. */
  lastResort?: Level;
}

/** The configuration as the pack reads it: anew for each plan, send and request. */
export interface ConfigurationInForce {
  readonly current: Configuration;
  /** Present while the file on disk cannot be used, so that `current` is the configuration before it. */
  readonly refusal?: Refusal | undefined;
  /** What the file says and only the next start takes over, one sentence each. */
  readonly heldBack?: readonly string[];
}

export interface Refusal {
  /** Milliseconds since 1970. */
  sinceAt: number;
  /** One line each: file, line, column, path and what to do. */
  problems: readonly string[];
}

export interface Address {
  host: string;
  /** 0: any that is free. */
  port: number;
}

export interface GatewaySettings {
  host: string;
  port: number;
  /** Where `/metrics` and `/readyz` are; absent: nowhere. */
  operations?: Address;
  /** Addresses and networks of proxies whose `X-Forwarded-For` is believed. */
  trustedProxies?: readonly string[];
  /** Without a trailing slash. Links and buttons need it. */
  publicUrl?: string;
  /** The first signs, all verify. */
  secrets: readonly string[];
  /** Telephone numbers are turned into workflow ids with it. Absent: the last of `secrets`, see `links/phone-id.ts`. */
  phoneKey?: string;
  /** Of services that post incidents, act on them or read them. */
  tokens: readonly ServiceToken[];
}

export interface ServiceToken {
  /** Who acts where a request names nobody. Absent: one of the old `incidentTokens`. */
  name?: string;
  /** SHA-256 of the token, 64 small hex digits. */
  sha256: string;
  /** Requests can be signed with it. Absent: the file knows the digest alone. */
  secret?: string;
  scopes: readonly Scope[];
  /** Of incidents it may touch. Absent: of all. */
  channels?: readonly string[];
  /** An incident may bring a rule written out. */
  inlineRules: boolean;
  /** Labels may name whom a level tells. */
  labelsRedirect: boolean;
  /** Milliseconds since 1970. */
  expiresAt?: number;
  /** Incidents, actions and questions in a span of time. */
  rate: Window;
}
export type Scope = 'open' | 'act' | 'read';

export interface Account {
  name: string;
  adapter: AdapterId;
  /** Parsed by the adapter's own schema (which includes `baseUrl`); nobody but the adapter looks into them. */
  settings: unknown;
  /** What the settings mean to others, as the adapter says. */
  traits: Traits;
  /** Worker processes that serve it: limits are divided by this. Default 1. */
  processes: number;
  /** Requests a second, where it differs from the adapter's own. */
  perSecond?: number;
  /** Sends per receiving address, where they differ from the adapter's own. Empty: no limit. */
  perReceiver?: readonly Window[];
  /** ISO 3166: whose phones it reaches, where it differs from the adapter's own. */
  countries?: readonly string[];
  /** Requests a month, where the vendor counts: the last tenth is kept for Critical. */
  monthlyQuota?: number;
  /** What each key of a call does, where it is not 1 and 2. */
  keys?: Keys;
  /** Of its groups, where it differs from what is usual on the platform. */
  locale?: Locale;
  timeZone?: string;
}

export interface Member {
  id: string;
  name: string;
  email?: string;
  /** E.164, valid. */
  phone?: string;
  /** ISO 3166 of the phone. */
  country?: string;
  /** The phone cannot take SMS. */
  landline?: boolean;
  locale: Locale;
  timeZone: string;
  prefers?: Partial<Record<Lowercase<Severity>, readonly Medium[]>>;
  /** By account, else by platform (`feishu`). */
  identities: Readonly<Record<string, string>>;
  /** A bare address of a rule: told by e-mail only, named `mail-1a2b3c4d` wherever people read. */
  mailbox?: true;
}

export interface Channel {
  name: string;
  autoClose?: AutoClose;
  /** Labels may name whom a level tells. */
  labelsRedirect: boolean;
  rules: readonly ChannelRule[];
}

/** Which incidents: both must hold. */
export interface When {
  /** One group whose conditions all hold is enough; none: every incident. */
  filters: readonly (readonly Condition[])[];
  /** One is enough; none: always. */
  times: readonly Hours[];
}

export interface ChannelRoute {
  when: When;
  /** A key of `channels`. */
  channel: string;
}

export interface ChannelRule {
  enabled: boolean;
  when: When;
  /**
   * Whether `when` holds, enabled or not. Pure and fast: called for every rule of a channel while an incident waits.
   * @param at when the incident opened.
   */
  matches(incident: Incident, at: Date): boolean;
  /** Those it can match at all; absent: all of them. */
  severities?: readonly Severity[];
  rule: Rule;
}
