import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { IncidentView } from '../../domain/incident/view.ts';
import { openHouse, type House } from '../../sandbox/demo/house.ts';
import type { HeldCall, Responder, SandboxText } from '../../sandbox/index.ts';
import { freshPrefix, serverAddress, serverNamespace, workflowBundle } from '../server.ts';

/** People whom Twilio calls and who can answer its texts. */
const PEOPLE = [
  { name: 'primary', phone: '+4915112345601', email: 'primary@example.com' },
  { name: 'backup', phone: '+4915112345602', email: 'backup@example.com' },
  { name: 'supervisor', phone: '+4915112345603', email: 'supervisor@example.com' },
];
const CHANNELS = `  calls:
    rules:
      - name: by phone
        levels:
          - { to: { members: [primary, backup] }, by: { default: [voice] }, escalateAfter: 1h }
          - { to: { members: [supervisor] }, by: { default: [email] }, escalateAfter: 1h }
          - { to: { members: [supervisor] }, by: { default: [email] } }
  texts:
    rules:
      - name: by text
        levels:
          - { to: { members: [primary] }, by: { default: [sms] }, escalateAfter: 1h }
          - { to: { members: [supervisor] }, by: { default: [email] } }
`;

function withTwilio(yaml: string): string {
  const baseUrl = /baseUrl: (http:\S+)/.exec(yaml)?.[1] ?? '';
  const account = (adapter: string): string => `
    adapter: ${adapter}
    accountSid: AC${'0'.repeat(32)}
    authToken: sandbox
    from: '+14155550100'
    perSecond: 50
    baseUrl: ${baseUrl}`;
  return PEOPLE.reduce(
    (text, { phone }, index) => text.replace(`'+861380000000${String(index + 1)}'`, `'${phone}'`),
    yaml
      .replace(
        '\naccounts:',
        `\naccounts:\n  twilio-voice:${account('twilio.voice')}\n  twilio-sms:${account('twilio.sms')}`,
      )
      .replace('voice: [aliyun-voice, tencent-voice]', 'voice: [aliyun-voice, tencent-voice, twilio-voice]')
      .replace('sms: [aliyun-sms]', 'sms: [aliyun-sms, twilio-sms]'),
  );
}

describe('telephones outside mainland China, on the real server', () => {
  let house: House;
  let primary: Responder;
  let backup: Responder;
  let supervisor: Responder;
  let serial = 0;
  const opened: string[] = [];

  beforeAll(async () => {
    house = await openHouse({
      address: serverAddress(),
      namespace: serverNamespace(),
      prefix: freshPrefix(),
      workflowBundle: await workflowBundle(),
      sandbox: { people: PEOPLE },
      channels: CHANNELS,
      edit: withTwilio,
    });
    const { sandbox, gatewayUrl } = house;
    sandbox.setCallbacks({ twilioSms: `${gatewayUrl}/callbacks/twilio-sms` });
    [primary, backup, supervisor] = [
      sandbox.responder('primary'),
      sandbox.responder('backup'),
      sandbox.responder('supervisor'),
    ];
  });

  afterEach(async () => {
    for (const id of opened.splice(0)) await house.client.close(id, { by: { name: 'test' } }).catch(() => undefined);
    for (const { id, state } of house.sandbox.world.calls) {
      if (state !== 'ended') await house.sandbox.hangUp(id).catch(() => undefined);
    }
  });

  afterAll(async () => {
    await house.close();
  });

  const title = (): string => `db-${String(serial)} is down`;
  const open = async (channel: string): Promise<string> => {
    serial += 1;
    const id = `${house.configuration.prefix}-${String(serial)}`;
    opened.push(id);
    await house.client.open({ id, title: title(), severity: 'Critical', channel });
    return id;
  };
  const until = async (id: string, isReached: (view: IncidentView) => boolean): Promise<IncidentView> => {
    for await (const { view } of house.client.watch(id, 50)) if (isReached(view)) return view;
    throw new Error(`${id} never came to ${isReached.toString()}`);
  };
  const isAcknowledged = ({ progress }: IncidentView): boolean => progress === 'Processing';
  const callBoth = async (): Promise<{ id: string; mine: HeldCall; theirs: HeldCall }> => {
    const id = await open('calls');
    const [mine, theirs] = await Promise.all([primary.expectCall(title()), backup.expectCall(title())]);
    await until(id, ({ notifications }) => notifications.every(({ outcome }) => outcome === 'accepted'));
    return { id, mine, theirs };
  };

  describe('a call', () => {
    it('is acknowledged with 1, which the caller hears, and the other phone stops ringing', async () => {
      const { id, mine, theirs } = await callBoth();
      expect(mine.text).toContain('Press 1 to acknowledge, 2 to escalate, 3 to hear this again.');
      await mine.press('1');
      expect(mine.reply).toBe('Acknowledged. It is yours now.');
      await theirs.over();
      expect(theirs).toMatchObject({ endedByCaller: true });
      const view = await until(id, ({ notifications }) =>
        notifications.some(({ outcome }) => outcome === 'unanswered'),
      );
      expect(view).toMatchObject({ progress: 'Processing', acknowledgedBy: { member: 'primary' } });
      expect(view.notifications).toContainEqual(
        expect.objectContaining({ to: 'backup', outcome: 'unanswered', reason: 'ended, it was no longer needed' }),
      );
      expect(view.timeline).toContainEqual(
        expect.objectContaining({ kind: 'acknowledged', via: 'voice', by: { member: 'primary' } }),
      );
      expect(mine.state).toBe('in-progress');
      await mine.over();
    });

    it('tells whoever picks up too late by whom it was acknowledged', async () => {
      const { mine, theirs } = await callBoth();
      await theirs.answer();
      await mine.press('1');
      await theirs.press('1');
      expect(theirs.reply).toBe('Already acknowledged by Primary.');
    });

    it('is read out again with 3, and another key does nothing and says so', async () => {
      const { id, mine } = await callBoth();
      await mine.press('3');
      expect(mine.reply).toContain(title());
      expect(mine.reply).toContain('Press 1 to acknowledge');
      await mine.press('7');
      expect(mine.reply).toMatch(/^This key does nothing\. Press 1/);
      expect((await house.client.describe(id)).progress).toBe('Triggered');
      await mine.press('1');
      expect(mine.reply).toBe('Acknowledged. It is yours now.');
      await until(id, isAcknowledged);
    });

    it('is escalated with 2 by one level, also when two people press it', async () => {
      const { id, mine, theirs } = await callBoth();
      await mine.press('2');
      expect(mine.reply).toMatch(/level 2/i);
      await theirs.press('2');
      expect(theirs.reply).toMatch(/level 2/i);
      await supervisor.expectMail(title());
      expect(await house.client.describe(id)).toMatchObject({ level: 2, progress: 'Triggered' });
    });

    it('that voicemail takes is hung up, and nobody has acknowledged', async () => {
      const { id, mine } = await callBoth();
      await house.sandbox.voicemail(mine.id);
      await mine.over();
      const view = await until(id, ({ notifications }) => notifications.some(({ outcome }) => outcome === 'answered'));
      expect(view.progress).toBe('Triggered');
      expect(view.notifications).toContainEqual(
        expect.objectContaining({ to: 'primary', reason: 'voicemail answered, which is nobody' }),
      );
    });
  });

  describe('a text', () => {
    const codeIn = ({ text }: SandboxText): string => /Reply 1 (\d{4}) to acknowledge/.exec(text)?.[1] ?? 'no code';
    const answer = async (text: SandboxText, words: string): Promise<string> => {
      const before = primary.texts.length;
      await house.sandbox.replyTo(text.id, words);
      return primary.texts
        .slice(before)
        .map((one) => one.text)
        .join('\n');
    };
    const page = async (): Promise<{ id: string; text: SandboxText; code: string }> => {
      const id = await open('texts');
      const text = await primary.expectText(title());
      return { id, text, code: codeIn(text) };
    };

    it('is answered with 1 and its code, and arrived before', async () => {
      const { id, text, code } = await page();
      expect(text.text).toContain(house.gatewayUrl);
      await until(id, ({ notifications }) => notifications[0]?.outcome === 'delivered');
      expect(await answer(text, `1 ${code}`)).toBe('Acknowledged. It is yours now.');
      expect(await house.client.describe(id)).toMatchObject({ acknowledgedBy: { member: 'primary' } });
      expect((await house.client.describe(id)).timeline).toContainEqual(expect.objectContaining({ via: 'sms' }));
    });

    it('leads by a short link to the page of the one it was sent to; opening it changes nothing', async () => {
      const { id, text } = await page();
      const link = /\S+\/s\/\S+/.exec(text.text)?.[0] ?? 'no link';
      expect(link.length).toBeLessThan(house.gatewayUrl.length + 40);
      const opened = await fetch(link, { redirect: 'manual' });
      expect(opened.status).toBe(302);
      expect(opened.headers.get('set-cookie')).toBeNull();
      const shown = await fetch(opened.headers.get('location') ?? '');
      expect(await shown.text()).toContain(`You act as Primary`);
      expect((await house.client.describe(id)).progress).toBe('Triggered');
      for (const forged of [
        link.replace('primary', 'backup'),
        `${link.slice(0, -1)}${link.endsWith('A') ? 'E' : 'A'}`,
      ]) {
        expect((await fetch(forged, { redirect: 'manual' })).status).toBe(404);
      }
    });

    it('is escalated with 2 and its code', async () => {
      const { text, code } = await page();
      expect(await answer(text, `2${code}`)).toMatch(/level 2/i);
      await supervisor.expectMail(title());
    });

    it('needs no code while one incident is open, and asks which when there are several', async () => {
      const first = await page();
      expect(await answer(first.text, '1')).toBe('Acknowledged. It is yours now.');
      const second = await page();
      expect(second.code).not.toBe(first.code);
      const asked = await answer(second.text, ' 1. ');
      expect(asked).toContain(`${first.code}: `);
      expect(asked).toContain(title());
      expect((await house.client.describe(second.id)).progress).toBe('Triggered');
      await house.client.close(first.id, { by: { name: 'test' } });
      await house.client.result(first.id);
      expect(await answer(second.text, '１')).toBe('Acknowledged. It is yours now.');
    });

    it('that is answered with anything else brings help, and a stranger’s changes nothing', async () => {
      const { id, text, code } = await page();
      expect(await answer(text, 'on my way')).toMatch(/^Reply 1 and the 4 digits/);
      expect(await answer(text, `1 ${code === '4711' ? '4712' : '4711'}`)).toContain(`${code}: `);
      const stranger = { ...text, id: 'stranger', to: '+4915112345699' };
      house.sandbox.world.texts.push(stranger);
      await house.sandbox.replyTo('stranger', `1 ${code}`);
      expect(house.sandbox.world.texts.at(-1)?.text).toContain('No open incident waits');
      expect((await house.client.describe(id)).progress).toBe('Triggered');
    });
  });
});
