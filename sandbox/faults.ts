import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Incoming } from './stage.ts';
import { instant, type Arrival, type Fault, type World } from './world.ts';

/** An imitation says no, in the vendor's words. */
export class Refusal extends Error {
  readonly code: string;
  /** Where the vendor's habit for this code does not hold. */
  readonly status: number | undefined;

  constructor(code: string, message?: string, status?: number) {
    super(message ?? code);
    this.code = code;
    this.status = status;
  }
}

/** What goes wrong with a request, if anything. */
export type Effect = Fault['effect'] | { nothing: true };

/** How one vendor answers. */
export interface Manner {
  vendor: Fault['vendor'];
  accept(body: Record<string, unknown>): Response;
  refuse(refusal: Refusal): Response;
  /** Too many requests: come back after `ms`. */
  throttle(ms: number): Response;
}

/** Every request to an imitation passes here: it is recorded, fails when a fault was asked for, and is answered. */
export class Faults {
  readonly #world: World;
  readonly #waiting: { fault: Fault; left: number }[] = [];

  constructor(world: World) {
    this.#world = world;
  }

  add(fault: Fault): void {
    this.#waiting.push({ fault, left: fault.times ?? 1 });
  }

  /** What is still waiting for its request, oldest first, with how often it will strike. */
  get waiting(): readonly Readonly<{ fault: Fault; left: number }>[] {
    return this.#waiting;
  }

  /** Forgets every fault still waiting for its request. */
  clear(): void {
    this.#waiting.length = 0;
  }

  /** The oldest fault waiting for this action, spent once. `byName`: only faults that name an action. */
  take(vendor: Fault['vendor'], action: string, byName = false): Effect {
    const index = this.#waiting.findIndex(
      ({ fault }) =>
        fault.vendor === vendor && (fault.action === undefined ? !byName : action.startsWith(fault.action)),
    );
    const found = this.#waiting[index];
    if (found === undefined) return { nothing: true };
    found.left -= 1;
    if (found.left <= 0) this.#waiting.splice(index, 1);
    return found.fault.effect;
  }

  /** Writes an arrival down; the returned function adds what was answered. */
  arrive(vendor: Fault['vendor'], action: string, to?: string): (answer: string) => void {
    const arrival: Arrival = { at: instant(), vendor, action, answer: 'pending' };
    if (to !== undefined) arrival.to = to;
    this.#world.arrivals.push(arrival);
    this.#world.changed('arrivals');
    return (answer) => {
      arrival.answer = answer;
      this.#world.changed('arrivals');
    };
  }

  /**
   * One HTTP request from arrival to answer. Nothing unauthenticated meets a fault: `authenticate` comes first, then the
   * fault, then `act`; both of ours throw {@link Refusal}.
   */
  async receive(
    c: Incoming,
    manner: Manner,
    request: { action: string; to?: string | undefined },
    authenticate: () => void,
    act: () => Record<string, unknown>,
  ): Promise<Response> {
    const answered = this.arrive(manner.vendor, request.action, request.to);
    try {
      authenticate();
      const effect = this.take(manner.vendor, request.action);
      if ('refuse' in effect) throw new Refusal(effect.refuse, effect.message, effect.status);
      if ('rateLimitMs' in effect) {
        answered('throttled');
        return manner.throttle(effect.rateLimitMs);
      }
      if ('status' in effect) {
        answered(`status ${String(effect.status)}`);
        return new Response(null, { status: effect.status });
      }
      if ('delayMs' in effect) await sleep(effect.delayMs, undefined, { ref: false });
      const body = act();
      if ('dropAnswer' in effect) {
        answered('dropped');
        c.env.incoming.socket.destroy();
        return RESPONSE_ALREADY_SENT;
      }
      if ('garble' in effect) {
        answered('garbled');
        return new Response('{"Code":"O', { headers: { 'content-type': 'application/json' } });
      }
      answered('ok');
      return manner.accept(body);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      answered(error.code);
      return manner.refuse(error);
    }
  }
}
