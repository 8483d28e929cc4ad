import type { Window } from './delivery.ts';
import type { Severity } from './incident.ts';
import type { Medium } from './rule.ts';

export const CARRIED_MEDIA = ['voice', 'sms', 'email', 'push'] as const;
export type CarriedMedium = (typeof CARRIED_MEDIA)[number];

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/**
 * One row per adapter: what it can do and what it is limited to. Data, no code: shown by `escalations media` and in
 * the README, read by planning, the workflows and the workers.
 */
export interface AdapterFacts {
  /** What it carries; `im` accounts are media by their own name. */
  medium: CarriedMedium | 'im';
  form: 'direct' | 'group' | 'direct and group';
  interaction: 'keypad' | 'card' | 'link' | 'text' | 'native';
  /** What the provider can tell us beyond having taken it. */
  confirms: 'nothing' | 'delivery' | 'answer';
  /** A message can be drawn again after it was sent. */
  redraws: boolean;
  /** Sending the same notification twice shows it once (`uuid`, `outTrackId`, `Message-ID`). */
  repeatSafe: boolean;
  /** Whether it went out can be asked after a lost answer. */
  reconciles: boolean;
  /** A refused card or template can be sent again as plain text. */
  plainText: boolean;
  /** Requests per second of one account over all workers. */
  perSecond: number;
  /** Per receiving address; beyond it the next account or medium takes over at once. */
  perReceiver: readonly Window[];
  /** Calls only: how long it may ring before it counts as unanswered. */
  ringMs?: number;
  /** Receiving countries (ISO 3166), absent: everywhere. */
  countries?: readonly string[];
  /** Longest text and what is counted. */
  maxText: string;
  note: string;
}

export const ADAPTERS = {
  'feishu.app': {
    medium: 'im',
    form: 'direct and group',
    interaction: 'card',
    confirms: 'nothing',
    redraws: true,
    repeatSafe: true,
    reconciles: false,
    plainText: true,
    perSecond: 16, // 1,000 sends a minute per app
    perReceiver: [{ sends: 5, perMs: 1000 }],
    maxText: '30 KB a card',
    note: 'Feishu and Lark; cards can be redrawn for 14 days',
  },
  'aliyun.voice': {
    medium: 'voice',
    form: 'direct',
    interaction: 'keypad',
    confirms: 'answer',
    redraws: false,
    repeatSafe: false,
    reconciles: false,
    plainText: false,
    perSecond: 100,
    perReceiver: [
      { sends: 1, perMs: MINUTE },
      { sends: 5, perMs: HOUR },
      { sends: 20, perMs: DAY },
    ],
    ringMs: 60_000,
    countries: ['CN'],
    maxText: '35 characters a template variable',
    note: 'mainland China; approved templates, purchased caller number',
  },
  'tencent.voice': {
    medium: 'voice',
    form: 'direct',
    interaction: 'keypad',
    confirms: 'answer',
    redraws: false,
    repeatSafe: false,
    reconciles: false,
    plainText: false,
    perSecond: 5,
    perReceiver: [
      { sends: 1, perMs: 30_000 },
      { sends: 2, perMs: 10 * MINUTE },
      { sends: 3, perMs: DAY },
    ],
    ringMs: 60_000,
    countries: ['CN'],
    maxText: '350 characters spoken',
    note: 'mainland China; approved templates; one call a night until the console limit is raised',
  },
  'aliyun.sms': {
    medium: 'sms',
    form: 'direct',
    interaction: 'text',
    confirms: 'delivery',
    redraws: false,
    repeatSafe: false,
    reconciles: true,
    plainText: false,
    perSecond: 100,
    perReceiver: [{ sends: 50, perMs: DAY }],
    countries: ['CN'],
    maxText: '35 characters a template variable, no links',
    note: 'mainland China; approved templates and signature',
  },
  'smtp.email': {
    medium: 'email',
    form: 'direct',
    interaction: 'link',
    confirms: 'nothing',
    redraws: false,
    repeatSafe: true,
    reconciles: false,
    plainText: false,
    perSecond: 10,
    perReceiver: [],
    maxText: 'none',
    note: 'any SMTP server; acknowledging takes a press on the page behind the link',
  },
} as const satisfies Record<string, AdapterFacts>;

export type AdapterId = keyof typeof ADAPTERS;
export const ADAPTER_IDS = Object.keys(ADAPTERS) as AdapterId[];

/** @throws RangeError for an adapter that has no row. */
export function adapterFacts(id: string): AdapterFacts {
  const facts = (ADAPTERS as Record<string, AdapterFacts>)[id];
  if (!facts) throw new RangeError(`no adapter is called ${id}`);
  return facts;
}

/** How long a call rings at most; for an adapter that has no word on it, or none of ours, a minute. */
export function ringMs(adapter: string | undefined): number {
  return (ADAPTERS as Record<string, AdapterFacts | undefined>)[adapter ?? '']?.ringMs ?? MINUTE;
}

/** For members without a preference of their own. */
export const DEFAULT_PREFERENCE: Record<Lowercase<Severity>, Medium[]> = {
  critical: ['voice', 'sms', 'email'],
  warning: ['sms', 'email'],
  info: ['email'],
};

/** Media to try when every account of `medium` failed for a person, in order. */
export function fallbackMedia(medium: Medium, severity: Severity): Medium[] {
  switch (medium) {
    case 'voice':
      return ['sms', 'push', 'email'];
    case 'sms':
      return severity === 'Critical' ? ['voice', 'email'] : ['email'];
    case 'email':
      return [];
    default:
      return ['sms', 'email'];
  }
}
