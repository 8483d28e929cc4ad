import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Account, Configuration } from '../../config/configuration.ts';
import type { Directory } from '../../config/duty/directory.ts';
import { servesPhone } from '../../config/region.ts';
import type { Face } from '../../domain/incident/face.ts';
import { adapterFacts } from '../../domain/media.ts';
import { troubleshooting } from '../../domain/troubleshooting.ts';
import type { Adapter, CallAdapter, Happening, PageAdapter } from '../../providers/kit/adapter.ts';
import type { Page } from '../../providers/kit/message.ts';
import type { Locale } from '../../domain/locale.ts';
import { DeliveryError } from '../../providers/kit/delivery-error.ts';
import { createIo } from '../../providers/kit/http.ts';
import { loadAdapter } from '../../providers/registry.ts';
import { composeCall, composePage, findPerson } from '../../activities/compose.ts';

/** One thing that was tried. `bad` ends the trial. */
export interface TrialStep {
  step: 'look-up' | 'render' | 'request' | 'answer' | 'receipt';
  state: 'good' | 'doubtful' | 'bad';
  /** No address, no secret. */
  text: string;
  remedy?: string;
}

export interface Trial {
  account: Account;
  to: { member: string } | { chat: string };
  current: Configuration;
  directory: Directory;
  /** What the provider tells us meanwhile, as it arrives; absent: nothing of ours is listening. */
  happenings?: AsyncIterable<Happening>;
  /** How long to wait for what the provider tells later. */
  waitMs: number;
}

const TITLES: Record<Locale, string> = { en: 'This is a test, nothing is wrong', zh: '这是一次测试，没有故障' };
const ASK_EVERY_MS = 2000;
/** Stands in for a provider that nobody listens to, so that the time limit wins the race. */
const FOREVER = new Promise<never>(() => undefined);

/** Sends one real message or call through one account, step by step, as a page would go. Never throws. */
export async function* tryAccount(trial: Trial): AsyncGenerator<TrialStep> {
  const { account } = trial;
  const adapter = await loadAdapter(account.adapter);
  try {
    const { title } = yield* lookUp(trial, adapter);
    if (adapter.form === 'call') yield* call(trial, adapter, title);
    else yield* page(trial, adapter, title);
  } catch (error) {
    if (error instanceof Hopeless) yield { step: 'look-up', state: 'bad', text: error.message, remedy: error.remedy };
    else yield { step: 'answer', state: 'bad', ...explained(error) };
  } finally {
    await adapter.close?.(account.settings);
  }
}

/** Thrown before anything is sent, when it is already known that the message cannot arrive. */
class Hopeless extends Error {
  readonly remedy: string;
  constructor(text: string, remedy: string) {
    super(text);
    this.remedy = remedy;
  }
}

async function* lookUp(
  { account, to, current, directory }: Trial,
  adapter: Adapter<unknown>,
): AsyncGenerator<TrialStep, { title: string }> {
  const { form, medium } = adapterFacts(account.adapter);
  if ('chat' in to) {
    if (form === 'direct') throw new Hopeless(`${account.name} writes to people, not to groups`, 'name one with --to');
    return { title: TITLES.zh };
  }
  const member = await directory.member(to.member);
  if (!member) throw new Hopeless(`no member is called ${to.member}`, 'name a key of `members`');
  if (form === 'group')
    throw new Hopeless(`${account.name} posts to a group, not to people`, 'name its chat with --chat');
  if ((medium === 'voice' || medium === 'sms') && member.phone !== undefined && !servesPhone(account, member)) {
    const kind = member.landline === true ? 'landlines' : 'phones';
    throw new Hopeless(
      `${account.name} does not reach ${kind} of ${member.country ?? 'no country'}`,
      troubleshooting('unreachable'),
    );
  }
  const person = await findPerson(to.member, account.name, current, directory);
  let found = `${person.member} is ${person.name}`;
  if (medium === 'im' && person.identity === undefined && adapter.identify) {
    const identity = await adapter.identify(person, account.settings, createIo());
    if (identity === undefined) {
      throw new Hopeless(
        `the platform knows nobody with the phone or e-mail of ${person.member}`,
        troubleshooting('unreachable'),
      );
    }
    found += ', found by phone or e-mail';
  }
  yield { step: 'look-up', state: 'good', text: `${found}, reads ${person.locale}` };
  return { title: TITLES[person.locale] };
}

async function* page(trial: Trial, adapter: PageAdapter<unknown>, title: string): AsyncGenerator<TrialStep> {
  const { account, to, current, directory } = trial;
  const order = {
    account: account.name,
    notification: 'n1',
    event: 'opened',
    to,
    face: trialFace(title),
    plain: false,
  } as const;
  const composed = await composePage(order, { current, directory, now: Date.now() });
  const { wording, buttons, pageUrl } = composed;
  const by = {
    card: `, ${buttons.length} buttons`,
    link: pageUrl === undefined ? ', no link: gateway.publicUrl is missing' : ', a link',
  };
  const { interaction } = adapterFacts(account.adapter);
  const extras = interaction === 'card' || interaction === 'link' ? by[interaction] : '';
  yield { step: 'render', state: 'good', text: `${wording.subject}${extras}` };
  const sentAt = Date.now();
  yield { step: 'request', state: 'good', text: `to ${account.traits.host} as ${account.adapter}` };
  const { outcome } = await adapter.send(composed, account.settings, createIo());
  yield { step: 'answer', state: 'good', text: `${outcome} after ${Date.now() - sentAt} ms` };
  if (outcome !== 'delivered') yield await receipt(trial, adapter, composed, sentAt);
}

/** Waits for the receipt of a message: the provider pushes it, or is asked for it, whichever is possible. */
async function receipt(
  { account, happenings, waitMs }: Trial,
  adapter: PageAdapter<unknown>,
  sent: Page,
  sentAt: number,
): Promise<TrialStep> {
  const { confirms, reconciles } = adapterFacts(account.adapter);
  const look = `look whether it is there; ${troubleshooting('accepted')}`;
  if (confirms === 'nothing') {
    return {
      step: 'receipt',
      state: 'doubtful',
      text: 'this provider tells no more than that it took it',
      remedy: look,
    };
  }
  const deadline = AbortSignal.timeout(waitMs);
  const told = await Promise.race([
    sleep(waitMs),
    happenings ? pushedReceipt(happenings, sent.receiptRef) : FOREVER,
    reconciles ? askedReceipt(adapter, sent, sentAt, account, deadline) : FOREVER,
  ]);
  if (told) return told;
  const text = `nothing more was told within ${waitMs / 1000} s`;
  return { step: 'receipt', state: 'doubtful', text, remedy: `${look}; ${calledBack(account)}` };
}

async function pushedReceipt(happenings: AsyncIterable<Happening>, ref: string): Promise<TrialStep> {
  for await (const happening of happenings) {
    if (happening.kind !== 'receipt' || happening.ref !== ref) continue;
    const { outcome, reason, code } = happening.receipt;
    if (outcome === 'delivered') return { step: 'receipt', state: 'good', text: 'delivered, says the provider' };
    const text = `not delivered: ${reason ?? 'no reason was given'}${code === undefined ? '' : ` (${code})`}`;
    return { step: 'receipt', state: 'bad', text, remedy: troubleshooting('failed') };
  }
  return FOREVER;
}

async function askedReceipt(
  adapter: PageAdapter<unknown>,
  sent: Page,
  sentAt: number,
  { settings }: Account,
  deadline: AbortSignal,
): Promise<TrialStep> {
  while (!deadline.aborted) {
    await sleep(ASK_EVERY_MS, undefined, { signal: deadline }).catch(() => undefined);
    const found = await adapter.reconcile?.(sent, sentAt, settings, createIo()).catch(() => undefined);
    if (found !== undefined && found !== 'not-sent' && found.outcome === 'delivered') {
      return { step: 'receipt', state: 'good', text: 'delivered, says the provider when asked' };
    }
  }
  return FOREVER;
}

async function* call(trial: Trial, adapter: CallAdapter<unknown>, title: string): AsyncGenerator<TrialStep> {
  const { account, to, current, directory } = trial;
  const { workflowId, number, incident } = trialFace(title);
  const order = {
    account: account.name,
    adapter: account.adapter,
    // Tokens of real calls name the workflow of their phone; this one names none.
    token: randomBytes(8).toString('hex').slice(0, 15),
    member: 'member' in to ? to.member : '',
    items: [{ workflowId, notification: 'n1', number, title: incident.title, severity: incident.severity }],
  };
  const composed = await composeCall(order, { current, directory });
  yield { step: 'render', state: 'good', text: `${composed.values.severity}: ${composed.values.title}` };
  const sentAt = Date.now();
  yield { step: 'request', state: 'good', text: `to ${account.traits.host} as ${account.adapter}` };
  const { callId } = await adapter.place(composed, account.settings, createIo());
  yield {
    step: 'answer',
    state: 'good',
    text: `the provider calls, after ${Date.now() - sentAt} ms; pick up and press 1`,
  };
  yield* callEvents(trial, callId, order.token);
}

async function* callEvents(
  { account, happenings, waitMs }: Trial,
  callId: string,
  token: string,
): AsyncGenerator<TrialStep> {
  const nothing: TrialStep = {
    step: 'receipt',
    state: 'doubtful',
    text: `how the call went was not told within ${waitMs / 1000} s: keys would not count either`,
    remedy: `${calledBack(account)}; ${troubleshooting('unanswered')}`,
  };
  if (!happenings) {
    yield { ...nothing, text: 'how the call goes is told to the gateway, which is not this program' };
    return;
  }
  const deadline = sleep(waitMs, 'late' as const);
  const events = happenings[Symbol.asyncIterator]();
  for (;;) {
    const next = await Promise.race([events.next(), deadline]);
    if (next === 'late' || next.done === true) {
      yield nothing;
      return;
    }
    const happening = next.value;
    if (happening.kind !== 'call' || !(happening.event.callId === callId || happening.event.token === token)) continue;
    const { keys, ended } = happening.event;
    if (keys !== undefined) yield { step: 'receipt', state: 'good', text: `key ${keys} was pressed` };
    if (!ended) continue;
    const text = `${ended.outcome}: ${ended.reason}${ended.code === undefined ? '' : ` (${ended.code})`}`;
    yield ended.outcome === 'answered'
      ? { step: 'receipt', state: 'good', text }
      : { step: 'receipt', state: 'bad', text, remedy: troubleshooting(ended.outcome) };
    return;
  }
}

function explained(error: unknown): { text: string; remedy: string } {
  if (error instanceof DeliveryError) return { text: error.message, remedy: troubleshooting(error.kind) };
  // Another error's text may hold an address or a secret.
  return { text: 'the adapter failed in an unexpected way', remedy: troubleshooting('unknown-outcome') };
}

function calledBack({ name }: Account): string {
  return `does the provider call back to gateway.publicUrl/callbacks/${name}?`;
}

/** The incident of a trial page. Its title says that nothing is wrong, because the receiver sees an ordinary page. */
function trialFace(title: string): Face {
  return {
    workflowId: 'test',
    number: 'TEST00',
    incident: { id: 'test', title, severity: 'Info', description: '', labels: {} },
    progress: 'Triggered',
    level: 1,
    levels: 1,
    round: 1,
    revision: 1,
    exhausted: false,
    responders: [],
  };
}
