import { describe, expect, it } from 'vitest';
import { warnings } from '../../../config/lint/warnings.ts';
import { parse, sample } from '../sample.ts';

const NOW = Date.parse('2026-11-20T08:00:00Z');
const warned = (changed: Record<number, string>): string[] => warnings(parse(sample(changed)), NOW);
const ALWAYS = [
  'gateway.publicUrl is missing: messages carry no links or buttons, and providers cannot call back',
  'unmatched is ignore and no channel is called default: incidents without a known channel reach nobody',
  'lastResort is missing: where nobody whom a rule names can be told, an incident waits unseen',
];

describe('a warning', () => {
  it('is given for incidents that reach nobody and messages without links', () => {
    expect(warned({})).toEqual(ALWAYS);
  });

  it('is given while secrets are rotated and telephone numbers have no key of their own', () => {
    const rotated = 'secrets: [aN0ther-h4rd-2-guess, pK3xZ7vQ9mT4wB6n]';
    const found = warned({ 1: `gateway: { ${rotated} }` }).filter((sentence) => sentence.includes('phoneKey'));
    expect(found).toHaveLength(1);
    expect(warned({ 1: `gateway: { ${rotated}, phoneKey: pK3xZ7vQ9mT4wB6n }` })).toEqual(ALWAYS);
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
        `  call: ${account('aliyun.voice', 'callerNumbers: ["02131234567"], templates: { zh: { start: T } }, callbackSecret: pK3xZ7vQ9mT4wB6n')}`,
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

  describe('about who is on duty', () => {
    const schedule = (layer: string): Record<number, string> => ({
      9: `teams: { db: [primary, backup] }\nschedules: { db: { timeZone: Asia/Shanghai, layers: [{ members: [primary, backup], every: 1w, ${layer} }] } }`,
      17: '          - to: { schedules: [db] }',
    });
    const about = (changed: Record<number, string>): string[] =>
      warned(changed).filter((one) => one.includes('on duty'));

    it('lists the hours of the next 30 days in which a level tells nobody', () => {
      expect(
        about(schedule('start: 2026-01-05, only: [{ days: [fri, sat, sun], from: "00:00", to: "24:00" }]')),
      ).toEqual([
        'nobody is on duty in db for 384 h of the next 30 days, so payments/P1 level 1 tells nobody then: ' +
          '2026-11-23 00:00 to 2026-11-27 00:00, 2026-11-30 00:00 to 2026-12-04 00:00, ' +
          '2026-12-07 00:00 to 2026-12-11 00:00, 2026-12-14 00:00 to 2026-12-18 00:00 (Asia/Shanghai)',
      ]);
    });

    it('is silent where somebody always is, or the level names somebody besides', () => {
      expect(about(schedule('start: 2026-01-05'))).toEqual([]);
      const gaps = schedule('start: 2026-01-05, only: [{ days: [mon], from: "09:00", to: "18:00" }]');
      expect(about({ ...gaps, 17: '          - to: { schedules: [db], members: [backup] }' })).toEqual([]);
    });

    it('says when a schedule begins only later', () => {
      expect(about(schedule('start: 2027-01-04'))).toEqual([
        'schedule db (role primary) begins at 2027-01-04 00:00: nobody is on duty until then',
      ]);
    });

    it('says from when on a layer that ends leaves nobody', () => {
      expect(about(schedule('start: 2026-01-05, end: 2026-12-01'))).toEqual([
        'nobody is on duty in db for 472 h of the next 30 days, so payments/P1 level 1 tells nobody then: ' +
          '2026-12-01 00:00 to 2026-12-20 16:00 (Asia/Shanghai)',
      ]);
    });
  });

  describe('about what no incident can follow', () => {
    const rules = (...whens: string[]): string[] =>
      warned({
        13: whens
          .map(
            (when, index) =>
              `      - { name: R${String(index + 1)}, when: ${when}, levels: [{ to: { members: [primary] }, by: { default: [feishu-cn, email] } }] }`,
          )
          .concat('      - name: P1')
          .join('\n'),
        15: '        when: { filters: [[{ key: severity, oper: IN, vals: [Info] }]] }',
      }).filter((one) => one.includes('never match'));
    const on = (...conditions: string[]): string => {
      const written = conditions
        .map((one) => one.split(' '))
        .map(([key = '', oper = '', ...vals]) => {
          return `{ key: ${key}, oper: ${oper}, vals: ${vals.join(' ')} }`;
        });
      return `{ filters: [[${written.join(', ')}]] }`;
    };

    it('names a rule whose conditions exclude each other', () => {
      expect(rules(on('labels.service IN [db]', 'labels.service IN [web, "cache"]'))).toEqual([
        'payments/R1 can never match: its conditions on labels.service exclude each other',
      ]);
      expect(rules(on('severity IN [Critical]', 'status NOTIN ["*"]'))).toEqual([
        'payments/R1 can never match: it takes no severity',
      ]);
      expect(rules(on('source IN [a, b]', 'source NOTIN [a]'))).toEqual([]);
      expect(rules(on('source IN [grafana]', 'source NOTIN ["g*"]'))).toHaveLength(1);
    });

    it('names a rule that stands behind one that takes everything', () => {
      expect(rules('{}')).toEqual([
        'payments/P1 can never match: payments/R1 before it takes every incident that it could match',
      ]);
      expect(rules(on('severity IN [Critical]'), on('severity NOTIN [Critical]'))).toEqual([
        'payments/P1 can never match: payments/R2 before it takes every incident that it could match',
      ]);
    });

    it('is silent where hours, labels or another severity leave something to match', () => {
      expect(rules('{ times: [{ from: "09:00", to: "18:00" }] }')).toEqual([]);
      expect(rules(on('severity IN [Info]', 'labels.service IN [db]'))).toEqual([]);
      expect(rules(on('severity IN [Critical, Warning]'))).toEqual([]);
      expect(rules(on('title IN ["db*"]', 'title IN ["*down"]'))).toEqual([]);
    });

    it('names a route behind one that takes everything', () => {
      const route = (when: string): string => `{ when: ${when}, channel: payments }`;
      const critical = '[[{ key: severity, oper: IN, vals: [Critical] }]]';
      const routes = `routes: [${route('[]')}, ${route(critical)}]`;
      expect(warned({ 23: `unmatched: ignore\n${routes}` })).toContain(
        'route 2 to payments can never match: route 1 to payments before it takes every incident that it could match',
      );
    });
  });

  it('is given for a level that only posts to groups', () => {
    const bot =
      '  mail: { adapter: smtp.email, url: "smtp://127.0.0.1:2525", from: oncall@example.com }\n  ops: { adapter: dingtalk.bot, webhook: "https://oapi.dingtalk.com/robot/send?access_token=x", secret: SECx }';
    expect(warned({ 4: bot, 22: '          - { groups: [{ account: ops }] }' })).toContain(
      'payments/P1 level 2 posts to groups only: nobody in person is told, and nobody is expected to acknowledge',
    );
  });

  it('is given for calls that ask for no key, so that nobody can acknowledge by them', () => {
    const voice = (templates: string): string[] =>
      warned({
        4: `  mail: { adapter: smtp.email, url: "smtp://127.0.0.1:2525", from: oncall@example.com }\n  call: { adapter: aliyun.voice, accessKeyId: a, accessKeySecret: b, callerNumbers: ["02131234567"], templates: ${templates}, callbackSecret: pK3xZ7vQ9mT4wB6n }`,
        5: 'media: { email: [mail], voice: [call] }',
      }).filter((one) => one.includes('no key'));
    expect(voice('{ zh: { start: T } }')).toEqual([
      'calls of call ask for no key: nobody can acknowledge by them; name keys in its templates',
    ]);
    expect(voice('{ zh: { start: T, keys: { "1": U } } }')).toEqual([]);
  });
});
