import type { CallDrop, CallEnd, CallEvent, CallList, CallOrder, CallRequest, CallWord } from './call.ts';
import { callToken } from './call-token.ts';
import type { Keys, Route } from '../delivery.ts';
import { isWorse } from '../incident/incident.ts';
import { canEnd } from '../media.ts';
import {
  callOf,
  endsWithin,
  isSame,
  isUnresolved,
  isUnwanted,
  isWindowFull,
  ringTime,
  type PhoneCall,
  type Waiting,
} from './phone-call.ts';
import type { AttemptResult } from '../incident/pursuit.ts';
import { codeAnswered, giveCode, releaseCodes, type CodeRequest, type Reply, type ReplyCode } from './reply-code.ts';

/** Everything one phone number's workflow remembers. Plain data. */
export interface Line {
  /** Its workflow. */
  workflowId: string;
  /** Incidents that want to be told, oldest first. */
  waiting: Waiting[];
  /** The one call that is being placed or rings. */
  current?: PhoneCall;
  /** Earlier calls: their callbacks may still arrive. Newest last. */
  recent: PhoneCall[];
  /** When each account last called this number, for the vendors' windows. */
  placed: Record<string, number[]>;
  /** Codes in text messages that can still be answered with. */
  codes?: ReplyCode[];
  /** How many calls there were. */
  count: number;
}

export type LineHappened =
  | { type: 'requested'; request: CallRequest }
  | { type: 'dropped'; drop: CallDrop }
  | { type: 'placed'; token: string; callId: string }
  | { type: 'refused'; token: string; result: AttemptResult }
  | { type: 'callback'; event: CallEvent }
  | { type: 'texted'; request: CodeRequest }
  | { type: 'replied'; reply: Reply }
  | { type: 'due' };

export type LineCommand =
  | { do: 'place'; order: CallOrder }
  | { do: 'list'; list: CallList }
  | { do: 'cancel'; token: string }
  | { do: 'end'; call: CallEnd }
  | { do: 'tell'; workflowId: string; word: CallWord }
  | Deed;

/** What somebody did by a key or an answer. `level`: escalate to this one; absent: to the next. */
export interface Deed {
  do: 'acknowledge' | 'escalate';
  workflowId: string;
  member: string;
  via: 'voice' | 'sms';
  key: string;
  level?: number;
}

/** Callbacks of earlier calls still count for this long: the last re-push of a vendor comes after 16 minutes. */
const RECENT_MS = 20 * 60_000;
/** The longest window of any vendor. */
const DAY_MS = 24 * 60 * 60_000;
/** What a key does, on a telephone as in a text message. */
export const KEYS: Keys = { '1': 'acknowledge', '2': 'escalate' };

export function idleLine(workflowId: string): Line {
  return { workflowId, waiting: [], recent: [], placed: {}, count: 0 };
}

/**
 * A phone number is a durable thing: one call at a time, whatever account; incidents that wait together go into the
 * next call. Pure: the given line is not changed.
 */
export function advanceLine(
  before: Line,
  happened: LineHappened,
  now: number,
): { line: Line; commands: LineCommand[] } {
  const line = JSON.parse(JSON.stringify(before)) as Line;
  const step = new LineStep(line, now);
  step.take(happened);
  return { line, commands: step.commands };
}

/** When to look again by itself. A call that is being placed ends by its activity's own timeouts. */
export function lineDue({ current }: Line): { at: number; what: string } | undefined {
  if (!current || current.state === 'placing') return undefined;
  return current.state === 'unknown'
    ? { at: current.since + ringTime(current), what: `may ring through ${current.route.account}` }
    : { at: current.since + endsWithin(current), what: `rings through ${current.route.account}` };
}

/** Until when an idle line is remembered: for late callbacks, the vendors' windows and answers to texts. */
export function lineIdleUntil({ placed, codes = [] }: Line): number {
  return Math.max(0, ...Object.values(placed).flat(), ...codes.map(({ at }) => at)) + DAY_MS;
}

/** What the call announces that an event is about, if there is such a call. */
export function announcedBy({ current, recent }: Line, event: CallEvent, now: number): CallList | undefined {
  const call = callOf(current ? [current, ...recent] : recent, event, now);
  return call && announced(call);
}

class LineStep {
  readonly commands: LineCommand[] = [];
  private readonly line: Line;
  private readonly now: number;

  constructor(line: Line, now: number) {
    this.line = line;
    this.now = now;
  }

  take(happened: LineHappened): void {
    switch (happened.type) {
      case 'requested':
        this.requested(happened.request);
        break;
      case 'dropped':
        this.dropped(happened.drop);
        break;
      case 'placed':
        this.placed(happened.token, happened.callId);
        break;
      case 'refused':
        this.refused(happened.token, happened.result);
        break;
      case 'callback':
        this.callback(happened.event);
        break;
      case 'texted':
        this.line.codes = giveCode(this.line.codes ?? [], happened.request, this.now);
        break;
      case 'replied':
        this.replied(happened.reply);
        break;
      case 'due':
        this.due();
        break;
    }
    const { line, now } = this;
    line.recent = line.recent.filter(({ since }) => now - since < RECENT_MS);
    if (line.codes) line.codes = releaseCodes(line.codes, now);
    if (!line.current && line.waiting.length > 0) this.callAllWhoWait();
  }

  private requested(request: CallRequest): void {
    const { waiting, current, recent } = this.line;
    const known = [...waiting, ...[...recent, ...(current ? [current] : [])].flatMap(({ items }) => items)];
    if (!known.some((other) => isSame(other, request))) waiting.push({ ...request, attempts: [], dropped: false });
  }

  private dropped(drop: CallDrop): void {
    const { line } = this;
    line.waiting = line.waiting.filter((waiting) => !isSame(waiting, drop));
    const call = line.current;
    if (!call) return;
    for (const item of call.items) item.dropped ||= isSame(item, drop);
    // Not yet with a channel worker: it can still be taken back.
    if (call.state === 'placing' && isUnwanted(call)) this.commands.push({ do: 'cancel', token: call.token });
    this.endUnwanted(call);
  }

  /** Nothing it announces is wanted any more, and it only rings yet: where the provider can, it ends it. */
  private endUnwanted(call: PhoneCall): void {
    const { route, token, callId, taken, ending } = call;
    if (call !== this.line.current || !isUnwanted(call) || taken || ending) return;
    if (callId === undefined || !canEnd(route.adapter)) return;
    call.ending = true;
    this.commands.push({ do: 'end', call: { account: route.account, adapter: route.adapter, token, callId } });
  }

  private callAllWhoWait(): void {
    const items = this.line.waiting.toSorted(
      (a, b) => Number(isWorse(b.severity, a.severity)) - Number(isWorse(a.severity, b.severity)),
    );
    this.line.waiting = [];
    this.place(items, items[0]?.routes ?? []);
  }

  /** Through the first account that may call this number now; nobody left: the incidents hear that it is over. */
  private place(items: Waiting[], routes: Route[]): void {
    const { line, now } = this;
    const [route, ...rest] = routes;
    if (!route || items.length === 0) {
      delete line.current;
      for (const item of items) this.tell(item, 'over');
      return;
    }
    const earlier = (line.placed[route.account] ?? []).filter((at) => now - at < DAY_MS);
    if (isWindowFull(route, earlier, now)) {
      const reason = 'the vendor would refuse another call to this number so soon; raise its limit or add an account';
      this.addAttempt(items, route, { outcome: 'rejected', kind: 'rate-limited', reason });
      this.place(items, rest);
      return;
    }
    line.placed[route.account] = [...earlier, now];
    line.count += 1;
    const token = callToken(line.workflowId, line.count);
    line.current = { route, token, items, routes: rest, state: 'placing', since: now };
    const { account, adapter, keys } = route;
    this.commands.push({ do: 'place', order: { account, adapter, ...(keys && { keys }), ...announced(line.current) } });
  }

  private placed(token: string, callId: string): void {
    const call = this.calls().find((call) => call.token === token);
    if (!call) return;
    call.callId = callId;
    if (call === this.line.current && call.state === 'placing') this.ring(call);
    this.endUnwanted(call);
  }

  private refused(token: string, result: AttemptResult): void {
    const call = this.line.current;
    // Once a callback proved that the phone rings, what the request came to no longer matters.
    if (call?.token !== token || call.state !== 'placing') return;
    if (result.kind === 'unknown-outcome') {
      call.state = 'unknown';
      call.since = this.now;
      return;
    }
    const { account } = call.route;
    // The vendor did not take it, so it does not count it.
    this.line.placed[account] = (this.line.placed[account] ?? []).filter((at) => at !== call.since);
    this.addAttempt(call.items, call.route, result);
    this.placeAgain(call, result.kind === 'rejected' || result.kind === 'unreachable' ? [] : call.routes);
  }

  /** For those who still want it. */
  private placeAgain({ items }: PhoneCall, routes: Route[]): void {
    const wanted = items.filter(({ dropped }) => !dropped);
    // Copies: late words about the earlier call are its own.
    this.place(
      wanted.map((item) => ({ ...item, attempts: item.attempts.map((attempt) => ({ ...attempt })) })),
      routes,
    );
  }

  private callback(event: CallEvent): void {
    const call = callOf(this.calls(), event, this.now);
    if (!call) return;
    if (event.callId !== undefined) call.callId = event.callId;
    const isCurrent = call === this.line.current;
    if (isCurrent && call.state !== 'ringing') this.ring(call);
    this.pressed(call, event.keys ?? '');
    if (!event.ended) {
      this.endUnwanted(call);
      return;
    }
    const odd = call.odd === undefined ? '' : `; the keys ${call.odd} mean nothing`;
    const reason =
      call.ending && event.ended.outcome === 'unanswered' ? 'ended, it was no longer needed' : event.ended.reason;
    const result = { ...event.ended, reason: `${reason}${odd}` };
    if (isCurrent) this.finish(call, result);
    else if (isUnresolved(call)) this.correct(call, result);
  }

  /** One key, however often, does its deed to all that this call announced; anything else is only said. */
  private pressed(call: PhoneCall, keys: string): void {
    const [key] = keys;
    if (key === undefined) return;
    call.taken = true;
    const deed = (call.route.keys ?? KEYS)[key];
    if (!deed || [...keys].some((other) => other !== key)) {
      call.odd = keys;
      return;
    }
    for (const item of call.items) this.act(deed, item, 'voice', `${item.notification} call ${call.token} ${key}`);
  }

  private replied({ code, deed, key }: Reply): void {
    const answered = codeAnswered(this.line.codes ?? [], code);
    if (answered) this.act(deed, answered, 'sms', `text ${key}`);
  }

  private act(
    deed: Deed['do'],
    { workflowId, member, level }: { workflowId: string; member: string; level?: number },
    via: Deed['via'],
    key: string,
  ): void {
    const further = deed === 'escalate' && level !== undefined ? { level: level + 1 } : {};
    this.commands.push({ do: deed, workflowId, member, via, key, ...further });
  }

  private ring(call: PhoneCall): void {
    call.state = 'ringing';
    call.since = this.now;
    this.addAttempt(call.items, call.route, { outcome: 'accepted' });
    // Nobody can remember what a call about several incidents said, and its key acts on all of them.
    if (call.items.length > 1) this.commands.push({ do: 'list', list: announced(call) });
    const { token, items } = call;
    for (const item of items) this.tell(item, 'calling', { token, incidents: items.length });
  }

  private due(): void {
    const call = this.line.current;
    const due = lineDue(this.line);
    if (!call || !due || due.at > this.now) return;
    const outcome = { outcome: 'unknown' as const, reason: 'the provider never said what became of the call' };
    if (call.state === 'ringing') {
      this.finish(call, outcome);
      return;
    }
    this.addAttempt(call.items, call.route, outcome);
    this.line.recent.push(call);
    // The phone is silent again: the next account may call.
    this.placeAgain(call, call.routes);
  }

  private finish(call: PhoneCall, result: CallResult): void {
    this.line.recent.push(call);
    delete this.line.current;
    this.correct(call, result);
  }

  /** How a call ended, told to its incidents; not while another call is on for them, whose word is still to come. */
  private correct(call: PhoneCall, { outcome, reason, code }: CallResult): void {
    const changes = { outcome, ...(reason !== undefined && { reason }), ...(code !== undefined && { code }) };
    for (const item of call.items) {
      const latest = this.latest(item);
      for (const { attempts } of new Set([item, latest])) {
        const attempt = attempts.findLast(({ account }) => account === call.route.account);
        if (attempt) Object.assign(attempt, changes);
      }
      if (!this.line.current?.items.includes(latest)) this.tell(latest, 'over');
    }
  }

  /** The same incident in the newest call that announces it. */
  private latest(item: Waiting): Waiting {
    const { current, recent } = this.line;
    const items = [...recent, ...(current ? [current] : [])].flatMap((call) => call.items);
    return items.findLast((other) => isSame(other, item)) ?? item;
  }

  private calls(): PhoneCall[] {
    const { current, recent } = this.line;
    return current ? [current, ...recent] : recent;
  }

  private addAttempt(
    items: Waiting[],
    route: Route,
    result: Pick<AttemptResult, 'outcome' | 'reason' | 'code' | 'kind'>,
  ): void {
    const { outcome, reason, code, kind } = result;
    const at = new Date(this.now).toISOString();
    for (const item of items) {
      item.attempts.push({
        account: route.account,
        adapter: route.adapter,
        medium: 'voice',
        outcome,
        at,
        ...(reason !== undefined && { reason }),
        ...(code !== undefined && { code }),
        ...(kind !== undefined && kind !== 'cancelled' && { kind }),
      });
    }
  }

  private tell(
    { workflowId, notification, attempts }: Waiting,
    phase: CallWord['phase'],
    call?: CallWord['call'],
  ): void {
    const word: CallWord = {
      notification,
      phase,
      attempts: attempts.map((attempt) => ({ ...attempt })),
      ...(call && { call }),
    };
    this.commands.push({ do: 'tell', workflowId, word });
  }
}

function announced({ token, items }: PhoneCall): CallList {
  return {
    token,
    member: items[0]?.member ?? '',
    items: items.map(({ workflowId, notification, number, title, severity, channel, level }) => ({
      workflowId,
      notification,
      number,
      title,
      severity,
      ...(channel !== undefined && { channel }),
      ...(level !== undefined && { level }),
    })),
  };
}

type CallResult = Pick<AttemptResult, 'outcome' | 'reason' | 'code'>;
