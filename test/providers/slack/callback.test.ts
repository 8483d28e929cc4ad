import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { CallbackError, type HttpRequest, type PressResult } from '../../../providers/kit/adapter.ts';
import { slackAppAccount } from '../../../providers/slack/account.ts';
import { slackCallback } from '../../../providers/slack/callback.ts';
import { verifySignature } from '../../../providers/slack/signature.ts';
import { acceptedOf, changed, mutationsOf, takenFrom, type Mutation } from '../mutations.ts';

const NOW = 1_700_000_000_000;
const SECRET = 'sign-s3cret';
const FORM = 'application/x-www-form-urlencoded';
const account = slackAppAccount.parse({ botToken: 'xoxb-1', signingSecret: SECRET, teamId: 'T1' });

/** As Slack signs: written here a second time, from its page. */
const sign = (body: string | Uint8Array, timestamp: string, secret: string): string =>
  `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:`).update(body).digest('hex')}`;

function signed(
  body: string,
  type: string,
  { at = NOW, secret = SECRET, stamp = String(at / 1000) } = {},
): HttpRequest {
  return {
    method: 'POST',
    body: Buffer.from(body),
    headers: new Headers({
      'content-type': type,
      'X-Slack-Request-Timestamp': stamp,
      'X-Slack-Signature': sign(body, stamp, secret),
    }),
    url: new URL('https://oncall.example.com/callbacks/slack'),
    receivedAt: NOW,
  };
}
const form = (payload: unknown): string => new URLSearchParams({ payload: JSON.stringify(payload) }).toString();

const press = {
  type: 'block_actions',
  team: { id: 'T1' },
  user: { id: 'U1' },
  trigger_id: '12.34.ab',
  response_url: 'https://hooks.slack.com/actions/1',
  actions: [{ type: 'button', action_id: 'press:acknowledge', block_id: 'x', value: 'button-token' }],
};
const snooze = {
  ...press,
  actions: [{ action_id: 'snooze:token', block_id: 't:button-', selected_option: { value: '240' } }],
};
const comment = {
  type: 'view_submission',
  team: { id: 'T1' },
  user: { id: 'U1' },
  trigger_id: '12.34.cd',
  view: {
    id: 'V1',
    callback_id: 'escalations',
    private_metadata: 'button-token',
    title: { type: 'plain_text', text: 'Comment' },
    state: { values: { field: { text: { type: 'plain_text_input', value: 'Failing over' } } } },
  },
};
const said = {
  type: 'event_callback',
  team_id: 'T1',
  event_id: 'Ev1',
  event: { type: 'message', channel_type: 'im', user: 'U1', channel: 'D1', text: 'ack', ts: '1.2' },
};
const ORIGINALS = [
  { body: form(press), type: FORM },
  { body: form(snooze), type: FORM },
  { body: form(comment), type: FORM },
  { body: JSON.stringify(said), type: 'application/json' },
];

const statusOf = (read: () => unknown): number | 'accepted' => {
  try {
    read();
    return 'accepted';
  } catch (error) {
    if (error instanceof CallbackError) return error.status;
    throw error;
  }
};

describe('the published vector of Slack', () => {
  // https://docs.slack.dev/authentication/verifying-requests-from-slack
  const secret = '8f742231b10e8888abcd99yyyzzz85a5';
  const body =
    'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar' +
    '&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com' +
    '%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.' +
    '803a0bc887a14d10d2c447fce8b6703c';
  const vector = (changes: { body?: string; secret?: string; late?: number; signature?: string } = {}) =>
    statusOf(() => {
      verifySignature(
        {
          headers: new Headers({
            'X-Slack-Request-Timestamp': '1531420618',
            'X-Slack-Signature':
              changes.signature ?? 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503',
          }),
          body: Buffer.from(changes.body ?? body),
          receivedAt: 1_531_420_618_000 + (changes.late ?? 0),
        },
        changes.secret ?? secret,
      );
    });

  it('is accepted, and nothing near it is', () => {
    expect(vector()).toBe('accepted');
    expect(vector({ secret: `${secret}0` })).toBe(401);
    expect(vector({ body: body.replace('roadrunner', 'roadrunnes') })).toBe(401);
    expect(vector({ signature: 'v0=a2114d57' })).toBe(401);
  });

  it('is good for five minutes, either way', () => {
    for (const late of [300_000, -300_000]) expect(vector({ late })).toBe('accepted');
    for (const late of [300_001, -300_001]) expect(vector({ late })).toBe(401);
  });
});

describe('what Slack sends', () => {
  const read = (body: string, type: string) => slackCallback.read(signed(body, type), account);

  it('is understood', () => {
    const told = ORIGINALS.map(({ body, type }) => read(body, type).happenings);
    const ours = { kind: 'press', identity: 'U1', token: 'button-token' };
    expect(told).toEqual([
      [{ ...ours, eventId: '12.34.ab/0' }],
      [{ ...ours, eventId: '12.34.ab/0', minutes: 240 }],
      [{ ...ours, eventId: 'V1', text: 'Failing over' }],
      [{ kind: 'message', identity: 'U1', text: 'ack', eventId: 'Ev1' }],
    ]);
  });

  it('when it checks the address is answered with its challenge, and only when it is signed', () => {
    const body = JSON.stringify({ type: 'url_verification', challenge: 'c-1', token: 'x' });
    expect(read(body, 'application/json').answer?.body).toBe('{"challenge":"c-1"}');
    const forged = signed(body, 'application/json', { secret: 'guess' });
    expect(statusOf(() => slackCallback.read(forged, account))).toBe(401);
  });

  it('from another workspace with the same app is refused', () => {
    for (const body of [form({ ...press, team: { id: 'T2' } }), form({ ...press, team: null })]) {
      expect(statusOf(() => read(body, FORM))).toBe(401);
    }
    expect(statusOf(() => read(JSON.stringify({ ...said, team_id: 'T2' }), 'application/json'))).toBe(401);
  });

  it('about other buttons, links and windows is answered and tells nothing', () => {
    const others = [
      { ...press, actions: [{ action_id: 'open', value: undefined }] },
      { ...press, actions: [{ action_id: 'theirs', value: 'x' }] },
      { ...press, actions: [{ action_id: 'form:comment', value: 'button-token' }] },
      { ...press, actions: [{ action_id: 'snooze:', block_id: 't:', selected_option: null }] },
      { ...press, type: 'shortcut' },
      { ...comment, view: { ...comment.view, callback_id: 'theirs' } },
    ];
    for (const other of others) {
      const request = signed(form(other), FORM);
      expect(slackCallback.read(request, account).happenings).toEqual([]);
      expect(slackCallback.answer(request, account, [])).toEqual({ status: 200, body: '', contentType: 'text/plain' });
    }
  });

  it('is answered with nothing, except a window that was not taken', () => {
    const answer = (payload: unknown, state: PressResult['state']) =>
      slackCallback.answer(signed(form(payload), FORM), account, [{ state, text: 'Why not' }]).body;
    expect(answer(press, 'forged')).toBe('');
    expect(answer(comment, 'done')).toBe('');
    expect(JSON.parse(answer(comment, 'expired'))).toMatchObject({
      response_action: 'update',
      view: { title: { text: 'Comment' }, blocks: [{ text: { text: 'Why not' } }] },
    });
  });
});

/** Signed as it should be, and not what Slack would ever send. */
function nonsense(): Mutation[] {
  const forms = [
    '',
    'payload=',
    'payload=%7B',
    'payload=null',
    'payload=%5B%5D',
    'payload=1',
    'payload=%FF%FE',
    `${form(press)}&${form(press)}`,
    `x=${'1'.repeat(1000)}`,
    JSON.stringify(press),
    form({ ...press, user: undefined }),
    form({ ...press, user: { id: '' } }),
    form({ ...press, user: { id: 7 } }),
    form({ ...press, user: [] }),
    form({ ...press, trigger_id: '' }),
    form({ ...press, actions: 'x' }),
    form({ ...press, actions: {} }),
    form({ ...press, type: undefined }),
  ];
  const jsons = [
    '',
    'null',
    '[]',
    '7',
    '{',
    form(press),
    JSON.stringify({ ...said, event_id: '' }),
    JSON.stringify({ ...said, event: null }),
    JSON.stringify({ ...said, event: 'message' }),
    JSON.stringify({ ...said, type: 'app_rate_limited' }),
    JSON.stringify(press),
    '['.repeat(5000),
  ];
  return [
    ...forms.map((body) => ({ how: `form ${body.slice(0, 40)}`, request: signed(body, FORM) })),
    ...jsons.map((body) => ({ how: `JSON ${body.slice(0, 40)}`, request: signed(body, 'application/json') })),
  ];
}

function corpus(): Mutation[] {
  const mutations = ORIGINALS.flatMap(({ body, type }) => {
    const original = signed(body, type);
    const other = type === FORM ? 'application/json' : FORM;
    const stamps = ['', '0', '-1', '1e9', '17000000000', '1700000000000', ' 1699999999', '0x6553f100', 'now', 'NaN'];
    const skews = [-86_400, -301, 301, 86_400, 3_155_760_000];
    const reencoded =
      type === FORM ? body.replaceAll('+', '%20').replaceAll('%22', '"') : JSON.stringify(JSON.parse(body), null, 1);
    return [
      ...mutationsOf(original, {
        signed: ['x-slack-signature', 'x-slack-request-timestamp'],
        skewMs: 5 * 60_000,
      }),
      { how: 're-encoded', request: changed(original, { body: reencoded }) },
      { how: 'swapped account', request: signed(body, type, { secret: 'another-s3cret' }) },
      { how: 'no secret at all', request: signed(body, type, { secret: '' }) },
      { how: 'v1', request: changed(original, { headers: { 'x-slack-signature': `v1=${'0'.repeat(64)}` } }) },
      {
        how: 'upper case',
        request: changed(original, {
          headers: { 'x-slack-signature': (original.headers.get('x-slack-signature') ?? '').toUpperCase() },
        }),
      },
      ...[other, 'text/plain', 'multipart/form-data; boundary=x', 'application/jsonx', '*/*'].map((content) => ({
        how: `as ${content}`,
        request: signed(body, content),
      })),
      // Signed by whoever knows the secret, and from another time.
      ...skews.map((skew) => ({
        how: `${String(skew)} s`,
        request: signed(body, type, { stamp: String(NOW / 1000 + skew) }),
      })),
      ...stamps.map((stamp) => ({ how: `timestamp ${stamp}`, request: signed(body, type, { stamp }) })),
    ];
  });
  return [...mutations, ...nonsense()];
}

describe('a callback that is not quite what Slack sent', () => {
  const mutations = corpus();
  const read = (request: HttpRequest) => takenFrom(() => slackCallback.read(request, account));

  it(`is never accepted in any of ${String(mutations.length)} ways, and never breaks anything`, async () => {
    expect(mutations.length).toBeGreaterThanOrEqual(300);
    expect(await acceptedOf(mutations, read)).toEqual([]);
  });

  it('while the originals are', async () => {
    for (const { body, type } of ORIGINALS) {
      expect(await read(signed(body, type))).toHaveLength(1);
      expect(await read(signed(body, `${type}; charset=utf-8`))).toHaveLength(1);
    }
  });
});
