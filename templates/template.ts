// Chooses the template for a message, and puts its words in place of the preset's.

import { adapterFacts } from '../domain/media.ts';
import type { GroupEvent } from '../domain/incident/rule.ts';
import type { Wording } from '../providers/kit/message.ts';
import type { Locale } from '../domain/locale.ts';
import { inTime, MOST_MS, PARTS, TemplateError, TooSlowError, type Compiled, type Part } from './engine.ts';
import { variablesOf, type Occasion } from './variables.ts';
import { wordingFor } from './wording.ts';

/** One entry under a name in `templates`. */
export interface Template {
  /** `sms`, `email`, `push`, an adapter or an account; empty: all. */
  media: readonly string[];
  /** Empty: all. */
  events: readonly GroupEvent[];
  locale?: Locale;
  /** A part that is missing is the preset's. */
  parts: Readonly<Partial<Record<Part, Compiled>>>;
}

/** By name; of an entry list the first that fits is used. */
export type Templates = ReadonlyMap<string, readonly Template[]>;

/** Where a message goes: each of its names may stand under `media`. */
export interface Outlet {
  account: string;
  adapter: string;
  medium: string;
}

/** @param account as configured; absent: no longer. */
export function outletOf(account: { name: string; adapter: string } | undefined): Outlet {
  if (!account) return { account: '', adapter: '', medium: '' };
  const { name, adapter } = account;
  return { account: name, adapter, medium: adapterFacts(adapter).medium };
}

export function findTemplate(
  entries: readonly Template[],
  { account, adapter, medium }: Outlet,
  { event, locale }: Pick<Occasion, 'event' | 'locale'>,
): Template | undefined {
  const names = [account, adapter, medium];
  return entries.find(
    (entry) =>
      (entry.media.length === 0 || entry.media.some((name) => names.includes(name))) &&
      (entry.events.length === 0 || entry.events.includes(event)) &&
      (entry.locale === undefined || entry.locale === locale),
  );
}

/**
 * A template that took too long rests for so long, because each of its messages would hold up the whole process: a
 * storm of incidents must not wait for it.
 */
const REST_MS = 20 * MOST_MS;
const restsUntil = new WeakMap<Template, number>();

/**
 * Puts an occasion into words by the templates that the rule, the channel or the configuration chose, or else by the
 * preset. Never throws: a template that fails loses its words, not the message, and `flaw` says why.
 */
export function phrase(
  occasion: Occasion,
  outlet: Outlet,
  { templates, wording: fallback }: { templates: Templates; wording?: string | undefined },
): Wording {
  const preset = wordingFor(occasion);
  const name = occasion.face.wording ?? fallback;
  if (name === undefined) return preset;
  const entries = templates.get(name);
  if (!entries) return { ...preset, flaw: { key: 'template-gone', template: name } };
  const template = findTemplate(entries, outlet, occasion);
  if (!template) return preset;
  try {
    return { ...preset, ...renderedInTime(template, occasion) };
  } catch (error) {
    if (error instanceof TooSlowError) {
      return { ...preset, flaw: { key: 'template-slow', template: name, limitMs: MOST_MS } };
    }
    // Rendering throws nothing but TemplateError. The text of any other error might quote the incident, so it is not
    // shown.
    const why = error instanceof TemplateError ? error.message : 'an unexpected failure';
    return { ...preset, flaw: { key: 'template-failed', template: name, problem: why } };
  }
}

function renderedInTime(template: Template, occasion: Occasion): Partial<Wording> {
  const now = performance.now();
  if (now < (restsUntil.get(template) ?? 0)) throw new TooSlowError();
  try {
    return inTime(() => rendered(template, occasion));
  } catch (error) {
    if (error instanceof TooSlowError) restsUntil.set(template, now + REST_MS);
    throw error;
  }
}

/**
 * The parts as the template renders them. An empty text keeps the preset's words, so that no message lacks its subject
 * or state by mistake; an empty list of facts stays empty.
 */
function rendered({ parts }: Template, occasion: Occasion): Partial<Wording> {
  const scope = variablesOf(occasion);
  const made: Partial<Wording> = {};
  for (const part of PARTS) {
    const text = parts[part]?.render(scope);
    if (text === undefined) continue;
    if (part === 'facts') made.facts = factsIn(text);
    else if (text !== '') made[part] = part === 'text' ? text : text.replaceAll('\n', ' ');
  }
  return made;
}

/** One on each line, as `label: value`; what has no value is left out. */
function factsIn(text: string): [string, string][] {
  return text.split('\n').flatMap((line): [string, string][] => {
    const [, label = '', value = ''] = /^\s*(.+?)(?:: |：)(.*)$/.exec(line) ?? [];
    return value.trim() === '' ? [] : [[label, value.trim()]];
  });
}
