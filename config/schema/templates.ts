import { z } from 'zod';
import { adapterFacts, ADAPTER_IDS, CARRIED_MEDIA } from '../../domain/media.ts';
import { GROUP_EVENTS } from '../../domain/incident/rule.ts';
import { LOCALES } from '../../domain/locale.ts';
import { compile, TemplateError, type Compiled, type Part } from '../../templates/engine.ts';
import type { Template } from '../../templates/template.ts';
import { checked, named } from './field.ts';
import { unknownName, type Names } from './names.ts';

const CALLED = ['voice', ...ADAPTER_IDS.filter((id) => adapterFacts(id).medium === 'voice')];
const MEDIA = [...CARRIED_MEDIA, ...ADAPTER_IDS].filter((name) => !CALLED.includes(name));

/** Templates by a name of one's own, compiled. */
export function templatesSchema(names: Names) {
  const entry = z
    .strictObject({
      media: z
        .array(checked((name) => mediumProblem(name, names)))
        .max(50)
        .default([])
        .describe('Only for these: sms, email, push, an adapter or an account; empty or absent: all'),
      events: z.array(z.enum(GROUP_EVENTS)).default([]).describe('Only for these; opened is the page; absent: all'),
      locale: z.enum(LOCALES).exactOptional().describe('Only for readers of this language'),
      subject: part('subject').describe('One line, in place of [Critical] db-7 is down'),
      text: part('text').describe('A few lines: what happened'),
      status: part('status').describe('One line: where it stands'),
      facts: part('facts').describe('Lines of `label: value`'),
    })
    .superRefine(({ subject, text, status, facts }, context) => {
      if (subject ?? text ?? status ?? facts) return;
      context.addIssue('says nothing; write subject, text, status or facts');
    })
    .transform(({ media, events, locale, ...written }): Template => {
      const parts = Object.entries(written).filter(
        (entry): entry is [Part, Compiled] => (entry[1] as unknown) !== undefined,
      );
      return { media, events, ...(locale && { locale }), parts: Object.fromEntries(parts) };
    });
  return z
    .record(
      named(/^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$/, 'templates are named by 1 to 40 of A-Z a-z 0-9 . _ -'),
      z.array(entry).min(1).max(200),
    )
    .default({})
    .describe('Wording in place of the presets, by a name of your own; the first entry that fits is used');
}

/** A choice of templates. */
export function wordingSchema({ templates = new Set() }: Names) {
  return checked((name) => (templates.has(name) ? undefined : unknownName('list of templates', name, templates)))
    .exactOptional()
    .describe('Templates that put it into words, by the key in `templates`');
}

function part(name: Part) {
  return z
    .string()
    .min(1)
    .max(20_000)
    .transform((source, context): Compiled => {
      try {
        return compile(source, name);
      } catch (error) {
        if (!(error instanceof TemplateError)) throw error;
        const { message, row, col } = error;
        context.addIssue({ code: 'custom', message, params: { within: { row, col } } });
        return z.NEVER;
      }
    })
    .exactOptional();
}

function mediumProblem(name: string, { accounts }: Names): string | undefined {
  const adapter = accounts.get(name);
  if (CALLED.includes(name) || (adapter !== undefined && CALLED.includes(adapter))) {
    return 'calls speak by the templates of their own account';
  }
  if ((MEDIA as string[]).includes(name) || accounts.has(name)) return undefined;
  return unknownName('medium, adapter or account', name, [...MEDIA, ...accounts.keys()]);
}
