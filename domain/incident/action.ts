import type { Why } from '../reason.ts';
import { cut, inJson, type Severity } from './incident.ts';
import type { Happening } from './record.ts';
import type { Targets } from './rule.ts';
import type { Escalation } from './escalation.ts';
import type { Step } from './step.ts';
import type { Actor } from './view.ts';

/** Carried by every action of a person. */
export interface By {
  by?: Actor;
  /** The way by which the action reached us: `voice`, `card`, `page`, `link`, `api`. */
  via?: string;
  /** The same key counts once. */
  key?: string;
  /** The occurrence that is meant, as a view names it; absent: whichever is open. */
  occurrence?: string;
}

export const CLOSE_SOURCES = ['person', 'recovered', 'timeout', 'cancelled'] as const;
export type CloseSource = (typeof CLOSE_SOURCES)[number];

/** The argument of each action, the same for its signal and its update. */
export interface Actions {
  acknowledge: By;
  unacknowledge: By;
  wake: By;
  /** 1 to 1440 minutes. */
  snooze: By & { minutes?: number };
  close: By & { resolution?: string; source?: CloseSource };
  /** At most 1024 characters. */
  comment: By & { text?: string };
  /** `onlyRaise`: a lower severity is ignored, because an alert that fires again must not calm an incident down. */
  revise: By & {
    title?: string;
    severity?: Severity;
    description?: string;
    labels?: Record<string, string>;
    onlyRaise?: boolean;
  };
  /** Starts a later level. Default: the level after the present one. */
  escalate: By & { level?: number };
  /** Tells these people instead of the level's, by their own preferences; no level follows. */
  reassign: By & Partial<Targets>;
  /** Tells these people as well, once, by their own preferences; nothing else changes. */
  addResponders: By & Partial<Targets>;
}
export type ActionName = keyof Actions;

/**
 * Where people are offered an action: as a button of a card, behind a card's menu where the platform has forms, on the
 * incident page. The API and the command line offer all of them.
 */
export const OFFERED = {
  acknowledge: ['button', 'page'],
  unacknowledge: ['page'],
  wake: ['page'],
  snooze: ['button', 'page'],
  close: ['button', 'page'],
  comment: ['menu', 'page'],
  revise: [],
  escalate: ['button', 'page'],
  reassign: ['menu'],
  addResponders: [],
} as const satisfies Record<ActionName, readonly Place[]>;
type Place = 'button' | 'menu' | 'page';

/** The actions that are offered at a place. */
export type OfferedAt<P extends Place> = {
  [N in ActionName]: P extends (typeof OFFERED)[N][number] ? N : never;
}[ActionName];

export const ACTION_NAMES = Object.keys(OFFERED) as ActionName[];

/** An action by the name that somebody wrote, where it is offered there. */
export function offeredAt<P extends Place>(place: P, name: string | undefined): OfferedAt<P> | undefined {
  const found = ACTION_NAMES.find((each) => each === name);
  return found && (OFFERED[found] as readonly Place[]).includes(place) ? (found as OfferedAt<P>) : undefined;
}

/**
 * Everything about one action but the words of its button: an entry of the table in `actions/table.ts`. Each action
 * exists as a signal and as an update of the same name.
 */
export interface Action<Argument extends By> {
  /** What its argument says besides who did it. What is odd is repaired and noted: an action counts all the same. */
  read(given: Given): Omit<Argument, keyof By>;
  /** Why the argument asks for something impossible, for whoever can be answered. */
  refuseArgument?(given: Record<string, unknown>): string | undefined;
  /** Why it makes no sense now. */
  refuse?(state: Escalation, action: Argument): string | undefined;
  /** Who is told instead, or besides, can only be said once there is a rule: until then the action is kept. */
  needsRule?: true;
  /** What it does, and what the timeline says of it. */
  perform(step: Step, doer: Doer, action: Argument): void;
}

/** Who acts. */
export interface Doer {
  by: Actor;
  /** Their name, as `actorName` gives it. */
  who: string;
  /** Records the action in the timeline, under the name of the person who acted. */
  say: (happening: Happening) => void;
}

/** The fields that somebody sent with an action, while they are being read. */
export class Given {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly notes: Why[] = [];

  constructor(raw: unknown) {
    this.fields = typeof raw === 'object' && raw !== null ? (raw as Record<string, unknown>) : {};
  }

  /** A text of at most `max` characters; what is longer is cut, and noted. */
  text<Key extends string>(key: Key, max: number): Partial<Record<Key, string>> {
    const text = this.fields[key];
    if (typeof text !== 'string') return {};
    if (text.length > max) this.notes.push({ key: 'cut', field: key, from: text.length, to: max });
    return { [key]: cut(text, max) } as Partial<Record<Key, string>>;
  }
}

/** What was sent, as a note quotes it. */
export function quoted(value: unknown): string {
  return value === undefined ? '(none)' : cut(inJson(value), 40);
}
