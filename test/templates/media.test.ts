import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { faceOf, type Face } from '../../domain/incident/face.ts';
import { repairIncident } from '../../domain/incident/incident.ts';
import { ADAPTER_IDS, adapterFacts } from '../../domain/media.ts';
import { GROUP_EVENTS } from '../../domain/incident/rule.ts';
import type { IncidentView } from '../../domain/incident/view.ts';
import type { MessageAdapter } from '../../providers/kit/adapter.ts';
import type { Page } from '../../providers/kit/message.ts';
import { createIo } from '../../providers/kit/http.ts';
import { loadAdapter, registry } from '../../providers/registry.ts';
import { Sandbox, type SandboxCard, type Vendor } from '../../sandbox/index.ts';
import { compile } from '../../templates/engine.ts';
import { sampleFace } from '../../templates/sample.ts';
import { outletOf, phrase, type Templates } from '../../templates/template.ts';
import { anyLength, anyTitle, HOSTILE } from '../providers/bots/hostile.ts';
import { deliveryOf, supervisor } from '../providers/delivery.ts';
import { occasion } from './occasions.ts';

const io = createIo({ timeoutMs: 10_000 });
const LINK = 'https://oncall.example.com/i/page-token';
const IDS: Partial<Record<Vendor, string>> = {
  ...{ feishu: 'ou_super', dingtalk: 'staff01', wecom: 'zhangsan', slack: 'U0SUPER' },
  teams: '5c2e8f10-0000-4000-8000-00000000000a',
};

/** Approved templates there take values, and no address of a page. */
const VALUES_ONLY = ['aliyun.sms', 'tencent.sms'];

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await Sandbox.start({
    people: [
      { name: 'primary', openId: 'ou_primary' },
      {
        name: 'supervisor',
        phone: supervisor.phone ?? '',
        email: supervisor.email ?? '',
        openId: IDS.feishu ?? '',
        ids: IDS,
      },
    ],
    limits: false,
    feishuBot: { keywords: ['#'] },
    dingtalkBot: { keywords: ['#'] },
  });
});
afterAll(() => sandbox.close());

/** Everything an incident says, in every part of a message. */
const templates: Templates = new Map([
  [
    'loud',
    [
      {
        media: [],
        events: [],
        parts: {
          subject: compile('{{ incident.title }}', 'subject'),
          text: compile('{{ incident.description }}\n{{ incident.title }}\n{{ labels }} \\u0041', 'text'),
          status: compile('{{ incident.title }}', 'status'),
          facts: compile('{% for label in labels %}{{ label.name }}: {{ label.value }}\n{% endfor %}', 'facts'),
        },
      },
    ],
  ],
]);

const anyIncident = fc
  .record({
    title: fc.oneof(anyTitle, anyLength),
    description: fc.oneof(anyTitle, anyLength),
    labels: fc.dictionary(fc.oneof(anyTitle, fc.constantFrom('service', '__proto__', 'constructor')), anyLength, {
      maxKeys: 6,
    }),
    event: fc.constantFrom(...GROUP_EVENTS),
    locale: fc.constantFrom('en' as const, 'zh' as const),
    wording: fc.constantFrom(undefined, 'loud'),
    plain: fc.boolean(),
  })
  .map(({ title, description, labels, ...told }) => ({ face: seen(title, description, labels), ...told }));

/** As an incident reaches an adapter: repaired, then cut to what is shown. */
function seen(title: string, description: string, labels: Record<string, string>): Face {
  const repaired = repairIncident({ id: '42', title, severity: 'Critical', description, labels });
  if (typeof repaired === 'string') throw new Error(repaired);
  const face = sampleFace('opened', repaired.incident);
  return faceOf({ ...face, responders: [] } as unknown as IncidentView);
}

const messages = ADAPTER_IDS.filter((id) => !['voice', 'push'].includes(adapterFacts(id).medium));
describe.each(messages)('whatever an incident says, %s', (id) => {
  it('gets a message it can take, that mentions nobody and keeps its link', async () => {
    // Where it knows no person by an id, it tells a group, or a phone or mailbox.
    const identity = IDS[id.split('.')[0] as Vendor];
    const isGroup = adapterFacts(id).form === 'group' || (adapterFacts(id).medium === 'im' && identity === undefined);
    const account = registry[id].schema.parse(sandbox.accounts[id]);
    const adapter = (await loadAdapter(id)) as MessageAdapter<unknown>;
    // To phones in mainland China no link is sent.
    const phone = id === 'twilio.sms' ? '+14155550123' : '+8613900000001';
    const person = { ...supervisor, phone, ...(identity !== undefined && { identity }) };
    const send = async ({ face, event, locale, wording, plain }: Sample) => {
      const outlet = outletOf({ name: 'it', adapter: id });
      const said = phrase(occasion({ face, event, locale, link: LINK }), outlet, { templates, wording });
      expect(said.flaw).toBeUndefined();
      const delivery: Partial<Page> = {
        ...{ face, event, locale, wording: said, pageUrl: LINK, plain: plain && adapterFacts(id).plainText },
        to: isGroup
          ? { chat: id === 'telegram.bot' ? '-1001' : '' }
          : { person: { ...person, locale: VALUES_ONLY.includes(id) ? 'zh' : locale } },
        callbackUrl: 'http://127.0.0.1:9/callbacks/it/callback-s3cret-w9Kx4ZqT',
        ...(VALUES_ONLY.includes(id) && { locale: 'zh' as const }),
      };
      const { cards, texts, mails } = sandbox.world;
      const before = cards.length + texts.length + mails.length;
      await adapter.send(deliveryOf(delivery), account, io);
      expect(cards.length + texts.length + mails.length).toBeGreaterThan(before);
    };
    await fc.assert(
      fc.asyncProperty(anyIncident, async (one) => {
        await send(one);
        const { cards, texts, mails } = sandbox.world;
        const card = cards.at(-1);
        if (card) {
          expect(card.face?.mentions ?? mentionsIn(card)).toEqual([]);
          const { links = [], lines = [] } = card.face ?? {};
          const shown = card.face ? [...links.map(({ url }) => url), ...lines].join('\n') : JSON.stringify(card);
          expect(shown).toContain(LINK);
        } else if (mails.length > 0) {
          const mail = mails.at(-1);
          expect(mail?.html).toContain(`href="${LINK}"`);
          expect(mail?.text).toContain(LINK);
          expect(mail?.html).not.toMatch(/<(?:script|at|a href="(?!https:\/\/oncall))/);
          expect(mail?.subject).not.toMatch(/[\r\n]/);
        } else if (!VALUES_ONLY.includes(id)) {
          expect(texts.at(-1)?.text).toContain(LINK);
        } else {
          expect(texts.at(-1)?.text).not.toMatch(/https?:/);
        }
        for (const list of [cards, texts, mails]) list.length = 0;
      }),
      {
        numRuns: 60,
        examples: [
          [
            {
              face: seen(HOSTILE, HOSTILE, { [HOSTILE]: HOSTILE }),
              event: 'opened',
              locale: 'en',
              wording: 'loud',
              plain: false,
            },
          ],
        ],
      },
    );
    await adapter.close?.(account);
  });
});

type Sample = typeof anyIncident extends fc.Arbitrary<infer One> ? One : never;

/** Of a card of Feishu, which its imitation does not draw: in Markdown and texts. Texts elsewhere know no mentions. */
function mentionsIn({ vendor, card, text = '' }: SandboxCard): string[] {
  const marked = (node: unknown): string[] => {
    if (typeof node !== 'object' || node === null) return [];
    const { tag, content } = node as { tag?: unknown; content?: unknown };
    const own = (tag === 'lark_md' || tag === 'markdown') && typeof content === 'string' ? [content] : [];
    return [...own, ...Object.values(node).flatMap(marked)];
  };
  return vendor === 'feishu' ? [text, ...marked(card)].flatMap((words) => words.match(/<at[ >]/g) ?? []) : [];
}
