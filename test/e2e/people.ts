/** Stands in for the people of a house, so that a test reads as the story of what happened to them. */
import { expect } from 'vitest';
import type { IncidentView } from '../../domain/incident/view.ts';
import type { House } from '../../sandbox/demo/house.ts';
import { textOf } from '../../sandbox/feishu-card.ts';
import type {
  HeldCall,
  Responder,
  SandboxCard,
  SandboxMail,
  SandboxText,
  Tapped,
  Vendor,
} from '../../sandbox/index.ts';

/** Longer than anything takes on a busy machine; a story that goes well never waits for it. */
const PATIENCE_MS = 30_000;
const LOOK_EVERY_MS = 50;

/** Words that somebody waits for; an incident stands for its title. */
export type Wanted = string | RegExp | Incident;

/** Where an incident has come to. `told`: everybody was told, and nothing is being sent at this moment. */
export type State = 'told' | 'triggered' | 'acknowledged' | 'closed' | ((view: IncidentView) => boolean);

const STATES = {
  told: ({ notifications }) => notifications.length > 0 && notifications.every(({ outcome }) => outcome !== 'pending'),
  triggered: ({ progress }) => progress === 'Triggered',
  acknowledged: ({ progress }) => progress === 'Processing',
  closed: ({ progress }) => progress === 'Closed',
} satisfies Record<string, (view: IncidentView) => boolean>;

/** Everybody in a house, and the incidents they are told of. */
export class People {
  readonly primary: Person;
  readonly backup: Person;
  readonly supervisor: Person;
  readonly house: House;
  /** Ids of the calls, texts, mails and cards that somebody in the story took notice of. */
  readonly noticed = new Set<string>();
  /** In the order in which they were opened. */
  readonly incidents: Incident[] = [];
  #closed = 0;

  constructor(house: House) {
    this.house = house;
    this.primary = new Person('primary', this);
    this.backup = new Person('backup', this);
    this.supervisor = new Person('supervisor', this);
  }

  /** An incident of its own id and title. Default: Critical. */
  async open(channel: string, severity: 'Critical' | 'Warning' | 'Info' = 'Critical'): Promise<Incident> {
    const serial = String(this.incidents.length + 1);
    const incident = new Incident(`${this.house.configuration.prefix}-${serial}`, `db-${serial} is down`, this.house);
    this.incidents.push(incident);
    await this.house.client.open({ id: incident.id, title: incident.title, severity, channel });
    return incident;
  }

  /** A chat of several people. */
  chat(vendor: Vendor, to: string): Chat {
    return new Chat(vendor, to, this);
  }

  /** Nothing that speaks of the incident has reached anybody, but what the story has told already. */
  nobodyElseIsToldOf({ title }: Incident): void {
    const { calls, texts, mails, cards } = this.house.sandbox.world;
    const unnoticed = [...calls, ...texts, ...mails, ...cards].filter(({ id }) => !this.noticed.has(id));
    expect(unnoticed.filter((item) => JSON.stringify(item).includes(title))).toEqual([]);
  }

  /** Closes what the test left open, so that the next one begins in silence. */
  async closeAll(): Promise<void> {
    const { client, sandbox } = this.house;
    for (const { id } of this.incidents.slice(this.#closed)) {
      await client.close(id, { by: { name: 'test' } }).catch(() => undefined);
    }
    this.#closed = this.incidents.length;
    for (const { id, state } of sandbox.world.calls) {
      if (state !== 'ended') await sandbox.phones.hangUp(id).catch(() => undefined);
    }
  }

  /** Resolves with what `look` finds, now or after a change of what the imitated providers have shown. */
  async untilSeen<T>(sought: string, look: () => T | undefined): Promise<T> {
    const { world } = this.house.sandbox;
    return new Promise((resolve, reject) => {
      const check = (): void => {
        const found = look();
        if (found === undefined) return;
        clearTimeout(timer);
        world.off('change', check);
        resolve(found);
      };
      const timer = setTimeout(() => {
        world.off('change', check);
        reject(new Error(`waited ${String(PATIENCE_MS)} ms in vain for ${sought}`));
      }, PATIENCE_MS);
      world.on('change', check);
      check();
    });
  }
}

/** An incident that was opened. */
export class Incident {
  readonly id: string;
  readonly title: string;
  readonly #house: House;

  constructor(id: string, title: string, house: House) {
    this.id = id;
    this.title = title;
    this.#house = house;
  }

  view(): Promise<IncidentView> {
    return this.#house.client.describe(this.id);
  }

  /** The view once it is so, also when the server was away meanwhile. */
  async until(state: State): Promise<IncidentView> {
    const isReached = typeof state === 'string' ? STATES[state] : state;
    const giveUpAt = Date.now() + PATIENCE_MS;
    for (;;) {
      const view = await this.view().catch(() => undefined);
      if (view && isReached(view)) return view;
      if (Date.now() > giveUpAt) {
        const end = JSON.stringify(view?.timeline.slice(-3));
        throw new Error(`${this.title} was never ${state.toString()}; its timeline ends with ${end}`);
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  }

  async isStill(state: keyof typeof STATES): Promise<void> {
    expect(await this.view()).toSatisfy(STATES[state]);
  }

  /** The final view, after that member has closed it and the last cards are drawn. */
  async closedBy(member: string): Promise<IncidentView> {
    await this.#house.client.close(this.id, { by: { member } });
    return this.#house.client.result(this.id);
  }
}

/** One member, with a phone, an inbox and a chat on each platform. */
export class Person {
  readonly name: string;
  readonly #people: People;
  readonly #responder: Responder;
  readonly #chats = new Map<Vendor, Chat>();
  /** What is in this person's hand. */
  #call: HeldCall | undefined;
  #text: SandboxText | undefined;

  constructor(name: string, people: People) {
    this.name = name;
    this.#people = people;
    this.#responder = people.house.sandbox.responder(name);
  }

  /** This person's own chat on a platform. */
  on(vendor: Vendor): Chat {
    const { openId, ids } = this.#responder.person;
    const identity = vendor === 'feishu' ? openId : ids?.[vendor];
    if (identity === undefined) throw new Error(`${this.name} is not on ${vendor}`);
    const chat = this.#chats.get(vendor) ?? new Chat(vendor, identity, this.#people);
    this.#chats.set(vendor, chat);
    return chat;
  }

  /** The phone rings, and these are the words of the call. */
  async hears(wanted: Wanted): Promise<HeldCall> {
    this.#call = await this.#responder.expectCall(wordsOf(wanted), { timeoutMs: PATIENCE_MS });
    this.#people.noticed.add(this.#call.id);
    return this.#call;
  }

  async picksUp(): Promise<void> {
    await this.#callInHand().answer();
  }

  /** Keys of the phone while a call is in hand. */
  async presses(keys: string): Promise<void> {
    await this.#callInHand().press(keys);
  }

  /** The call says so from its beginning. */
  hasHeard(words: string): void {
    expect(this.#callInHand().text).toContain(words);
  }

  /** The voice said so after the last key. */
  isAnswered(wanted: Wanted): void {
    expect(this.#callInHand().reply ?? '').toMatch(wordsOf(wanted));
  }

  get isOnThePhone(): boolean {
    return this.#callInHand().state === 'in-progress';
  }

  async letsVoicemailAnswer(): Promise<void> {
    await this.#people.house.sandbox.phones.voicemail(this.#callInHand().id);
  }

  async hangsUp(): Promise<void> {
    await this.#callInHand().hangUp();
  }

  /** The phone falls silent, whoever ended the call. */
  async isLeftInPeace(): Promise<HeldCall> {
    const call = this.#callInHand();
    await call.over({ timeoutMs: PATIENCE_MS });
    return call;
  }

  async readsMail(wanted: Wanted): Promise<SandboxMail> {
    return this.#notice(await this.#responder.expectMail(wordsOf(wanted), { timeoutMs: PATIENCE_MS }));
  }

  async readsText(wanted: Wanted): Promise<SandboxText> {
    this.#text = this.#notice(await this.#responder.expectText(wordsOf(wanted), { timeoutMs: PATIENCE_MS }));
    return this.#text;
  }

  /** Answers the text read last. Resolves with what comes back by text. */
  async replies(words: string): Promise<string> {
    if (!this.#text) throw new Error(`${this.name} has read no text yet`);
    const before = this.#responder.texts.length;
    await this.#people.house.sandbox.replyTo(this.#text.id, words);
    return this.#responder.texts
      .slice(before)
      .map((one) => this.#notice(one).text)
      .join('\n');
  }

  #notice<T extends { id: string }>(item: T): T {
    this.#people.noticed.add(item.id);
    return item;
  }

  #callInHand(): HeldCall {
    if (!this.#call) throw new Error(`${this.name} has no call in hand`);
    return this.#call;
  }
}

/** What one person or one group sees on one platform. */
export class Chat {
  readonly vendor: Vendor;
  /** The platform's id of the person or the group. */
  readonly to: string;
  readonly #people: People;
  /** The card that the person looks at. */
  #card: SandboxCard | undefined;

  constructor(vendor: Vendor, to: string, people: People) {
    this.vendor = vendor;
    this.to = to;
    this.#people = people;
  }

  /** A card or message that was not seen before. */
  async sees(wanted: Wanted): Promise<SandboxCard> {
    const { noticed, house } = this.#people;
    const words = wordsOf(wanted);
    this.#card = await this.#people.untilSeen(`${String(words)} in the chat of ${this.to} on ${this.vendor}`, () =>
      house.sandbox.world.cards.find(
        (card) =>
          card.vendor === this.vendor && card.to === this.to && !noticed.has(card.id) && matches(textOn(card), words),
      ),
    );
    noticed.add(this.#card.id);
    return this.#card;
  }

  /** A window that has opened over the chat. */
  async seesWindow(): Promise<void> {
    const { noticed, house } = this.#people;
    this.#card = await this.#people.untilSeen(`a window on ${this.vendor}`, () =>
      house.sandbox.world.cards.find(
        ({ id, vendor }) => vendor === this.vendor && id.startsWith('V') && !noticed.has(id),
      ),
    );
    noticed.add(this.#card.id);
  }

  /** The card says so, now or after it was drawn again. */
  async isShown(wanted: Wanted): Promise<void> {
    const { card } = this;
    const words = wordsOf(wanted);
    await this.#people.untilSeen(
      `${String(words)} on the card of ${this.to}`,
      () => matches(textOn(card), words) || undefined,
    );
  }

  /** The card is drawn in this colour, now or after it was drawn again. */
  async turns(color: string): Promise<void> {
    const { card } = this;
    await this.#people.untilSeen(`a ${color} card of ${this.to}`, () => card.face?.color === color || undefined);
  }

  /** A button of the card, pressed by whoever owns the chat or, in a group, by `as`. */
  async presses(control: string, { as = this.to, text }: { as?: string; text?: string } = {}): Promise<Tapped> {
    const { card } = this;
    const { sandbox } = this.#people.house;
    if (this.vendor === 'feishu') return sandbox.feishu.click(card.id, { openId: as, action: control });
    return sandbox.tap(card.id, { identity: as, control, ...(text !== undefined && { text }) });
  }

  /** The labels of all that can be pressed. */
  get buttons(): string[] {
    return (this.card.face?.controls ?? []).map(({ label }) => label);
  }

  /** The card has none of these buttons, now or after it was drawn again. */
  async offersNoMore(...labels: string[]): Promise<void> {
    await this.#people.untilSeen(
      `a card of ${this.to} without ${labels.join(', ')}`,
      () => !labels.some((label) => this.buttons.includes(label)) || undefined,
    );
  }

  /** The card or message that was seen last, as it looks now. */
  get card(): SandboxCard {
    if (!this.#card) throw new Error(`${this.to} has seen no card yet`);
    return this.#card;
  }
}

/** All text on a card or message. */
export function textOn({ text, face, card }: SandboxCard): string {
  return text ?? (face ? [face.title, ...face.lines].join('\n') : textOf(card));
}

function wordsOf(wanted: Wanted): string | RegExp {
  return wanted instanceof Incident ? wanted.title : wanted;
}

function matches(text: string, words: string | RegExp): boolean {
  return typeof words === 'string' ? text.includes(words) : words.test(text);
}
