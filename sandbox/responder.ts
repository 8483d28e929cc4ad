import { textOf } from './feishu-card.ts';
import type { Click, Clicked } from './feishu-callback.ts';
import type { Phones } from './phones.ts';
import type { PersonCard, SandboxCall, SandboxCard, SandboxMail, SandboxText, World } from './world.ts';

export interface Patience {
  /** Default 10,000. */
  timeoutMs?: number;
}

/** What is awaited: a part of the text, or a pattern; nothing: whatever comes next. */
export type Wanted = string | RegExp;

/** A call in somebody's hand. The fields are live. */
export interface HeldCall extends Readonly<SandboxCall> {
  press(keys: string): Promise<void>;
  answer(): Promise<void>;
  hangUp(): Promise<void>;
  decline(): Promise<void>;
  /** Resolves when the call has ended, whoever ended it. */
  over(patience?: Patience): Promise<void>;
}

/** A card before somebody's eyes. The fields are live. */
export interface HeldCard {
  readonly id: string;
  readonly redraws: number;
  /** The card as it looks now, or undefined for a plain text. */
  readonly json: unknown;
  /** All text on it. */
  readonly text: string;
  shows(wanted: Wanted): boolean;
  /** Waits until it shows something, now or after a redraw. */
  until(wanted: Wanted, patience?: Patience): Promise<void>;
  /** Presses a button by its label, its place or its value; a picker needs `option`. */
  click(action: Click['action'], more?: Pick<Click, 'option' | 'text' | 'version'>): Promise<Clicked>;
}

/** One person with a phone, an inbox and a chat, for tests to stand in for. */
export class Responder {
  readonly person: PersonCard;
  readonly #world: World;
  readonly #phones: Phones;
  readonly #click: (cardId: string, click: Click) => Promise<Clicked>;
  readonly #seen = new Set<object>();

  constructor(
    person: PersonCard,
    world: World,
    phones: Phones,
    click: (cardId: string, click: Click) => Promise<Clicked>,
  ) {
    this.person = person;
    this.#world = world;
    this.#phones = phones;
    this.#click = click;
  }

  get calls(): SandboxCall[] {
    return this.#world.calls.filter(({ to }) => to === this.person.phone);
  }

  get texts(): SandboxText[] {
    return this.#world.texts.filter(({ to }) => to === this.person.phone);
  }

  get mails(): SandboxMail[] {
    return this.#world.mails.filter(({ to }) => to === this.person.email);
  }

  get cards(): SandboxCard[] {
    return this.#world.cards.filter(({ to }) => to === this.person.openId);
  }

  /** The next call not expected before whose words match. */
  async expectCall(wanted?: Wanted, patience?: Patience): Promise<HeldCall> {
    const call = await this.#next(
      'call',
      () => this.calls,
      ({ text }) => text,
      wanted,
      patience,
    );
    const { id } = call;
    // Inherits from the call itself, so that its fields stay live.
    return Object.assign(Object.create(call) as SandboxCall, {
      press: (keys: string) => this.#phones.press(id, keys),
      answer: () => this.#phones.answer(id),
      hangUp: () => this.#phones.hangUp(id),
      decline: () => this.#phones.decline(id),
      over: async (limit?: Patience) => {
        await this.#until('the end of the call', () => (call.state === 'ended' ? true : undefined), limit);
      },
    });
  }

  /** The next text message not expected before that matches. */
  async expectText(wanted?: Wanted, patience?: Patience): Promise<SandboxText> {
    return this.#next(
      'text message',
      () => this.texts,
      ({ text }) => text,
      wanted,
      patience,
    );
  }

  /** The next mail not expected before whose subject or text matches. */
  async expectMail(wanted?: Wanted, patience?: Patience): Promise<SandboxMail> {
    return this.#next(
      'mail',
      () => this.mails,
      ({ subject, text }) => `${subject}\n${text}`,
      wanted,
      patience,
    );
  }

  /** The next card or chat message not expected before that matches as it looks now. */
  async expectCard(wanted?: Wanted, patience?: Patience): Promise<HeldCard> {
    const card = await this.#next('card', () => this.cards, wordsOn, wanted, patience);
    return {
      id: card.id,
      get redraws() {
        return card.redraws;
      },
      get json() {
        return card.card;
      },
      get text() {
        return wordsOn(card);
      },
      shows: (text) => matches(wordsOn(card), text),
      until: async (text, limit) => {
        await this.#until(`a card that shows ${String(text)}`, () => matches(wordsOn(card), text) || undefined, limit);
      },
      click: (action, more) => this.#click(card.id, { openId: this.person.openId ?? '', action, ...more }),
    };
  }

  async #next<T extends object>(
    what: string,
    list: () => T[],
    words: (item: T) => string,
    wanted: Wanted | undefined,
    patience: Patience | undefined,
  ): Promise<T> {
    const sought = wanted === undefined ? `a ${what}` : `a ${what} with ${String(wanted)}`;
    const found = await this.#until(
      sought,
      () => list().find((item) => !this.#seen.has(item) && matches(words(item), wanted)),
      patience,
      () =>
        `had ${String(list().length)}: ${list()
          .map((item) => JSON.stringify(words(item)))
          .join(', ')}`,
    );
    this.#seen.add(found);
    return found;
  }

  /** Looks now and after every change of the world. */
  async #until<T>(
    sought: string,
    look: () => T | undefined,
    { timeoutMs = 10_000 }: Patience = {},
    instead = () => '',
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      const check = (): void => {
        const found = look();
        if (found === undefined) return;
        clearTimeout(timer);
        this.#world.off('change', check);
        resolve(found);
      };
      const timer = setTimeout(() => {
        this.#world.off('change', check);
        reject(new Error(`${this.person.name} waited ${String(timeoutMs)} ms for ${sought}; ${instead()}`));
      }, timeoutMs);
      this.#world.on('change', check);
      check();
    });
  }
}

function wordsOn(card: SandboxCard): string {
  return card.text ?? textOf(card.card);
}

function matches(text: string, wanted: Wanted | undefined): boolean {
  if (wanted === undefined) return true;
  return typeof wanted === 'string' ? text.includes(wanted) : wanted.test(text);
}
