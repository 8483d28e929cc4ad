import { expect, it } from 'vitest';
import { memberNames } from '../../cli/member-name.ts';

const members = new Map([
  ['zhang3', { name: '张三' }],
  ['primary', { name: 'Primary' }],
]);

it('calls members by id and name, where the name says more than the id', () => {
  const name = memberNames(members, 'en');
  expect([name('zhang3'), name({ member: 'zhang3' }), name('primary')]).toEqual([
    'zhang3 (张三)',
    'zhang3 (张三)',
    'primary',
  ]);
  expect(memberNames(members, 'zh')('zhang3')).toBe('zhang3（张三）');
});

it('leaves alone who is no member', () => {
  const name = memberNames(members, 'en');
  expect([name('slack/ops'), name({ name: 'zhang3' }), name({})]).toEqual(['slack/ops', 'zhang3', 'somebody']);
});
