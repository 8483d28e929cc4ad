// Tries the templates of the file before an incident does, and compares their texts with the limits of the adapters.

import type { Face } from '../../domain/incident/face.ts';
import { adapterFacts } from '../../domain/media.ts';
import { GROUP_EVENTS, type GroupEvent } from '../../domain/incident/rule.ts';
import type { Wording } from '../../providers/kit/message.ts';
import { LOCALES, type Locale } from '../../domain/locale.ts';
import { namesFrom } from '../../templates/names.ts';
import { SAMPLE_LINK, SAMPLE_NOW, sampleFace } from '../../templates/sample.ts';
import { findTemplate, outletOf, phrase, type Outlet, type Templates } from '../../templates/template.ts';
import type { Account, Configuration } from '../configuration.ts';
import { reasonText } from '../../domain/words/index.ts';

/** From here on a text is close enough to the limit to be worth a word. */
const NEARLY_FULL = 0.8;

export interface Wanted {
  face: Face;
  event: GroupEvent;
  locale: Locale;
  outlet: Outlet;
}

type Chosen = Pick<Configuration, 'members'> & { templates: Templates; wording?: string | undefined };

/** What would be said, with the link that would come with it. */
export function sayAt({ face, event, locale, outlet }: Wanted, { members, templates, wording }: Chosen): Wording {
  const reader = { locale, timeZone: locale === 'zh' ? 'Asia/Shanghai' : 'UTC', names: namesFrom(members) };
  return phrase({ face, event, ...reader, link: SAMPLE_LINK, now: SAMPLE_NOW }, outlet, { templates, wording });
}

/** The words of a message top to bottom, before an adapter lays them out and cuts them. */
export function wordsOf({ subject, status, facts, text, openPage }: Wording): string {
  return [
    subject,
    status,
    ...facts.map(([label, value]) => `${label}: ${value}`),
    text,
    `${openPage}: ${SAMPLE_LINK}`,
  ].join('\n');
}

/** Such as `312 of 4096 bytes`, and whether that is a good part of what the adapter can send. */
export function sizeOf(words: string, adapter: string): { text: string; isNearlyFull: boolean } {
  const room = adapter === '' ? undefined : adapterFacts(adapter).room;
  if (!room) return { text: `${String(words.length)} characters`, isNearlyFull: false };
  const size = room.of === 'bytes' ? Buffer.byteLength(words) : words.length;
  return { text: `${String(size)} of ${String(room.max)} ${room.of}`, isNearlyFull: size >= room.max * NEARLY_FULL };
}

export interface Finding {
  /**
   * `true`: the template fails, and the preset's words are sent instead. `false`: it works, and somebody should know.
   */
  isFailure: boolean;
  text: string;
}

/**
 * Renders every template with samples: an incident as it stands at each event, and one of which next to nothing is
 * known.
 * @param samples for an event, tried besides.
 */
export function checkTemplates(
  configuration: Configuration,
  samples: (event: GroupEvent) => Face[] = () => [],
): Finding[] {
  const found = new Map<string, Finding>();
  // The fullest sample comes first. What a later sample finds about the same thing is not repeated.
  const add = (isFailure: boolean, text: string, about = text): void => {
    if (!found.has(about)) found.set(about, { isFailure, text });
  };
  const chosen = chosenIn(configuration);
  for (const [name, entries] of configuration.templates) {
    if (!chosen.has(name)) add(false, `${name}: no rule, no channel and no top-level wording chooses it`);
    const used = new Set<object>();
    for (const account of messageAccounts(configuration)) {
      for (const event of GROUP_EVENTS) {
        for (const locale of LOCALES) {
          const outlet = outletOf(account);
          const template = findTemplate(entries, outlet, { event, locale });
          if (!template) continue;
          used.add(template);
          const where = `${name} for ${account.name}, ${event}, ${locale}`;
          for (const face of [sampleFace(event), bare(event), ...samples(event)]) {
            const wanted = { face: { ...face, wording: name }, event, locale, outlet };
            for (const { isFailure, text, kind } of inspect(wanted, account, configuration)) {
              add(isFailure, `${where}: ${text}`, `${where}: ${kind ?? text}`);
            }
          }
        }
      }
    }
    for (const [index, entry] of entries.entries()) {
      if (!used.has(entry))
        add(false, `${name}: entry ${String(index + 1)} is never used: no account fits, or an entry above takes all`);
    }
  }
  return [...found.values()];
}

function* inspect(
  wanted: Wanted,
  { adapter, traits: { keyword } }: Account,
  configuration: Configuration,
): Generator<Finding & { kind?: 'size' }> {
  const wording = sayAt(wanted, configuration);
  const { flaw } = wording;
  if (flaw !== undefined) {
    yield {
      isFailure: true,
      text:
        typeof flaw === 'object' && flaw.key === 'template-failed' ? flaw.problem : reasonText(flaw, { locale: 'en' }),
    };
    return;
  }
  const words = wordsOf(wording);
  const { text, isNearlyFull } = sizeOf(words, adapter);
  if (isNearlyFull) yield { isFailure: false, text: `${text}; what is too much is cut`, kind: 'size' };
  if (keyword !== undefined && !words.includes(keyword)) {
    yield { isFailure: false, text: 'lacks the keyword of the bot; it is added to the subject' };
  }
}

/** An incident of which nothing is known but that it is there. */
function bare(event: GroupEvent): Face {
  const face = sampleFace(event);
  const { id, title, severity } = face.incident;
  return { ...face, incident: { id, title, severity, description: '', labels: {} }, responders: [] };
}

function chosenIn({ channels, unmatched, wording }: Configuration): Set<string | undefined> {
  const rules = [...channels.values()].flatMap((channel) => channel.rules.map(({ rule }) => rule));
  return new Set(
    [wording, ...rules, unmatched].map((chosen) => (typeof chosen === 'object' ? chosen.wording : chosen)),
  );
}

export function messageAccounts({ accounts }: Configuration): Account[] {
  return [...accounts.values()].filter(({ adapter }) => adapterFacts(adapter).medium !== 'voice');
}
