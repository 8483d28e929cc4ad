import type { Callbacks } from './callbacks.ts';
import type { SandboxCall, World } from './world.ts';

/** How long the last words after a decisive key take. */
const GOODBYE_MS = 1000;

/** What a vendor does while one of its calls goes on. Each resolves when our answer to its callback is there. */
export interface Line {
  answered(call: SandboxCall): Promise<unknown>;
  pressed(call: SandboxCall, key: string): Promise<unknown>;
  ended(call: SandboxCall): Promise<unknown>;
  /** What the callee hears after a key; the call ends by itself after it. Nothing: the call goes on. */
  replyTo(key: string): string | undefined;
}

interface Held {
  call: SandboxCall;
  line: Line;
  stopClock: () => void;
}

/** Every imitated telephone, and the hands on it. */
export class Phones {
  readonly #world: World;
  readonly #callbacks: Callbacks;
  readonly #ringMs: number;
  readonly #talkMs: number;
  readonly #held = new Map<string, Held>();

  constructor(world: World, callbacks: Callbacks, ringMs: number, talkMs: number) {
    this.#world = world;
    this.#callbacks = callbacks;
    this.#ringMs = ringMs;
    this.#talkMs = talkMs;
  }

  /** Rings. Unanswered it ends with `no answer` after the ring time. */
  ring(start: Pick<SandboxCall, 'id' | 'vendor' | 'to' | 'text'>, line: Line): SandboxCall {
    const call: SandboxCall = { ...start, state: 'ringing', keys: '', startedAt: Date.now() };
    const stopClock = this.#callbacks.after(this.#ringMs, () => this.#end(call.id, 'no answer'));
    this.#held.set(call.id, { call, line, stopClock });
    this.#world.calls.push(call);
    this.#world.changed('calls');
    return call;
  }

  /** Picks up. Resolves when the vendor's callback is answered, as do all of these. */
  async answer(id: string): Promise<void> {
    const held = this.#find(id);
    if (held.call.state !== 'ringing') return;
    held.stopClock();
    held.stopClock = this.#callbacks.after(this.#talkMs, () => this.#end(id, 'played to the end'));
    held.call.state = 'in-progress';
    held.call.answeredAt = Date.now();
    this.#world.changed('calls');
    await held.line.answered(held.call);
  }

  /** Nobody is there, and a machine picks up. */
  async voicemail(id: string): Promise<void> {
    const { call } = this.#find(id);
    if (call.state === 'ringing') call.machine = true;
    await this.answer(id);
  }

  /** What the callee hears by now, from vendors that ask us for it; the call ends by itself after last words. */
  say(id: string, words: string, isLast: boolean): void {
    const held = this.#find(id);
    held.call.reply = words;
    held.stopClock();
    held.stopClock = this.#callbacks.after(isLast ? GOODBYE_MS : this.#talkMs, () =>
      this.#end(id, 'played to the end'),
    );
    this.#world.changed('calls');
  }

  /** Whoever had placed the call ends it. */
  async endFromCaller(id: string): Promise<void> {
    const { call } = this.#find(id);
    call.endedByCaller = true;
    await this.#end(id, call.state === 'ringing' ? 'no answer' : 'hung up');
  }

  /** Presses keys one after the other, picking up first if the phone still rings. */
  async press(id: string, keys: string): Promise<void> {
    if (!/^[0-9*#]+$/.test(keys)) throw new Error('sandbox: a telephone has the keys 0 to 9, * and #');
    const held = this.#find(id);
    const answered = this.answer(id);
    for (const key of keys) {
      held.call.keys += key;
      const reply = held.line.replyTo(key);
      if (reply !== undefined) {
        held.call.reply = reply;
        held.stopClock();
        held.stopClock = this.#callbacks.after(GOODBYE_MS, () => this.#end(id, 'played to the end'));
      }
      this.#world.changed('calls');
      await held.line.pressed(held.call, key);
    }
    await answered;
  }

  /** The callee hangs up; a phone that still rings is declined, one whose call is over is simply put down. */
  async hangUp(id: string): Promise<void> {
    const { state } = this.#hold(id).call;
    if (state !== 'ended') await this.#end(id, state === 'ringing' ? 'busy' : 'hung up');
  }

  /** The callee presses the call away: busy. */
  async decline(id: string): Promise<void> {
    if (this.#find(id).call.state !== 'ringing') throw new Error('sandbox: only a ringing call can be declined');
    await this.#end(id, 'busy');
  }

  /** The vendor itself kills the call. */
  async block(id: string): Promise<void> {
    await this.#end(id, 'blocked');
  }

  #hold(id: string): Held {
    const held = this.#held.get(id);
    if (held === undefined) throw new Error(`sandbox: no call ${id}`);
    return held;
  }

  #find(id: string): Held {
    const held = this.#hold(id);
    if (held.call.state === 'ended') throw new Error(`sandbox: call ${id} is over (${held.call.end ?? ''})`);
    return held;
  }

  async #end(id: string, end: NonNullable<SandboxCall['end']>): Promise<void> {
    const { call, line, stopClock } = this.#find(id);
    stopClock();
    call.state = 'ended';
    call.end = end;
    call.endedAt = Date.now();
    this.#world.changed('calls');
    await line.ended(call);
  }
}
