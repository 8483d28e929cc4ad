import { describe, expect, it } from 'vitest';
import {
  isOpen,
  MOST_SESSIONS,
  readNewSession,
  readSignOut,
  SESSION_MS,
  withoutSession,
  withSession,
  type Session,
} from '../../../domain/member/session.ts';

const browser = 'Safari, iPhone';

describe('the browsers in which a member is signed in', () => {
  it('are ten at most: the oldest gives way', () => {
    let sessions: Session[] = [];
    for (let index = 0; index < 12; index += 1)
      sessions = withSession(sessions, { id: `s${String(index)}`, browser }, index);
    expect(sessions).toHaveLength(MOST_SESSIONS);
    expect(sessions.map(({ id }) => id)).toEqual(Array.from({ length: 10 }, (_, index) => `s${String(index + 2)}`));
  });

  it('stay signed in for thirty days, and are no more kept then', () => {
    const sessions = withSession([], { id: 's1', browser }, 0);
    expect(sessions.map((one) => isOpen(one, SESSION_MS - 1))).toEqual([true]);
    expect(sessions.map((one) => isOpen(one, SESSION_MS))).toEqual([false]);
    expect(withSession(sessions, { id: 's2', browser }, SESSION_MS).map(({ id }) => id)).toEqual(['s2']);
  });

  it('do not become younger when they sign in once more', () => {
    const sessions = withSession([], { id: 's1', browser }, 0);
    expect(withSession(sessions, { id: 's1', browser }, 5)).toEqual(sessions);
  });

  it('are signed out one by one or all at once', () => {
    const sessions = withSession(withSession([], { id: 's1', browser }, 0), { id: 's2', browser }, 0);
    expect(withoutSession(sessions, 's1').map(({ id }) => id)).toEqual(['s2']);
    expect(withoutSession(sessions)).toEqual([]);
  });

  it('are not signed out altogether by what cannot be read', () => {
    expect(readSignOut({})).toEqual({});
    expect(readSignOut({ session: 's1' })).toEqual({ session: 's1' });
    expect([readSignOut({ session: 5 }), readSignOut({ session: '' })]).toEqual([undefined, undefined]);
    expect(readNewSession({ id: 's1', browser })).toEqual({ id: 's1', browser });
    expect([readNewSession({ id: 's1' }), readNewSession(null)]).toEqual([undefined, undefined]);
  });
});
