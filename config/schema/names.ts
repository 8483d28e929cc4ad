import { ADAPTER_IDS, adapterFacts, CARRIED_MEDIA, type AdapterId, type CarriedMedium } from '../../domain/media.ts';

/** Names that the file introduces and its rules refer to. */
export interface Names {
  /** `undefined` for an account whose adapter cannot be read. */
  accounts: ReadonlyMap<string, AdapterId | undefined>;
  members: ReadonlySet<string>;
  teams: ReadonlySet<string>;
  /** With their roles. */
  schedules: ReadonlyMap<string, ReadonlySet<string>>;
  channels: ReadonlySet<string>;
  /** Absent: none. */
  templates?: ReadonlySet<string>;
}

/** Feishu ids in `identities` may stand under `feishu` instead of every account. */
export function platformOf(adapter: AdapterId): string {
  return adapter.split('.')[0] ?? adapter;
}

const PLATFORMS = new Set(ADAPTER_IDS.filter((id) => adapterFacts(id).medium === 'im').map(platformOf));

// Each of these says what is wrong with a name where it was written, and nothing when it is right.

export function mediumProblem(name: string, names: Names): string | undefined {
  if (isCarried(name)) return undefined;
  if (!names.accounts.has(name)) {
    // No adapter carries push yet: allowed, but not recommended.
    const known = [...CARRIED_MEDIA.filter((medium) => medium !== 'push'), ...personalAccounts(names)];
    return unknownName('account or medium', name, known);
  }
  const adapter = names.accounts.get(name);
  if (adapter === undefined) return undefined;
  const { medium, form } = adapterFacts(adapter);
  if (medium !== 'im') {
    return `${name} is an account for ${medium}; write ${medium} here and list the account in media.${medium}`;
  }
  return form === 'group' ? `${name} posts to a group, not to people; name it under \`groups\`` : undefined;
}

function personalAccounts({ accounts }: Names): string[] {
  return [...accounts].flatMap(([name, adapter]) => {
    if (adapter === undefined) return [name];
    const { medium, form } = adapterFacts(adapter);
    return medium === 'im' && form !== 'group' ? [name] : [];
  });
}

export function groupProblem(name: string, names: Names): string | undefined {
  if (!names.accounts.has(name)) return unknownName('account', name, names.accounts.keys());
  const adapter = names.accounts.get(name);
  if (adapter === undefined || adapterFacts(adapter).form !== 'direct') return undefined;
  return `${name} (${adapter}) cannot post to a group; name an IM account or bot`;
}

export function carrierProblem(name: string, medium: CarriedMedium, names: Names): string | undefined {
  if (!names.accounts.has(name)) return unknownName('account', name, names.accounts.keys());
  const adapter = names.accounts.get(name);
  if (adapter === undefined || adapterFacts(adapter).medium === medium) return undefined;
  return `${name} (${adapter}) does not carry ${medium}; name an account that does`;
}

export function identityProblem(key: string, names: Names): string | undefined {
  if (names.accounts.has(key) || PLATFORMS.has(key)) return undefined;
  return unknownName('account or platform', key, [...PLATFORMS, ...personalAccounts(names)]);
}

/** `db-primary`, or `db-primary/backup` for one role of it. */
export function splitDuty(written: string): { schedule: string; role?: string } {
  const [schedule = '', ...role] = written.split('/');
  return role.length === 0 ? { schedule } : { schedule, role: role.join('/') };
}

export function dutyProblem(written: string, { schedules }: Names): string | undefined {
  const { schedule, role } = splitDuty(written);
  const roles = schedules.get(schedule);
  if (!roles) return unknownName('schedule', schedule, schedules.keys());
  return role === undefined || roles.has(role) ? undefined : unknownName(`role of ${schedule}`, role, roles);
}

export function unknownName(kind: string, name: string, known: Iterable<string>): string {
  const list = [...new Set(known)];
  const shown = list.length > 20 ? `${list.slice(0, 20).join(', ')}, …` : list.join(', ');
  return `no ${kind} is called ${JSON.stringify(name)}; known: ${shown || 'none yet'}`;
}

export function isCarried(name: string): name is CarriedMedium {
  return (CARRIED_MEDIA as readonly string[]).includes(name);
}
