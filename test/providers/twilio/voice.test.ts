import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Call, PressResult } from '../../../providers/kit/adapter.ts';
import { createIo } from '../../../providers/kit/http.ts';
import { twilioVoiceAccount } from '../../../providers/twilio/account.ts';
import { twilioVoice } from '../../../providers/twilio/voice.ts';
import { Sandbox } from '../../../sandbox/index.ts';
import { supervisor } from '../delivery.ts';
import { failureOf } from '../failure.ts';
import { startTwilioReceiver } from './receiver.ts';

const AUTH_TOKEN = 'an-auth-token';
const TOKEN = 'k3f9x2m1q8z7w6a';
const io = createIo({ timeoutMs: 5000 });

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await Sandbox.start({
    people: [],
    twilio: { authToken: AUTH_TOKEN, apiKey: { sid: `SK${'1'.repeat(32)}`, secret: 'key-secret' } },
  });
});
afterAll(() => sandbox.close());
beforeEach(() => {
  sandbox.faults.clear();
});

function accountWith(settings: Record<string, unknown> = {}) {
  return twilioVoiceAccount.parse({
    accountSid: `AC${'0'.repeat(32)}`,
    authToken: AUTH_TOKEN,
    from: '+14155550100',
    baseUrl: sandbox.endpoints.twilio,
    ...settings,
  });
}

function callOf(changes: Partial<Call> = {}): Call {
  return {
    token: TOKEN,
    person: supervisor,
    values: { severity: 'Critical', title: 'db-7', number: '7QK2MD', count: '1', channel: 'db' },
    speech: {
      announcement: 'Critical incident: db-7 is down.',
      keys: 'Press 1 to acknowledge, 2 to escalate, 3 to repeat.',
      goodbye: 'No key was pressed.',
    },
    ...changes,
  };
}

/** The gateway's part: whatever key is reported, this is what came of it. */
async function house(say: (say: string | undefined) => PressResult) {
  const account = accountWith();
  const receiver = await startTwilioReceiver(twilioVoice.callback, account, ({ kind, ...rest }) =>
    kind === 'call' && 'say' in rest ? say(rest.say) : undefined,
  );
  return { account, receiver, callbackUrl: `${receiver.url}/callbacks/twilio-voice` };
}

const acknowledged: PressResult = { state: 'done', action: 'acknowledge', text: 'Acknowledged. It is yours now.' };

describe('twilio.voice', () => {
  it('rings the phone and reads the incident out, with what the keys do', async () => {
    const { callId } = await twilioVoice.place(
      callOf({ callbackUrl: 'https://oncall.example.com/callbacks/tw' }),
      accountWith(),
      io,
    );
    expect(sandbox.world.calls.at(-1)).toMatchObject({
      id: callId,
      vendor: 'twilio',
      to: supervisor.phone,
      text: 'Critical incident: db-7 is down. Press 1 to acknowledge, 2 to escalate, 3 to repeat.',
      state: 'ringing',
    });
  });

  it('only reads it out, and offers no keys, where nobody could hear of them', async () => {
    await twilioVoice.place(callOf(), accountWith(), io);
    const told = 'Critical incident: db-7 is down.';
    expect(sandbox.world.calls.at(-1)?.text).toBe(`${told} ${told}`);
  });

  it('reads out whatever a title holds as the characters they are, and never more than Twilio takes', async () => {
    const nasty = `</Say><Hangup/><!--&"'\u0001 ${'&'.repeat(2000)}`;
    const speech = { ...callOf().speech, announcement: nasty };
    await twilioVoice.place(
      callOf({ speech, callbackUrl: 'https://oncall.example.com/callbacks/tw' }),
      accountWith(),
      io,
    );
    expect(sandbox.world.calls.at(-1)?.text).toMatch(/^<\/Say><Hangup\/><!--&"'/);
  });

  it('sends with an API key where there is one', async () => {
    const apiKey = { sid: `SK${'1'.repeat(32)}`, secret: 'key-secret' };
    await expect(twilioVoice.place(callOf(), accountWith({ apiKey }), io)).resolves.toHaveProperty('callId');
    const wrong = accountWith({ apiKey: { ...apiKey, secret: 'other' } });
    expect((await failureOf(twilioVoice.place(callOf(), wrong, io))).kind).toBe('unauthorized');
  });

  it('hears of the key while the text plays, says what came of it, and of the end', async () => {
    const { account, receiver, callbackUrl } = await house(() => acknowledged);
    const { callId } = await twilioVoice.place(callOf({ callbackUrl }), account, io);
    await sandbox.phones.press(callId, '1');
    expect(sandbox.world.calls.at(-1)?.reply).toBe('Acknowledged. It is yours now.');
    await sandbox.phones.hangUp(callId);
    const about = { kind: 'call', callee: supervisor.phone };
    await expect.poll(() => receiver.happenings).toHaveLength(3);
    expect(receiver.happenings).toEqual(
      expect.arrayContaining([
        { ...about, event: { token: TOKEN, callId } },
        { ...about, event: { token: TOKEN, callId, keys: '1' }, say: 'outcome' },
        {
          ...about,
          event: { token: TOKEN, callId, ended: { outcome: 'answered', reason: 'the call ended', code: 'completed' } },
        },
      ]),
    );
    await receiver.close();
  });

  it('reads it again after 3, and offers the keys again when one did nothing or is not confirmed', async () => {
    const said: Record<string, PressResult> = {
      announcement: { state: 'done', text: 'Once more.' },
      outcome: { state: 'unconfirmed', action: 'acknowledge', text: 'Please press again.' },
    };
    const { account, receiver, callbackUrl } = await house((say = '') => said[say] ?? acknowledged);
    const { callId } = await twilioVoice.place(callOf({ callbackUrl }), account, io);
    const heard = () => sandbox.world.calls.at(-1)?.reply;
    await sandbox.phones.press(callId, '3');
    expect(heard()).toBe('Once more.');
    await sandbox.phones.press(callId, '1');
    expect(heard()).toBe('Please press again.');
    said['outcome'] = { state: 'done', text: 'This key does nothing.' };
    await sandbox.phones.press(callId, '7');
    expect(heard()).toBe('This key does nothing.');
    said['outcome'] = acknowledged;
    await sandbox.phones.press(callId, '1');
    expect(heard()).toBe(acknowledged.text);
    await sandbox.phones.hangUp(callId);
    await receiver.close();
  });

  it.each([
    ['declines', (id: string) => sandbox.phones.decline(id), 'unanswered', 'busy'],
    [
      'hangs up on',
      (id: string) => sandbox.phones.answer(id).then(() => sandbox.phones.hangUp(id)),
      'answered',
      'the call ended',
    ],
  ])('tells how a call ended that somebody %s', async (_, act, outcome, reason) => {
    const { account, receiver, callbackUrl } = await house(() => acknowledged);
    const { callId } = await twilioVoice.place(callOf({ callbackUrl }), account, io);
    await act(callId);
    const endings = () => receiver.happenings.flatMap((one) => (one.kind === 'call' ? [one.event.ended] : []));
    await expect.poll(endings, { timeout: 5000 }).toContainEqual(expect.objectContaining({ outcome, reason }));
    await receiver.close();
  });

  it('hangs up on voicemail, which is nobody and acknowledges nothing', async () => {
    const { account, receiver, callbackUrl } = await house(() => acknowledged);
    const { callId } = await twilioVoice.place(callOf({ callbackUrl }), account, io);
    await sandbox.phones.voicemail(callId);
    await expect.poll(() => sandbox.world.calls.at(-1)).toMatchObject({ state: 'ended', endedByCaller: true });
    const reason = 'voicemail answered, which is nobody';
    expect(receiver.happenings).toContainEqual({
      kind: 'call',
      event: { token: TOKEN, callId, ended: { outcome: 'answered', reason, code: 'machine_start' } },
    });
    await receiver.close();
  });

  it('ends a call that rings, and leaves one alone that somebody has taken or that is over', async () => {
    const { account, receiver, callbackUrl } = await house(() => acknowledged);
    const place = async () => (await twilioVoice.place(callOf({ callbackUrl }), account, io)).callId;
    const ringing = await place();
    await twilioVoice.cancel?.(ringing, account, io);
    expect(sandbox.world.calls.at(-1)).toMatchObject({ state: 'ended', endedByCaller: true });
    await expect.poll(() => JSON.stringify(receiver.happenings)).toContain('ended before it was answered');
    await twilioVoice.cancel?.(ringing, account, io);
    const taken = await place();
    await sandbox.phones.answer(taken);
    await twilioVoice.cancel?.(taken, account, io);
    expect(sandbox.world.calls.at(-1)?.state).toBe('in-progress');
    await twilioVoice.cancel?.(`CA${'0'.repeat(32)}`, account, io);
    sandbox.faults.add({ vendor: 'twilio', action: 'calls.update', effect: { status: 503 } });
    expect((await failureOf(twilioVoice.cancel?.(taken, account, io) ?? Promise.resolve())).kind).toBe(
      'unknown-outcome',
    );
    await sandbox.phones.hangUp(taken);
    await receiver.close();
  });

  it('calls nobody without a number', async () => {
    const { phone: _, ...unlisted } = supervisor;
    const failure = await failureOf(twilioVoice.place(callOf({ person: unlisted }), accountWith(), io));
    expect(failure.kind).toBe('unreachable');
  });

  it('does not know what became of a call whose answer is late or lost, though it rings', async () => {
    const before = sandbox.world.calls.length;
    sandbox.faults.add({ vendor: 'twilio', effect: { delayMs: 600 } });
    const late = await failureOf(twilioVoice.place(callOf(), accountWith(), createIo({ timeoutMs: 150 })));
    expect(late.kind).toBe('unknown-outcome');
    sandbox.faults.add({ vendor: 'twilio', effect: { dropAnswer: true } });
    expect((await failureOf(twilioVoice.place(callOf(), accountWith(), io))).kind).toBe('unknown-outcome');
    await expect.poll(() => sandbox.world.calls.length, { timeout: 5000 }).toBe(before + 2);
  });

  it('checks credentials without a phone ringing', async () => {
    const before = sandbox.world.calls.length;
    await expect(twilioVoice.check?.(accountWith(), io)).resolves.toBeUndefined();
    const wrong = twilioVoice.check?.(accountWith({ authToken: 'wrong' }), io) ?? Promise.resolve();
    expect((await failureOf(wrong)).kind).toBe('unauthorized');
    expect(sandbox.world.calls).toHaveLength(before);
  });

  it('names neither number nor text nor secret, whatever goes wrong', async () => {
    const effects = [
      { refuse: '99999', message: `+13900000001 ${AUTH_TOKEN}` },
      { status: 500 },
      { dropAnswer: true },
      { delayMs: 600 },
    ] as const;
    for (const effect of effects) {
      sandbox.faults.add({ vendor: 'twilio', effect });
      const failure = await failureOf(twilioVoice.place(callOf(), accountWith(), createIo({ timeoutMs: 300 })));
      const told = JSON.stringify([failure.message, failure.stack, failure]);
      for (const secret of ['13900000001', 'db-7', AUTH_TOKEN, TOKEN]) expect(told).not.toContain(secret);
      expect(failure.cause).toBeUndefined();
    }
  });
});
