import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawParams, mentionParams, noteParams, readParams } from '../../../providers/dingtalk/card.ts';
import { escape } from '../../../providers/dingtalk/robot.ts';
import { deliveryOf, face, wording } from '../delivery.ts';

interface Template {
  variableList: { name: string; type: string; private: boolean }[];
  localList: { name: string }[];
  schema: { componentsTree: { children: unknown[] }[] };
}

const template = async (): Promise<Template> => {
  const file = JSON.parse(await readFile('providers/dingtalk/card-template.json', 'utf8')) as { editorData: string };
  return JSON.parse(file.editorData) as Template;
};

describe('the card template that is shipped', () => {
  it('has a variable for every value we send, and no other', async () => {
    const { variableList } = await template();
    const sent = { ...drawParams(deliveryOf()), ...mentionParams([]) };
    const ofAll = variableList.filter((variable) => !variable.private).map(({ name }) => name);
    expect(ofAll.sort()).toEqual(Object.keys(sent).sort());
    const ofOne = variableList.filter((variable) => variable.private).map(({ name }) => name);
    expect(ofOne).toEqual(Object.keys(noteParams('')));
  });

  it('shows what comes from an incident only where markup means nothing', async () => {
    const { schema, variableList } = await template();
    const markdown = variableList.filter(({ type }) => type === 'markdown').map(({ name }) => name);
    expect(markdown).toEqual(['mentions']);
    const parts = schema.componentsTree.flatMap(({ children }) => children) as {
      componentName: string;
      props: object;
    }[];
    const inMarkdown = parts.filter(({ componentName }) => componentName === 'Markdown');
    expect(inMarkdown).toHaveLength(1);
    expect(JSON.stringify(inMarkdown)).not.toMatch(/\$\{|"variable":"(title|status|facts|text)"/);
  });

  it('binds every button to its own token', async () => {
    const { schema } = await template();
    const parts = schema.componentsTree.flatMap(({ children }) => children) as {
      componentName: string;
      props: { id: string; params?: { name: string; variable: string }[] };
    }[];
    const buttons = parts.filter(({ componentName, props }) => componentName === 'SingleButton' && props.params);
    expect(buttons).toHaveLength(10);
    for (const { props } of buttons) {
      expect(props.params?.find(({ name }) => name === 'token')?.variable).toBe(`${props.id}Token`);
    }
  });
});

describe('the values of a card', () => {
  it('are strings of at most 1 KB, and the same ones for every state', () => {
    const long = fc.string({ unit: 'binary', maxLength: 4000 });
    const names = Object.keys(drawParams(deliveryOf())).sort();
    fc.assert(
      fc.property(
        long,
        long,
        long,
        fc.array(fc.tuple(long, long), { maxLength: 30 }),
        (subject, text, status, facts) => {
          const drawn = drawParams(deliveryOf({ wording: { ...wording, subject, text, status, facts }, buttons: [] }));
          expect(Object.keys(drawn).sort()).toEqual(names);
          for (const value of Object.values(drawn)) expect(Buffer.byteLength(value)).toBeLessThanOrEqual(1024);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('say by colour how bad it is, who has it, that it is over', () => {
    const of = (changes: Partial<typeof face>) => drawParams(deliveryOf({ face: { ...face, ...changes } }))['color'];
    expect(of({})).toBe('red');
    expect(of({ incident: { ...face.incident, severity: 'Warning' } })).toBe('orange');
    expect(of({ incident: { ...face.incident, severity: 'Info' } })).toBe('yellow');
    expect(of({ progress: 'Processing' })).toBe('blue');
    expect(of({ progress: 'Closed' })).toBe('green');
  });

  it('hold no token once the incident is closed', () => {
    const closed = drawParams(deliveryOf({ face: { ...face, progress: 'Closed' } }));
    expect(Object.values(closed).filter((value) => value.startsWith('token-'))).toEqual([]);
    expect(Object.entries(closed).filter(([name, value]) => name.endsWith('Shown') && value === 'true')).toEqual([]);
  });

  it('mention by id, with a name that cannot break out', () => {
    const { mentions } = mentionParams([{ userId: 'staff01', name: '<a atId=all>@all</a>' }]);
    expect(mentions?.match(/<a /g)).toHaveLength(1);
    expect(mentions).toContain('<a atId=staff01>');
  });

  it('are read back as they were written', () => {
    expect(readParams({ token: 't', minutes: '240' })).toEqual({ token: 't', minutes: 240 });
    expect(readParams({ token: 't', minutes: '' })).toEqual({ token: 't' });
    expect(readParams({ token: 't', minutes: '1e9', text: ' ' })).toEqual({ token: 't' });
    expect(readParams({ token: '' })).toBeUndefined();
    expect(readParams(null)).toBeUndefined();
    expect(readParams('token')).toBeUndefined();
  });
});

describe('Markdown in a link message', () => {
  it('never makes a link, a picture, a heading or a mention of what an incident says', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('[', ']', '(', ')', '<', '>', '*', '#', '!', '\\', 'a', '@'), { maxLength: 12 }),
        (parts) => {
          const escaped = escape(parts.join(''));
          expect(escaped).not.toMatch(/\]\(|<(?!\u200b)/);
          expect(escaped).not.toMatch(/(?<!\\)(?:\\\\)*[[\]*#]/);
        },
      ),
    );
  });
});
