import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GROUP_EVENTS } from '../../domain/incident/rule.ts';
import { LOCALES } from '../../domain/locale.ts';
import { compile, PARTS, TemplateError, type Part } from '../../templates/engine.ts';
import { presetTemplate } from '../../templates/preset.ts';
import { phrase, type Outlet, type Template } from '../../templates/template.ts';
import { variablesOf } from '../../templates/variables.ts';
import { wordingFor } from '../../templates/wording.ts';
import { sampleFace } from '../../templates/sample.ts';
import { occasion } from './occasions.ts';
import { english } from '../domain/english.ts';

const face = sampleFace('opened');
const outlet: Outlet = { account: 'ops-group', adapter: 'dingtalk.bot', medium: 'im' };
type Written = Partial<Record<Part, string>> & Partial<Omit<Template, 'parts'>>;

function entry({ media = [], events = [], locale, ...parts }: Written): Template {
  const compiled = Object.entries(parts).map(([part, source]) => [part, compile(source, part as Part)]);
  return { media, events, ...(locale && { locale }), parts: Object.fromEntries(compiled) as Template['parts'] };
}

function say(entries: Written[], changes: Parameters<typeof occasion>[0] = {}, where = outlet) {
  return phrase(occasion(changes), where, { templates: new Map([['house', entries.map(entry)]]), wording: 'house' });
}

const one = (source: string, part: Part = 'text') => compile(source, part).render(variablesOf(occasion()));

describe.each(LOCALES)('the preset in %s', (locale) => {
  it.each(GROUP_EVENTS)('for %s', async (event) => {
    const told = occasion({ event, locale, face: sampleFace(event) });
    const { subject, text, status, facts } = wordingFor(told);
    const page = [subject, status, ...facts.map(([label, value]) => `${label}: ${value}`), '', text, ''].join('\n');
    await expect(page).toMatchFileSnapshot(`presets/${locale}/${event}.txt`);
  });

  it.each(GROUP_EVENTS)('is what its template says when somebody begins with it: %s', (event) => {
    const template = entry(presetTemplate(event, locale));
    for (const changes of [{}, { round: 2 }, { responders: [] }]) {
      const told = occasion({ event, locale, face: { ...sampleFace(event), ...changes } });
      const templates = new Map([['house', [template]]]);
      expect(phrase(told, outlet, { templates, wording: 'house' })).toEqual(wordingFor(told));
    }
  });
});

describe('templates', () => {
  it('replace what they say and leave the rest to the preset', () => {
    const told = say([
      {
        subject: '{{ incident.number }} {{ labels.service }}',
        facts: 'Team: {{ labels.team }}\nLevel: {{ incident.level }}',
      },
    ]);
    expect(told.subject).toBe('7QK2MD db');
    expect(told.facts).toEqual([['Level', '1']]);
    expect(told.status).toBe('Not acknowledged, level 1 of 2');
    expect(told.text).toBe('A new incident needs you.\nReplication lag 900 s');
    expect(told.flaw).toBeUndefined();
  });

  it('are chosen by account, adapter, medium, event and language, the first that fits', () => {
    const entries: Written[] = [
      { media: ['other'], text: 'other account' },
      { media: ['ops-group'], events: ['closed'], text: 'closed here' },
      { media: ['dingtalk.bot'], locale: 'zh', text: 'Chinese in DingTalk' },
      { media: ['im', 'email'], text: 'mail' },
      { text: 'anything' },
    ];
    expect(say(entries, { event: 'closed' }).text).toBe('closed here');
    expect(say(entries, { locale: 'zh' }).text).toBe('Chinese in DingTalk');
    expect(say(entries, {}, { account: 'mail', adapter: 'smtp.email', medium: 'email' }).text).toBe('mail');
    expect(say(entries, {}, { account: 'sms', adapter: 'twilio.sms', medium: 'sms' }).text).toBe('anything');
    expect(say([{ media: ['other'], text: 'x' }]).text).toContain('A new incident needs you.');
  });

  it('are those of the rule before those of the configuration', () => {
    const templates = new Map([
      ['house', [entry({ text: 'of the house' })]],
      ['loud', [entry({ text: 'of the rule' })]],
    ]);
    const rule = { ...face, wording: 'loud' };
    expect(phrase(occasion({ face: rule }), outlet, { templates, wording: 'house' }).text).toBe('of the rule');
    expect(phrase(occasion(), outlet, { templates }).text).toContain('A new incident');
  });

  it('that are gone by now, or fail, lose their words and not the message, and the reason is told', () => {
    const gone = phrase(occasion({ face: { ...face, wording: 'gone' } }), outlet, { templates: new Map() });
    expect(gone).toMatchObject({
      subject: '[Critical] db-7 is down',
      flaw: { key: 'template-gone', template: 'gone' },
    });
    const failed = say([{ subject: 'mine', text: '{% for r in responders %}{{ r.nick }}{% endfor %}' }]);
    expect(failed).toMatchObject({
      subject: '[Critical] db-7 is down',
      flaw: { key: 'template-failed', template: 'house', problem: 'undefined variable: r.nick' },
    });
  });

  it('that come out empty leave subject, state and text as they were, and no facts where none are wanted', () => {
    const empty = '{% if incident.resolution %}x{% endif %}';
    const told = say([{ subject: empty, text: empty, status: empty, facts: empty }]);
    expect(told).toEqual({ ...wordingFor(occasion()), facts: [] });
  });

  it('leave out lines that came out empty', () => {
    expect(one('a\n{% if incident.source == "x" %}\nb\n{% endif %}\n\n  \nc')).toBe('a\nc');
  });

  it('never let a value begin a line of its own outside the text', () => {
    const incident = { ...face.incident, title: 'x\nSeverity: Info\u2028y', labels: { a: 'b\r\nNumber: 1' } };
    const told = say(
      [{ subject: '{{ incident.title }}', facts: '{{ incident.title }}: {{ labels.a }}\nRule: {{ incident.title }}' }],
      { face: { ...face, incident } },
    );
    expect(told.subject).toBe('x Severity: Info y');
    expect(told.facts).toEqual([
      ['x Severity', 'Info y: b Number: 1'],
      ['Rule', 'x Severity: Info y'],
    ]);
  });

  it('show whatever an incident says as those characters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (written) => {
        fc.pre(written.trim() !== '' && !/[\p{Cc}\u2028\u2029]/u.test(written));
        const incident = { ...face.incident, title: `{{ 7 }}${written}{% if`, labels: { [written]: '{{ now }}' } };
        const told = say([{ subject: 'x {{ incident.title }}' }], { face: { ...face, incident } });
        expect(told.subject).toBe(`x {{ 7 }}${written}{% if`);
        expect(told.flaw).toBeUndefined();
      }),
    );
  });
});

/** A text of 160 MB, made in 24 steps. */
const doubled =
  '{% assign x = "xxxxxxxxxx" %}{% for i in (1..24) %}{% capture x %}{{ x }}{{ x }}{% endcapture %}{% endfor %}';

const SLOW = '{% assign b = (1..20000) %}{{ b | find_exp: "i", "b | has_exp: \'j\', \'j == 0\'" }}';

describe('a template', () => {
  it.each([
    ['{{ incident.titel }}', 'nothing is called incident.titel', 1, 4],
    ['a\n  {{ nobody }}', 'nothing is called nobody', 2, 6],
    ['{% if incident.rule == severty %}{% endif %}', 'nothing is called severty', 1, 24],
    ['{{ incident[labels.x] }}', 'nothing is called incident.*', 1, 4],
    ['{{ incident.title.constructor }}', 'nothing is called incident.title.constructor', 1, 4],
    ['{{ lead', 'output "{{ lead" not closed', 1, 1],
    ['{% if event %}', 'tag {% if event %} not closed', 1, 1],
    ['{{ lead | shout }}', 'undefined filter: shout', 1, 1],
    ['{{ lead | raw }}', 'undefined filter: raw', 1, 1],
    ['{% include "config/example.yaml" %}', 'tag "include" not found', 1, 1],
    ['{% render "x" %}', 'tag "render" not found', 1, 1],
  ])('is refused before it is used: %s', (source, message, row, col) => {
    let error: unknown;
    try {
      compile(source, 'text');
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(TemplateError);
    expect(error).toMatchObject({ message, row, col });
  });

  it.each([
    ['counts far', '{% for i in (1..100000000) %}x{% endfor %}', 'memory'],
    [
      'loops in loops',
      '{% for i in (1..3000) %}{% for j in (1..3000) %}{{ i }}{% endfor %}{% endfor %}',
      'longer than',
    ],
    [
      'doubles a text',
      '{% assign x = "xxxxxxxxxxxxxxxx" %}{% for i in (1..40) %}{% assign x = x | append: x %}{% endfor %}{{ x }}',
      'memory',
    ],
    ['shows a long text', `${doubled}{{ x }}`, 'memory'],
    ['encodes a long text', `${doubled}{{ x | url_encode }}`, 'memory'],
    ['cuts a long text', `${doubled}{{ x | cut: 100000000 }}`, 'memory'],
    ['writes a long text often', `{% for i in (1..15000) %}${'x'.repeat(15_000)}{% endfor %}`, 'memory'],
    // One step of Liquid, in which it looks at none of its own limits: 400 million comparisons.
    ['searches in a search', SLOW, 'longer than 250 ms'],
  ])('may not take the worker’s time or memory: %s', { timeout: 10_000 }, (_, source, why) => {
    const { flaw } = say([{ text: source }]);
    expect(english(flaw)).toContain(why);
  });

  it('that took too long is not tried again at once, so that a storm does not wait for it', () => {
    const templates = new Map([['house', [entry({ text: SLOW })]]]);
    const startedAt = performance.now();
    for (let n = 0; n < 400; n += 1) {
      expect(phrase(occasion(), outlet, { templates, wording: 'house' }).flaw).toMatchObject({
        key: 'template-slow',
      });
    }
    // 400 times 250 ms are 100 s.
    expect(performance.now() - startedAt).toBeLessThan(50_000);
  });

  it('reaches nothing but its variables', () => {
    for (const source of ['{{ labels.constructor }}', '{{ labels.__proto__ }}', '{{ labels["toString"] }}']) {
      expect(one(source)).toBe('');
    }
    expect(() => one('{% for r in responders %}{{ r.constructor }}{% endfor %}')).toThrow('undefined variable');
  });

  it('says as much as a medium can take at most', () => {
    expect(one('{% for i in (1..9000) %}xxxxxxxxxx{% endfor %}').length).toBeLessThanOrEqual(32_000);
    expect(PARTS).toHaveLength(4);
  });
});
