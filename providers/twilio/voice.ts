import { cut } from '../../domain/incident/incident.ts';
import type { Call, CallAdapter, Happening, HttpRequest, PressResult } from '../kit/adapter.ts';
import { type Locale, LOCALES } from '../../domain/locale.ts';

import { DeliveryError } from '../kit/delivery-error.ts';
import type { TwilioVoiceAccount } from './account.ts';
import { ask } from './client.ts';
import { endingOf, isMachine, MACHINE } from './codes.ts';
import { PUSH_DEADLINE_MS, readForm } from './push.ts';
import { askForKey, MAX_TWIML, sayAndEnd, toAnswer } from './twiml.ts';

const ID = 'twilio.voice';
/** The whole call, however often it is read out anew. */
const LONGEST_CALL_S = 300;
/** Read out twice and escaped it may still grow over {@link MAX_TWIML}, then it is cut further. */
const LONGEST_TEXT = 400;
const REPEAT_KEY = '3';
/** Twilio says so when a call to be ended is over already, or was answered just now. https://www.twilio.com/docs/api/errors/21220 */
const IS_OVER = ['20404', '21220'];

/** What Twilio reports at which of our addresses. */
const TOPICS = ['keys', 'status', 'machine'] as const;
type Topic = (typeof TOPICS)[number];

/**
 * twilio.voice: one call that reads free text out while it waits for a key.
 *
 * Request   POST {baseUrl}/2010-04-01/Accounts/{sid}/Calls.json, a form, Basic; the document inline as `Twiml`.
 * Limits    1 call a second and account, what is more waits at Twilio; document 4,000 characters.
 * Reply     { sid, status: queued }.
 * Keys      posted as `Digits` to the `action` of <Gather>, answered with what is heard next; 3 is heard again.
 * Ends      posted as `CallStatus`; voicemail as `AnsweredBy`, upon which the call is hung up.
 * Source    https://www.twilio.com/docs/voice/api/call-resource, https://www.twilio.com/docs/voice/twiml/gather
 */
export const twilioVoice: CallAdapter<TwilioVoiceAccount> = {
  id: ID,
  form: 'call',
  async place(call, account, io) {
    const { person, callbackUrl } = call;
    const { phone } = person;
    if (phone === undefined) throw new DeliveryError('unreachable', `${ID}: the member has no phone number`);
    const { from, ringSeconds, detectMachines } = account;
    const twiml = documentOf(call, account);
    const report = (topic: Topic): string => addressOf(callbackUrl ?? '', topic, call.token, person.locale);
    const { sid } = await ask(ID, account, io, (client) =>
      client.calls.create({
        to: phone,
        from,
        twiml,
        timeout: ringSeconds,
        timeLimit: LONGEST_CALL_S,
        ...(callbackUrl !== undefined && {
          statusCallback: report('status'),
          // `initiated` proves that a call was placed although the answer to our request was lost.
          statusCallbackEvent: ['initiated', 'completed'],
          ...(detectMachines && {
            machineDetection: 'Enable',
            // Without it the callee hears nothing until Twilio has decided whether a machine picked up.
            asyncAmd: 'true',
            asyncAmdStatusCallback: report('machine'),
          }),
        }),
      }),
    );
    return { callId: sid };
  },

  /**
   * Ends a call that still rings. A person who has just picked up hears at the first key what became of the incident.
   */
  async cancel(callId, account, io) {
    try {
      await ask(ID, account, io, (client) => client.calls(callId).update({ status: 'canceled' }));
    } catch (error) {
      if (!isOver(error)) throw error;
    }
  },

  async check(account, io) {
    await ask(ID, account, io, (client) => client.calls.page({ pageSize: 1 }));
  },

  callback: {
    deadlineMs: PUSH_DEADLINE_MS,
    needsSecretPath: false,
    redelivers: false,
    read: (request, account) => ({ happenings: [happeningOf(request, readForm(request, account))].flat() }),

    answer({ url }, account, [result]) {
      return toAnswer(url.searchParams.get('on') === 'keys' && result ? nextWords(result, url, account) : NOTHING);
    },

    async follow(request, account, _results, io) {
      const form = readForm(request, account);
      const callId = form.get('CallSid') ?? '';
      if (request.url.searchParams.get('on') !== 'machine' || !isMachine(form.get('AnsweredBy') ?? '')) return;
      try {
        await ask(ID, account, io, (client) => client.calls(callId).update({ status: 'completed' }));
      } catch (error) {
        if (!isOver(error)) throw error;
      }
    },
  },
};

const NOTHING = '<Response/>';

function isOver(error: unknown): boolean {
  return error instanceof DeliveryError && IS_OVER.includes(error.providerCode ?? '');
}

/** Without an address for the keys it is only read out. */
function documentOf({ speech, person, callbackUrl, token }: Call, { keySeconds }: TwilioVoiceAccount): string {
  const { locale } = person;
  for (let longest = LONGEST_TEXT; ; longest = Math.floor(longest / 2)) {
    const announcement = cut(speech.announcement, longest);
    const document =
      callbackUrl === undefined
        ? sayAndEnd(announcement, locale, 2)
        : askForKey(`${announcement} ${speech.keys}`, speech.goodbye, locale, {
            action: addressOf(callbackUrl, 'keys', token, locale),
            seconds: keySeconds,
          });
    if (document.length <= MAX_TWIML || longest < 1) return document;
  }
}

/** The query names the call. Twilio signs the query too, so what comes back is what we wrote. */
function addressOf(callbackUrl: string, topic: Topic, token: string, locale: Locale): string {
  return callbackUrl === ''
    ? ''
    : `${callbackUrl}?${new URLSearchParams({ on: topic, call: token, in: locale }).toString()}`;
}

function happeningOf({ url }: HttpRequest, form: URLSearchParams): Happening | [] {
  const field = (name: string): string => form.get(name) ?? '';
  const topic = TOPICS.find((one) => one === url.searchParams.get('on'));
  const token = url.searchParams.get('call') ?? '';
  const callId = field('CallSid');
  if (!topic || token === '' || callId === '') return [];
  const callee = /^\+[1-9]\d{6,14}$/.exec(field('To'))?.[0];
  const call = { kind: 'call' as const, ...(callee !== undefined && { callee }) };
  const isVoicemail = isMachine(field('AnsweredBy'));
  switch (topic) {
    case 'keys': {
      const keys = field('Digits');
      // A machine acknowledges nothing, whatever it plays.
      if (isVoicemail || !/^[0-9*#]+$/.test(keys)) return [];
      return keys === REPEAT_KEY
        ? { ...call, event: { token, callId }, say: 'announcement' }
        : { ...call, event: { token, callId, keys }, say: 'outcome' };
    }
    case 'machine': {
      if (!isVoicemail) return [];
      const [outcome, reason] = MACHINE;
      return { ...call, event: { token, callId, ended: { outcome, reason, code: field('AnsweredBy') } } };
    }
    case 'status': {
      const status = field('CallStatus');
      const ending = status === 'completed' && isVoicemail ? MACHINE : endingOf(status);
      if (!ending) return { ...call, event: { token, callId } };
      const [outcome, reason] = ending;
      const code = field('SipResponseCode') === '' || outcome !== 'failed' ? status : field('SipResponseCode');
      return { ...call, event: { token, callId, ended: { outcome, reason, code } } };
    }
  }
}

/** After a key that did something the call ends; otherwise the keys are offered again. */
function nextWords({ state, action, text }: PressResult, url: URL, { keySeconds }: TwilioVoiceAccount): string {
  const locale = LOCALES.find((one) => one === url.searchParams.get('in')) ?? 'en';
  const isDone = action !== undefined && state !== 'unconfirmed';
  return isDone ? sayAndEnd(text, locale) : askForKey(text, '', locale, { action: url.href, seconds: keySeconds });
}
