import { describe, expect, it } from 'vitest';
import { parseInlineRule } from '../../../config/match/rule.ts';
import { complaint, complaintAbout, parse, sample } from '../sample.ts';

const house = (...lines: string[]) =>
  sample({ 23: ['unmatched: ignore', 'templates:', '  house:', ...lines].join('\n') });

describe('the choice of templates', () => {
  const wordingOf = (changed: Record<number, string>) =>
    parse(
      sample({ 23: 'unmatched: ignore\ntemplates: { house: [{ text: a }], loud: [{ text: b }] }', ...changed }),
    ).channels.get('payments')?.rules[0]?.rule.wording;

  it('is the rule’s, else the channel’s, and stays a name', () => {
    expect(wordingOf({})).toBeUndefined();
    expect(wordingOf({ 12: '    wording: house\n    rules:' })).toBe('house');
    expect(wordingOf({ 12: '    wording: house\n    rules:', 14: '        wording: loud' })).toBe('loud');
  });

  it('may stand for the whole configuration', () => {
    expect(
      parse(house('    - text: a').replace('unmatched: ignore', 'unmatched: ignore\nwording: house')).wording,
    ).toBe('house');
    expect(parse(house('    - text: a')).wording).toBeUndefined();
  });

  it('may come with a rule that a client writes', () => {
    const configuration = parse(house('    - text: a'));
    const rule = { levels: [{ to: { members: ['primary'] }, by: 'preference' }] };
    expect(parseInlineRule({ ...rule, wording: 'house' }, configuration)).toMatchObject({ wording: 'house' });
    expect(parseInlineRule({ ...rule, wording: 'home' }, configuration)).toContain(
      'no list of templates is called "home"',
    );
  });

  it('has to name templates there are', () => {
    expect(complaint({ 14: '        wording: home' })).toBe(
      'escalations.yaml:14:18  channels.payments.rules[0].wording: no list of templates is called "home"; known: none yet',
    );
  });
});

describe('what is wrong in a template', () => {
  it('is shown where it stands: in one line', () => {
    expect(complaintAbout(house("    - subject: 'x {{ incident.titel }}'"))).toBe(
      'escalations.yaml:26:22  templates.house[0].subject: nothing is called incident.titel',
    );
    expect(complaintAbout(house('    - subject: x {{ incident.titel }}'))).toContain(':26:21 ');
  });

  it('is shown where it stands: in a text of several lines', () => {
    const text = [
      '    - events: [opened]',
      '      text: |',
      '        {{ lead }}',
      '',
      '        {% if incident.rule %}',
      '          {{ lead | shout }}',
    ];
    expect(complaintAbout(house(...text, '        {% endif %}'))).toContain(
      'escalations.yaml:31:11  templates.house[0].text: undefined filter: shout',
    );
    expect(complaintAbout(house(...text))).toMatch(/:31:\d+ {2}.*undefined filter|:30:9 {2}.*not closed/);
  });

  it('may be whom it is for', () => {
    const about = (line: string) => complaintAbout(house(`    - { text: a, ${line} }`));
    expect(about('media: [pager]')).toContain(
      'no medium, adapter or account is called "pager"; known: sms, email, push',
    );
    expect(about('media: [voice]')).toContain('calls speak by the templates of their own account');
    expect(about('events: [paged]')).toContain('expected one of opened');
    expect(about('media: [feishu-cn, smtp.email, sms], events: [closed], locale: zh')).toBe(
      'nothing to complain about',
    );
    expect(complaintAbout(house('    - { media: [sms] }'))).toContain('says nothing');
  });
});
