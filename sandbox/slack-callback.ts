import { createHmac, randomUUID } from 'node:crypto';
import { readObject, type Message, type Posted } from './callbacks.ts';
import { asJson, controlsOf, isViewGood, list, type Control, type SlackMessage } from './slack-card.ts';
import { BOT, Slack, TEAM, type OpenView, type SlackOptions, type SlackSettings } from './slack.ts';
import type { Stage, Tap, Tapped } from './stage.ts';
import type { SandboxCard } from './world.ts';

const DEADLINE_MS = 3000;
const SCOPES =
  'chat:write,chat:write.public,im:write,im:history,app_mentions:read,users:read,users:read.email,channels:read,groups:read';

export function mountSlack(stage: Stage, { callbackUrl, ...options }: SlackOptions = {}): SlackCallback {
  const settings: SlackSettings = {
    botToken: 'xoxb-sandbox',
    signingSecret: 'sandbox',
    clientId: 'sandbox',
    clientSecret: 'sandbox',
    channels: [{ id: 'C0OPS', name: 'ops' }],
    scopes: SCOPES.split(','),
    retryAfterMs: [1000, 60_000, 300_000],
    ...options,
  };
  const slack = new Slack(stage, settings);
  stage.app.post('/api/:method', (c) => slack.receive(c));
  stage.app.post('/slack/actions/:user/:id', (c) => slack.respond(c));
  if (callbackUrl !== undefined) stage.callbacks.urls.slack = callbackUrl;
  const callback = new SlackCallback(stage, settings, slack, stage.base);
  stage.taps.set('slack', (card, tap) => callback.tap(card, tap));
  const { botToken, signingSecret, clientId, clientSecret } = settings;
  stage.accounts.set('slack.app', (baseUrl) => ({
    ...{ botToken, signingSecret, clientId, clientSecret, teamId: TEAM.id },
    baseUrl,
  }));
  return callback;
}

/**
 * What Slack tells us: presses and windows as a form with `payload`, events as JSON; signed over the raw bytes. A press is
 * never sent again; an event is, up to three times.
 *
 * Source  https://docs.slack.dev/authentication/verifying-requests-from-slack,
 *         https://docs.slack.dev/interactivity/handling-user-interaction, https://docs.slack.dev/apis/events-api
 */
export class SlackCallback {
  readonly #stage: Stage;
  readonly #settings: SlackSettings;
  readonly #slack: Slack;
  /** Where Slack itself can be reached, for `response_url`. */
  readonly #base: () => string;

  constructor(stage: Stage, settings: SlackSettings, slack: Slack, base: () => string) {
    this.#stage = stage;
    this.#settings = settings;
    this.#slack = slack;
    this.#base = base;
  }

  async tap(card: SandboxCard, tap: Tap): Promise<Tapped> {
    const view = this.#slack.views.get(card.id);
    if (view) return this.#submit(view, tap);
    const shown = asJson(card.card);
    const control = chosen({ blocks: list(shown['blocks']), attachments: list(shown['attachments']) }, tap);
    const [channel = '', ts = ''] = card.id.split('-');
    const action = {
      type: control.element['type'],
      action_id: control.element['action_id'],
      block_id: control.blockId,
      text: control.element['text'],
      value: control.element['value'],
      ...optionOf(control, tap),
      action_ts: String(Date.now() / 1000),
    };
    const posted = await this.#interact(card.id, 'block_actions', tap.identity, {
      trigger_id: this.#slack.trigger(tap.identity),
      response_url: `${this.#base()}/slack/actions/${tap.identity}/${randomUUID()}`,
      container: { type: 'message_attachment', message_ts: ts, channel_id: channel, is_ephemeral: false },
      channel: { id: channel, name: 'directmessage' },
      message: { type: 'message', ts, ...shown },
      state: { values: {} },
      actions: [action],
    });
    return seen(posted);
  }

  /** Somebody signs in with Slack; what the browser brings back. */
  authorize(userId: string, redirectUri: string): string {
    return this.#slack.authorize(userId, redirectUri);
  }

  /** Somebody writes to the bot: in its own chat, or with its name in a channel. */
  async say(userId: string, text: string, channel?: string): Promise<Posted> {
    const ts = String(Date.now() / 1000);
    return this.event(
      channel === undefined
        ? { type: 'message', channel_type: 'im', channel: this.#slack.channelOf(userId), user: userId, text, ts }
        : { type: 'app_mention', channel, user: userId, text: `<@${BOT.id}> ${text}`, ts },
    );
  }

  /** One event, again after a while unless it is taken. */
  async event(event: Record<string, unknown> & { type: string }): Promise<Posted> {
    const body = JSON.stringify({
      token: 'deprecated',
      team_id: TEAM.id,
      api_app_id: 'A0SANDBOX',
      event,
      type: 'event_callback',
      event_id: `Ev${randomUUID().replaceAll('-', '').slice(0, 10).toUpperCase()}`,
      event_time: Math.floor(Date.now() / 1000),
      authorizations: [{ enterprise_id: null, team_id: TEAM.id, user_id: BOT.id, is_bot: true }],
    });
    const attempt = async (number: number): Promise<Posted> => {
      const message = this.#message(event.type, event.type, 'application/json', body);
      if (number > 0) Object.assign(message.headers, { 'x-slack-retry-num': String(number) });
      const posted = await this.#stage.callbacks.post(message, number + 1);
      const waitMs = this.#settings.retryAfterMs[number];
      if (posted.status !== 200 && waitMs !== undefined) this.#stage.callbacks.after(waitMs, () => attempt(number + 1));
      return posted;
    };
    return attempt(0);
  }

  /** The check Slack makes when an operator saves the Request URL. */
  async verifyUrl(): Promise<boolean> {
    const challenge = randomUUID();
    const body = JSON.stringify({ token: 'deprecated', challenge, type: 'url_verification' });
    const posted = await this.#stage.callbacks.post(this.#message('url_verification', '', 'application/json', body));
    const isEchoed = readObject(posted.body)?.['challenge'] === challenge || posted.body === challenge;
    return posted.status === 200 && isEchoed;
  }

  async #submit({ card, userId, view }: OpenView, tap: Tap): Promise<Tapped> {
    const input = list(view['blocks']).find(({ type }) => type === 'input') ?? {};
    const element = asJson(input['element']);
    const type = String(element['type']);
    const picked = card.face?.controls[0]?.options?.filter(({ label, value }) =>
      [label, value].includes(tap.option ?? ''),
    );
    const values = (picked ?? []).map(({ value }) => value);
    const answer =
      type === 'plain_text_input'
        ? { value: tap.text ?? null }
        : type === 'multi_users_select'
          ? { selected_users: values }
          : {
              selected_options: (picked ?? []).map(({ label, value }) => ({
                text: { type: 'plain_text', text: label },
                value,
              })),
            };
    const state = { values: { [String(input['block_id'])]: { [String(element['action_id'])]: { type, ...answer } } } };
    const posted = await this.#interact(card.id, 'view_submission', userId, {
      trigger_id: this.#slack.trigger(userId),
      view: { id: card.id, state, hash: randomUUID(), ...view },
      response_urls: [],
    });
    const tapped = seen(posted);
    if (tapped.error !== undefined) return tapped;
    const { response_action: what, view: next } = asJson(tapped.body);
    if (what === 'update') {
      if (!isViewGood(asJson(next))) return { ...tapped, error: 'invalid view' };
      this.#slack.showView(card, asJson(next));
      card.redraws += 1;
    } else {
      this.#slack.views.delete(card.id);
      const { cards } = this.#stage.world;
      cards.splice(cards.indexOf(card), 1);
    }
    this.#stage.world.changed('cards');
    return tapped;
  }

  async #interact(about: string, type: string, userId: string, more: object): Promise<Posted> {
    const payload = {
      type,
      team: { id: TEAM.id, domain: 'sandbox' },
      user: { id: userId, username: userId.toLowerCase(), team_id: TEAM.id },
      api_app_id: 'A0SANDBOX',
      token: 'deprecated',
      ...more,
    };
    const body = new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
    return this.#stage.callbacks.post(this.#message(type, about, 'application/x-www-form-urlencoded', body));
  }

  #message(what: string, about: string, type: string, body: string): Message {
    const timestamp = String(Math.floor(Date.now() / 1000));
    return {
      vendor: 'slack',
      what,
      about,
      url: this.#stage.callbacks.urls.slack ?? 'http://127.0.0.1:9/',
      headers: {
        'content-type': type,
        'x-slack-request-timestamp': timestamp,
        'x-slack-signature': signSlack(timestamp, this.#settings.signingSecret, body),
      },
      body,
      deadlineMs: DEADLINE_MS,
    };
  }
}

/** `X-Slack-Signature`. */
export function signSlack(timestamp: string, signingSecret: string, body: string): string {
  return `v0=${createHmac('sha256', signingSecret).update(`v0:${timestamp}:${body}`).digest('hex')}`;
}

function chosen(message: Pick<SlackMessage, 'blocks' | 'attachments'>, { control }: Tap): Control {
  const controls = controlsOf(message);
  const found = controls.find(({ element, label }) => element['action_id'] === control || label === control);
  if (found !== undefined) return found;
  throw new Error(
    `sandbox: nothing like that to press; the card offers: ${controls.map(({ label }) => label).join(', ')}`,
  );
}

function optionOf({ label, options }: Control, { option }: Tap): object {
  if (options.length === 0) return {};
  const found = options.find((one) => one.value === option || one.label === option);
  if (found === undefined) throw new Error(`sandbox: ${label} offers: ${options.map((one) => one.label).join(', ')}`);
  return { selected_option: { text: { type: 'plain_text', text: found.label }, value: found.value } };
}

/** Slack shows a warning triangle unless a 200 comes in time. */
function seen(posted: Posted): Tapped {
  const tapped: Tapped = { status: posted.status, body: posted.body === '' ? undefined : readObject(posted.body) };
  if (posted.failure !== undefined) return { ...tapped, error: posted.failure };
  return posted.status === 200 ? tapped : { ...tapped, error: `status ${String(posted.status)}` };
}
