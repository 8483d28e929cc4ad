import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawCard } from '../../../providers/wecom/card.ts';
import { fullMessage, linkCard, plainMessage, textMessage } from '../../../providers/wecom/message.ts';
import { checkTemplateCard } from '../../../sandbox/wecom-card.ts';
import { deliveryOf, face, wording } from '../delivery.ts';

const how = { taskId: 'task-1', locale: 'en', refresh: false } as const;
const long = fc.string({ unit: 'binary', maxLength: 4000 });

describe('a template card', () => {
  it('is one that the platform takes, whatever the incident says, and has no escape it refuses', () => {
    fc.assert(
      fc.property(
        long,
        long,
        long,
        fc.array(fc.tuple(long, long), { maxLength: 30 }),
        (subject, text, status, facts) => {
          // A page always has a title.
          const said = { ...wording, subject: `x${subject}`, text, status, facts };
          for (const progress of ['Triggered', 'Processing', 'Closed'] as const) {
            const drawing = deliveryOf({ wording: said, face: { ...face, progress } });
            const card = drawCard(drawing, { ...how, refresh: progress !== 'Triggered', note: text });
            expect(checkTemplateCard(card)).toBeUndefined();
            expect(JSON.stringify(card)).not.toMatch(/\\u[0-9a-f]{4}/);
          }
        },
      ),
      { numRuns: 50 },
    );
  });

  it('never has more buttons than are shown, nor longer words on them than fit', () => {
    const buttons = [
      ...deliveryOf().buttons,
      { action: 'escalate', label: 'Escalate to level 2', token: 'token-escalate' } as const,
    ];
    for (const locale of ['en', 'zh'] as const) {
      const card = drawCard(deliveryOf({ buttons }), { ...how, locale, refresh: true });
      const list = card['button_list'] as { text: string; key?: string }[];
      expect(list).toHaveLength(6);
      for (const { text } of list) expect(text.length).toBeLessThanOrEqual(10);
      expect(new Set(list.map(({ key }) => key)).size).toBe(6);
    }
  });

  it('leaves out a button whose key would be too long, rather than the whole card', () => {
    const buttons = deliveryOf().buttons.map((button) => ({
      ...button,
      token: button.action.padEnd(button.action === 'close' ? 2000 : 200, 'x'),
    }));
    expect(checkTemplateCard(drawCard(deliveryOf({ buttons }), how))).toBeUndefined();
  });
});

describe('words', () => {
  it('are never longer than the platform takes, and hold no tag but those they were given', () => {
    fc.assert(
      fc.property(long, long, fc.array(fc.tuple(long, long), { maxLength: 30 }), (subject, text, facts) => {
        const delivery = deliveryOf({ wording: { ...wording, subject, text, facts }, verbose: true });
        const url = delivery.pageUrl ?? '';
        for (const message of [textMessage(text), plainMessage(delivery), fullMessage(delivery)]) {
          const { content } = message['text'] as { content: string };
          expect(Buffer.byteLength(content)).toBeLessThanOrEqual(2048);
          expect(content).not.toMatch(/<(?!\u200b)/);
        }
        const { title, description } = linkCard(delivery, url)['textcard'] as Record<string, string>;
        expect(Buffer.byteLength(title ?? '')).toBeLessThanOrEqual(128);
        expect(Buffer.byteLength(description ?? '')).toBeLessThanOrEqual(512);
        expect(`${title ?? ''}${description ?? ''}`).not.toMatch(/<(?!\u200b)/);
      }),
      { numRuns: 50 },
    );
  });
});
