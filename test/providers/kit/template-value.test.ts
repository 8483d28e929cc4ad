import { describe, expect, it } from 'vitest';
import { MAX_VALUE, templateValue } from '../../../providers/kit/template-value.ts';

describe('a value of an approved template', () => {
  it('is at most 35 characters, and a character outside the basic plane is one', () => {
    const value = templateValue('𠮷'.repeat(60));
    expect(Array.from(value)).toHaveLength(MAX_VALUE);
    expect(value).toBe(`${'𠮷'.repeat(34)}…`);
    expect(templateValue('磁'.repeat(35))).toBe('磁'.repeat(35));
  });

  it('has no address of a page in it, for the vendor would refuse the whole message', () => {
    expect(templateValue('disk full, see https://grafana.example.com/d/1?x=y now')).toBe('disk full, see now');
    expect(templateValue('WWW.example.com is slow')).toBe('is slow');
  });

  it('keeps the words of a host name and the digits of an address or a version', () => {
    expect(templateValue('db-7.example.com is down')).toBe('db-7 example com is down');
    expect(templateValue('10.0.0.7 v1.2.3 lost 3.5%')).toBe('10.0.0.7 v1.2.3 lost 3.5%');
  });

  it('has no brackets of a signature, no pictographs, no line breaks', () => {
    expect(templateValue('【db-7】\n is\tdown 🔥❤️')).toBe('db-7 is down');
  });

  it('is never empty', () => {
    expect(templateValue('')).toBe('-');
    expect(templateValue('https://example.com')).toBe('-');
  });
});
