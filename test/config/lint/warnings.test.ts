import { describe, expect, it } from 'vitest';
import { warnings } from '../../../config/lint/warnings.ts';
import { parse, sample } from '../sample.ts';

const warned = (changed: Record<number, string>): string[] => warnings(parse(sample(changed)));
const ALWAYS = [
  'gateway.publicUrl is missing: messages carry no links or buttons, and providers cannot call back',
  'unmatched is ignore and no channel is called default: incidents without a known channel reach nobody',
  'lastResort is missing: where nobody whom a rule names can be told, an incident waits unseen',
];

describe('a warning', () => {
  it('is given for incidents that reach nobody and messages without links', () => {
    expect(warned({})).toEqual(ALWAYS);
  });

  it('is not given for a last resort that can be reached, and given for one that cannot', () => {
    const lastResort = (by: string): string[] =>
      warned({ 23: `unmatched: ignore\nlastResort: { members: [backup], by: [${by}] }` });
    expect(lastResort('feishu-cn, email')).toEqual(ALWAYS.slice(0, 2));
    expect(lastResort('voice, sms')).toContain(
      'lastResort level 1 cannot reach backup at all for Critical, Warning, Info',
    );
  });

  it('names who cannot be reached, and by what', () => {
    const found = warned({
      7: '  primary: { name: Primary }',
      18: '            by: { critical: [sms], default: [email] }',
    });
    expect(found.slice(0, 4)).toEqual([
      'payments/P1 level 1 tells primary by sms, but media.sms names no account',
      'payments/P1 level 1 tells primary by email, but the member has no e-mail',
      'payments/P1 level 1 cannot reach primary at all for Critical, Warning, Info',
      'payments/P1 level 2 cannot reach primary at all for Critical, Warning, Info',
    ]);
  });

  it('is not given for a severity that the rule never sees', () => {
    const found = warned({
      15: '        when: { filters: [[{ key: severity, oper: IN, vals: [Info] }]] }',
      18: '            by: { critical: [voice], default: [email] }',
      22: '',
    });
    expect(found).toEqual(['account feishu-cn is never used: no rule names it', ...ALWAYS]);
  });

  it('is given when one outage keeps a Critical from everybody', () => {
    expect(warned({ 18: '            by: { default: [email] }', 22: '' })).toContain(
      'payments/P1 tells people of a Critical by email alone: one outage of it and nobody knows',
    );
  });

  it('is given when a storm could make WeCom drop a Critical without a word', () => {
    const account = `{ adapter: wecom.app, corpId: w, agentId: 1, secret: s, token: t, encodingAesKey: ${'a'.repeat(43)} }`;
    const accounts = [
      '  mail: { adapter: smtp.email, url: "smtp://127.0.0.1:2525", from: oncall@example.com }',
      `  wecom: ${account}`,
    ].join('\n');
    const found = (by: string): string[] =>
      warned({ 4: accounts, 18: `            by: { default: [${by}] }`, 22: '' }).filter((one) =>
        one.includes('by wecom alone: WeCom drops'),
      );
    expect(found('wecom')).toHaveLength(1);
    expect(found('wecom, feishu-cn')).toEqual([]);
  });

  it('is given for a number that no account serves and a landline that takes no text', () => {
    const account = (adapter: string, more: string): string =>
      `{ adapter: ${adapter}, accessKeyId: a, accessKeySecret: b, ${more} }`;
    const found = warned({
      4: [
        '  mail: { adapter: smtp.email, url: "smtp://127.0.0.1:2525", from: oncall@example.com }',
        `  call: ${account('aliyun.voice', 'callerNumbers: ["02131234567"], templates: { zh: { start: T } }, callbackSecret: 0123456789abcdef')}`,
        `  text: ${account('aliyun.sms', 'signName: X, templates: { zh: { code: S } }')}`,
      ].join('\n'),
      5: 'media: { email: [mail], voice: [call], sms: [text] }',
      7: '  primary: { name: Primary, phone: "+12025550123" }',
      8: '  backup: { name: Backup, phone: "+862131234567" }',
      17: '          - to: { members: [primary, backup] }',
      18: '            by: { default: [voice, sms] }',
    });
    expect(found).toContain(
      'payments/P1 level 1 tells primary by voice, but no account of media.voice serves phones of US',
    );
    expect(found).toContain('payments/P1 level 1 tells backup by sms, but the phone is a landline');
    expect(found.some((sentence) => sentence.includes('tells backup by voice'))).toBe(false);
  });
});
