/**
 * Why something went otherwise than it was meant to: a key of this closed list with its values, which `domain/words`
 * makes a sentence of. A sentence itself where somebody else wrote it in English: an adapter, a directory of one's own,
 * or an older version; `domain/words/phrases.ts` knows the adapters' ones.
 */
export type Reason = Why | string;

/** Every key, and the values that its sentence names. */
export interface Reasons {
  // What a client sent about an incident.
  'id-taken': { id: string };
  'not-text': { field: string };
  cut: { field: string; from: number; to: number };
  'no-title': object;
  'unknown-severity': { given: string };
  'no-web-address': object;
  'no-time': object;
  'labels-no-object': object;
  'labels-dropped': { count: number };

  // What a client sent with an action.
  'snooze-taken': { given: string; minutes: number };
  'severity-kept': { given: string };
  'labels-kept': object;
  'no-such-level': { given: string };
  'nobody-named': object;

  // Which rule, and who is meant by it.
  'no-such-rule': { rule: string };
  'unusable-rule': { problem: string };
  'no-such-channel': { channel: string };
  /** `since`: ISO 8601. `configuration`: the hash of the one before. */
  'file-refused': { since: string; configuration: string };
  /** The file says that labels of this channel redirect no level. */
  'labels-switched-off': { channel: string };
  'label-beyond-levels': { label: string; level: number };
  'label-redirects': { label: string; level: number; to: string[] };
  'label-names-nobody': {
    label: string;
    lost: number;
    of: number;
    /** Absent: groups of this platform. */
    kind?: 'member' | 'team';
    platform?: string;
    /** The rest of its values name somebody. */
    partly?: true;
  };
  'no-such-member': { member: string };
  'no-such-team': { team: string };
  'no-such-schedule': { schedule: string };
  'off-duty': { schedule: string; role: string };
  /** `error`: the name of what the directory threw; absent: it did not answer in time. `rule`: planning as a whole was down. */
  'duty-unknown': { told?: 'named' | 'unmatched' | 'nobody' | 'last-time' | 'rule'; error?: string; rule?: string };

  // Why nothing can carry it to this person.
  /** A later round tells the same by the same medium. */
  overtaken: object;
  'no-phone': { member: string };
  landline: object;
  'no-email': { member: string };
  'no-account-there': { medium: string; member: string };
  'no-carrier': object;
  'no-address': { member: string; account: string };
  'member-gone': { member: string };
  'account-gone': { account: string };
  'directory-silent': { member: string };

  // What became of an attempt.
  /** `call`: our token of it, by which the timelines of incidents that shared a call can be laid side by side. */
  rings: { account?: string; call?: string; incidents?: number };
  'end-unknown': object;
  'call-unknown': object;
  'line-never-free': object;
  'call-window-full': object;
  'call-not-needed': object;
  'no-longer-needed': object;
  /** After the sentence about how the call ended. */
  'odd-keys': { ended: Reason; keys: string };
  'no-worker': { account: string };
  'not-taken-yet': { account: string };
  /** The file gave the account to another provider. */
  'served-by-another': { account: string; planned: string; adapter: string };
  'worker-lost': object;
  'worker-failed': object;
  'adapter-failed': object;
  'receiver-window-full': object;
  'quota-kept': object;

  // What a template came to.
  'template-gone': { template: string };
  'template-failed': { template: string; problem: string };
  'template-slow': { template: string; limitMs: number };

  // Only in a simulation.
  'told-to-fail': object;
}

export type ReasonKey = keyof Reasons;
export type Why = { [K in ReasonKey]: { key: K } & Reasons[K] }[ReasonKey];
