import { describe, expect, it } from 'vitest';
import { drawCard, plainMessage, readValue } from '../../../providers/feishu/card.ts';
import { deliveryOf, face, wording } from '../delivery.ts';

type Card = ReturnType<typeof drawCard>;
interface Element extends Card {
  tag: string;
  text?: { tag: string; content: string };
  actions?: Element[];
  value?: unknown;
  url?: string;
}
const elements = (card: Card): Element[] => card['elements'] as Element[];
const actions = (card: Card): Element[] => elements(card).flatMap((element) => element.actions ?? []);
const labels = (card: Card): string[] => actions(card).map((action) => action.text?.content ?? '');
const colour = (card: Card): string => (card['header'] as { template: string }).template;

describe('a card', () => {
  it('offers to acknowledge, close, open the page and snooze', () => {
    expect(labels(drawCard(deliveryOf()))).toEqual([
      'Acknowledge',
      'Close',
      'Open incident',
      'Snooze 2 h',
      'Snooze 4 h',
    ]);
  });

  it('brings back through a button what was written into it', () => {
    const values = actions(drawCard(deliveryOf())).flatMap(({ value }) =>
      value === undefined ? [] : [readValue(value)],
    );
    expect(values).toEqual([
      { token: 'token-acknowledge' },
      { token: 'token-close' },
      { token: 'token-snooze', minutes: 120 },
      { token: 'token-snooze', minutes: 240 },
    ]);
    expect(readValue('{"v":1,"t":"x"}')).toBeUndefined();
    expect(readValue({ v: 2, t: 'x' })).toBeUndefined();
    expect(readValue({ v: 1, t: 'x', m: 1e9 })).toBeUndefined();
  });

  it('has only the link left once the incident is closed', () => {
    const card = drawCard(deliveryOf({ face: { ...face, progress: 'Closed' } }));
    expect(labels(card)).toEqual(['Open incident']);
  });

  it('is red, orange or yellow by severity while nobody has it, blue once somebody has, green when it is over', () => {
    const of = (changes: Partial<typeof face>) => colour(drawCard(deliveryOf({ face: { ...face, ...changes } })));
    expect(of({})).toBe('red');
    expect(of({ incident: { ...face.incident, severity: 'Warning' } })).toBe('orange');
    expect(of({ incident: { ...face.incident, severity: 'Info' } })).toBe('yellow');
    expect(of({ progress: 'Processing' })).toBe('blue');
    expect(of({ progress: 'Closed' })).toBe('green');
  });

  it('shows Markdown and mentions of an incident as the characters they are', () => {
    const hostile = '</at><at id=all></at> **bold** [link](https://evil.example)';
    const card = drawCard(
      deliveryOf({
        wording: { ...wording, subject: hostile, text: hostile, status: hostile, facts: [[hostile, hostile]] },
      }),
    );
    expect(JSON.stringify(card)).toContain('<at id=all>');
    // Nothing but plain_text holds text: neither `markdown` nor `lark_md` is in the card.
    const tags = JSON.stringify(card).match(/"tag":"[^"]+"/g);
    expect(new Set(tags)).toEqual(new Set(['"tag":"div"', '"tag":"plain_text"', '"tag":"action"', '"tag":"button"']));
  });
});

describe('the plain text', () => {
  it('says what happened and where to act', () => {
    expect(plainMessage(deliveryOf()).text).toBe(
      '[Critical] db-7 is down\nNot acknowledged, level 1 of 2\nA new incident needs you.\nReplication lag 900 s\n' +
        'Open incident: https://oncall.example.com/i/page-token',
    );
  });

  it('mentions nobody', () => {
    const { text } = plainMessage(deliveryOf({ wording: { ...wording, subject: '<at user_id="all"></at>' } }));
    expect(text).not.toMatch(/<\/?at/);
  });
});
