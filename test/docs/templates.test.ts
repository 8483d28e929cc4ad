import { readFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import { expect, it } from 'vitest';
import { compile } from '../../templates/engine.ts';
import { FILTERS } from '../../templates/filters.ts';
import { sampleFace } from '../../templates/sample.ts';
import { VARIABLES, variablesOf } from '../../templates/variables.ts';
import { occasion } from '../templates/occasions.ts';

/** Where `{{ name }}` alone would show nothing worth reading. */
const EXAMPLES: Record<string, string> = {
  isReminder: '{% if isReminder %}again{% else %}first{% endif %}',
  labels: '{% for label in labels limit: 1 %}{{ label.name }}={{ label.value }}{% endfor %}',
  responders: '{{ responders | map: "name" | join: ", " }}',
  link: '{{ link | cut: 40 }}',
  'incident.isExhausted': '{% if incident.isExhausted %}nobody came{% else %}under way{% endif %}',
};

const ended = ['incident.closedAt', 'incident.closedBy', 'incident.resolution'];
function shown(source: string, about: string): string {
  const event = ended.includes(about)
    ? 'closed'
    : about.includes('acknowledged')
      ? 'acknowledged'
      : about.includes('snoozed')
        ? 'snoozed'
        : 'opened';
  const told = occasion({ event, face: sampleFace(event) });
  return compile(source, 'text').render(variablesOf(told));
}

function table(rows: [name: string, about: string, source: string][]): string {
  const lines = rows.map(
    ([name, about, source]) =>
      `| \`${name}\` | ${about} | \`${source.replaceAll('|', '\\|')}\` | ${shown(source, name).replaceAll('|', '\\|')} |`,
  );
  return ['| Name | What it is | Example | Shows |', '| --- | --- | --- | --- |', ...lines].join('\n');
}

it('the guide explains every variable and function, with what its example shows (else: vitest -u)', async () => {
  const tables = {
    variables: table(
      Object.entries(VARIABLES).map(([name, about]) => [
        name,
        about.replaceAll('|', '\\|'),
        EXAMPLES[name] ?? `{{ ${name} }}`,
      ]),
    ),
    functions: table(Object.entries(FILTERS).map(([name, { about, example }]) => [name, about, example])),
  };
  let guide = readFileSync('docs/templates.md', 'utf8');
  for (const [name, rows] of Object.entries(tables)) {
    const section = new RegExp(`(<!-- ${name}:start -->\n)[\\s\\S]*?(<!-- ${name}:end -->)`);
    expect(guide).toMatch(section);
    guide = guide.replace(section, (_, start: string, end: string) => `${start}\n${rows}\n\n${end}`);
  }
  const style = await resolveConfig('docs/templates.md', { editorconfig: true });
  await expect(await format(guide, { ...style, filepath: 'docs/templates.md' })).toMatchFileSnapshot(
    '../../docs/templates.md',
  );
});

it('the guide shows configuration that loads', async () => {
  const { parse, sample } = await import('../config/sample.ts');
  const guide = readFileSync('docs/templates.md', 'utf8');
  const [house = '', hook = ''] = [...guide.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, yaml = '']) => yaml);
  const templates = house.slice(0, house.indexOf('channels:')).replace('ops-group', 'mail');
  const account = hook.replace('accounts:\n', '');
  const read = parse(`${templates}\n${sample({ 2: `accounts:\n${account}` })}`, {
    WEBHOOK_SECRET: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    TICKETS_TOKEN: 'x',
  });
  expect(read.templates.get('house')).toHaveLength(1);
  expect(read.accounts.get('tickets')?.adapter).toBe('webhook.bot');
});
