import { describe, expect, it } from 'vitest';
import { parseInlineRule } from '../../../config/match/rule.ts';
import { parse, sample } from '../sample.ts';

const configuration = parse(sample());

describe('a rule given by a client', () => {
  it('is read like one of the file', () => {
    const rule = parseInlineRule(
      { delay: '1m', levels: [{ to: { members: ['backup'] }, by: { default: ['feishu-cn'] }, escalateAfter: '90s' }] },
      configuration,
    );
    expect(rule).toMatchObject({ name: 'inline', delayMs: 60_000, levels: [{ escalateAfterMs: 90_000 }] });
  });

  it('is answered with everything that is wrong with it', () => {
    expect(
      parseInlineRule(
        { levels: [{ to: { members: ['ceo'] }, by: 'preference', repeat: { times: 9 } }], when: {} },
        configuration,
      ),
    ).toBe(
      'rule.levels[0].to.members[0]: no member is called "ceo"; known: primary, backup; ' +
        'rule.levels[0].repeat.times: must be at most 6; ' +
        'rule.when: unknown key; known: name, delay, levels, acknowledgeTimeout, startOver, wording',
    );
  });

  it.each([null, 7, 'P1', [], {}, { levels: null }, { levels: [null] }, JSON.parse('{"__proto__":{"levels":[]}}')])(
    'never breaks planning: %j',
    (value: unknown) => {
      expect(parseInlineRule(value, configuration)).toMatch(/^rule/);
    },
  );
});
