import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toFailure } from '../../activities/failure.ts';
import type { CallRequest } from '../../domain/phone/call.ts';
import { OUTCOME_OF, type Route } from '../../domain/delivery.ts';
import type { Notification } from '../../domain/incident/escalation.ts';
import { advanceLine, idleLine } from '../../domain/phone/line.ts';
import { ADAPTER_IDS, adapterFacts, type AdapterId } from '../../domain/media.ts';
import { afterFailure, type AttemptResult } from '../../domain/incident/pursuit.ts';
import type { Adapter } from '../../providers/kit/adapter.ts';
import type { Person } from '../../providers/kit/message.ts';
import { DeliveryError } from '../../providers/kit/delivery-error.ts';
import { createIo } from '../../providers/kit/http.ts';
import { loadAdapter, registry } from '../../providers/registry.ts';
import { Sandbox, type Fault } from '../../sandbox/index.ts';
import { freePort } from '../../sandbox/demo/house.ts';
import { deliveryOf, supervisor } from './delivery.ts';

/** Whoever reaches people by telephone or mail. A new one needs a column below. */
const PHONES_AND_MAIL = ADAPTER_IDS.filter((id) => adapterFacts(id).medium !== 'im');
type Column = Exclude<AdapterId, `${string}.app` | `${string}.bot` | 'webhook.json'>;

/** What the provider does, once; `credentials` and `nobody` are settings of the account. */
type Cause =
  Fault['effect'] | { at: string; effect: Fault['effect'] } | { credentials: 'wrong' } | { nobody: 'listens' };
/** What it comes to: kind, whether it is repeated on the spot, what is tried next. */
type Fate = string;
/** Why a provider has no such thing. */
const none = (why: string) => ({ none: why });
type Cell = [cause: Cause, fate: Fate] | { none: string };

const OK = 'taken';
const SLOWER = 'rate-limited; again after 1 s; then the next account';
const FULL = 'rate-limited; not repeated; then the next account';
const LOST_CALL = 'unknown-outcome; not repeated; waits for the phone to say';
const LOST_TEXT = 'unknown-outcome; not repeated; then asks the provider, and sends again';
const LOST_MAIL = 'unknown-outcome; again after 4 s; then the next account';
const AWAY = 'not-sent; repeated; then the next account';
const BROKEN = 'unavailable; repeated; then the next account';
const PERSON = 'rejected; not repeated; then another medium';
const TEXT = 'refused; not repeated; then the next account';
const KEYS = 'unauthorized; not repeated; then the next account';
const MONEY = 'exhausted; not repeated; then the next account';

const late: Cause = { delayMs: 700 };
const refuse = (code: string, message?: string): Cause => ({ refuse: code, ...(message !== undefined && { message }) });
const at = (stage: string, status: number): Cause => ({ at: stage, effect: { status } });
const smtpOnly = none('speaks HTTP');
const httpOnly = none('speaks SMTP, whose every answer is one line');

const FAULTS: Record<string, Record<Column, Cell>> = {
  'answers in time, though slowly': all([{ delayMs: 100 }, OK]),
  'asks to come back in a second': {
    'aliyun.voice': [{ rateLimitMs: 1000 }, SLOWER],
    'aliyun.sms': [{ rateLimitMs: 1000 }, SLOWER],
    'tencent.voice': [{ rateLimitMs: 1000 }, SLOWER],
    'tencent.sms': [{ rateLimitMs: 1000 }, SLOWER],
    'twilio.voice': [{ rateLimitMs: 1000 }, SLOWER],
    'twilio.sms': [{ rateLimitMs: 1000 }, SLOWER],
    'aliyun.email': [{ rateLimitMs: 1000 }, BROKEN],
    'smtp.email': [{ rateLimitMs: 1000 }, BROKEN],
  },
  'answers 429 from a gateway in front of it': {
    'aliyun.voice': [{ status: 429 }, LOST_CALL],
    'aliyun.sms': [{ status: 429 }, LOST_TEXT],
    'tencent.voice': [{ status: 429 }, SLOWER],
    'tencent.sms': [{ status: 429 }, SLOWER],
    'twilio.voice': [{ status: 429 }, SLOWER],
    'twilio.sms': [{ status: 429 }, SLOWER],
    'aliyun.email': httpOnly,
    'smtp.email': httpOnly,
  },
  'answers 500': calls([{ status: 500 }, LOST_CALL], [{ status: 500 }, LOST_TEXT], httpOnly),
  'answers 503': calls([{ status: 503 }, LOST_CALL], [{ status: 503 }, LOST_TEXT], httpOnly),
  'breaks off its answer': calls([{ garble: true }, LOST_CALL], [{ garble: true }, LOST_TEXT], httpOnly),
  'answers too late': calls([late, LOST_CALL], [late, LOST_TEXT], [late, LOST_MAIL]),
  'takes it and cuts the line': calls(
    [{ dropAnswer: true }, LOST_CALL],
    [{ dropAnswer: true }, LOST_TEXT],
    [{ dropAnswer: true }, LOST_MAIL],
  ),
  'is not there': all([{ nobody: 'listens' }, AWAY]),
  'does not believe the credentials': all([{ credentials: 'wrong' }, KEYS]),
  'says that there is no money or quota': {
    'aliyun.voice': [refuse('isv.AMOUNT_NOT_ENOUG'), MONEY],
    'aliyun.sms': [refuse('isv.AMOUNT_NOT_ENOUGH'), MONEY],
    'tencent.voice': [refuse('FailedOperation.InsufficientBalanceInVoicePackage'), MONEY],
    'tencent.sms': [refuse('FailedOperation.InsufficientBalanceInSmsPackage'), MONEY],
    'twilio.voice': [refuse('30002'), KEYS],
    'twilio.sms': [refuse('30002'), KEYS],
    'aliyun.email': [at('RCPT', 552), MONEY],
    'smtp.email': none('knows no accounts that run out'),
  },
  'says that the service is stopped': {
    'aliyun.voice': [refuse('isv.OUT_OF_SERVICE'), MONEY],
    'aliyun.sms': [refuse('isv.OUT_OF_SERVICE'), MONEY],
    'tencent.voice': [refuse('UnauthorizedOperation.ServiceSuspendDueToArrears'), MONEY],
    'tencent.sms': [refuse('UnauthorizedOperation.SerivceSuspendDueToArrears'), MONEY],
    'twilio.voice': [refuse('20006'), KEYS],
    'twilio.sms': [refuse('20006'), KEYS],
    'aliyun.email': [at('MAIL', 551), KEYS],
    'smtp.email': [{ at: 'CONNECT', effect: { refuse: '554 no service' } }, BROKEN],
  },
  'does not approve of the template or the text': {
    'aliyun.voice': [refuse('isv.TTS_TEMPLATE_ILLEGAL'), TEXT],
    'aliyun.sms': [refuse('isv.SMS_TEMPLATE_ILLEGAL'), TEXT],
    'tencent.voice': [refuse('FailedOperation.TemplateIncorrectOrUnapproved'), TEXT],
    'tencent.sms': [refuse('FailedOperation.TemplateIncorrectOrUnapproved'), TEXT],
    'twilio.voice': none('reads free text'),
    'twilio.sms': [refuse('21617'), TEXT],
    'aliyun.email': [at('DATA', 554), TEXT],
    'smtp.email': [at('DATA', 554), TEXT],
  },
  'does not know the number or mailbox': {
    'aliyun.voice': [refuse('isv.MOBILE_NUMBER_ILLEGAL'), PERSON],
    'aliyun.sms': [refuse('isv.MOBILE_NUMBER_ILLEGAL'), PERSON],
    'tencent.voice': [refuse('InvalidParameterValue.CalledNumberVerifyFail'), PERSON],
    'tencent.sms': [refuse('InvalidParameterValue.IncorrectPhoneNumber'), PERSON],
    'twilio.voice': [refuse('21217'), PERSON],
    'twilio.sms': [refuse('21211'), PERSON],
    'aliyun.email': [at('RCPT', 550), PERSON],
    'smtp.email': [at('RCPT', 550), PERSON],
  },
  'knows that the person wants none of it': {
    'aliyun.voice': [refuse('isv.COMPLAINT_REJECT'), PERSON],
    'aliyun.sms': [refuse('isv.CUSTOMER_REFUSED'), PERSON],
    'tencent.voice': none('names no code for it; the call fails afterwards'),
    'tencent.sms': [refuse('FailedOperation.PhoneNumberInBlacklist'), PERSON],
    'twilio.voice': [refuse('21216'), PERSON],
    'twilio.sms': [refuse('21610'), PERSON],
    'aliyun.email': [at('RCPT', 559), PERSON],
    'smtp.email': none('is told of it by 550, like any other refusal'),
  },
  'takes no more for this number now': {
    'aliyun.voice': [refuse('isv.BUSINESS_LIMIT_CONTROL', '触发分钟级流控Permits:1'), FULL],
    'aliyun.sms': [refuse('isv.BUSINESS_LIMIT_CONTROL', '触发天级流控Permits:50'), FULL],
    'tencent.voice': [refuse('LimitExceeded.DeliveryFrequencyLimit'), FULL],
    'tencent.sms': [refuse('LimitExceeded.PhoneNumberThirtySecondLimit'), FULL],
    'twilio.voice': none('does not count by number'),
    'twilio.sms': none('does not count by number'),
    'aliyun.email': [at('RCPT', 451), BROKEN],
    'smtp.email': [at('RCPT', 451), BROKEN],
  },
  'asks for a pause of two minutes': {
    'aliyun.voice': [{ rateLimitMs: 120_000 }, FULL],
    'aliyun.sms': [{ rateLimitMs: 120_000 }, FULL],
    'tencent.voice': none('does not say for how long'),
    'tencent.sms': none('does not say for how long'),
    'twilio.voice': [{ rateLimitMs: 120_000 }, FULL],
    'twilio.sms': [{ rateLimitMs: 120_000 }, FULL],
    'aliyun.email': none('does not say for how long'),
    'smtp.email': none('does not say for how long'),
  },
  'has a fault and says so': {
    'aliyun.voice': [refuse('InternalError'), BROKEN],
    'aliyun.sms': [refuse('ServiceUnavailable'), BROKEN],
    'tencent.voice': [refuse('InternalError'), BROKEN],
    'tencent.sms': [refuse('ResourceUnavailable'), BROKEN],
    'twilio.voice': [refuse('20500'), BROKEN],
    'twilio.sms': [refuse('30001'), BROKEN],
    'aliyun.email': [at('DATA', 421), BROKEN],
    'smtp.email': [at('DATA', 421), BROKEN],
  },
  'does not know itself what became of it': {
    'aliyun.voice': [refuse('isp.GATEWAY_ERROR'), LOST_CALL],
    'aliyun.sms': [refuse('isp.SYSTEM_ERROR'), LOST_TEXT],
    'tencent.voice': [refuse('InternalError.AccessUpstreamTimeout'), LOST_CALL],
    'tencent.sms': [refuse('InternalError.Timeout'), LOST_TEXT],
    'twilio.voice': none('says so by 500'),
    'twilio.sms': none('says so by 500'),
    'aliyun.email': none('says so by silence'),
    'smtp.email': none('says so by silence'),
  },
  'finds our clock wrong': {
    'aliyun.voice': [refuse('InvalidTimeStamp.Expired'), KEYS],
    'aliyun.sms': [refuse('InvalidTimeStamp.Expired'), KEYS],
    'tencent.voice': [refuse('AuthFailure.SignatureExpire'), KEYS],
    'tencent.sms': [refuse('InternalError.RequestTimeException'), KEYS],
    'twilio.voice': none('signs nothing with the time'),
    'twilio.sms': none('signs nothing with the time'),
    'aliyun.email': none('signs nothing with the time'),
    'smtp.email': none('signs nothing with the time'),
  },
  'has seen this very request': {
    'aliyun.voice': [refuse('SignatureNonceUsed'), LOST_CALL],
    'aliyun.sms': [refuse('SignatureNonceUsed'), LOST_TEXT],
    'tencent.voice': none('remembers no nonces'),
    'tencent.sms': none('remembers no nonces'),
    'twilio.voice': none('remembers no nonces'),
    'twilio.sms': none('remembers no nonces'),
    'aliyun.email': none('takes a Message-ID twice'),
    'smtp.email': none('takes a Message-ID twice'),
  },
  'says no in a way that nobody has seen': {
    'aliyun.voice': [refuse('isv.TEAPOT'), TEXT],
    'aliyun.sms': [refuse('isv.TEAPOT'), TEXT],
    'tencent.voice': [refuse('FailedOperation.Teapot'), TEXT],
    'tencent.sms': [refuse('FailedOperation.Teapot'), TEXT],
    'twilio.voice': [refuse('29999'), TEXT],
    'twilio.sms': [refuse('29999'), TEXT],
    'aliyun.email': [at('DATA', 599), TEXT],
    'smtp.email': [at('DATA', 599), TEXT],
  },
  'takes nobody now, at the greeting': calls(smtpOnly, smtpOnly, [at('CONNECT', 421), BROKEN]),
  'cannot check the password now': calls(smtpOnly, smtpOnly, [at('AUTH', 454), BROKEN]),
  'refuses the sender for now': calls(smtpOnly, smtpOnly, [at('MAIL', 452), BROKEN]),
  'refuses the sender': calls(smtpOnly, smtpOnly, [at('MAIL', 553), KEYS]),
  'wants the mail later': calls(smtpOnly, smtpOnly, [at('DATA', 451), BROKEN]),
};

function all(cell: Cell): Record<Column, Cell> {
  return calls(cell, cell, cell);
}
function calls(voice: Cell, sms: Cell, email: Cell): Record<Column, Cell> {
  return {
    'aliyun.voice': voice,
    'aliyun.sms': sms,
    'tencent.voice': voice,
    'tencent.sms': sms,
    'twilio.voice': voice,
    'twilio.sms': sms,
    'aliyun.email': email,
    'smtp.email': email,
  };
}

let sandbox: Sandbox;
let nobody: number;
beforeAll(async () => {
  sandbox = await Sandbox.start({ people: [], limits: false });
  nobody = await freePort();
});
afterAll(() => sandbox.close());

describe.each(PHONES_AND_MAIL)('%s', (id) => {
  it.each(Object.keys(FAULTS))('knows what to do when the provider %s', async (fault) => {
    const cell = FAULTS[fault]?.[id as Column];
    if (cell === undefined) throw new Error(`nobody has said what happens to ${id} when the provider ${fault}`);
    if ('none' in cell) {
      expect(cell.none).not.toBe('');
      return;
    }
    const [cause, fate] = cell;
    expect(await fateOf(id, cause)).toBe(fate);
  });
});

it('leaves no adapter for telephones or mail out', () => {
  for (const cells of Object.values(FAULTS)) expect(Object.keys(cells).sort()).toEqual([...PHONES_AND_MAIL].sort());
});

async function fateOf(id: AdapterId, cause: Cause): Promise<Fate> {
  sandbox.faults.clear();
  if ('at' in cause) sandbox.faults.add({ vendor: vendorOf(id), action: cause.at, effect: cause.effect });
  else if (!('credentials' in cause) && !('nobody' in cause))
    sandbox.faults.add({ vendor: vendorOf(id), effect: cause });
  const written = settingsOf(id, 'credentials' in cause, 'nobody' in cause);
  const settings = registry[id].schema.parse(written);
  const adapter = await loadAdapter(id);
  const error: unknown = await tell(adapter, settings, cause === late || 'dropAnswer' in cause ? 400 : 5000).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  await adapter.close?.(settings);
  if (error === undefined) return OK;
  if (!(error instanceof DeliveryError)) throw new Error('the adapter failed in an unexpected way', { cause: error });
  for (const secret of [supervisor.phone, abroad.phone, supervisor.email, 'sandbox:', 's3cret']) {
    expect(error.message).not.toContain(secret);
  }
  const { repeatSafe } = adapterFacts(id);
  const { nonRetryable, nextRetryDelay } = toFailure(error, { repeatSafe, earlier: [] });
  const again = nextRetryDelay === undefined ? 'repeated' : `again after ${Number(nextRetryDelay) / 1000} s`;
  return [error.kind, nonRetryable === true ? 'not repeated' : again, nextFor(id, error)].join('; ');
}

const abroad: Person = { ...supervisor, phone: '+4915112345678' };

function tell(adapter: Adapter<unknown>, settings: unknown, timeoutMs: number): Promise<unknown> {
  const io = createIo({ timeoutMs });
  const person = adapter.id.startsWith('twilio.') ? abroad : supervisor;
  if (adapter.form !== 'call') return adapter.send(deliveryOf({ to: { person } }), settings, io);
  const values = { severity: 'Critical', title: 'db-7 is down', number: '7QK2MD', count: '1', channel: 'db' };
  const speech = { announcement: 'db-7 is down', keys: 'Press 1', goodbye: 'Goodbye' };
  const callbackUrl = 'https://oncall.example.com/callbacks/phones';
  const call = { token: '0123456789abcde', person, values, speech, callbackUrl };
  return adapter.place(call, settings, io);
}

/** What is tried when repeating is over, by the same functions that decide it for a page. */
function nextFor(id: AdapterId, { kind, message }: DeliveryError): string {
  const route: Route = { account: 'first', adapter: id };
  const other: Route = { account: 'second', adapter: id };
  const result: AttemptResult = { route, outcome: OUTCOME_OF[kind], kind, reason: message };
  if (adapterFacts(id).form === 'direct' && adapterFacts(id).medium === 'voice') return nextCall(route, other, result);
  const next = afterFailure(trying(route, other), result);
  if (next.try !== 'route') return next.try === 'medium' ? 'then another medium' : 'nothing more';
  if (next.reconcile) return 'then asks the provider, and sends again';
  return next.route === other ? 'then the next account' : 'then the same account in plain text';
}

function trying(route: Route, other: Route): Notification {
  return {
    id: 'n1',
    to: { member: 'supervisor' },
    medium: 'sms',
    event: 'opened',
    level: 1,
    round: 1,
    start: 0,
    at: 0,
    routes: [other],
    fallback: [],
    standIn: false,
    trying: { route, look: 0, plain: false, reconcile: false },
    regardless: false,
    withdrawn: false,
    outcome: 'pending',
    attempts: [],
  };
}

function nextCall(route: Route, other: Route, result: AttemptResult): string {
  const request: CallRequest = {
    workflowId: 'incident-42',
    notification: 'n1',
    member: 'supervisor',
    number: '7QK2MD',
    title: 'db-7 is down',
    severity: 'Critical',
    routes: [route, other],
  };
  const { line } = advanceLine(idleLine('phone'), { type: 'requested', request }, 0);
  const { commands } = advanceLine(line, { type: 'refused', token: line.current?.token ?? '', result }, 1000);
  const [command] = commands;
  if (!command) return 'waits for the phone to say';
  if (command.do === 'place') return command.order.account === other.account ? 'then the next account' : 'calls again';
  return command.do === 'tell' && command.word.phase === 'over' ? 'then another medium' : command.do;
}

function vendorOf(id: AdapterId): Fault['vendor'] {
  return id.endsWith('.email') ? 'smtp' : (id.split('.')[0] as Fault['vendor']);
}

/** The account of the imitation; its secrets wrong, or its address one where nobody listens. */
function settingsOf(id: AdapterId, isWrong: boolean, isNowhere: boolean): Record<string, unknown> {
  const account = Object.entries(sandbox.accounts[id]).map(([field, value]) => {
    if (typeof value !== 'string') return [field, value];
    const there = isNowhere ? value.replace(/127\.0\.0\.1:\d+/, `127.0.0.1:${String(nobody)}`) : value;
    if (!isWrong) return [field, there];
    return [field, WRONG.test(field) ? 's3cret' : there.replace(':sandbox@', ':s3cret@')];
  });
  return Object.fromEntries(account) as Record<string, unknown>;
}
/** Whatever proves who we are. */
const WRONG = /^(accessKeySecret|secretKey|authToken|password)$/;
