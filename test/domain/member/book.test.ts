import { describe, expect, it } from 'vitest';
import {
  askForCode,
  CODE_LIMITS,
  emptyBook,
  link,
  openCode,
  readCodeAsked,
  readLink,
  readTried,
  refuseLink,
  signIn,
  tellLater,
  tryCode,
  unlink,
  type MemberBook,
  type Tried,
} from '../../../domain/member/book.ts';

const MINUTE = 60_000;
const email = { purpose: 'verify', digest: 'd1', kind: 'email', address: 'a1' } as const;
const toLink = { ...email, purpose: 'link', account: 'feishu-cn', identity: 'ou_1' } as const;

function bookWith(...codes: Parameters<typeof openCode>[1][]): MemberBook {
  const book = emptyBook();
  for (const code of codes) openCode(book, code, 0);
  return book;
}
const typed = (digest: string, changes: Partial<Tried> = {}): Tried => ({
  purpose: 'verify',
  digests: ['of-an-older-secret', digest],
  ...changes,
});

describe('a code', () => {
  it('proves the address it went to, once', () => {
    const book = bookWith(email);
    expect(tryCode(book, typed('d1'), 9 * MINUTE)).toBe('good');
    expect(book.verified).toEqual({ email: 'a1' });
    expect(tryCode(book, typed('d1'), 9 * MINUTE)).toBe('none');
  });

  it('is good for ten minutes', () => {
    expect(tryCode(bookWith(email), typed('d1'), CODE_LIMITS.lifetimeMs - 1)).toBe('good');
    expect(tryCode(bookWith(email), typed('d1'), CODE_LIMITS.lifetimeMs)).toBe('none');
  });

  it('is gone after five wrong ones', () => {
    const book = bookWith(email);
    for (let tries = 0; tries < 5; tries += 1) expect(tryCode(book, typed('d2'), 0)).toBe('wrong');
    expect(tryCode(book, typed('d1'), 0)).toBe('none');
  });

  it('is good for nothing but what it was asked for', () => {
    const book = bookWith(toLink);
    expect(tryCode(book, typed('d1'), 0)).toBe('none');
    const linking = typed('d1', { purpose: 'link', account: 'feishu-cn' });
    expect(tryCode(book, { ...linking, account: 'slack', identity: 'ou_1' }, 0)).toBe('none');
    expect(tryCode(book, { ...linking, identity: 'ou_stranger' }, 0)).toBe('none');
    expect(tryCode(book, { ...linking, identity: 'ou_1' }, 0)).toBe('good');
    expect(book.identities).toEqual({ 'feishu-cn': 'ou_1' });
  });

  it('asked for without an id links whoever types it first', () => {
    const { identity: _, ...open } = toLink;
    const book = bookWith(open);
    const linking = typed('d1', { purpose: 'link', account: 'feishu-cn', identity: 'ou_9' });
    expect(tryCode(book, linking, 0)).toBe('good');
    expect(tryCode(book, { ...linking, identity: 'ou_8' }, 0)).toBe('none');
    expect(book.identities).toEqual({ 'feishu-cn': 'ou_9' });
  });

  it('takes the place of the one before', () => {
    const book = bookWith(email, { ...email, digest: 'd2' });
    expect(tryCode(book, typed('d1'), 0)).toBe('wrong');
    expect(tryCode(book, typed('d2'), 0)).toBe('good');
  });

  it('that has linked is good when it arrives again, and only for that account', () => {
    const book = bookWith(toLink);
    const linking = typed('d1', { purpose: 'link', account: 'feishu-cn', identity: 'ou_1' });
    expect(tryCode(book, linking, 0)).toBe('good');
    expect(tryCode(book, linking, 0)).toBe('good');
    expect(tryCode(book, { ...linking, identity: 'ou_2' }, 0)).toBe('none');
    expect(tryCode(book, { ...linking, account: 'constructor' }, 0)).toBe('none');
    unlink(book, 'feishu-cn');
    expect(tryCode(book, linking, 0)).toBe('none');
  });

  it('signs in the one browser it was asked for, and is as good when it arrives again', () => {
    const book = bookWith({ ...email, purpose: 'session', identity: 's1' });
    const typing = typed('d1', { purpose: 'session', identity: 's1', browser: 'Chrome, Linux' });
    expect(tryCode(book, { ...typing, identity: 's2' }, 0)).toBe('none');
    expect(tryCode(book, typing, 5)).toBe('good');
    expect(tryCode(book, typing, 6)).toBe('good');
    expect(book.sessions).toEqual([{ id: 's1', browser: 'Chrome, Linux', since: 5 }]);
    expect(book.identities).toEqual({});
  });

  it('is sent twelve times a day at most, so that nobody guesses for long', () => {
    const book = emptyBook();
    const everyFourMinutes = Array.from({ length: 30 }, (_, index) => askForCode(book, index * 4 * MINUTE));
    expect(everyFourMinutes.filter((refused) => refused === undefined)).toHaveLength(CODE_LIMITS.sendsADay);
    expect(askForCode(book, 24 * 60 * MINUTE)).toBeUndefined();
  });

  it('is sent three times in ten minutes at most', () => {
    const book = emptyBook();
    const asked = [0, 1, 2, 3].map((minute) => askForCode(book, minute * MINUTE));
    expect(asked.map((refused) => refused === undefined)).toEqual([true, true, true, false]);
    expect(askForCode(book, 10 * MINUTE)).toBeUndefined();
  });
});

describe('a link', () => {
  it('can be changed and undone', () => {
    const book = emptyBook();
    link(book, 'feishu-cn', 'ou_1');
    link(book, 'feishu-cn', 'ou_2');
    expect(unlink(book, 'feishu-cn', 'ou_1')).toBeUndefined();
    expect(unlink(book, 'feishu-cn')).toBe('ou_2');
    expect(unlink(book, 'feishu-cn')).toBeUndefined();
    expect(book.identities).toEqual({});
  });

  it('is replaced by a code only, and repeated as often as one likes', () => {
    const book = emptyBook();
    expect(refuseLink(book, { account: 'feishu-cn', identity: 'ou_1' })).toBeUndefined();
    link(book, 'feishu-cn', 'ou_1');
    expect(refuseLink(book, { account: 'feishu-cn', identity: 'ou_1' })).toBeUndefined();
    expect(refuseLink(book, { account: 'slack', identity: 'ou_2' })).toBeUndefined();
    expect(refuseLink(book, { account: 'feishu-cn', identity: 'ou_2' })).toContain('with a code');
  });

  it('signs every browser out when it ends or is replaced, and none when it is the first', () => {
    const book = emptyBook();
    const signedIn = (): number => book.sessions?.length ?? 0;
    signIn(book, { id: 's1', browser: 'Safari, iPhone' }, 0);
    link(book, 'feishu-cn', 'ou_1');
    link(book, 'feishu-cn', 'ou_1');
    expect(signedIn()).toBe(1);
    link(book, 'feishu-cn', 'ou_2');
    expect(signedIn()).toBe(0);
    signIn(book, { id: 's2', browser: 'Safari, iPhone' }, 0);
    unlink(book, 'feishu-cn', 'ou_1');
    expect(signedIn()).toBe(1);
    unlink(book, 'feishu-cn');
    expect(signedIn()).toBe(0);
  });

  it('is told later, the newest twenty', () => {
    const book = emptyBook();
    for (let index = 0; index < 30; index += 1) tellLater(book, { kind: 'linked', account: `a${String(index)}` });
    expect(book.untold).toHaveLength(20);
    expect(book.untold?.at(-1)).toEqual({ kind: 'linked', account: 'a29' });
  });

  it('is bounded in number', () => {
    const book = emptyBook();
    for (let index = 0; index < 60; index += 1) link(book, `account-${String(index)}`, 'x');
    expect(Object.keys(book.identities)).toHaveLength(50);
    expect(book.identities['account-59']).toBe('x');
  });
});

describe('what arrives at the workflow of a member', () => {
  it.each([undefined, null, 'x', 5, [], {}, { account: 'a' }, { purpose: 'steal' }, { purpose: 'link', account: 5 }])(
    'is refused when it is %o',
    (raw) => {
      expect([readLink(raw), readCodeAsked(raw), readTried(raw)]).toEqual([undefined, undefined, undefined]);
    },
  );

  it('is read as it was meant', () => {
    const matter = { purpose: 'link', account: 'feishu-cn', identity: 'ou_1' };
    expect(readLink(matter)).toEqual({ account: 'feishu-cn', identity: 'ou_1' });
    expect(readCodeAsked({ ...matter, medium: 'sms' })).toEqual({ ...matter, medium: 'sms' });
    expect(readCodeAsked({ purpose: 'verify' })).toEqual({ purpose: 'verify' });
    expect(readCodeAsked({ ...matter, medium: 'pigeon' })).toBeUndefined();
    expect(readTried({ ...matter, digests: ['d1'] })).toEqual({ ...matter, digests: ['d1'] });
    expect(readTried({ ...matter, digests: 'd1' })).toBeUndefined();
  });
});
