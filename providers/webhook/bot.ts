import type { MessageAdapter } from '../kit/adapter.ts';
import { DeliveryError } from '../kit/delivery-error.ts';
import { statusError } from '../kit/hook.ts';
import type { HttpReply, Io } from '../kit/io.ts';
import type { WebhookBotAccount } from './account.ts';
import { envelopeOf, eventId } from './envelope.ts';
import { fill } from './fill.ts';
import { signedHeaders } from './signature.ts';

/**
 * webhook.bot: what happens to an incident, as JSON to an HTTP service of one's own.
 *
 * Request  POST {webhook}, JSON by preset or `body`, own headers, webhook-id, webhook-timestamp, webhook-signature.
 * Once     webhook-id is the same for every attempt of a notification: a receiver drops what it has.
 * Answer   any 2xx is a yes. 2 s, and once more when no answer came; redirects are not followed.
 * Reach    public addresses only, as they are when connecting, unless the account says `allowPrivate`.
 * Source   https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export const webhookBot: MessageAdapter<WebhookBotAccount> = {
  id: 'webhook.bot',
  form: 'message',

  async send(delivery, account, io) {
    const envelope = envelopeOf(delivery, account.preset, io.now());
    const text = JSON.stringify(account.body === undefined ? envelope : fill(account.body, envelope));
    const id = `msg_${eventId(delivery)}`;
    const post = () =>
      io.http({
        ...whereOf(account),
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...account.headers,
          ...signedHeaders({ id, now: io.now(), body: text }, account.secret),
        },
        text,
      });
    readAnswer(
      await post().catch((error: unknown) => {
        if (mayRepeat(error, io)) return post();
        throw error;
      }),
    );
    return { outcome: 'accepted' };
  },

  /** Asks by GET whether a server answers there. Only a message can tell whether it takes messages. */
  async check(account, io) {
    const answer = await io.http({ ...whereOf(account), method: 'GET', headers: account.headers });
    if (answer.status >= 500) readAnswer(answer);
  },
};

function whereOf(account: WebhookBotAccount): Pick<Parameters<Io['http']>[0], 'url' | 'publicOnly' | 'timeoutMs'> {
  const { webhook, baseUrl, allowPrivate, timeoutMs } = account;
  const { pathname, search } = new URL(webhook);
  const url = baseUrl === undefined ? webhook : `${baseUrl.replace(/\/+$/, '')}${pathname}${search}`;
  return { url, publicOnly: !allowPrivate, timeoutMs };
}

/** Whether to send once more after a lost answer: the receiver recognises a repeated message by its id. */
function mayRepeat(error: unknown, { signal }: Io): boolean {
  return error instanceof DeliveryError && error.kind === 'unknown-outcome' && signal?.aborted !== true;
}

const REMEDIES: Record<number, string> = {
  400: 'the receiver does not understand the body; compare body and preset with what it expects',
  401: 'the receiver wants to know who asks; check headers and secret',
  403: 'the receiver does not let us in; check headers, secret and its list of addresses',
  404: 'nothing is at this path; check webhook',
  405: 'the receiver takes no POST at this path; check webhook',
  410: 'the receiver is closed for good; remove the account or change webhook',
  413: 'the body is too large for the receiver; write a shorter body',
  415: 'the receiver does not take application/json',
  422: 'the receiver does not understand the body; compare body and preset with what it expects',
};
const ABOUT_BODY = [400, 413, 415, 422];

/** @throws DeliveryError in our words. */
export function readAnswer(answer: HttpReply): void {
  const { status } = answer;
  if (status >= 200 && status < 300) return;
  const means = REMEDIES[status];
  if (means === undefined) throw statusError('webhook.bot', answer, 'check webhook');
  throw new DeliveryError(
    ABOUT_BODY.includes(status) ? 'refused' : 'unauthorized',
    `webhook.bot: ${means} (${String(status)})`,
    {
      providerCode: String(status),
    },
  );
}
