import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  drawMessage,
  escape,
  plainMessage,
  readAction,
  unescape,
  type Drawing,
} from '../../../providers/slack/card.ts';
import { drawForm, readForm } from '../../../providers/slack/form.ts';
import { controlsOf, faceOf, flawOf, isViewGood, type SlackMessage } from '../../../sandbox/slack-card.ts';
import { deliveryOf, face, wording } from '../delivery.ts';

const sent = (drawing: Drawing, mentioned: string[] | 'all' = []): SlackMessage => {
  const { text, blocks = [], attachments = [] } = drawMessage(drawing, mentioned);
  return { text, isMarked: true, blocks, attachments };
};
const colour = (changes: Partial<typeof face>) => faceOf(sent(deliveryOf({ face: { ...face, ...changes } }))).color;

describe('a card in Slack', () => {
  it('is coloured by severity while nobody has it, blue once somebody has, green when it is over', () => {
    const severities = (['Critical', 'Warning', 'Info'] as const).map((severity) =>
      colour({ incident: { ...face.incident, severity } }),
    );
    expect(new Set(severities).size).toBe(3);
    expect(colour({ progress: 'Processing' })).toBe('#1264a3');
    expect(colour({ progress: 'Closed' })).toBe('#2eb67d');
  });

  it('asks before it closes', () => {
    const close = controlsOf(sent(deliveryOf())).find(({ label }) => label === 'Close');
    expect(close?.element['confirm']).toMatchObject({ deny: { text: 'Cancel' } });
    const zh = controlsOf(sent(deliveryOf({ locale: 'zh' }))).find(({ label }) => label === 'Close');
    expect(zh?.element['confirm']).toMatchObject({ deny: { text: '取消' } });
  });

  it('is taken by Slack whatever is in it, and never loses a button', () => {
    const long = fc.string({ unit: 'binary', maxLength: 4000 });
    const token = fc.string({ unit: fc.constantFrom('a', 'Z', '0', '9', '-', '_', '.'), minLength: 1, maxLength: 480 });
    fc.assert(
      fc.property(
        long,
        long,
        long,
        fc.array(fc.tuple(long, long), { maxLength: 40 }),
        token,
        fc.boolean(),
        (subject, text, status, facts, t, verbose) => {
          const choices = Array.from({ length: 50 }, (_, index) => ({
            member: `m${String(index)}`,
            name: subject.slice(0, 30),
          }));
          const drawing = deliveryOf({
            wording: { ...wording, subject, text, status, facts },
            buttons: deliveryOf().buttons.map((button) => ({ ...button, token: t })),
            menu: [
              { action: 'comment', label: 'Comment', token: t },
              { action: 'reassign', label: 'Reassign', token: t, choices },
            ],
            verbose,
          });
          const message = sent(drawing, ['U1', 'U2']);
          expect(flawOf(message)).toBeUndefined();
          expect(controlsOf(message)).toHaveLength(verbose ? 0 : 5);
          expect(faceOf(message).mentions).toEqual(['U1', 'U2']);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('brings back through a control what was written into it, whatever the length of the token', () => {
    for (const length of [1, 249, 250, 251, 489, 490, 491, 1500]) {
      const token = 'x'.repeat(length);
      const buttons = deliveryOf().buttons.map((button) => ({ ...button, token }));
      const pressed = controlsOf(sent(deliveryOf({ buttons }))).map(({ element, blockId, options }) =>
        readAction({ ...element, block_id: blockId, selected_option: options[1] ?? null }),
      );
      expect(pressed[0]).toEqual({ form: false, token });
      expect(pressed).toContainEqual({ form: false, token, minutes: 240 });
    }
  });

  it('mentions only ids of Slack', () => {
    const { mentions } = faceOf(sent(deliveryOf(), ['U1', '!channel', 'U2> <!here', 'W3']));
    expect(mentions).toEqual(['U1', 'W3']);
    expect(plainMessage(deliveryOf(), 'all').text.split('\n')[0]).toBe('<!channel>');
  });

  it('unescapes what it escaped', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(unescape(escape(text))).toBe(text);
      }),
    );
  });

  it('reads no button of somebody else', () => {
    for (const value of [null, 7, 'x', {}, { action_id: 7 }, { action_id: 'form:close', value: 'x' }]) {
      expect(readAction(value)).toBeUndefined();
    }
    expect(readAction({ action_id: 'press:snooze:99999', value: 't' })).toEqual({ form: false, token: 't' });
    expect(readAction({ action_id: 'form:reassign', value: 't {"not":"a list"}' })).toMatchObject({ choices: [] });
  });
});

describe('a window in Slack', () => {
  it('is taken by Slack whatever the label, and brings back its token', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), fc.string({ minLength: 1, maxLength: 40 }), (label, name) => {
        for (const action of ['comment', 'reassign'] as const) {
          const view = drawForm({ form: true, token: 'token', action, label, choices: [['m1', name]] });
          expect(isViewGood(view)).toBe(true);
          const values = { field: { text: { value: 'x' } } };
          expect(readForm({ ...view, id: 'V1', state: { values } })).toMatchObject({ token: 'token', text: 'x' });
        }
      }),
    );
  });

  it('of somebody else is not read', () => {
    expect(readForm({ id: 'V1', callback_id: 'theirs' })).toBeUndefined();
    expect(readForm(undefined)).toBeUndefined();
  });
});
