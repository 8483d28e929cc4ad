import type { CallDrop, CallList, CallRequest, CallWord } from '../../domain/phone/call.ts';
import type { Route } from '../../domain/delivery.ts';
import {
  advanceLine,
  idleLine,
  lineDue,
  type Line,
  type LineCommand,
  type LineHappened,
} from '../../domain/phone/line.ts';
import { ringMs } from '../../domain/media.ts';
import type { Waiting } from '../../domain/phone/phone-call.ts';
import type { AttemptResult } from '../../domain/incident/pursuit.ts';
import type { Coming, VirtualTime } from './virtual-time.ts';
import type { SimulationWords } from './words.ts';
import { incidentIdOf } from '../../domain/workflow-ids.ts';

/** One call, and the incidents that were joined into it. */
export interface CallMade {
  /** Since the simulation began. */
  afterMs: number;
  member: string;
  account: string;
  /** Accounts that would follow, should this one fail. */
  then: string[];
  /** Ids, the worst first. */
  announces: string[];
  endedAfterMs?: number;
  outcome?: 'unanswered' | 'answered' | 'failed';
}

/** Whom the telephones tell what becomes of the calls. */
export interface CallsHeard {
  placed: (item: Waiting, route: Route, then: readonly Route[]) => void;
  /** The call is about several: they are listed for the person to read. */
  listed: (list: CallList) => Promise<void>;
  told: (workflowId: string, word: CallWord) => void;
  acknowledged: (workflowId: string, by: { member: string; key: string }) => void;
}

/** The telephones of everybody, each with its line: they ring as long as they may, and nobody picks up unless told to. */
export class SimulatedPhones {
  readonly calls: CallMade[] = [];
  readonly #time: VirtualTime;
  readonly #failing: ReadonlySet<string>;
  readonly #heard: CallsHeard;
  readonly #words: SimulationWords;
  readonly #lines = new Map<string, Line>();
  readonly #made = new Map<string, CallMade>();

  constructor(time: VirtualTime, failing: ReadonlySet<string>, heard: CallsHeard, words: SimulationWords) {
    this.#time = time;
    this.#failing = failing;
    this.#heard = heard;
    this.#words = words;
  }

  /** @returns whether it has to wait for the call that is on. */
  request(phone: string, request: CallRequest): boolean {
    this.#feed(phone, { type: 'requested', request });
    return this.#lines.get(phone)?.waiting.some((one) => one.workflowId === request.workflowId) ?? false;
  }

  drop(phone: string, drop: CallDrop): void {
    this.#feed(phone, { type: 'dropped', drop });
  }

  /** Somebody picks up, presses 1 and hangs up. @returns whether it rang. */
  press(phone: string): boolean {
    const call = this.#lines.get(phone)?.current;
    if (call?.state !== 'ringing') return false;
    this.#over(phone, call, '1', { outcome: 'answered', reason: 'hung up' });
    return true;
  }

  due(): Coming[] {
    return [...this.#lines].flatMap(([phone, line]) => {
      const due = lineDue(line);
      const happen = (): void => {
        this.#feed(phone, { type: 'due' });
      };
      const account = line.current?.route.account ?? '';
      return due ? [{ at: due.at, what: this.#words.rings(account), happen }] : [];
    });
  }

  #feed(phone: string, happened: LineHappened): void {
    const before = this.#lines.get(phone) ?? idleLine(phone);
    const { line, commands } = advanceLine(before, happened, this.#time.now);
    this.#lines.set(phone, line);
    for (const command of commands) this.#carryOut(phone, command);
  }

  #carryOut(phone: string, command: LineCommand): void {
    switch (command.do) {
      case 'place':
        this.#place(phone, command);
        break;
      case 'list':
        this.#time.soon(() => this.#heard.listed(command.list));
        break;
      case 'tell':
        this.#time.soon(() => {
          this.#heard.told(command.workflowId, command.word);
        });
        break;
      case 'acknowledge':
        this.#time.soon(() => {
          this.#heard.acknowledged(command.workflowId, command);
        });
        break;
      case 'end': {
        const { account, adapter, token } = command.call;
        this.#time.soon(() => {
          this.#over(phone, { route: { account, adapter }, token }, '', {
            outcome: 'unanswered',
            reason: 'the call ended',
          });
        });
        break;
      }
      case 'escalate': // Nobody here presses 2.
      case 'cancel': // The vendor took it at once.
        break;
    }
  }

  #place(phone: string, { order }: Extract<LineCommand, { do: 'place' }>): void {
    const { account, adapter, token, member } = order;
    const { items = [], routes = [] } = this.#lines.get(phone)?.current ?? {};
    const made: CallMade = {
      afterMs: this.#time.afterMs,
      member,
      account,
      then: routes.map((next) => next.account),
      announces: items.map(({ workflowId }) => incidentIdOf(workflowId)),
    };
    this.calls.push(made);
    this.#made.set(`${phone} ${token}`, made);
    const route = { account, adapter };
    for (const item of items) this.#heard.placed(item, route, routes);
    if (this.#failing.has(account)) {
      Object.assign(made, { endedAfterMs: this.#time.afterMs, outcome: 'failed' });
      this.#time.soon(() => {
        this.#feed(phone, { type: 'refused', token, result: failure(route) });
      });
      return;
    }
    this.#time.soon(() => {
      this.#feed(phone, { type: 'placed', token, callId: token });
    });
    this.#time.at(this.#time.afterMs + ringMs(adapter), this.#words.rings(account), () => {
      if (made.outcome) return;
      this.#over(phone, { route, token }, '', { outcome: 'unanswered', reason: 'nobody picked up' });
    });
  }

  #over(
    phone: string,
    { route: { account }, token }: { route: Route; token: string },
    keys: string,
    ended: { outcome: 'answered' | 'unanswered'; reason: string },
  ): void {
    const made = this.#made.get(`${phone} ${token}`);
    if (made) Object.assign(made, { endedAfterMs: this.#time.afterMs, outcome: ended.outcome });
    this.#feed(phone, { type: 'callback', event: { account, token, keys, ended } });
  }
}

/** What an account answers that takes nothing. */
export function failure(route: Route): AttemptResult {
  return { route, outcome: 'failed', kind: 'unavailable', reason: { key: 'told-to-fail' } };
}
