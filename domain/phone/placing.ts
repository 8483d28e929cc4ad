import type { Route } from '../delivery.ts';
import { isWorse } from '../incident/incident.ts';
import type { AttemptResult } from '../incident/pursuit.ts';
import { canEnd } from '../media.ts';
import { callToken } from './call-token.ts';
import type { CallDrop, CallRequest } from './call.ts';
import { isSame, isUnwanted, isWindowFull, type PhoneCall, type Waiting } from './phone-call.ts';
import { ring } from './ringing.ts';
import { addAttempt, announced, callsOf, tell, type LineStep } from './step.ts';

/** The longest window of any vendor. */
const DAY_MS = 24 * 60 * 60_000;

/** An incident wants to be told: it waits for the next call. */
export function takeRequest(step: LineStep, request: CallRequest): void {
  const { waiting, current, recent } = step.line;
  const known = [...waiting, ...[...recent, ...(current ? [current] : [])].flatMap(({ items }) => items)];
  if (!known.some((other) => isSame(other, request))) waiting.push({ ...request, attempts: [], dropped: false });
}

/** An incident no longer wants its call. */
export function takeDrop(step: LineStep, drop: CallDrop): void {
  const { line } = step;
  line.waiting = line.waiting.filter((waiting) => !isSame(waiting, drop));
  const call = line.current;
  if (!call) return;
  for (const item of call.items) item.dropped ||= isSame(item, drop);
  // No channel worker has taken the call yet, so it can still be taken back.
  if (call.state === 'placing' && isUnwanted(call)) step.commands.push({ do: 'cancel', token: call.token });
  endUnwanted(step, call);
}

/** Ends a call that still rings although nobody wants what it announces, where the provider can end calls. */
export function endUnwanted(step: LineStep, call: PhoneCall): void {
  const { route, token, callId, taken, ending } = call;
  if (call !== step.line.current || !isUnwanted(call) || taken || ending) return;
  if (callId === undefined || !canEnd(route.adapter)) return;
  call.ending = true;
  step.commands.push({ do: 'end', call: { account: route.account, adapter: route.adapter, token, callId } });
}

/** One call about all incidents that wait, the worst first. */
export function callAllWhoWait(step: LineStep): void {
  const items = step.line.waiting.toSorted(
    (a, b) => Number(isWorse(b.severity, a.severity)) - Number(isWorse(a.severity, b.severity)),
  );
  step.line.waiting = [];
  place(step, items, items[0]?.routes ?? []);
}

/** Through the first account that may call this number now; when none is left, the incidents hear that it is over. */
function place(step: LineStep, items: Waiting[], routes: Route[]): void {
  const { line, now } = step;
  const [route, ...rest] = routes;
  if (!route || items.length === 0) {
    delete line.current;
    for (const item of items) tell(step, item, 'over');
    return;
  }
  const earlier = (line.placed[route.account] ?? []).filter((at) => now - at < DAY_MS);
  if (isWindowFull(route, earlier, now)) {
    addAttempt(step, items, route, { outcome: 'rejected', kind: 'rate-limited', reason: { key: 'call-window-full' } });
    place(step, items, rest);
    return;
  }
  line.placed[route.account] = [...earlier, now];
  line.count += 1;
  const token = callToken(line.workflowId, line.count);
  line.current = { route, token, items, routes: rest, state: 'placing', since: now };
  const { account, adapter, keys } = route;
  step.commands.push({ do: 'place', order: { account, adapter, ...(keys && { keys }), ...announced(line.current) } });
}

/** The provider took the call. */
export function takePlaced(step: LineStep, token: string, callId: string): void {
  const call = callsOf(step).find((call) => call.token === token);
  if (!call) return;
  call.callId = callId;
  if (call === step.line.current && call.state === 'placing') ring(step, call);
  endUnwanted(step, call);
}

/** The provider did not take the call, or nobody knows whether it did. */
export function takeRefusal(step: LineStep, token: string, result: AttemptResult): void {
  const call = step.line.current;
  // Once a callback proved that the phone rings, what the request came to no longer matters.
  if (call?.token !== token || call.state !== 'placing') return;
  if (result.kind === 'unknown-outcome') {
    call.state = 'unknown';
    call.since = step.now;
    return;
  }
  const { account } = call.route;
  // A call that the vendor did not take does not count in the vendor's windows.
  step.line.placed[account] = (step.line.placed[account] ?? []).filter((at) => at !== call.since);
  addAttempt(step, call.items, call.route, result);
  placeAgain(step, call, result.kind === 'rejected' || result.kind === 'unreachable' ? [] : call.routes);
}

/** Places the call anew for the incidents that still want it, through the accounts that are left. */
export function placeAgain(step: LineStep, { items }: PhoneCall, routes: Route[]): void {
  const wanted = items.filter(({ dropped }) => !dropped);
  // The new call gets copies of these lists, because late callbacks about the earlier call still change that one.
  place(
    step,
    wanted.map((item) => ({ ...item, attempts: item.attempts.map((attempt) => ({ ...attempt })) })),
    routes,
  );
}
