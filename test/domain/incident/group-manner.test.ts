import { describe, expect, it } from 'vitest';
import { threadOf } from '../../../domain/incident/telling.ts';
import { level, Story } from './clockwork.ts';

/** A room with redrawn cards, told the way it asks for. */
function room(manner: { threads?: boolean; verbose?: boolean }): Story {
  const told = level(['alice'], { groups: ['room'], every: '1:00', times: 3 });
  return Story.begin({ levels: [{ ...told, groups: told.groups.map((group) => ({ ...group, ...manner })) }] });
}
const toTheRoom = (story: Story): string[] => story.told.filter((line) => line.endsWith('room'));

describe('a group whose card is drawn again', () => {
  it('gets no post about what the card says', () => {
    expect(toTheRoom(room({}).until('0:10').act('acknowledge', 'alice').until('0:20'))).toEqual([
      '0:00 L1 r1 room → room',
    ]);
  });

  it.each([{ threads: true }, { verbose: true }])('gets one when it asks for %o', (manner) => {
    expect(toTheRoom(room(manner).until('0:10').act('acknowledge', 'alice').until('0:20'))).toEqual([
      '0:00 L1 r1 room → room',
      '0:10 acknowledged → room',
    ]);
  });
});

describe('a thread', () => {
  it('hangs below the first message to that group, however many follow', () => {
    const story = room({ threads: true }).until('1:10').act('acknowledge', 'alice').until('1:20');
    const posts = story.state.notifications.filter(({ to }) => 'group' in to);
    expect(posts.map(({ event }) => event)).toEqual(['opened', 'opened', 'acknowledged']);
    const [first, second, last] = posts.map((post) => threadOf(story.state, post, 'room'));
    expect([first, second]).toEqual([undefined, undefined]);
    expect(last).toEqual({ id: posts[0]?.id });
  });

  it('is nobody else’s: neither of another account nor of a group that wants none', () => {
    const story = room({ threads: true }).until('0:10').act('acknowledge', 'alice').until('0:20');
    const post = story.state.notifications.at(-1);
    expect(post && threadOf(story.state, post, 'another')).toBeUndefined();
    const plain = room({ verbose: true }).until('0:10').act('acknowledge', 'alice').until('0:20');
    const other = plain.state.notifications.at(-1);
    expect(other && threadOf(plain.state, other, 'room')).toBeUndefined();
  });
});
