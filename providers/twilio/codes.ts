import type { ErrorKind } from '../../domain/delivery.ts';

/** What a code of Twilio means and what to do about it, in one sentence each. */
export interface Meaning {
  kind: ErrorKind;
  says: string;
  remedy: string;
}

const meanings: readonly [codes: readonly number[], ...Parameters<typeof meaning>][] = [
  [[20429, 10004], 'rate-limited', 'the account sends faster than Twilio allows', 'ask Twilio for more'],
  [[22005, 30001], 'unavailable', 'the queue of the account is full', 'add a number or another account'],
  [[20500, 30008], 'unavailable', 'Twilio has a fault', 'try again'],
  [[20003, 20404, 20005], 'unauthorized', 'the credentials are refused', 'check accountSid, authToken and apiKey'],
  [[30002, 20006, 21219], 'unauthorized', 'the account is suspended or on trial', 'look into the console'],
  [[21212, 21606, 21603, 21210, 21701], 'unauthorized', 'the sender is not of this account', 'check from'],
  [[21608], 'unauthorized', 'a trial account reaches verified numbers only', 'upgrade it'],
  [
    [21408, 21215, 13227, 32224],
    'rejected',
    'the account may not reach this country',
    'allow the country under geo permissions',
  ],
  [[21216, 30004], 'rejected', 'calls or messages to this number are blocked', 'add another account'],
  [[21610], 'rejected', 'the person has answered STOP and gets no texts from this number', 'ask them to answer START'],
  [
    [21211, 21214, 21217, 21401, 13224],
    'rejected',
    "Twilio does not accept the member's number",
    'correct it in the configuration',
  ],
  [[21612], 'rejected', 'no way leads from the sender to this number', 'add a sender of that country'],
  [[21614, 21635, 30006], 'rejected', 'the number takes no texts', 'give the member a mobile number'],
  [[21602, 21617], 'refused', 'the text is empty or too long', 'shorten the title'],
];

/** For an answer that names a code, or else a status. https://www.twilio.com/docs/api/errors */
export function meaningOf(code: number | undefined, status: number): Meaning {
  const known = meanings.find(([codes]) => code !== undefined && codes.includes(code));
  if (known) {
    const [, ...rest] = known;
    return meaning(...rest);
  }
  // Twilio: "was never processed and is always safe to retry".
  if (status === 429)
    return meaning('rate-limited', 'the account sends faster than Twilio allows', 'ask Twilio for more');
  if (status === 401 || status === 403)
    return meaning('unauthorized', 'the credentials are refused', 'check accountSid, authToken and apiKey');
  if (status >= 500) {
    return meaning('unknown-outcome', 'Twilio failed while it worked on the request', 'it may have gone out');
  }
  return meaning('refused', 'Twilio refused the request', 'look the code up at https://www.twilio.com/docs/api/errors');
}

function meaning(kind: ErrorKind, says: string, remedy: string): Meaning {
  return { kind, says, remedy };
}

type Ended = [outcome: 'answered' | 'unanswered' | 'failed', reason: string];

/** Final `CallStatus`; undefined for those on the way. https://www.twilio.com/docs/voice/api/call-resource#call-status-values */
export function endingOf(status: string): Ended | undefined {
  return ENDINGS[status];
}

/** `AnsweredBy` of a call that no person took; `unknown` may be one. https://www.twilio.com/docs/voice/answering-machine-detection */
export function isMachine(answeredBy: string): boolean {
  return answeredBy.startsWith('machine_') || answeredBy === 'fax';
}

export const MACHINE: Ended = ['answered', 'voicemail answered, which is nobody'];

const ENDINGS: Readonly<Record<string, Ended>> = {
  completed: ['answered', 'the call ended'],
  busy: ['unanswered', 'busy'],
  'no-answer': ['unanswered', 'no answer'],
  canceled: ['unanswered', 'ended before it was answered'],
  failed: ['failed', 'the call did not come about'],
};

/** Why a message that was taken did not arrive: `ErrorCode` of its receipt. */
export function receiptReason(code: string): string {
  return RECEIPTS[code] ?? 'the message did not arrive; look the code up at https://www.twilio.com/docs/api/errors';
}

const RECEIPTS: Readonly<Record<string, string>> = {
  '30001': 'the queue of the account was full; add a number or another account',
  '30002': 'the account is suspended; look into the console',
  '30003': 'the phone is switched off or out of reach',
  '30004': 'the person or carrier blocks messages from this number',
  '30005': 'the number does not exist; correct it',
  '30006': 'the number takes no texts; give the member a mobile number',
  '30007': 'the carrier took it for unwanted mail; register the sender there',
  '30008': 'the carrier does not say why',
  '30017': 'the network of the carrier is congested',
  '30034': 'the sender is not registered for texts to the United States; register it (A2P 10DLC)',
  '30036': 'it was not delivered within its validity',
};
