import type { Window } from './delivery.ts';
import type { Severity } from './incident/incident.ts';
import type { Medium } from './incident/rule.ts';
import type { Locale } from './locale.ts';

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
  /** Whether the credentials are good can be found out only by telling somebody. */
  unchecked?: true;
  /** Requests per second of one account over all workers. */
  perSecond: number;
  /** Per receiving address; beyond it the next account or medium takes over at once. */
  perReceiver: readonly Window[];
  /** Calls only: how long it may ring before it counts as unanswered. */
  ringMs?: number;
  /** Calls only: one that rings can be ended. */
  cancels?: boolean;
  /** Receiving countries (ISO 3166); `abroad`: all but mainland China; absent: everywhere. */
  countries?: readonly string[] | 'abroad';
  /** Landlines are not reached. */
  mobilesOnly?: true;
  /** What groups on this platform usually read; default `en`. */
  groupLocale?: Locale;
  /** How it can lose messages that it said it had taken, as a sentence: nobody should depend on it alone. */
  loses?: string;
  /** Groups only: the message names the responders with their addresses. */
  namesResponders?: boolean;
  /** Longest text and what is counted. */
  maxText: string;
  /** The same for one message of free text, to compare with. */
  room?: { max: number; of: 'bytes' | 'characters' };
  note: string;
}

/** What rows of a kind have in common; a row says what is different. */
const CARDS = {
  medium: 'im',
  form: 'direct and group',
  interaction: 'card',
  confirms: 'nothing',
  redraws: true,
  repeatSafe: false,
  reconciles: false,
  plainText: true,
} as const;
const HOOK = {
  medium: 'im',
  form: 'group',
  interaction: 'link',
  confirms: 'nothing',
  redraws: false,
  repeatSafe: false,
  reconciles: false,
  plainText: true,
} as const;
const CALLS = {
  medium: 'voice',
  form: 'direct',
  interaction: 'keypad',
  confirms: 'answer',
  redraws: false,
  repeatSafe: false,
  reconciles: false,
  plainText: false,
} as const;
const TEXTS = {
  medium: 'sms',
  form: 'direct',
  interaction: 'text',
  confirms: 'delivery',
  redraws: false,
  repeatSafe: false,
  reconciles: true,
  plainText: false,
} as const;
const MAILS = {
  medium: 'email',
  form: 'direct',
  interaction: 'link',
  confirms: 'nothing',
  redraws: false,
  repeatSafe: true,
  reconciles: false,
  plainText: false,
} as const;

export const ADAPTERS = {
  'feishu.app': {
    ...CARDS,
    groupLocale: 'zh',
    repeatSafe: true,
    perSecond: 16, // 1,000 sends a minute per app
    perReceiver: [{ sends: 5, perMs: 1000 }],
    maxText: '30 KB a card',
    room: { max: 30_000, of: 'bytes' },
    note: 'Feishu and Lark; cards can be redrawn for 14 days',
  },
  'feishu.bot': {
    ...HOOK,
    groupLocale: 'zh',
    perSecond: 5,
    perReceiver: [{ sends: 100, perMs: MINUTE }],
    maxText: '20 KB a message',
    room: { max: 20_000, of: 'bytes' },
    note: 'custom bot of one Feishu or Lark group; mentions by open_id or user_id',
  },
  'dingtalk.app': {
    ...CARDS,
    groupLocale: 'zh',
    repeatSafe: true,
    perSecond: 20, // of the standard edition, for each API of an app
    perReceiver: [],
    maxText: '1 KB a variable of the card',
    note: 'needs a published card template; without it messages carry a link, are never redrawn and may come twice',
  },
  'dingtalk.bot': {
    ...HOOK,
    groupLocale: 'zh',
    perSecond: 5,
    perReceiver: [{ sends: 18, perMs: MINUTE }], // 20, and whoever sends more is blocked for ten minutes
    maxText: '20,000 bytes a message',
    room: { max: 20_000, of: 'bytes' },
    note: 'custom bot of one DingTalk group; mentions by userid or phone number of mainland China',
  },
  'wecom.app': {
    ...CARDS,
    groupLocale: 'zh',
    loses: 'WeCom drops what exceeds 30 messages a minute to one person and says that it was sent',
    perSecond: 100, // 10,000 a minute of a corporation, for each API
    // 30 a minute and 1,000 an hour; what exceeds them is dropped without a word, and answers to presses count too.
    perReceiver: [
      { sends: 25, perMs: MINUTE },
      { sends: 900, perMs: HOUR },
    ],
    maxText: '2,048 bytes a text',
    note: 'a card is redrawn once, at the first of acknowledged and closed, then by its Refresh button; in chats of the app a card with a link, never redrawn, without mentions',
  },
  'wecom.bot': {
    ...HOOK,
    groupLocale: 'zh',
    perSecond: 5,
    perReceiver: [{ sends: 18, perMs: MINUTE }], // 20
    maxText: '4,096 bytes, 2,048 where somebody is mentioned by phone',
    room: { max: 4096, of: 'bytes' },
    note: 'message push of one WeCom group; mentions by userid, or by phone number of mainland China',
  },
  'slack.app': {
    ...CARDS,
    perSecond: 5, // several hundred messages a minute in a workspace
    perReceiver: [{ sends: 10, perMs: 10_000 }], // one a second, short bursts allowed
    maxText: '10,000 characters a message with its buttons',
    room: { max: 10_000, of: 'characters' },
    note: 'people by e-mail; public channels, private ones once the app is added',
  },
  'slack.bot': {
    ...HOOK,
    perSecond: 1,
    perReceiver: [],
    maxText: '10,000 characters a message',
    room: { max: 10_000, of: 'characters' },
    note: 'incoming webhook of one Slack channel; mentions by user id',
  },
  'zoom.bot': {
    ...HOOK,
    unchecked: true,
    perSecond: 1,
    perReceiver: [],
    maxText: '4,096 characters a message',
    room: { max: 4096, of: 'characters' },
    note: 'Incoming Webhook of one Zoom channel; mentions by Zoom user id; dies with the account that connected it',
  },
  'telegram.bot': {
    ...CARDS,
    perSecond: 25, // about 30
    perReceiver: [{ sends: 20, perMs: MINUTE }],
    maxText: '4,096 characters a message',
    room: { max: 4096, of: 'characters' },
    note: 'any chat the bot is in; whoever is told in person has pressed Start; buttons need a webhook',
  },
  'teams.app': {
    ...CARDS,
    perSecond: 30, // 50 per tenant
    perReceiver: [
      { sends: 7, perMs: 1000 },
      { sends: 60, perMs: 30_000 },
      { sends: 1800, perMs: HOUR },
    ],
    maxText: '25 KB a card',
    room: { max: 25_000, of: 'bytes' },
    note: 'people who have the app and linked themselves; channels and group chats it was added to',
  },
  'aliyun.voice': {
    ...CALLS,
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
    ...CALLS,
    perSecond: 5,
    perReceiver: [
      { sends: 1, perMs: 30_000 },
      { sends: 2, perMs: 10 * MINUTE },
      { sends: 3, perMs: DAY },
    ],
    ringMs: 60_000,
    countries: ['CN'],
    mobilesOnly: true, // UNCONFIRMED: the page speaks of mobiles only
    maxText: '350 characters spoken',
    note: 'mainland China; approved templates; one call a night until the console limit is raised',
  },
  'aliyun.sms': {
    ...TEXTS,
    perSecond: 100,
    perReceiver: [{ sends: 50, perMs: DAY }],
    countries: ['CN'],
    maxText: '35 characters a template variable, no links',
    note: 'mainland China; approved templates and signature',
  },
  'tencent.sms': {
    ...TEXTS,
    perSecond: 100,
    // UNCONFIRMED for mainland China; the other limit, one in 30 s, counts the same text only.
    perReceiver: [{ sends: 10, perMs: DAY }],
    countries: ['CN'],
    maxText: '35 characters a template variable, no links',
    note: 'mainland China; approved templates and signature; receipts once support echoes `SessionContext`',
  },
  'aliyun.email': {
    ...MAILS,
    perSecond: 10,
    perReceiver: [],
    maxText: '15 MB a mail',
    note: 'DirectMail; the sender address signs in and belongs to one region',
  },
  'smtp.email': {
    ...MAILS,
    perSecond: 10,
    perReceiver: [],
    maxText: 'none',
    note: 'any SMTP server; acknowledging takes a press on the page behind the link',
  },
  'twilio.voice': {
    ...CALLS,
    perSecond: 1, // what is more waits at Twilio
    perReceiver: [],
    ringMs: 60_000,
    cancels: true,
    countries: 'abroad',
    maxText: '400 characters spoken',
    note: 'free text; 3 repeats it, voicemail is hung up on, a ringing call ends when somebody else acknowledges',
  },
  'twilio.sms': {
    ...TEXTS,
    perSecond: 10,
    perReceiver: [],
    countries: 'abroad', // one-way in China, and from registered templates only
    maxText: '1,600 characters',
    room: { max: 1600, of: 'characters' },
    note: 'free text with a link; answered with 1 or 2 and the code it names; not both in mainland China',
  },
  'webhook.bot': {
    ...HOOK,
    plainText: false,
    perSecond: 50,
    perReceiver: [],
    namesResponders: true,
    maxText: 'none',
    note: 'your own HTTP service; signed by Standard Webhooks, or the envelope of Flashduty',
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

/** Whether numbers of a country are reached; without a country they are of no nation. */
export function serves({ countries }: Pick<AdapterFacts, 'countries'>, country: string | undefined): boolean {
  if (countries === undefined) return true;
  return countries === 'abroad' ? country !== 'CN' : countries.includes(country ?? '');
}

/** How long a call rings at most; for an adapter that has no word on it, or none of ours, a minute. */
export function ringMs(adapter: string | undefined): number {
  return (ADAPTERS as Record<string, AdapterFacts | undefined>)[adapter ?? '']?.ringMs ?? MINUTE;
}

/** Whether a call that rings can be ended; an adapter of a later release is not known to. */
export function canEnd(adapter: string | undefined): boolean {
  return (ADAPTERS as Record<string, AdapterFacts | undefined>)[adapter ?? '']?.cancels ?? false;
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
