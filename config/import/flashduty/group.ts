// The groups that a level posts to, and what they hear of.

import { SEVERITIES, toSeverity, type Severity } from '../../../domain/incident/incident.ts';
import type { GroupEvent } from '../../../domain/incident/rule.ts';
import { adapterFacts } from '../../../domain/media.ts';
import type { FlashdutyWebhook } from './export.ts';
import { accountOf, adapterOf, type Ledger } from './ledger.ts';

const EVENTS: Readonly<Record<string, GroupEvent>> = {
  i_new: 'opened',
  i_assign: 'opened',
  i_notify: 'opened',
  i_ack: 'acknowledged',
  i_unack: 'unacknowledged',
  i_snooze: 'snoozed',
  i_wake: 'woken',
  i_comm: 'commented',
  i_rslv: 'closed',
  i_reopen: 'reopened',
  i_r_title: 'revised',
  i_r_desc: 'revised',
  i_r_severity: 'revised',
};

const SETTINGS = new Set(
  'data_source_id chat_ids token alias severities serverities reply_event_types disable_at is_at_all reply_mode verify_token'.split(
    ' ',
  ),
);

const LOST_SETTINGS: Readonly<Record<string, string>> = {
  user_schema_id: 'the mapping table for mentions was left out: write `identities` of the members',
  put_top_notice: 'pinning was left out',
};

export function groupTargets(
  { type, settings }: FlashdutyWebhook,
  where: string,
  ledger: Ledger,
): Record<string, unknown>[] {
  const isApp = type.endsWith('_app');
  const adapter = adapterOf(isApp ? type.replace(/_app$/, '.app') : `${type}.bot`);
  if (!adapter || adapterFacts(adapter).form === 'direct') {
    ledger.note(`${where}: the group of type ${type} cannot be posted to here and was left out`);
    return [];
  }
  for (const [key, value] of Object.entries(settings ?? {})) {
    if (SETTINGS.has(key) || value === undefined || value === null || value === false || value === '') continue;
    ledger.note(`${where}: ${LOST_SETTINGS[key] ?? `${key} of ${type} is not known and was left out`}`);
  }
  const account = isApp
    ? accountOf(adapter, settings?.data_source_id ?? 'unknown', ledger)
    : ledger.bot(adapter, settings?.token ?? '');
  if (!isApp) ledger.note(`${where}: the token of ${account} was left out: put it into the account`);
  const severities = severitiesOf([...(settings?.severities ?? []), ...(settings?.serverities ?? [])]);
  const events = eventsOf(settings?.reply_event_types ?? [], where, ledger);
  const chats = settings?.chat_ids ?? [];
  if (chats.length === 0 && adapterFacts(adapter).form === 'direct and group') {
    ledger.note(`${where}: ${type} names no chat and was left out`);
    return [];
  }
  return (chats.length > 0 ? chats : [undefined]).map((chat) => ({
    account,
    ...(chat !== undefined && { chat }),
    ...(settings?.alias && { alias: settings.alias.slice(0, 40) }),
    ...(severities.length > 0 && { severities }),
    ...(events.length > 0 && { events }),
    ...(settings?.disable_at === false && { mention: settings.is_at_all === true ? 'all' : true }),
    ...(settings?.reply_mode === 'threads' && { threads: true }),
    ...(settings?.reply_mode === 'verbose' && { verbose: true }),
  }));
}

function severitiesOf(written: readonly string[]): Severity[] {
  const found = new Set(written.flatMap((word) => toSeverity(word) ?? []));
  return found.size === SEVERITIES.length ? [] : [...found];
}

/** Flashduty always posts the page itself. Our groups hear of it as the event `opened`, which is therefore added. */
function eventsOf(types: readonly string[], where: string, ledger: Ledger): GroupEvent[] {
  if (types.length === 0) return [];
  const lost = types.filter((type) => EVENTS[type] === undefined);
  if (lost.length > 0) ledger.note(`${where}: groups cannot hear of ${lost.join(', ')}`);
  return [...new Set(['opened' as const, ...types.flatMap((type) => EVENTS[type] ?? [])])];
}
