import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawCard, readData } from '../../../providers/teams/card.ts';
import { controlsOf, faceOf, flawOf } from '../../../sandbox/teams-card.ts';
import { deliveryOf, face, wording } from '../delivery.ts';

const colour = (changes: Partial<typeof face>) => faceOf(drawCard(deliveryOf({ face: { ...face, ...changes } }))).color;

describe('a card in Teams', () => {
  it('is coloured by severity while nobody has it, and by its state afterwards', () => {
    const colours = [
      ...(['Critical', 'Warning', 'Info'] as const).map((severity) =>
        colour({ incident: { ...face.incident, severity } }),
      ),
      colour({ progress: 'Processing' }),
      colour({ progress: 'Closed' }),
    ];
    expect(new Set(colours).size).toBe(5);
  });

  it('is taken by Teams whatever is in it, and never loses a button or a mention', () => {
    const long = fc.string({ unit: 'binary', maxLength: 4000 });
    fc.assert(
      fc.property(
        long,
        long,
        fc.array(fc.tuple(long, long), { maxLength: 40 }),
        fc.string({ minLength: 1, maxLength: 420 }),
        fc.array(fc.record({ id: fc.uuid(), name: fc.string({ maxLength: 60 }) }), { maxLength: 5 }),
        (subject, text, facts, token, people) => {
          const choices = Array.from({ length: 50 }, (_, index) => ({
            member: `m${String(index)}`,
            name: `N${String(index)}`,
          }));
          const card = drawCard(
            deliveryOf({
              wording: { ...wording, subject, text, status: text, facts },
              buttons: deliveryOf().buttons.map((button) => ({ ...button, token })),
              menu: [
                { action: 'comment', label: 'Comment', token },
                { action: 'reassign', label: 'Reassign', token, choices },
              ],
            }),
            people,
          );
          expect(flawOf(card)).toBeUndefined();
          expect(controlsOf(card)).toHaveLength(6);
          expect(faceOf(card).mentions).toEqual(people.map(({ id }) => id));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('tells two people of one name apart', () => {
    const card = drawCard(deliveryOf(), [
      { id: '1', name: 'Li' },
      { id: '2', name: '<at>Li</at>' },
      { id: '3', name: 'Li' },
    ]);
    const { entities } = card['msteams'] as { entities: { text: string }[] };
    expect(entities.map(({ text }) => text)).toEqual(['<at>Li</at>', '<at>atLi/at</at>', '<at>Li 2</at>']);
  });

  it('offers one snooze as it is, and several under what they have in common', () => {
    const { buttons } = deliveryOf();
    const openers = (...places: number[]) => {
      const offered = buttons.filter((_, index) => places.includes(index));
      return controlsOf(drawCard(deliveryOf({ buttons: offered }))).map(({ label, opener }) => [label, opener]);
    };
    expect(openers(0, 1)).toEqual([
      ['Acknowledge', undefined],
      ['Snooze 2 h', undefined],
    ]);
    expect(openers(1, 2)).toEqual([
      ['Snooze 2 h', 'Snooze'],
      ['Snooze 4 h', 'Snooze'],
    ]);
  });

  it('asks the directory of the tenant where there is no list of ours', () => {
    const menu = [{ action: 'reassign' as const, label: 'Reassign', token: 't', choices: [] }];
    expect(JSON.stringify(drawCard(deliveryOf({ menu })))).toContain('graph.microsoft.com/users');
    const picked = '5c2e8f10-0000-4000-8000-00000000000a,5c2e8f10-0000-4000-8000-00000000000b';
    expect(readData({ v: 1, t: 't', members: picked })?.members).toHaveLength(2);
  });

  it('reads nothing of somebody else', () => {
    for (const value of [
      undefined,
      null,
      7,
      'x',
      [],
      {},
      { v: 2, t: 'x' },
      { v: 1, t: '' },
      { v: 1, t: 'x', m: 9999 },
    ]) {
      expect(readData(value)).toBeUndefined();
    }
  });
});
