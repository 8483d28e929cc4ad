import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadConfiguration } from '../../config/load.ts';
import { warnings } from '../../config/lint/warnings.ts';
import { ADAPTER_IDS, adapterFacts } from '../../domain/media.ts';
import { complaint, complaintAbout, parse, sample } from './sample.ts';

const PLATFORMS = [
  ...new Set(ADAPTER_IDS.filter((id) => adapterFacts(id).medium === 'im').map((id) => id.split('.')[0])),
].join(', ');

const example = readFileSync('config/example.yaml', 'utf8');

function environmentOf(text: string): Record<string, string> {
  const names = [...text.matchAll(/(?<!\$)\$\{([A-Z_]+)\}/g)].map(([, name]) => name ?? '');
  return Object.fromEntries(
    names.map((name) => [name, name === 'SMTP_URL' ? 'smtps://mx.example.com' : `zP7kQ2vX9mT4-${name}`]),
  );
}

describe('a good file', () => {
  it('is the example, with nothing to warn of', () => {
    const configuration = parse(example, environmentOf(example));
    expect([...configuration.accounts.values()].map(({ adapter }) => adapter)).toEqual([
      'feishu.app',
      'aliyun.voice',
      'tencent.voice',
      'aliyun.sms',
      'smtp.email',
    ]);
    expect(configuration.gateway).toMatchObject({ host: '127.0.0.1', port: 8080 });
    expect(configuration.channels.get('payments')?.rules[0]?.rule).toMatchObject({
      name: 'payments/P1',
      delayMs: 0,
      startOver: { everyMs: 1_800_000, times: 2 },
      levels: [
        { to: { members: ['primary'] }, repeat: { everyMs: 120_000, times: 2 }, escalateAfterMs: 300_000 },
        { to: { members: ['supervisor'] }, by: { default: ['voice', 'sms'] } },
      ],
    });
    expect(configuration.unmatched).toMatchObject({ name: 'unmatched', levels: [{ to: { members: ['supervisor'] } }] });
    expect(warnings(configuration, Date.parse('2026-11-20T08:00:00Z'))).toEqual([]);
  });

  it('is named by the bytes as written, not by the secrets filled in', () => {
    const text = sample({ 1: "gateway: { secrets: ['${SECRET}'] }" });
    const hash = createHash('sha256').update(text).digest('hex').slice(0, 12);
    expect(parse(text, { SECRET: 'pK3xZ7vQ9mT4wB6n' }).hash).toBe(hash);
    expect(parse(text, { SECRET: 'n6Bw4Tm9Qv7Zx3Kp' }).hash).toBe(hash);
  });

  it('gives a level what it does not say', () => {
    const [, second] = parse(sample()).channels.get('payments')?.rules[0]?.rule.levels ?? [];
    expect(second).toEqual({
      to: { members: [], teams: ['db'], schedules: [] },
      by: 'preference',
      groups: [],
      repeat: { everyMs: 600_000, times: 1 },
      escalateAfterMs: 1_800_000,
      evenIfAcknowledged: false,
      whenNobodyReached: 'escalate',
    });
  });

  it('knows phones by number, country and whether they take texts', () => {
    const { members } = parse(
      sample({
        7: '  primary: { name: Primary, phone: "+86 138 0000 0001" }',
        8: '  backup: { name: Backup, phone: "+862131234567" }',
      }),
    );
    expect(members.get('primary')).toEqual({
      id: 'primary',
      name: 'Primary',
      phone: '+8613800000001',
      country: 'CN',
      locale: 'en',
      timeZone: 'UTC',
      identities: {},
    });
    expect(members.get('backup')).toMatchObject({ landline: true });
  });

  it('drops the slash at the end of the public address', () => {
    const line =
      'gateway: { listen: "[::1]:80", publicUrl: "https://oncall.example.com/x/", secrets: [pK3xZ7vQ9mT4wB6n] }';
    expect(parse(sample({ 1: line })).gateway).toMatchObject({
      host: '::1',
      port: 80,
      publicUrl: 'https://oncall.example.com/x',
    });
  });

  it('keeps metrics and readiness on this machine, beside the port of the gateway, unless the file says where', () => {
    const operations = (settings: string) =>
      parse(sample({ 1: `gateway: { ${settings}, secrets: [pK3xZ7vQ9mT4wB6n] }` })).gateway.operations;
    expect(operations('listen: "0.0.0.0:80"')).toEqual({ host: '127.0.0.1', port: 81 });
    expect(operations('listen: "0.0.0.0:65535"')).toEqual({ host: '127.0.0.1', port: 65_534 });
    expect(operations('listen: "0.0.0.0:80", operations: "[::]:9000"')).toEqual({ host: '::', port: 9000 });
  });
});

describe('the environment', () => {
  it('cannot change the structure of the file', () => {
    const text = sample({ 7: '  primary: { name: "${NAME}", email: primary@example.com }' });
    const name = 'x", phone: "1\nteams: {}';
    expect(parse(text, { NAME: name }).members.get('primary')?.name).toBe(name);
  });

  it('leaves $${NAME} as ${NAME}', () => {
    expect(parse(sample({ 7: '  primary: { name: "$${NAME}" }' })).members.get('primary')?.name).toBe('${NAME}');
  });

  it('is asked for what is missing, and only that is said', () => {
    expect(complaint({ 1: "gateway: { secrets: ['${SECRET}'] }" })).toBe(
      'escalations.yaml:1:22  gateway.secrets[0]: the environment variable SECRET is not set or empty; set it before starting',
    );
  });

  it('takes names only', () => {
    expect(complaint({ 1: "gateway: { secrets: ['${SECRET:-letmein}'] }" })).toBe(
      'escalations.yaml:1:22  gateway.secrets[0]: between ${ and } stands the name of an environment variable and nothing else; write $${ for the characters',
    );
  });
});

const GUESSABLE =
  'can be guessed, being made of few characters, words, rows of keys or repetitions; take what `openssl rand -hex 32` prints';

/** What is written in which line, and all that is said about it. */
// prettier-ignore
const SLIPS: [what: string, lines: Record<number, string>, said: string][] = [
  ['a missing bracket', { 5: 'media: { email: [mail }' }, '5:23  this is not YAML: Flow sequence in block collection must be sufficiently indented and end with a ]'],
  ['a tab', { 12: '\trules:' }, '12:1  this is not YAML: Tabs are not allowed as indentation'],
  ['a key twice', { 10: 'teams: { db: [backup] }\nchannels:' }, '10:1  the key teams is here twice; keep one'],
  ['a tag', { 1: 'gateway: { secrets: !env SECRET }' }, '1:21  this is not YAML: Unresolved tag: !env'],
  ['an anchor that is not there', { 9: 'teams: { db: *people }' }, '9:14  *people points to no &people before it'],
  ['an unknown key', { 21: '            escalatesAfter: 5m' }, '21:13  channels.payments.rules[0].levels[0].escalatesAfter: unknown key; did you mean escalateAfter? known: to, by, groups, repeat, escalateAfter, evenIfAcknowledged, redial, whenNobodyReached'],
  ['an unknown key at the top', { 23: 'unmatched: ignore\nsecret: x' }, '24:1  secret: unknown key; known: prefix, locale, gateway, accounts, media, members, teams, schedules, routes, channels, templates, wording, unmatched, lastResort'],
  ['what is not built yet', { 23: 'unmatched: ignore\nallowTokenLabels: true' }, '24:1  allowTokenLabels: is not available in this version; remove it'],
  ['no word on unmatched incidents', { 23: '' }, '1:1  unmatched: is missing: `ignore`, or { to, by } to tell somebody of incidents that no rule matches'],
  ['a wrong word on unmatched incidents', { 23: 'unmatched: drop' }, '23:12  unmatched: expected `ignore`, or { to, by } to tell somebody of incidents that no rule matches'],
  ['a stranger for unmatched incidents', { 23: 'unmatched: { to: { members: [ceo] }, by: preference }' }, '23:30  unmatched.to.members[0]: no member is called "ceo"; known: primary, backup'],
  ['a short secret', { 1: 'gateway: { secrets: [0123456789abcde] }' }, '1:22  gateway.secrets[0]: must have at least 16 characters'],
  ['a secret that anybody would guess', { 1: 'gateway: { secrets: [aaaaaaaaaaaaaaaa] }' }, `1:22  gateway.secrets[0]: ${GUESSABLE}`],
  ['a token of words and rows of keys', { 1: 'gateway: { secrets: [pK3xZ7vQ9mT4wB6n], incidentTokens: [my-secret-token-1234] }' }, `1:58  gateway.incidentTokens[0]: ${GUESSABLE}`],
  ['a callback address that anybody would guess', { 4: '  texts: { adapter: aliyun.sms, accessKeyId: k, accessKeySecret: s, signName: S, templates: { zh: { code: SMS_1 } }, callbackSecret: changemechangeme }', 5: 'media: { sms: [texts] }' }, `4:134  accounts.texts.callbackSecret: ${GUESSABLE}`],
  ['a webhook signed with zeros', { 4: `  hook: { adapter: webhook.bot, webhook: "https://example.com", secret: whsec_${'A'.repeat(32)} }`, 5: '' }, `4:73  accounts.hook.secret: ${GUESSABLE}`],
  ['no gateway', { 1: '' }, '1:1  gateway: is missing: { listen, publicUrl, secrets: ["${GATEWAY_SECRET}"] }'],
  ['no port', { 1: 'gateway: { listen: 127.0.0.1, secrets: [pK3xZ7vQ9mT4wB6n] }' }, '1:20  gateway.listen: write host and port, such as 127.0.0.1:8080 or [::]:8080'],
  ['one address for people and for the operator', { 1: 'gateway: { listen: "[::]:80", operations: "[::]:80", secrets: [pK3xZ7vQ9mT4wB6n] }' }, '1:43  gateway.operations: is where gateway.listen is: choose another port, one that the internet does not reach'],
  ['a proxy that is no address', { 1: 'gateway: { secrets: [pK3xZ7vQ9mT4wB6n], trustedProxies: [10.0.0.0/8, lb.example.com] }' }, '1:70  gateway.trustedProxies[1]: write an address or a network, such as 10.0.0.7 or 10.0.0.0/8'],
  ['a network wider than there are bits', { 1: 'gateway: { secrets: [pK3xZ7vQ9mT4wB6n], trustedProxies: [10.0.0.0/33] }' }, '1:58  gateway.trustedProxies[0]: write an address or a network, such as 10.0.0.7 or 10.0.0.0/8'],
  ['an address without https', { 1: 'gateway: { publicUrl: oncall.example.com, secrets: [pK3xZ7vQ9mT4wB6n] }' }, '1:23  gateway.publicUrl: write the address people and providers reach the gateway at, such as https://oncall.example.com'],
  ['an adapter nobody wrote', { 4: '  mail: { adapter: pigeon.email }' }, `4:20  accounts.mail.adapter: expected one of ${ADAPTER_IDS.join(', ')}`],
  ['an account without its secret', { 3: '  feishu-cn: { adapter: feishu.app, appId: a, verificationToken: c }' }, '3:3  accounts.feishu-cn.appSecret: is missing: App Secret'],
  ['a number for a text', { 3: '  feishu-cn: { adapter: feishu.app, appId: 12, appSecret: b, verificationToken: c }' }, '3:44  accounts.feishu-cn.appId: expected text, got a number; put it in quotes'],
  ['an account called like a medium', { 4: '  mail: { adapter: smtp.email, url: "smtp://127.0.0.1:2525", from: a@example.com }\n  push: { adapter: smtp.email, url: "smtp://127.0.0.1:2525", from: a@example.com }' }, '5:3  accounts.push: voice, sms, email and push are media; call the account something else'],
  ['an account called in capitals', { 4: '  mail: { adapter: smtp.email, url: "smtp://127.0.0.1:2525", from: a@example.com }\n  Mail: {}' }, '5:3  accounts.Mail: an account is named by 1 to 40 of a-z 0-9 -'],
  ['an unknown account that carries e-mail', { 5: 'media: { email: [mail, post] }' }, '5:24  media.email[1]: no account is called "post"; known: feishu-cn, mail'],
  ['an account for another medium', { 5: 'media: { email: [mail], sms: [mail] }' }, '5:31  media.sms[0]: mail (smtp.email) does not carry sms; name an account that does'],
  ['an account twice', { 5: 'media: { email: [mail, mail] }' }, '5:24  media.email[1]: mail is in this list twice; keep one'],
  ['a medium nobody has', { 18: '            by: { default: [email, feishu-xx] }' }, '18:36  channels.payments.rules[0].levels[0].by.default[1]: no account or medium is called "feishu-xx"; known: voice, sms, email, feishu-cn'],
  ['a carrier for a medium', { 18: '            by: { default: [mail] }' }, '18:29  channels.payments.rules[0].levels[0].by.default[0]: mail is an account for email; write email here and list the account in media.email'],
  ['a severity without media', { 18: '            by: { critical: [email], warning: [] }' }, '18:17  channels.payments.rules[0].levels[0].by: nothing is said for info; add it or `default` ([] tells nobody on purpose)'],
  ['a last resort by one medium', { 23: 'unmatched: ignore\nlastResort: { members: [backup], by: [email] }' }, '24:38  lastResort.by: name at least two media: the outage of one may be why nobody was told'],
  ['people without media', { 18: '' }, '17:13  channels.payments.rules[0].levels[0].by: is missing: `preference`, or lists of media under critical, warning, info or default'],
  ['a level that tells nobody', { 17: '          - to: { members: [] }' }, '17:13  channels.payments.rules[0].levels[0]: tells nobody; name members, teams, schedules or emails under `to`, or `groups`'],
  ['no levels', { 16: '        levels: []', ...Object.fromEntries([17, 18, 19, 20, 21, 22].map((line) => [line, ''])) }, '16:17  channels.payments.rules[0].levels: must have at least 1 entry'],
  ['an unknown member', { 17: '          - to: { members: [primary, ceo] }' }, '17:38  channels.payments.rules[0].levels[0].to.members[1]: no member is called "ceo"; known: primary, backup'],
  ['an unknown team', { 22: '          - { to: { teams: [web] }, by: preference }' }, '22:29  channels.payments.rules[0].levels[1].to.teams[0]: no team is called "web"; known: db'],
  ['an unknown member of a team', { 9: 'teams: { db: [primary, ceo] }' }, '9:24  teams.db[1]: no member is called "ceo"; known: primary, backup'],
  ['a group through a mail account', { 19: '            groups: [{ account: mail }]' }, '19:33  channels.payments.rules[0].levels[0].groups[0].account: mail (smtp.email) cannot post to a group; name an IM account or bot'],
  ['a group without its chat', { 19: '            groups: [{ account: feishu-cn }]' }, '19:22  channels.payments.rules[0].levels[0].groups[0].chat: is missing: feishu-cn serves many chats, name one'],
  ['an unknown group event', { 19: '            groups: [{ account: feishu-cn, chat: oc_1, events: [open] }]' }, '19:65  channels.payments.rules[0].levels[0].groups[0].events[0]: expected one of opened, acknowledged, unacknowledged, snoozed, woken, escalated, reassigned, revised, commented, exhausted, closed, reopened'],
  ['a bare number for a duration', { 14: '        delay: 5' }, '14:16  channels.payments.rules[0].delay: write a duration like 0s, 30s, 5m, 1.5m, 1h or 12h'],
  ['a misspelt unit', { 21: '            escalateAfter: 10 secconds' }, '21:28  channels.payments.rules[0].levels[0].escalateAfter: "10 secconds" is not a duration; write it like 0s, 30s, 5m, 1.5m, 1h or 12h'],
  ['too long a wait', { 21: '            escalateAfter: 24h' }, '21:28  channels.payments.rules[0].levels[0].escalateAfter: must be between 1s and 12h'],
  ['too many rounds', { 20: '            repeat: { every: 2m, times: 7 }' }, '20:41  channels.payments.rules[0].levels[0].repeat.times: must be at most 6'],
  ['a repeat that repeats nothing', { 20: '            repeat: { every: 2m }' }, '20:13  channels.payments.rules[0].levels[0].repeat.times: is missing: How often the level is told in all, the first included: 1 to 6'],
  ['a rule without a name', { 13: '      - enabled: true' }, '13:9  channels.payments.rules[0].name: is missing: What people call this rule'],
  ['two rules of one name', { 22: '          - { to: { teams: [db] }, by: preference }\n      - { name: P1, levels: [{ to: { teams: [db] }, by: preference }] }' }, '23:17  channels.payments.rules[1].name: another rule of this channel is called "P1"; give each its own name'],
  ['a filter on nothing we know', { 15: '        when: { filters: [[{ key: label.x, oper: IN, vals: [a] }]] }' }, '15:35  channels.payments.rules[0].when.filters[0][0].key: an incident has no "label.x"; known: severity, status, title, description, source, channel, dedup_key, labels.<name>'],
  ['a filter on a severity nobody sends', { 15: '        when: { filters: [[{ key: severity, oper: IN, vals: [critical] }]] }' }, '15:62  channels.payments.rules[0].when.filters[0][0].vals[0]: no severity is called "critical"; known: Critical, Warning, Info'],
  ['a phone without country', { 7: '  primary: { name: Primary, phone: "13800000001" }' }, '7:36  members.primary.phone: is not a valid phone number; write + and the country code, then the number, such as "+86138…"'],
  ['a phone with too few digits', { 7: '  primary: { name: Primary, phone: "+8613800" }' }, '7:36  members.primary.phone: is not a valid phone number; write + and the country code, then the number, such as "+86138…"'],
  ['an extension', { 7: '  primary: { name: Primary, phone: "+862131234567 ext. 12" }' }, '7:36  members.primary.phone: an extension cannot be called; give a direct number'],
  ['a phone without quotes', { 7: '  primary: { name: Primary, phone: +8613800000001 }' }, '7:36  members.primary.phone: expected text, got a number; put it in quotes'],
  ['half an e-mail address', { 7: '  primary: { name: Primary, email: primary@example }' }, '7:36  members.primary.email: is not an e-mail address; write it like oncall@example.com'],
  ['an unknown time zone', { 7: '  primary: { name: Primary, timeZone: Asia/Peking }' }, '7:39  members.primary.timeZone: is no time zone; write one such as Asia/Shanghai or UTC'],
  ['an unknown language', { 7: '  primary: { name: Primary, locale: fr }' }, '7:37  members.primary.locale: expected one of en, zh'],
  ['an identity nowhere', { 8: '  backup: { name: Backup, identities: { line: u1 } }' }, '8:41  members.backup.identities.line: no account or platform is called "line"; known: ' + PLATFORMS + ', feishu-cn'],
  ['a preference nobody can keep', { 8: '  backup: { name: Backup, prefers: { critical: [pigeon] } }' }, '8:49  members.backup.prefers.critical[0]: no account or medium is called "pigeon"; known: voice, sms, email, feishu-cn'],
  ['a file that is a list', Object.fromEntries([...Array(23).keys()].map((line) => [line + 1, line === 0 ? '- a' : ''])), '1:1  expected a mapping, got a list'],
];

describe('a bad file', () => {
  it.each(SLIPS)('says one thing, and where, about %s', (_what, lines, said) => {
    expect(complaint(lines)).toBe(`escalations.yaml:${said}`);
  });

  it('says everything at once, from top to bottom', () => {
    const lines = complaint({
      4: '  mail: {}',
      7: '  primary: { name: Primary, phone: x }',
      18: '            by: { default: [fax] }',
    });
    expect(lines.split('\n').map((line) => line.split('  ')[0])).toEqual([
      'escalations.yaml:4:3',
      'escalations.yaml:7:36',
      'escalations.yaml:18:29',
    ]);
  });

  it('does not say secrets, phone numbers or addresses', () => {
    const said = complaint({
      1: "gateway: { publicUrl: 'ftp://user:hunter2@example.com', secrets: [hunter2] }",
      4: '  mail: { adapter: smtp.email, url: "http://user:hunter2@mx", from: hunter2 }',
      7: '  primary: { name: Primary, phone: "+8613", email: hunter2 }',
    });
    expect(said.split('\n')).toHaveLength(6);
    expect(said).not.toMatch(/hunter2|\+8613\b/);
  });

  it.each(['', '# nothing yet\n'])('says how to begin when it is empty', (text) => {
    expect(complaintAbout(text)).toBe(
      'escalations.yaml:1:1  the file is empty; begin with a copy of config/example.yaml',
    );
  });

  it('refuses aliases that unfold without end', () => {
    const levels = [...Array(12).keys()].map((n) => `k${n + 1}: &k${n + 1} [${Array(10).fill(`*k${n}`).join(', ')}]`);
    expect(complaintAbout(['k0: &k0 [x]', ...levels].join('\n'))).toMatch(/unfold to too much/);
  });

  it('is reported by path when it is not there', async () => {
    await expect(loadConfiguration('/nonexistent/escalations.yaml')).rejects.toThrow(
      '/nonexistent/escalations.yaml: cannot be read (ENOENT); give the path of an escalations.yaml',
    );
  });
});
