import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { incidentWorkflowId } from '../../domain/workflow-ids.ts';
import type { House } from '../../sandbox/demo/house.ts';
import { ABROAD, withTwilio } from './abroad.ts';
import { openTestHouse } from './house.ts';
import { People, type Incident, type Person } from './people.ts';

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

describe('telephones outside mainland China, on the real server', () => {
  let house: House;
  let people: People;
  let primary: Person;
  let backup: Person;
  let supervisor: Person;

  beforeAll(async () => {
    house = await openTestHouse({ sandbox: { people: ABROAD }, channels: CHANNELS, edit: withTwilio });
    house.sandbox.setCallbacks({ twilioSms: `${house.gatewayUrl}/callbacks/twilio-sms` });
    people = new People(house);
    ({ primary, backup, supervisor } = people);
  });
  afterEach(() => people.closeAll());
  afterAll(() => house.close());

  describe('a call', () => {
    const bothPhonesRing = async (): Promise<Incident> => {
      const incident = await people.open('calls');
      await Promise.all([primary.hears(incident), backup.hears(incident)]);
      await incident.until(({ notifications }) => notifications.every(({ outcome }) => outcome === 'accepted'));
      return incident;
    };

    it('is acknowledged with 1, which the caller hears, and the other phone stops ringing', async () => {
      const incident = await bothPhonesRing();
      primary.hasHeard('Press 1 to acknowledge, 2 to escalate, 3 to hear this again.');
      await primary.presses('1');
      primary.isAnswered('Acknowledged. It is yours now.');
      expect(await backup.isLeftInPeace()).toMatchObject({ endedByCaller: true });
      const view = await incident.until(({ notifications }) =>
        notifications.some(({ outcome }) => outcome === 'unanswered'),
      );
      expect(view).toMatchObject({ progress: 'Processing', acknowledgedBy: { member: 'primary' } });
      expect(view.notifications).toContainEqual(
        expect.objectContaining({ to: 'backup', outcome: 'unanswered', reason: 'ended, it was no longer needed' }),
      );
      expect(view.timeline).toContainEqual(
        expect.objectContaining({ kind: 'acknowledged', via: 'voice', by: { member: 'primary' } }),
      );
      expect(primary.isOnThePhone).toBe(true);
      await primary.isLeftInPeace();
    });

    it('tells whoever picks up too late by whom it was acknowledged', async () => {
      await bothPhonesRing();
      await backup.picksUp();
      await primary.presses('1');
      await backup.presses('1');
      backup.isAnswered('Already acknowledged by Primary.');
    });

    it('is read out again with 3, and another key does nothing and says so', async () => {
      const incident = await bothPhonesRing();
      await primary.presses('3');
      primary.isAnswered(incident);
      primary.isAnswered('Press 1 to acknowledge');
      await primary.presses('7');
      primary.isAnswered(/^This key does nothing\. Press 1/);
      await incident.isStill('triggered');
      await primary.presses('1');
      primary.isAnswered('Acknowledged. It is yours now.');
      await incident.until('acknowledged');
    });

    it('is escalated with 2 by one level, also when two people press it', async () => {
      const incident = await bothPhonesRing();
      await primary.presses('2');
      primary.isAnswered(/level 2/i);
      await backup.presses('2');
      backup.isAnswered(/level 2/i);
      await supervisor.readsMail(incident);
      expect(await incident.view()).toMatchObject({ level: 2, progress: 'Triggered' });
    });

    it('that voicemail takes is hung up, and nobody has acknowledged', async () => {
      const incident = await bothPhonesRing();
      await primary.letsVoicemailAnswer();
      await primary.isLeftInPeace();
      const view = await incident.until(({ notifications }) =>
        notifications.some(({ outcome }) => outcome === 'answered'),
      );
      expect(view.progress).toBe('Triggered');
      expect(view.notifications).toContainEqual(
        expect.objectContaining({ to: 'primary', reason: 'voicemail answered, which is nobody' }),
      );
    });
  });

  describe('a text', () => {
    /** The incident, and the code that the text about it asks to be answered with. */
    const texted = async (): Promise<{ incident: Incident; code: string }> => {
      const incident = await people.open('texts');
      const { text } = await primary.readsText(incident);
      return { incident, code: /Reply 1 (\d{4}) to acknowledge/.exec(text)?.[1] ?? 'no code' };
    };

    it('of an earlier occurrence is answered in vain: its code is not that of the one that is open', async () => {
      const { incident, code } = await texted();
      await house.temporal.workflow.getHandle(incidentWorkflowId(incident.id)).terminate();
      await house.client.open({ id: incident.id, title: incident.title, severity: 'Critical', channel: 'texts' });
      const later = /Reply 1 (\d{4})/.exec((await primary.readsText(incident)).text)?.[1] ?? 'no code';

      const { number } = await incident.view();
      expect(await primary.replies(`1 ${code}`)).toContain(`the latest has the number ${number}`);
      await incident.isStill('triggered');
      expect(await primary.replies(`1 ${later}`)).toBe('Acknowledged. It is yours now.');
      await incident.isStill('acknowledged');
    });

    it('is answered with 1 and its code, and arrived before', async () => {
      const { incident, code } = await texted();
      await incident.until(({ notifications }) => notifications[0]?.outcome === 'delivered');
      expect(await primary.replies(`1 ${code}`)).toBe('Acknowledged. It is yours now.');
      const view = await incident.view();
      expect(view).toMatchObject({ acknowledgedBy: { member: 'primary' } });
      expect(view.timeline).toContainEqual(expect.objectContaining({ via: 'sms' }));
    });

    it('leads by a short link to the page of the one it was sent to; opening it changes nothing', async () => {
      const incident = await people.open('texts');
      const { text } = await primary.readsText(incident);
      const link = /\S+\/s\/\S+/.exec(text)?.[0] ?? 'no link';
      expect(link).toContain(house.gatewayUrl);
      expect(link.length).toBeLessThan(house.gatewayUrl.length + 40);
      const opened = await fetch(link, { redirect: 'manual' });
      expect(opened.status).toBe(302);
      expect(opened.headers.get('set-cookie')).toBeNull();
      const shown = await fetch(opened.headers.get('location') ?? '');
      expect(await shown.text()).toContain(`You act as Primary`);
      await incident.isStill('triggered');
      for (const forged of [
        link.replace('primary', 'backup'),
        `${link.slice(0, -1)}${link.endsWith('A') ? 'E' : 'A'}`,
      ]) {
        expect((await fetch(forged, { redirect: 'manual' })).status).toBe(404);
      }
    });

    it('is escalated with 2 and its code', async () => {
      const { incident, code } = await texted();
      expect(await primary.replies(`2${code}`)).toMatch(/level 2/i);
      await supervisor.readsMail(incident);
    });

    it('needs no code while one incident is open, and asks which when there are several', async () => {
      const first = await texted();
      expect(await primary.replies('1')).toBe('Acknowledged. It is yours now.');
      const second = await texted();
      expect(second.code).not.toBe(first.code);
      const asked = await primary.replies(' 1. ');
      expect(asked).toContain(`${first.code}: `);
      expect(asked).toContain(second.incident.title);
      await second.incident.isStill('triggered');
      await first.incident.closedBy('primary');
      expect(await primary.replies('１')).toBe('Acknowledged. It is yours now.');
    });

    it('that is answered with anything else brings help, and a stranger’s changes nothing', async () => {
      const { incident, code } = await texted();
      expect(await primary.replies('on my way')).toMatch(/^Reply 1 and the 4 digits/);
      expect(await primary.replies(`1 ${code === '4711' ? '4712' : '4711'}`)).toContain(`${code}: `);
      const { texts } = house.sandbox.world;
      const [received] = texts;
      if (received) texts.push({ ...received, id: 'stranger', to: '+4915112345699' });
      await house.sandbox.replyTo('stranger', `1 ${code}`);
      expect(texts.at(-1)?.text).toContain('No open incident waits');
      await incident.isStill('triggered');
    });
  });
});
