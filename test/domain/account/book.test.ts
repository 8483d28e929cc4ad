import { describe, expect, it } from 'vitest';
import {
  countSends,
  emptyAccount,
  enterIdentity,
  mayUseQuota,
  noteChat,
  ownerOf,
  quotaMonth,
  readChatChange,
  readEntry,
  readSends,
  removeIdentity,
} from '../../../domain/account/book.ts';

describe('who is who on a platform', () => {
  it('is one member for each id: the newest link wins, and the one before is named', () => {
    const book = emptyAccount();
    expect(enterIdentity(book, 'ou_1', 'primary')).toBeUndefined();
    expect(enterIdentity(book, 'ou_1', 'primary')).toBeUndefined();
    expect(enterIdentity(book, 'ou_1', 'backup')).toBe('primary');
    removeIdentity(book, 'ou_1', 'primary');
    expect(book.members).toEqual({ ou_1: 'backup' });
    removeIdentity(book, 'ou_1', 'backup');
    expect(book.members).toEqual({});
  });

  it('is one id for each member: an account that was replaced acts for nobody', () => {
    const book = emptyAccount();
    enterIdentity(book, 'ou_stolen', 'primary');
    enterIdentity(book, 'ou_backup', 'backup');
    enterIdentity(book, 'ou_own', 'primary');
    expect(ownerOf(book, 'ou_stolen')).toBeUndefined();
    expect(book.members).toEqual({ ou_backup: 'backup', ou_own: 'primary' });
  });

  it('is nobody for an id that is called like a thing of the language', () => {
    const book = emptyAccount();
    expect([ownerOf(book, 'constructor'), ownerOf(book, '__proto__')]).toEqual([undefined, undefined]);
    expect(enterIdentity(book, '__proto__', 'primary')).toBeUndefined();
    expect(ownerOf(book, '__proto__')).toBe('primary');
  });

  it('keeps the newest 5000', () => {
    const book = emptyAccount();
    book.members = Object.fromEntries(Array.from({ length: 5000 }, (_, n) => [`ou_${String(n)}`, `m${String(n)}`]));
    enterIdentity(book, 'ou_5000', 'm5000');
    expect(Object.keys(book.members)).toHaveLength(5000);
    expect(book.members['ou_0']).toBeUndefined();
  });
});

describe('the groups of an account', () => {
  it('keep their name until they get another, and are remembered once gone', () => {
    const book = emptyAccount();
    noteChat(book, { chat: 'oc_1', change: 'joined', name: 'Ops' }, 1);
    noteChat(book, { chat: 'oc_2', change: 'joined' }, 2);
    noteChat(book, { chat: 'oc_1', change: 'left' }, 3);
    expect(book.chats).toEqual([
      { chat: 'oc_2', at: 2 },
      { chat: 'oc_1', at: 3, name: 'Ops', gone: true },
    ]);
    noteChat(book, { chat: 'oc_1', change: 'renamed', name: 'Operations' }, 4);
    expect(book.chats.at(-1)).toEqual({ chat: 'oc_1', at: 4, name: 'Operations' });
  });
});

describe('a monthly quota', () => {
  const quota = 1000;
  const page = { critical: false, redraw: false, isOver: false };

  it.each([
    ['a page', page, 899, 900],
    ['a Critical page', { ...page, critical: true }, 5000, undefined],
    ['a redraw', { ...page, redraw: true }, 800, 801],
    ['a redraw of what is acknowledged or closed', { ...page, redraw: true, isOver: true }, 5000, undefined],
  ])('lets %s through until it is time', (_, what, last, first) => {
    expect(mayUseQuota({ quota, used: last }, what)).toBe(true);
    if (first !== undefined) expect(mayUseQuota({ quota, used: first }, what)).toBe(false);
  });

  it('begins anew with the month in China, and late news of the old month do not count', () => {
    expect(quotaMonth(Date.parse('2026-11-30T15:59:59Z'))).toBe('2026-11');
    expect(quotaMonth(Date.parse('2026-11-30T16:00:00Z'))).toBe('2026-12');
    const book = emptyAccount();
    countSends(book, { month: '2026-11', count: 50 });
    countSends(book, { month: '2026-11', count: 7 });
    expect(book.sends).toEqual({ month: '2026-11', count: 57 });
    countSends(book, { month: '2026-12', count: 1 });
    countSends(book, { month: '2026-11', count: 9 });
    expect(book.sends).toEqual({ month: '2026-12', count: 1 });
  });
});

it.each([undefined, null, 'x', 5, [], {}, { identity: 1, member: 'x' }, { chat: '', change: 'joined' }, { count: -1 }])(
  'changes nothing when %o arrives as a signal',
  (raw) => {
    expect([readEntry(raw), readChatChange(raw), readSends(raw)]).toEqual([undefined, undefined, undefined]);
  },
);
