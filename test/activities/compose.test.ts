import { describe, expect, it } from 'vitest';
import { composeCall, composePage } from '../../activities/compose.ts';
import type { SendOrder } from '../../activities/contract.ts';
import { yamlDirectory } from '../../config/duty/directory.ts';
import { readToken } from '../../links/token.ts';
import { parse, sample } from '../config/sample.ts';
import { face } from '../providers/delivery.ts';

const SECRET = 'pK3xZ7vQ9mT4wB6n';
const current = parse(
  sample({
    1: `gateway: { secrets: [${SECRET}], publicUrl: "https://oncall.example.com" }`,
    5: `  phones:
    adapter: aliyun.voice
    accessKeyId: k
    accessKeySecret: s
    callbackSecret: p8Vd-q4Xt-m2Zr-w7K
    callerNumbers: ["02131234567"]
    templates: { zh: { start: TTS_1, keys: { "1": TTS_2 } } }
media: { email: [mail], voice: [phones] }`,
  }),
);
const NOW = Date.parse('2026-11-21T02:05:00Z');
const directory = yamlDirectory({ current });

const toGroup = (
  group: NonNullable<SendOrder['group']>,
  responders = ['primary', 'backup', 'gone'],
  from = directory,
) =>
  composePage(
    {
      account: 'feishu-cn',
      notification: 'n1',
      event: 'opened',
      to: { chat: 'oc_ops' },
      face: { ...face, responders },
      group,
      plain: false,
    },
    { current, directory: from, now: NOW },
  );

describe('a message to a group', () => {
  it('mentions the responders with the ids that are known, and the others by name', async () => {
    const { mentions } = await toGroup({ mention: true });
    expect(mentions).toMatchObject([
      { member: 'primary', name: 'Primary' },
      { member: 'backup', identity: 'ou_2' },
      { member: 'gone', name: 'gone' },
    ]);
  });

  it('still goes when nobody can say who they are', async () => {
    const broken = { ...directory, member: () => Promise.reject(new TypeError('ldap is away')) };
    expect((await toGroup({ mention: true }, ['primary'], broken)).mentions).toMatchObject([{ name: 'Primary' }]);
  });

  it('mentions everybody, or nobody, as it is asked', async () => {
    expect((await toGroup({ mention: 'all' })).mentions).toBe('all');
    expect((await toGroup({ mention: false })).mentions).toEqual([]);
  });

  it('carries its thread and whether the whole text is wanted', async () => {
    expect(await toGroup({ mention: false, verbose: true, thread: { messageId: 'om_1' } })).toMatchObject({
      verbose: true,
      thread: { messageId: 'om_1' },
    });
  });

  it('is acted on by nobody in particular, escalates to the level it shows and offers people to reassign to', async () => {
    const { buttons, menu, callbackUrl } = await toGroup({ mention: false });
    const escalate = buttons.find(({ action }) => action === 'escalate');
    expect(readToken(escalate?.token ?? '', 'button', [SECRET], NOW)).toMatchObject({
      action: 'escalate 2',
      member: null,
    });
    expect(menu.map(({ action }) => action)).toEqual(['comment', 'reassign']);
    expect(menu[1]?.choices?.map(({ member }) => member)).toEqual(['primary', 'backup']);
    expect(callbackUrl).toBe('https://oncall.example.com/callbacks/feishu-cn');
  });
});

describe('what groups read', () => {
  const titled = async (account: string, extra = ''): Promise<string> => {
    const told = parse(
      sample({
        1: `gateway: { secrets: [${SECRET}] }`,
        5: `  hq: { adapter: slack.bot, webhook: T0/B0/x${extra} }\nmedia: { email: [mail] }`,
      }),
    );
    const order = { account, notification: 'n1', event: 'opened', to: { chat: '' }, face, plain: false } as const;
    const context = { current: told, directory: yamlDirectory({ current: told }), now: NOW };
    return (await composePage(order, context)).wording.subject;
  };

  it('is what people on the platform usually read, unless the account says otherwise', async () => {
    expect(await titled('feishu-cn')).toBe('[严重] db-7 is down');
    expect(await titled('hq')).toBe('[Critical] db-7 is down');
    expect(await titled('hq', ', locale: zh')).toBe('[严重] db-7 is down');
  });
});

it('a card that is drawn anew leads with what has happened since', async () => {
  const acknowledged = { ...face, progress: 'Processing' } as const;
  const order = {
    account: 'feishu-cn',
    notification: 'n1',
    event: 'opened',
    to: { member: 'backup' },
    face: acknowledged,
    plain: false,
  } as const;
  const lead = async (redraws: boolean): Promise<string | undefined> =>
    (await composePage(order, { current, directory, now: NOW, redraws })).wording.text.split('\n')[0];
  expect(await lead(true)).not.toBe(await lead(false));
});

const item = {
  workflowId: 'incident-42',
  notification: 'n1',
  number: '7QK2MD',
  title: 'db-7 is down',
  severity: 'Critical',
} as const;
it('tells a call where to report, with the secret path of its account', async () => {
  const order = { account: 'phones', adapter: 'aliyun.voice', token: 't', member: 'primary', items: [item] };
  const { callbackUrl } = await composeCall(order, { current, directory });
  expect(callbackUrl).toBe('https://oncall.example.com/callbacks/phones/p8Vd-q4Xt-m2Zr-w7K');
});

describe('a link in a mail', () => {
  const linkOf = async (emailAck?: boolean) => {
    const setting = emailAck === undefined ? '' : `, emailAck: ${String(emailAck)}`;
    const mailing = parse(
      sample({
        1: `gateway: { secrets: [${SECRET}], publicUrl: "https://oncall.example.com" }`,
        5: `  mail2: { adapter: smtp.email, url: "smtp://mx.example.com", from: oncall@example.com${setting} }
media: { email: [mail2] }`,
      }),
    );
    const { pageUrl = '' } = await composePage(
      { account: 'mail2', notification: 'n1', event: 'opened', to: { member: 'primary' }, face, plain: false },
      { current: mailing, directory: yamlDirectory({ current: mailing }), now: NOW },
    );
    return readToken(pageUrl.split('/i/')[1] ?? '', 'link', [SECRET], NOW);
  };

  it('lets its receiver act', async () => {
    expect(await linkOf()).toMatchObject({ member: 'primary' });
    expect(await linkOf(true)).toMatchObject({ member: 'primary' });
  });

  it('shows the incident and lets nobody act when the account says so', async () => {
    expect(await linkOf(false)).toMatchObject({ member: null });
  });
});
