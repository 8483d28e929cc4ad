import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { composePage } from '../../../activities/compose.ts';
import type { Configuration } from '../../../config/configuration.ts';
import { yamlDirectory } from '../../../config/duty/directory.ts';
import { createIo } from '../../../providers/kit/http.ts';
import type { AdapterId } from '../../../domain/media.ts';
import { readToken } from '../../../links/token.ts';
import { loadAdapter } from '../../../providers/registry.ts';
import { telegramBotAccount } from '../../../providers/telegram/account.ts';
import { telegramCallback } from '../../../providers/telegram/callback.ts';
import { Sandbox, type SandboxCard } from '../../../sandbox/index.ts';
import { parse } from '../../config/sample.ts';
import { face } from '../delivery.ts';
import { startReceiver } from '../receiver.ts';
import { HOSTILE, shown, visible } from './hostile.ts';

const SECRET = 'pK3xZ7vQ9mT4wB6n';
const io = createIo({ timeoutMs: 5000 });
/** Each with the id by which it mentions the responder. */
const BOTS = [
  ['feishu.bot', 'ou_primary'],
  ['dingtalk.bot', '13800000001'],
  ['wecom.bot', 'primary'],
  ['slack.bot', 'U0PRIMARY'],
  ['zoom.bot', 'zoom-1'],
  ['telegram.bot', '4201'],
] as const;
const nameOf = (id: AdapterId): string => id.replace('.bot', '-ops');

let sandbox: Sandbox;
let current: Configuration;
beforeEach(async () => {
  sandbox = await Sandbox.start({
    people: [
      {
        name: 'primary',
        phone: '+8613800000001',
        openId: 'ou_primary',
        ids: { wecom: 'primary', slack: 'U0PRIMARY', zoom: 'zoom-1', telegram: '4201' },
      },
    ],
    feishuBot: { keywords: ['#'] },
    dingtalkBot: { keywords: ['#'] },
  });
  current = parse(
    [
      `gateway: { secrets: [${SECRET}], publicUrl: "https://oncall.example.com" }`,
      'accounts:',
      ...BOTS.map(([id]) => `  ${nameOf(id)}: ${JSON.stringify({ adapter: id, ...sandbox.accounts[id] })}`),
      'media: {}',
      'members:',
      '  primary:',
      '    name: Primary',
      '    phone: "+8613800000001"',
      '    identities: { feishu: ou_primary, wecom: primary, slack: U0PRIMARY, zoom: zoom-1, telegram: "4201" }',
      'unmatched: { to: { members: [primary] }, by: { default: [telegram-ops] } }',
    ].join('\n'),
  );
});
afterEach(() => sandbox.close());

const send = async (account: string, to: { chat: string } | { member: string }, title = face.incident.title) => {
  const configured = current.accounts.get(account);
  if (!configured) throw new Error(account);
  const delivery = await composePage(
    {
      account,
      notification: 'n1',
      event: 'opened',
      to,
      face: { ...face, responders: ['primary'], incident: { ...face.incident, title, description: title } },
      ...('chat' in to && { group: { mention: true } }),
      plain: false,
    },
    { current, directory: yamlDirectory({ current }), now: Date.now() },
  );
  const adapter = await loadAdapter(configured.adapter);
  if (adapter.form === 'call') throw new Error(account);
  await adapter.send(delivery, configured.settings, io);
  return sandbox.world.cards.at(-1);
};
const page = (card: SandboxCard | undefined) => card?.face?.links.at(-1)?.url ?? '';

describe.each(BOTS)('what the rule and the directory say, through %s', (id, whom) => {
  it('mentions the responder, leads to the page, and shows a hostile title as its characters', async () => {
    const card = await send(nameOf(id), { chat: '-1001' }, HOSTILE);
    expect(card?.face?.mentions).toEqual([whom]);
    expect(visible(shown(card))).toContain(visible(HOSTILE));
    const token = /^https:\/\/oncall\.example\.com\/i\/([^#]+)/.exec(page(card))?.[1] ?? '';
    expect(readToken(token, 'link', [SECRET], Date.now())).toMatchObject({ workflowId: 'incident-42', member: null });
  });
});

describe('a member told by Telegram', () => {
  it('presses a button, and the gateway reads from it what was meant', async () => {
    const settings = telegramBotAccount.parse(current.accounts.get('telegram-ops')?.settings);
    const receiver = await startReceiver(telegramCallback, settings);
    sandbox.setCallbacks({ telegram: `${receiver.url}/callbacks/telegram-ops` });
    const card = await send('telegram-ops', { member: 'primary' });
    expect(card).toMatchObject({ to: '4201' });
    for (const { id } of card?.face?.controls ?? []) {
      expect((await sandbox.tap(card?.id ?? '', { identity: '4201', control: id })).status).toBe(200);
    }
    const claims = receiver.happenings.map((press) =>
      press.kind === 'press' ? readToken(press.token, 'button', [SECRET], Date.now()) : press.kind,
    );
    const shared = { workflowId: 'incident-42', notification: 'n1', account: 'telegram-ops', member: 'primary' };
    expect(claims).toEqual(
      ['acknowledge', 'escalate 2', 'close', 'snooze', 'snooze', 'snooze', 'snooze', 'snooze'].map(
        (action) => expect.objectContaining({ ...shared, action, revision: face.revision }) as unknown,
      ),
    );
    await receiver.close();
  });
});
