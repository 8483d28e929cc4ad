import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mintToken } from '../../links/token.ts';
import { drawParams } from '../../providers/dingtalk/card.ts';
import { drawCard as drawFeishu } from '../../providers/feishu/card.ts';
import { cardOf, drawCard, plainText, type Card } from '../../providers/kit/card.ts';
import { utf8Bytes } from '../../providers/kit/cut.ts';
import type { Page } from '../../providers/kit/message.ts';
import { drawMessage as drawSlack } from '../../providers/slack/card.ts';
import { drawCard as drawTeams } from '../../providers/teams/card.ts';
import { drawMessage as drawTelegram } from '../../providers/telegram/message.ts';
import { drawCard as drawWecom } from '../../providers/wecom/card.ts';
import { checkVariables } from '../../sandbox/dingtalk-card.ts';
import { checkCard as checkFeishu } from '../../sandbox/feishu-card.ts';
import { flawOf as slackFlaw } from '../../sandbox/slack-card.ts';
import { flawOf as teamsFlaw } from '../../sandbox/teams-card.ts';
import { readHtml } from '../../sandbox/telegram-html.ts';
import { checkTemplateCard } from '../../sandbox/wecom-card.ts';
import { deliveryOf, face, wording } from './delivery.ts';

/** What is wrong with a message in the eyes of the platform's imitation, and the message itself. */
interface Drawn {
  flaw: unknown;
  json: string;
}

const isWithin = (json: unknown, bytes: number) => (utf8Bytes(JSON.stringify(json)) > bytes ? 'too large' : undefined);
const PLATFORMS: Record<string, (page: Page) => Drawn> = {
  Feishu: (page) => {
    const card = drawFeishu(page);
    return { flaw: checkFeishu(card, () => true) ?? isWithin(card, 30_000), json: JSON.stringify(card) };
  },
  DingTalk: (page) => {
    const params = drawParams(page);
    return { flaw: checkVariables(params), json: JSON.stringify(params) };
  },
  WeCom: (page) => {
    const card = drawWecom(page, { taskId: 'task-1', locale: 'en', refresh: false });
    return { flaw: checkTemplateCard(card), json: JSON.stringify(card) };
  },
  Slack: (page) => {
    const { text, blocks = [], attachments = [] } = drawSlack(page, []);
    const message = { text, isMarked: true, blocks, attachments };
    return { flaw: slackFlaw(message), json: JSON.stringify(message) };
  },
  Teams: (page) => {
    const card = drawTeams(page);
    return { flaw: teamsFlaw(card), json: JSON.stringify(card) };
  },
  Telegram: (page) => {
    const message = drawTelegram(page, { isWhole: true, isPressable: true });
    const read = readHtml(message.text);
    const flaw = typeof read === 'string' ? read : read.text.length > 4096 ? 'too long' : undefined;
    return { flaw, json: JSON.stringify(message) };
  },
};

/** A token as long as those of an incident whose id is as long as it may be. */
const tokenOf = (action: string): string =>
  mintToken(
    {
      purpose: 'button',
      workflowId: `incident-${'x'.repeat(128)}`,
      notification: 'n12',
      revision: 12,
      action,
      account: 'feishu-cn',
      member: 'primary',
      expiresAt: Date.parse('2026-12-20T00:00:00Z'),
    },
    ['0123456789abcdef'],
  );

/** A page in which each part says `text`, as many times as there can be parts. */
function everywhere(text: string): Page {
  const page = deliveryOf();
  const choices = Array.from({ length: 50 }, (_, n) => ({ member: `member-${String(n)}`, name: text.slice(0, 300) }));
  const facts = Array.from({ length: 60 }, (): [string, string] => [text, text]);
  return {
    ...page,
    wording: { ...wording, subject: `x${text}`, status: text, text, facts, severity: text, openPage: `x${text}` },
    buttons: page.buttons.map((button) => ({ ...button, label: `x${text}`, token: tokenOf(button.action) })),
    menu: [
      { action: 'comment', label: `x${text}`, token: tokenOf('comment') },
      { action: 'reassign', label: `x${text}`, token: tokenOf('reassign'), choices },
    ],
  };
}

/** What stands in the buttons of a drawn message: whole tokens, or, where they are taken apart, their signatures. */
const signaturesIn = ({ json }: Drawn, { buttons }: Page): boolean[] =>
  buttons.map(({ token }) => json.includes(token.slice(token.lastIndexOf('.') + 1)));

describe.each(Object.entries(PLATFORMS))('a card in %s', (_name, draw) => {
  const anything = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 4000 }),
    fc.constantFrom('库', '\u0001', '\ud800', '<', '&', '"', '\\u0041', '👨‍👩‍👧', '\n').map((piece) => piece.repeat(3000)),
  );

  it('is one the platform takes, with every button, however long and wide each part is', () => {
    fc.assert(
      fc.property(anything, (text) => {
        const page = everywhere(text);
        const drawn = draw(page);
        expect(drawn.flaw).toBeUndefined();
        expect(signaturesIn(drawn, page)).not.toContain(false);
        expect(drawn.json).toContain(page.pageUrl);
      }),
      { numRuns: 20 },
    );
  });

  it('is one the platform takes when nothing but the title is known', () => {
    const page = { ...deliveryOf(), wording: { ...wording, status: '', text: '', facts: [] }, menu: [] };
    expect(draw(page).flaw).toBeUndefined();
  });

  it('offers nothing but the link once the incident is closed', () => {
    const page = { ...everywhere('x'), face: { ...face, progress: 'Closed' as const } };
    const drawn = draw(page);
    expect(drawn.flaw).toBeUndefined();
    expect(signaturesIn(drawn, page)).not.toContain(true);
    expect(drawn.json).toContain(page.pageUrl);
  });
});

describe('the description of a card', () => {
  const long = { ...deliveryOf(), wording: { ...wording, text: 'word '.repeat(800) } };
  const within = (room: number): Card => {
    const size = ({ title, text, facts, lines: _, ...rest }: Card): number =>
      JSON.stringify({ title, text, facts, rest }).length;
    return drawCard(
      long,
      (card) => card,
      (card) => size(card) <= room,
    );
  };

  it('cuts the text of the incident first, then leaves out facts, and never a button or the link', () => {
    const rooms = [6000, 2500, 1500, 1000, 100].map(within);
    const lengths = rooms.map(({ text }) => text.length);
    expect(lengths).toEqual([...lengths].sort((a, b) => b - a));
    expect(lengths.at(-1)).toBe(0);
    expect(rooms[2]?.facts).toHaveLength(3);
    expect(rooms.at(-1)?.facts).toEqual([]);
    for (const { acts, snoozes, link } of rooms) {
      expect([acts.length, snoozes.length, link?.url]).toEqual([2, 2, long.pageUrl]);
    }
  });

  it('is of one colour by severity while nobody has the incident, and by its progress afterwards', () => {
    const room = { title: 10, status: 10, text: 10, facts: 1, label: 10, value: 10, choices: 1 };
    const tintOf = (changes: Partial<typeof face>) => cardOf({ ...long, face: { ...face, ...changes } }, room).tint;
    const warning = { ...face.incident, severity: 'Warning' as const };
    expect(tintOf({ incident: warning })).toBe('Warning');
    expect(tintOf({ incident: warning, progress: 'Processing' })).toBe('Processing');
    expect(tintOf({ incident: warning, progress: 'Closed' })).toBe('Closed');
  });

  it('in plain words keeps the link whole, whatever else has to be cut', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 4000 }), fc.integer({ min: 100, max: 2000 }), (text, room) => {
        const said = plainText({ ...long, wording: { ...wording, text } }, room);
        expect(utf8Bytes(said)).toBeLessThanOrEqual(room);
        expect(said.endsWith(`\nOpen incident: ${long.pageUrl ?? ''}`)).toBe(true);
      }),
    );
  });
});
