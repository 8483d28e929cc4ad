import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { askMember } from '../../client/long-lived.ts';
import { mintToken } from '../../links/token.ts';
import { OPERATOR, pageUrl } from '../../links/url.ts';
import { buildHouse, NOON, PUBLIC_URL, SECRET, type House } from './house.ts';

let house: House;
beforeAll(async () => {
  house = await buildHouse();
});
afterAll(() => house.close());
beforeEach(() => {
  house.clock.at = NOON;
});

const HOUR_MS = 60 * 60_000;
/** A browser says so of a form that a person's finger sent. */
const GESTURE = { 'sec-fetch-user': '?1', 'sec-fetch-site': 'same-origin' };

/** The path of a link as it is in a mail (personal) or in a group. */
function link(workflowId: string, member: string | null, secret = SECRET, account = 'mail'): string {
  const url = pageUrl(PUBLIC_URL, { workflowId, notification: 'n2', account, member, now: NOON }, [secret]);
  return url.slice(PUBLIC_URL.length);
}

interface Seen {
  status: number;
  text: string;
  nonce: string;
  headers: Headers;
}

async function seen(response: Response): Promise<Seen> {
  const text = await response.text();
  const nonce = /name="nonce" value="([^"]+)"/.exec(text)?.[1] ?? '';
  return { status: response.status, text, nonce, headers: response.headers };
}

async function open(path: string, headers: Record<string, string> = {}): Promise<Seen> {
  return seen(await house.gateway.app.request(path, { headers }));
}

async function send(path: string, form: Record<string, string>, headers: Record<string, string> = {}): Promise<Seen> {
  const body = new URLSearchParams(form);
  return seen(await house.gateway.app.request(path, { method: 'POST', body, headers }));
}

describe('opening the page', () => {
  it('shows what is wrong, whom it was told to and what comes next, in the reader’s zone', async () => {
    const page = await open(link(await house.incident(), 'primary'));
    expect(page.status).toBe(200);
    for (const shown of ['db-7 is down', 'K7Q2ZD', 'Triggered', 'Not acknowledged, level 1 of 2', 'Next at 10:07']) {
      expect(page.text).toContain(shown);
    }
    expect(page.text).toContain('<b>Primary</b> Phone call');
    expect(page.text).toContain('lag above 300 s &amp; rising');
  });

  it('changes nothing, however often scanners GET or HEAD it', async () => {
    const incident = await house.incident();
    for (const method of ['GET', 'HEAD', 'GET']) {
      const path = `${link(incident, 'primary')}?action=acknowledge&nonce=x`;
      expect((await house.gateway.app.request(path, { method })).status).toBe(200);
    }
    expect(await house.heard(incident)).toEqual([]);
  });

  it('speaks the member’s language, in a group the browser’s', async () => {
    const incident = await house.incident();
    expect((await open(link(incident, 'backup'), { 'accept-language': 'en' })).text).toContain('>认领</button>');
    expect((await open(link(incident, null), { 'accept-language': 'zh-CN,zh;q=0.9,en;q=0.8' })).text).toContain(
      '待处理',
    );
    expect((await open(link(incident, null), { 'accept-language': 'fr,zh;q=0.5' })).text).toContain('Triggered');
  });

  it('leaves nothing in caches, frames, referrers or scripts', async () => {
    const incident = await house.incident();
    for (const path of [link(incident, 'primary'), '/i/forged']) {
      const { headers, text } = await open(path);
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('x-frame-options')).toBe('DENY');
      expect(headers.get('content-security-policy')).toMatch(
        /^default-src 'none'; style-src 'sha256-[^']+'; form-action/,
      );
      expect(text).not.toContain('<script');
      const style = /<style>([^]*)<\/style>/.exec(text)?.[1] ?? '';
      const hash = createHash('sha256').update(style).digest('base64');
      expect(headers.get('content-security-policy')).toContain(`'sha256-${hash}'`);
    }
  });

  it('offers the numbers that call as one contact, to whoever has a link', async () => {
    const path = link(await house.incident(), 'primary');
    const href = /href="([^"]+contacts\.vcf)"/.exec((await open(path)).text)?.[1] ?? '';
    const card = await open(new URL(href, `${PUBLIC_URL}${path}`).pathname);
    expect(card.headers.get('content-type')).toBe('text/vcard; charset=utf-8');
    expect(card.text).toContain('TEL;TYPE=WORK,VOICE:+862131234567');
    expect((await open(`${link('incident-x', 'primary', 'another secret of sixteen')}/contacts.vcf`)).status).toBe(404);
  });

  it('keeps everything inside of cards, and shows no card that says nothing', async () => {
    const bare = { id: 'x', title: 'x', severity: 'Info', description: '', labels: {} } as const;
    const path = link(await house.incident({ incident: bare, responders: [] }), 'primary');
    const main = /<main[^>]*>([^]*)<\/main>/.exec((await open(path)).text)?.[1] ?? '';
    const cards = main.match(/<(header|section)>[^]*?<\/\1>/g) ?? [];
    expect(cards.reduce((rest, card) => rest.replace(card, ''), main).trim()).toBe('');
    const texts = cards.map((card) =>
      card
        .replace(/<[^>]*>/g, ' ')
        .replace(/\s+/g, ' ')
        .trim(),
    );
    for (const text of texts) expect(text).not.toMatch(/^(Refresh)?$/);
    expect(texts.join()).toContain('Save the numbers that call you');
  });

  it('escapes what the incident brings along', async () => {
    const id = 'incident-x';
    const { incident } = {
      incident: { id, title: '<b>x</b>', severity: 'Info', description: '', labels: {} },
    } as const;
    const page = await open(
      link(await house.incident({ incident: { ...incident, detailUrl: 'javascript:alert(1)' } }), null),
    );
    expect(page.text).toContain('&lt;b&gt;x&lt;/b&gt;');
    expect(page.text).not.toContain('javascript:');
  });

  it('tells a forged link nothing and an expired one what to do', async () => {
    const incident = await house.incident();
    expect((await open(link(incident, 'primary', 'another-secret'))).status).toBe(404);
    house.clock.at = NOON + 31 * 24 * HOUR_MS;
    const expired = await open(link(incident, 'primary'));
    expect(expired.status).toBe(410);
    expect(expired.text).toContain('This link has expired');
  });

  it('says that an incident is no longer kept', async () => {
    expect((await open(link('incident-of-last-year', 'primary'))).status).toBe(410);
  });
});

describe('acting from a personal link', () => {
  async function act(form: Record<string, string>, member = 'primary'): Promise<{ incident: string; page: Seen }> {
    const incident = await house.incident();
    const path = link(incident, member);
    const { nonce } = await open(path);
    house.clock.at += 5000;
    const sent = await send(path, { nonce, ...form });
    expect(sent.status).toBe(303);
    const page = await open(path + (sent.headers.get('location') ?? ''));
    return { incident, page };
  }

  it('acknowledges in the name of the link’s member and shows it', async () => {
    const { incident, page } = await act({ action: 'acknowledge' });
    expect(await house.heard(incident)).toMatchObject([
      { signal: 'acknowledge', argument: { by: { member: 'primary' }, via: 'page' } },
    ]);
    expect(page.text).toContain('Recorded.');
    expect(page.text).toContain('Acknowledged by Primary');
    expect(page.text).toContain('Withdraw acknowledgment');
  });

  it('snoozes, comments and closes', async () => {
    const snoozed = await act({ action: 'snooze 240' }, 'backup');
    expect(await house.heard(snoozed.incident)).toMatchObject([{ signal: 'snooze', argument: { minutes: 240 } }]);
    expect(snoozed.page.text).toContain('已暂缓至 12:00');
    expect(snoozed.page.text).toContain('结束暂缓');

    const commented = await act({ action: 'comment', text: ' looking <now> ' });
    expect(await house.heard(commented.incident)).toMatchObject([{ argument: { text: 'looking <now>' } }]);
    expect(commented.page.text).toContain('looking &lt;now&gt;');

    const closed = await act({ action: 'close', text: 'failed over' });
    expect(await house.heard(closed.incident)).toMatchObject([{ argument: { resolution: 'failed over' } }]);
    expect(closed.page.text).toContain('Closed by Primary');
    expect(closed.page.nonce).toBe('');
  });

  it('escalates to the level that the page showed', async () => {
    const { incident, page } = await act({ action: 'escalate 2' });
    expect(await house.heard(incident)).toMatchObject([{ signal: 'escalate', argument: { level: 2, via: 'page' } }]);
    expect((await open(link(incident, 'primary'))).text).not.toContain('>Escalate</button>');
    expect(page.text).toContain('Recorded.');
  });

  it('counts once when it is pressed twice', async () => {
    const incident = await house.incident();
    const path = link(incident, 'primary');
    const { nonce } = await open(path);
    house.clock.at += 5000;
    await Promise.all([1, 2].map(() => send(path, { nonce, action: 'acknowledge' })));
    expect(await house.heard(incident)).toHaveLength(1);
  });

  it('counts at once when the browser says that a person pressed: whoever taps and pockets the phone has acknowledged', async () => {
    const incident = await house.incident();
    const path = link(incident, 'primary');
    const { nonce } = await open(path);
    house.clock.at += 300;
    expect((await send(path, { nonce, action: 'acknowledge' }, GESTURE)).status).toBe(303);
    expect(await house.heard(incident)).toMatchObject([{ signal: 'acknowledge' }]);
  });

  it.each([
    ['nothing of a gesture', {}],
    ['of no gesture', { 'sec-fetch-site': 'same-origin' }],
    ['of a gesture on somebody else’s page', { ...GESTURE, 'sec-fetch-site': 'cross-site' }],
  ])(
    'within two seconds, from a browser that says %s, did NOT acknowledge, and the next press counts',
    async (_, headers) => {
      const incident = await house.incident();
      const path = link(incident, 'primary');
      const { nonce } = await open(path);
      house.clock.at += 1999;
      const early = await send(path, { nonce, action: 'acknowledge' }, headers);
      expect(early.status).toBe(409);
      expect(early.text).toMatch(/class="notice bad" role="alert">NOT acknowledged\..* press again/);
      expect((await send(path, { nonce, action: 'close' })).text).toContain('NOT done.');
      expect(await house.heard(incident)).toEqual([]);
      house.clock.at += 1;
      expect((await send(path, { nonce: early.nonce, action: 'acknowledge' })).status).toBe(303);
    },
  );

  it('says in Chinese too that a press did not acknowledge', async () => {
    const path = link(await house.incident(), 'backup');
    const { nonce } = await open(path);
    expect((await send(path, { nonce, action: 'acknowledge' })).text).toContain('尚未认领！');
  });

  it('says before somebody escalates whose acknowledgment that takes back', async () => {
    const path = link(await house.incident(), 'primary');
    expect((await open(path)).text).not.toContain('takes back');
    const held = await house.incident({ progress: 'Processing', acknowledgedBy: { member: 'backup' } });
    expect((await open(link(held, 'primary'))).text).toContain('Escalating takes back the acknowledgment of 小王.');
    const last = await house.incident({ progress: 'Processing', acknowledgedBy: { member: 'backup' }, level: 2 });
    expect((await open(link(last, 'primary'))).text).not.toContain('takes back');
  });

  it('needs the nonce of this very page, not older than a day, and an action that exists', async () => {
    const incident = await house.incident();
    const path = link(incident, 'primary');
    const other = await open(link(await house.incident(), 'primary'));
    const colleague = await open(link(incident, 'backup'));
    const { nonce } = await open(path);
    house.clock.at += 5000;
    for (const wrong of ['', 'x', `${nonce}x`, nonce.replace(/^./, 'z'), other.nonce, colleague.nonce]) {
      expect((await send(path, { nonce: wrong, action: 'acknowledge' })).status).toBe(400);
    }
    for (const action of ['', 'revise', 'snooze', 'snooze x', 'comment']) {
      expect((await send(path, { nonce, action })).status).toBe(400);
    }
    house.clock.at += 24 * HOUR_MS;
    expect((await send(path, { nonce, action: 'acknowledge' })).status).toBe(400);
    expect(await house.heard(incident)).toEqual([]);
  });

  it('after it was closed says that it is over', async () => {
    const incident = await house.incident();
    const path = link(incident, 'primary');
    const { nonce } = await open(path);
    await house.client.workflow.getHandle(incident).signal('close', { by: { member: 'backup' } });
    await house.client.workflow.getHandle(incident).result();
    house.clock.at += 5000;
    const sent = await send(path, { nonce, action: 'acknowledge' });
    const page = await open(path + (sent.headers.get('location') ?? ''));
    expect(page.text).toContain('This incident is over.');
    expect(page.text).toContain('Closed by 小王');
  });
});

describe('acting from a link that an operator made', () => {
  it('is done in the member’s name and says how, and does not make the operator’s browser the member', async () => {
    const incident = await house.incident();
    const path = link(incident, 'backup', SECRET, OPERATOR);
    const { nonce, headers } = await open(path);
    expect(headers.get('set-cookie')).toBeNull();
    expect((await send(path, { nonce, action: 'acknowledge' }, GESTURE)).status).toBe(303);
    expect(await house.heard(incident)).toMatchObject([
      { argument: { by: { member: 'backup' }, via: 'operator page' } },
    ]);
  });
});

describe('acting from a group’s link', () => {
  /** The cookie of a browser in which the member has signed in. */
  async function signedIn(member: string): Promise<string> {
    const session = `session-of-${member}`;
    const ask = { client: house.client, prefix: house.configuration.prefix, member };
    await askMember(ask, 'signIn', { id: session, browser: 'Safari, iPhone' }, 10_000);
    const claims = { workflowId: '', notification: session, revision: 0, action: 'session', account: '', member };
    return `__Host-responder=${mintToken({ purpose: 'page', ...claims, expiresAt: NOON + HOUR_MS }, [SECRET])}`;
  }

  it('takes a browser in which somebody is signed in, and then acts as that member', async () => {
    const incident = await house.incident();
    const group = link(incident, null);
    const stranger = await open(group);
    expect(stranger.text).toContain('open the link from your own mail or card');
    expect(stranger.nonce).toBe('');

    const cookie = await signedIn('backup');
    const known = await open(group, { cookie });
    expect(known.text).toContain('当前身份：小王');
    house.clock.at += 5000;
    expect((await send(group, { nonce: known.nonce, action: 'acknowledge' }, { cookie })).status).toBe(303);
    expect(await house.heard(incident)).toMatchObject([{ argument: { by: { member: 'backup' } } }]);
  });

  it('refuses a browser without the cookie, and cookies that we did not sign for this', async () => {
    const incident = await house.incident();
    const group = link(incident, null);
    const cookie = await signedIn('backup');
    const { nonce } = await open(group, { cookie });
    house.clock.at += 5000;
    const token = link(incident, 'backup').slice('/i/'.length);
    const unlisted = { workflowId: '', notification: 'gone', revision: 0, action: 'session', account: '' };
    const claims = { ...unlisted, member: 'backup', expiresAt: NOON + HOUR_MS };
    for (const wrong of [
      '',
      '__Host-responder=backup',
      `${cookie}x`,
      `__Host-responder=${token}`,
      `__Host-responder=${mintToken({ purpose: 'page', ...claims }, [SECRET])}`,
      // A neighbouring host can set a cookie of this name.
      cookie.replace('__Host-', ''),
    ]) {
      expect((await send(group, { nonce, action: 'acknowledge' }, { cookie: wrong })).status).toBe(403);
    }
    expect(await house.heard(incident)).toEqual([]);
  });

  it('never lets a link itself make a browser somebody, whosever it is', async () => {
    for (const member of [null, 'backup']) {
      expect((await open(link(await house.incident(), member))).headers.get('set-cookie')).toBeNull();
    }
  });
});

it('writes no token, nonce or cookie into the log', async () => {
  const path = link(await house.incident(), 'primary');
  const { nonce } = await open(path);
  house.clock.at += 5000;
  await send(path, { nonce, action: 'acknowledge' });
  const logged = house.logged();
  expect(logged).toContain('"action":"acknowledge"');
  for (const secret of [path.slice(3, 40), nonce]) expect(logged).not.toContain(secret);
});
