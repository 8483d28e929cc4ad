import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADAPTER_IDS } from '../../domain/media.ts';
import type { MessageAdapter, TextAdapter } from '../../providers/kit/adapter.ts';
import { createIo } from '../../providers/kit/http.ts';
import type { Code, List, Notice, Person } from '../../providers/kit/message.ts';
import { loadAdapter, registry } from '../../providers/registry.ts';
import { Sandbox } from '../../sandbox/index.ts';
import { PEOPLE } from '../../sandbox/demo/configuration.ts';
import { listWritten } from '../../templates/call-list.ts';
import { codeWritten } from '../../templates/code.ts';
import { noticeWritten } from '../../templates/notice.ts';
import { supervisor } from './delivery.ts';

const TEMPLATE = '${severity} ${title} (${number}) ${channel}';
const io = createIo({ timeoutMs: 5000 });
const abroad: Person = { ...supervisor, phone: '+4915112345678' };

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await Sandbox.start({
    people: [{ ...PEOPLE[2], phone: supervisor.phone ?? '' }],
    limits: false,
    aliyun: { templates: { SMS_1: TEMPLATE } },
    tencent: { templates: { '100': '{1} {2} ({3}) {4}' } },
    twilio: { authToken: 'an-auth-token', senders: ['+14155550100'] },
  });
});
afterAll(() => sandbox.close());

const params = ['severity', 'title', 'number', 'channel'];
const settingsOf = (id: string): object => {
  const { aliyun, tencent, twilio, smtp } = sandbox.endpoints;
  const settings: Record<string, object> = {
    'aliyun.sms': {
      ...{ accessKeyId: 'sandbox', accessKeySecret: 'sandbox', signName: 'S', baseUrl: aliyun },
      templates: { zh: { code: 'SMS_1', params } },
    },
    'tencent.sms': {
      ...{ secretId: 'sandbox', secretKey: 'sandbox', smsSdkAppId: '1400000001', signName: 'S', baseUrl: tencent },
      templates: { zh: { id: '100', params } },
    },
    'twilio.sms': {
      ...{ accountSid: `AC${'0'.repeat(32)}`, authToken: 'an-auth-token', from: '+14155550100', baseUrl: twilio },
    },
    'smtp.email': { url: smtp, from: 'oncall@example.com' },
    'aliyun.email': { address: 'oncall@example.com', password: 'sandbox', baseUrl: smtp },
  };
  return settings[id] ?? {};
};

let keys = 0;
const common = (person: Person) => {
  keys += 1;
  return { key: `note/${String(keys)}`, to: { person }, locale: person.locale, timeZone: person.timeZone };
};
const item = { workflowId: 'incident-42', notification: 'n1', severity: 'Critical', channel: 'payments' } as const;
const LIST = listWritten(
  [
    { ...item, number: 'AAAAAA', title: 'db-7 is down' },
    { ...item, number: 'BBBBBB', title: 'db-8 is slow', severity: 'Warning' },
  ],
  'en',
);
const CODE = codeWritten({ purpose: 'verify', code: '123456', member: 'supervisor' }, 'en');
const listFor = (person: Person): List => ({ kind: 'list', ...common(person), ...LIST });
const codeFor = (person: Person): Code => ({ kind: 'code', ...common(person), ...CODE });

async function send(id: keyof typeof registry, note: List | Code): Promise<void> {
  const adapter = (await loadAdapter(id)) as TextAdapter<unknown>;
  const settings = registry[id].schema.parse(settingsOf(id));
  await adapter.send(note, settings, io);
  await adapter.close?.(settings);
}

describe('what is no page', () => {
  it('goes through every account that writes to people, and through no other', async () => {
    const forms = await Promise.all(ADAPTER_IDS.map(async (id) => [id, (await loadAdapter(id)).form] as const));
    const writing = forms.filter(([, form]) => form === 'text').map(([id]) => id);
    expect(writing.sort()).toEqual(['aliyun.email', 'aliyun.sms', 'smtp.email', 'tencent.sms', 'twilio.sms']);
  });

  it.each([
    ['feishu.app', 'ou_supervisor'],
    ['dingtalk.app', PEOPLE[2].ids.dingtalk],
    ['wecom.app', PEOPLE[2].ids.wecom],
    ['slack.app', PEOPLE[2].ids.slack],
    ['teams.app', PEOPLE[2].ids.teams],
    ['telegram.bot', PEOPLE[2].ids.telegram],
  ] as const)('is told in plain words to a person, through %s', async (id, identity) => {
    const adapter = (await loadAdapter(id)) as MessageAdapter<unknown>;
    const settings = registry[id].schema.parse(sandbox.accounts[id]);
    const words = noticeWritten({ kind: 'unlinked', account: 'a<b>', identity: 'x' }, 'en');
    const notice: Notice = { kind: 'notice', ...common({ ...supervisor, identity }), ...words };
    await adapter.tell?.(notice, settings, io);
    const shown = sandbox.world.cards.at(-1);
    expect(shown?.to).toBe(identity);
    expect(JSON.stringify([shown?.text, shown?.face])).toContain(
      'is linked to you no more. All your browsers were signed out.',
    );
    await adapter.close?.(settings);
  });

  it.each(['aliyun.sms', 'tencent.sms'] as const)('fills the template of a page, through %s', async (id) => {
    await send(id, listFor(supervisor));
    expect(sandbox.world.texts.at(-1)?.text).toBe('【S】Critical 2 incidents: AAAAAA BBBBBB (AAAAAA) payments');
    await send(id, codeFor(supervisor));
    expect(sandbox.world.texts.at(-1)?.text).toBe('【S】Info Your code is 123456 (123456) -');
  });

  it('is written in full where the text is free', async () => {
    await send('twilio.sms', listFor(abroad));
    expect(sandbox.world.texts.at(-1)?.text).toBe(
      '2 incidents are announced by this call\nAAAAAA [Critical] db-7 is down\nBBBBBB [Warning] db-8 is slow',
    );
    await send('twilio.sms', codeFor(abroad));
    expect(sandbox.world.texts.at(-1)?.text).toBe(
      'Your code\nYour code is 123456. It is good for 10 minutes and proves that this reaches you.',
    );
  });

  it('is a mail of its own, in no conversation of an incident, whose headers do not repeat the code', async () => {
    await send('smtp.email', listFor(supervisor));
    expect(sandbox.world.mails.at(-1)).toMatchObject({
      subject: '2 incidents are announced by this call',
      text: expect.stringMatching(
        /^Key 1 acknowledges all of these and no others\.\n\nAAAAAA \[Critical\] db-7 is down\n/,
      ) as string,
    });
    await send('smtp.email', codeFor(supervisor));
    const mail = sandbox.world.mails.at(-1);
    expect(mail?.subject).toBe('Your code');
    expect(mail?.text).toContain('Your code is 123456.');
    const { headers = {} } = mail ?? {};
    expect(JSON.stringify(headers)).not.toContain('123456');
    expect(Object.keys(headers).map((name) => name.toLowerCase())).not.toContain('in-reply-to');
  });
});
