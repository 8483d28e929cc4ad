import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { Refusal, type Manner } from './faults.ts';
import type { Posted } from './callbacks.ts';
import type { Line } from './phones.ts';
import type { Incoming, Stage } from './stage.ts';
import { hear, messagesIn } from './twilio-twiml.ts';
import type { SandboxCall } from './world.ts';

export interface TwilioOptions {
  /** Default `AC` and 32 zeros. */
  accountSid?: string;
  /** Default `sandbox`. */
  authToken?: string;
  /** An API key besides the account's own credentials. */
  apiKey?: { sid: string; secret: string };
  /** What may be sent from: numbers, sender names, messaging services. Default `+14155550100`. */
  senders?: readonly string[];
}

export type TwilioSettings = Required<Omit<TwilioOptions, 'apiKey'>> & Pick<TwilioOptions, 'apiKey'>;

/** Time between accepting a message or call and the callback about it. */
const SOON_MS = 20;
/** https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides */
const ANSWER_DEADLINE_MS = 15_000;
const PATH =
  /^\/2010-04-01\/Accounts\/(?<account>[^/]+)\/(?<what>Calls|Messages)(?:\/(?<sid>[A-Z]{2}[0-9a-f]{32}))?\.json$/;

interface Placed {
  call: SandboxCall;
  from: string;
  fields: URLSearchParams;
  createdAt: Date;
  /** Where the digits go that the callee presses next. */
  action?: string;
}

interface Sent {
  sid: string;
  to: string;
  from: string;
  body: string;
  status: string;
  createdAt: Date;
}

export function mountTwilio(stage: Stage, options: TwilioOptions = {}): void {
  const settings: TwilioSettings = {
    accountSid: `AC${'0'.repeat(32)}`,
    authToken: 'sandbox',
    senders: ['+14155550100'],
    ...options,
  };
  const twilio = new Twilio(stage, settings);
  stage.app.all('/2010-04-01/*', (c) => twilio.receive(c));
  const { accountSid, authToken, senders } = settings;
  const account = (baseUrl: string) => ({ accountSid, authToken, from: senders[0], baseUrl });
  stage.accounts.set('twilio.voice', account);
  stage.accounts.set('twilio.sms', account);
}

/**
 * Twilio's REST API 2010-04-01: forms in, JSON out, Basic; calls play the TwiML they are given; every callback is a form
 * signed with HMAC-SHA1 over the address and the sorted fields.
 *
 * Source  https://www.twilio.com/docs/voice/api/call-resource, https://www.twilio.com/docs/messaging/api/message-resource,
 *         https://www.twilio.com/docs/usage/security#validating-requests
 */
export class Twilio {
  readonly #stage: Stage;
  readonly #settings: TwilioSettings;
  readonly #placed = new Map<string, Placed>();
  readonly #sent: Sent[] = [];

  constructor(stage: Stage, settings: TwilioSettings) {
    this.#stage = stage;
    this.#settings = settings;
    stage.replies.set('twilio', ({ to }, words) => this.reply(to, words));
  }

  async receive(c: Incoming): Promise<Response> {
    const { account = '', what = '', sid } = PATH.exec(c.req.path)?.groups ?? {};
    const isList = c.req.method === 'GET';
    const fields = new URLSearchParams(isList ? new URL(c.req.url).search : await c.req.text());
    const verb = isList ? 'list' : sid === undefined ? 'create' : 'update';
    return this.#stage.faults.receive(
      c,
      verb === 'create' ? created : manner,
      { action: `${what.toLowerCase()}.${verb}`, to: fields.get('To') ?? undefined },
      () => {
        this.#authenticate(c.req.header('authorization') ?? '', account);
      },
      () => {
        if (isList) return this.#list(what, fields);
        if (what === 'Calls') return sid === undefined ? this.#call(fields) : this.#update(sid, fields);
        if (what === 'Messages' && sid === undefined) return this.#send(fields);
        throw new Refusal('20404', 'The requested resource was not found', 404);
      },
    );
  }

  /** Somebody answers a text, or writes out of nowhere. The answer is what Twilio sends back to them. */
  async reply(from: string, text: string): Promise<string | undefined> {
    const url = this.#stage.callbacks.urls.twilioSms;
    if (url === undefined) throw new Error('sandbox: no address for incoming texts was given');
    const sid = newSid('SM');
    const posted = await this.#post('incoming', sid, url, {
      MessageSid: sid,
      SmsSid: sid,
      SmsStatus: 'received',
      From: from,
      To: this.#settings.senders[0] ?? '',
      Body: text,
      NumMedia: '0',
      NumSegments: '1',
    });
    if (posted.status !== 200) return undefined;
    const [answer] = messagesIn(posted.body);
    if (answer !== undefined) this.#deliver(this.#settings.senders[0] ?? '', from, answer);
    return answer;
  }

  #authenticate(header: string, account: string): void {
    const { accountSid, authToken, apiKey } = this.#settings;
    const given = Buffer.from(header.replace(/^Basic /, ''), 'base64');
    const good = [`${accountSid}:${authToken}`, ...(apiKey ? [`${apiKey.sid}:${apiKey.secret}`] : [])].map((pair) =>
      Buffer.from(pair),
    );
    const isKnown = good.some((pair) => pair.length === given.length && timingSafeEqual(pair, given));
    if (!isKnown || account !== accountSid) throw new Refusal('20003', 'Authenticate', 401);
  }

  #call(fields: URLSearchParams): Record<string, unknown> {
    const to = this.#number(fields);
    const from = this.#sender(fields, '21210');
    const twiml = fields.get('Twiml') ?? '';
    // UNCONFIRMED: the code for a document that is too long.
    if (twiml === '' || twiml.length > 4000) throw new Refusal('21218', 'Invalid TwiML');
    for (const name of ['StatusCallback', 'AsyncAmdStatusCallback']) this.#address(fields.get(name));
    const id = newSid('CA');
    const { words, gather } = this.#hear(twiml);
    const call = this.#stage.phones.ring({ id, vendor: 'twilio', to, text: words }, this.#line(id));
    this.#placed.set(id, { call, from, fields, createdAt: new Date(), ...(gather && { action: gather.action }) });
    this.#stage.callbacks.after(SOON_MS, () => this.#report(id, 'initiated', 'queued'));
    return this.#show(id);
  }

  #update(sid: string, fields: URLSearchParams): Record<string, unknown> {
    const placed = this.#placed.get(sid);
    if (!placed) throw new Refusal('20404', 'The requested resource was not found', 404);
    const status = fields.get('Status');
    const { state } = placed.call;
    if (state === 'ended' || (status === 'canceled' && state !== 'ringing')) {
      throw new Refusal('21220', 'Invalid call state');
    }
    if (status !== 'canceled' && status !== 'completed') throw new Refusal('21213', 'Status is canceled or completed');
    void this.#stage.phones.endFromCaller(sid);
    return this.#show(sid);
  }

  #send(fields: URLSearchParams): Record<string, unknown> {
    const to = this.#number(fields);
    const from = fields.get('MessagingServiceSid') === null ? this.#sender(fields, '21606') : this.#service(fields);
    const body = fields.get('Body') ?? '';
    if (body === '') throw new Refusal('21602', 'Message body is required.');
    if (body.length > 1600)
      throw new Refusal('21617', 'The concatenated message body exceeds the 1600 character limit');
    const validity = Number(fields.get('ValidityPeriod') ?? 36_000);
    if (!(validity >= 1 && validity <= 36_000)) throw new Refusal('21629', 'ValidityPeriod is 1 to 36000');
    const report = fields.get('StatusCallback');
    this.#address(report);
    const sent = this.#deliver(from, to, body);
    const { sid } = sent;
    for (const [index, status] of ['sent', 'delivered'].entries()) {
      this.#stage.callbacks.after(SOON_MS * (index + 1), () => {
        sent.status = status;
        if (report === null) return;
        return this.#post(status, sid, report, {
          MessageSid: sid,
          MessageStatus: status,
          SmsSid: sid,
          SmsStatus: status,
          To: to,
          From: from,
        });
      });
    }
    return showMessage(sent);
  }

  #deliver(from: string, to: string, body: string): Sent {
    const { world } = this.#stage;
    const sent: Sent = { sid: newSid('SM'), to, from, body, status: 'queued', createdAt: new Date() };
    this.#sent.push(sent);
    world.texts.push({ id: sent.sid, vendor: 'twilio', to, text: body, at: sent.createdAt.getTime() });
    world.changed('texts');
    return sent;
  }

  /** The newest first. */
  #list(what: string, query: URLSearchParams): Record<string, unknown> {
    const size = Number(query.get('PageSize') ?? 50);
    const to = query.get('To');
    const all =
      what === 'Messages'
        ? this.#sent.map((sent) => ({ ...showMessage(sent), to: sent.to }))
        : [...this.#placed].map(([id, { call }]) => ({ ...this.#show(id), to: call.to }));
    const found = all.filter((one) => to === null || one.to === to).reverse();
    const uri = `/2010-04-01/Accounts/${this.#settings.accountSid}/${what}.json`;
    return {
      [what.toLowerCase()]: found.slice(0, size),
      page: 0,
      page_size: size,
      start: 0,
      end: Math.min(found.length, size) - 1,
      uri,
      first_page_uri: uri,
      next_page_uri: null,
      previous_page_uri: null,
    };
  }

  #line(id: string): Line {
    return {
      answered: (call) => this.#detect(id, call),
      pressed: (call, key) => this.#digits(id, call, key),
      replyTo: () => undefined,
      ended: (call) => this.#report(id, 'completed', statusOf(call)),
    };
  }

  /** Whoever picks up, or whatever. */
  async #detect(id: string, call: SandboxCall): Promise<void> {
    const { fields } = this.#of(id);
    await this.#report(id, 'answered', 'in-progress');
    const url = fields.get('AsyncAmdStatusCallback');
    if (!fields.has('MachineDetection') || url === null) return;
    await this.#post('machine detection', id, url, {
      CallSid: id,
      AnsweredBy: call.machine ? 'machine_start' : 'human',
      MachineDetectionDuration: '2400',
    });
  }

  async #digits(id: string, call: SandboxCall, key: string): Promise<void> {
    const placed = this.#of(id);
    const { action } = placed;
    if (action === undefined) return;
    const posted = await this.#post('Gather', id, action, {
      ...this.#about(id),
      CallStatus: 'in-progress',
      Digits: key,
    });
    if (call.state === 'ended') return;
    // What Twilio says when the answer is no document.
    const next =
      posted.status === 200 ? this.#hear(posted.body) : { words: 'We are sorry, an application error has occurred.' };
    delete placed.action;
    if (next.gather) placed.action = next.gather.action;
    this.#stage.phones.say(id, next.words, next.gather === undefined);
  }

  #hear(document: string): ReturnType<typeof hear> {
    try {
      return hear(document);
    } catch {
      throw new Refusal('12100', 'Document parse failure');
    }
  }

  async #report(id: string, event: string, status: string): Promise<void> {
    const { fields, call } = this.#of(id);
    const url = fields.get('StatusCallback');
    const wanted = fields.getAll('StatusCallbackEvent');
    if (url === null || !(wanted.length === 0 ? ['completed'] : wanted).includes(event)) return;
    await this.#post(event, id, url, {
      ...this.#about(id),
      CallStatus: status,
      CallbackSource: 'call-progress-events',
      SequenceNumber: event === 'initiated' ? '0' : '1',
      Timestamp: new Date().toUTCString(),
      ...(event === 'completed' && call.machine && { AnsweredBy: 'machine_start' }),
      ...(status === 'completed' && { CallDuration: '1' }),
    });
  }

  #about(id: string): Record<string, string> {
    const { call, from } = this.#of(id);
    return { CallSid: id, From: from, To: call.to, ApiVersion: '2010-04-01', Direction: 'outbound-api' };
  }

  async #post(what: string, about: string, url: string, fields: Record<string, string>): Promise<Posted> {
    const form = new URLSearchParams({ AccountSid: this.#settings.accountSid, ...fields });
    return this.#stage.callbacks.post({
      vendor: 'twilio',
      what,
      about,
      url,
      headers: {
        'content-type': 'application/x-www-form-urlencoded; charset=UTF-8',
        'x-twilio-signature': sign(this.#settings.authToken, url, form),
      },
      body: form.toString(),
      deadlineMs: ANSWER_DEADLINE_MS,
    });
  }

  #show(id: string): Record<string, unknown> {
    const { call, from, createdAt } = this.#of(id);
    const status = call.state === 'ringing' ? 'queued' : call.state === 'in-progress' ? 'in-progress' : statusOf(call);
    const date = createdAt.toUTCString();
    return { sid: id, to: call.to, from, status, date_created: date, date_updated: date, queue_time: '0' };
  }

  #of(id: string): Placed {
    const placed = this.#placed.get(id);
    if (!placed) throw new Error(`sandbox: Twilio knows no call ${id}`);
    return placed;
  }

  #number(fields: URLSearchParams): string {
    const to = fields.get('To') ?? '';
    if (!/^\+[1-9]\d{6,14}$/.test(to)) throw new Refusal('21211', "The 'To' number is not a valid phone number.");
    return to;
  }

  #sender(fields: URLSearchParams, code: string): string {
    const from = fields.get('From') ?? '';
    if (!this.#settings.senders.includes(from)) throw new Refusal(code, 'The From is not yours.');
    return from;
  }

  #service(fields: URLSearchParams): string {
    if (!this.#settings.senders.includes(fields.get('MessagingServiceSid') ?? '')) {
      throw new Refusal('21701', 'The Messaging Service does not exist.');
    }
    return this.#settings.senders.find((sender) => sender.startsWith('+')) ?? '';
  }

  #address(url: string | null): void {
    if (url !== null && !(URL.canParse(url) && /^https?:\/\/[^/_]+\//.test(url))) {
      throw new Refusal('21609', 'The StatusCallback URL is not a valid URL.');
    }
  }
}

/** https://www.twilio.com/docs/usage/security#validating-requests */
export function sign(authToken: string, url: string, form: URLSearchParams): string {
  const sorted = [...form].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, value]) => name + value);
  return createHmac('sha1', authToken)
    .update(url + sorted.join(''))
    .digest('base64');
}

function statusOf(call: SandboxCall): string {
  if (call.answeredAt !== undefined) return 'completed';
  if (call.endedByCaller) return 'canceled';
  return call.end === 'busy' ? 'busy' : call.end === 'blocked' ? 'failed' : 'no-answer';
}

function showMessage({ sid, to, from, body, status, createdAt }: Sent): Record<string, unknown> {
  const date = createdAt.toUTCString();
  return { sid, to, from, body, status, date_created: date, date_updated: date, date_sent: date, num_segments: '1' };
}

function newSid(kind: 'CA' | 'SM'): string {
  return `${kind}${randomBytes(16).toString('hex')}`;
}

const manner: Manner = {
  vendor: 'twilio',
  accept: (body) => Response.json(body),
  refuse: ({ code, message, status = 400 }) =>
    Response.json(
      { code: Number(code), message, more_info: `https://www.twilio.com/docs/errors/${code}`, status },
      { status },
    ),
  throttle(ms) {
    const answer = manner.refuse(new Refusal('20429', 'Too Many Requests', 429));
    answer.headers.set('retry-after', String(Math.ceil(ms / 1000)));
    return answer;
  },
};

const created: Manner = { ...manner, accept: (body) => Response.json(body, { status: 201 }) };
