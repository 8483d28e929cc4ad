import { readFileSync } from 'node:fs';
import { getCountries } from 'libphonenumber-js/max';
import { describe, expect, it } from 'vitest';
import { isCallable, servesPhone } from '../../config/region.ts';
import { warnings } from '../../config/lint/warnings.ts';
import { complaint, parse, sample } from './sample.ts';

const ACCOUNTS = (more = '') => `  phones:
    adapter: aliyun.voice
    accessKeyId: k
    accessKeySecret: s
    callerNumbers: ["02131234567"]
    templates: { zh: { start: TTS_1, keys: { "1": TTS_2 } } }
    callbackSecret: p8Vd-q4Xt-m2Zr-w7K
    ${more}
media: { email: [mail], voice: [phones] }`;
const withPhone = (phone: string, more?: string) => ({
  5: ACCOUNTS(more),
  7: `  primary: { name: Primary, phone: "${phone}" }`,
});

describe('the table of regions', () => {
  const rows = readFileSync('config/voice-regions.csv', 'utf8').trim().split('\n').slice(1);
  const listed = new Set(rows.flatMap((row) => (row.split(',')[0] ?? '').split(';')).filter(Boolean));

  it('has every country of the file, of which six rows are mainland China', () => {
    expect(rows).toHaveLength(224);
    expect(listed.size).toBe(227);
    expect([...listed].filter((country) => !isCallable(country))).toEqual([]);
  });

  it('leaves out thirteen, and nobody else whose number has a country', () => {
    const left = getCountries().filter((country) => !isCallable(country));
    expect(left.sort()).toEqual('AC CU IR NR NU SH ST SX SY TA TK TV WF'.split(' '));
    expect(isCallable(undefined)).toBe(false);
  });

  it('counts islands to the country whose code they share', () => {
    for (const country of ['GG', 'IM', 'JE', 'SJ', 'BL', 'MF']) expect(isCallable(country)).toBe(true);
  });
});

describe('a phone where no call arrives', () => {
  it.each([
    ['+5352345678', 'phones of CU'],
    ['+989123456789', 'phones of IR'],
    ['+17215422222', 'phones of SX'],
    ['+881612345678', 'numbers of no country'],
  ])('%s is refused by line, with what to do', (phone, where) => {
    expect(complaint(withPhone(phone))).toBe(
      `escalations.yaml:15:36  members.primary.phone: calls do not reach ${where}; give another number, or ask the ` +
        'support of your provider whether it calls there and add the country to `countries` of its account in media.voice',
    );
  });

  it('is fine where nobody is called, or where the account was told that it is', () => {
    expect(complaint({ 7: '  primary: { name: Primary, phone: "+5352345678" }' })).toBe('nothing to complain about');
    expect(complaint(withPhone('+5352345678', 'countries: [CU]'))).toBe('nothing to complain about');
    expect(complaint(withPhone('+5352345678', 'countries: [cuba]'))).toContain(
      'must be two capital letters, such as CN',
    );
  });

  it('is a service number', () => {
    expect(complaint(withPhone('+19005551234'))).toContain("is a service number, not a person's phone");
  });
});

describe('an account', () => {
  it.each([
    ['aliyun.voice', { country: 'CN' }, true],
    ['aliyun.voice', { country: 'CN', landline: true }, true],
    ['aliyun.voice', { country: 'HK' }, false],
    ['aliyun.voice', {}, false],
    ['tencent.voice', { country: 'CN' }, true],
    ['tencent.voice', { country: 'CN', landline: true }, false],
    ['aliyun.sms', { country: 'CN' }, true],
    ['aliyun.sms', { country: 'CN', landline: true }, false],
    ['tencent.sms', { country: 'CN' }, true],
    ['tencent.sms', { country: 'US' }, false],
  ] as const)('of %s reaches a phone with %j: %s', (adapter, phone, reached) => {
    expect(servesPhone({ adapter }, phone)).toBe(reached);
  });

  it('reaches the countries it was told to reach, and no other', () => {
    const account = { adapter: 'aliyun.sms', countries: ['HK'] } as const;
    expect(servesPhone(account, { country: 'HK' })).toBe(true);
    expect(servesPhone(account, { country: 'CN' })).toBe(false);
    expect(servesPhone(account, { country: 'HK', landline: true })).toBe(false);
  });

  it('that reaches nobody of a country is warned about', () => {
    const configuration = parse(
      sample({ ...withPhone('+14155550123'), 18: '            by: { default: [voice, email] }' }),
    );
    expect(warnings(configuration)).toContain(
      'payments/P1 level 1 tells primary by voice, but no account of media.voice serves phones of US',
    );
  });
});
