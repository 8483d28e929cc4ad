import { type PressResult } from '../kit/adapter.ts';
import { LOCALES } from '../../domain/locale.ts';
import { DeliveryError } from '../kit/delivery-error.ts';
import type { Io } from '../kit/io.ts';
import { baseUrlOf, type SlackAppAccount } from './account.ts';
import { callSlack } from './call.ts';
import type { Push } from './callback.ts';
import { escape, type Pressed } from './card.ts';
import { readSaid, type EventPush } from './event.ts';
import { drawForm } from './form.ts';
import { WORDS } from './words.ts';

/** Hosts that `response_url` may name. The push is signed; the list still keeps our words from going anywhere else. */
const RESPONSE_HOSTS = ['hooks.slack.com', 'hooks.slack-gov.com'];
const MAX_ANSWERED = 1000;
/** Events answered in the chat, the oldest first: Slack sends one again when our 200 was late. */
const answered = new Set<string>();

/** Opens the form a press asked for, tells the presser what came of a press, answers what was written to the bot. */
export async function followSlack(push: Push, account: SlackAppAccount, results: PressResult[], io: Io): Promise<void> {
  if (push.kind === 'event') return answerMessage(push.event, account, results, io);
  if (push.kind !== 'pressed') return;
  for (const pressed of push.pressed) {
    if (pressed.form) await openForm(pressed, push, account, io);
  }
  for (const { text } of results) await whisper(text, push, account, io);
}

/** The `trigger_id` lives 3 s from the press on. https://docs.slack.dev/reference/methods/views.open */
async function openForm(
  pressed: Extract<Pressed, { form: true }>,
  push: Extract<Push, { kind: 'pressed' }>,
  account: SlackAppAccount,
  io: Io,
): Promise<void> {
  try {
    await callSlack(account, io, 'views.open', { trigger_id: push.triggerId, view: drawForm(pressed) });
  } catch (error) {
    await whisper(LOCALES.map((locale) => WORDS[locale].formFailed).join(' / '), push, account, io);
    throw error;
  }
}

/** Only the presser sees it; at most five within half an hour of the press. */
async function whisper(
  text: string,
  { responseUrl }: Extract<Push, { kind: 'pressed' }>,
  account: SlackAppAccount,
  io: Io,
): Promise<void> {
  if (responseUrl === undefined) return;
  const hosts = [...RESPONSE_HOSTS, new URL(baseUrlOf(account)).host];
  if (!URL.canParse(responseUrl) || !hosts.includes(new URL(responseUrl).host)) {
    throw new DeliveryError('rejected', 'slack.app: the response_url leads to an unknown host');
  }
  const { status } = await io.http({
    method: 'POST',
    url: responseUrl,
    json: { response_type: 'ephemeral', replace_original: false, text: escape(text) },
  });
  if (status >= 300) throw new DeliveryError('rejected', `slack.app: the response_url refused (${String(status)})`);
}

/** Where it was written: in the bot's own chat below it, in a channel in the thread. */
async function answerMessage(event: EventPush, account: SlackAppAccount, results: PressResult[], io: Io) {
  const said = readSaid(event);
  const [result] = results;
  if (!said || !result || answered.has(event.event_id)) return;
  answered.add(event.event_id);
  for (const oldest of answered) {
    if (answered.size <= MAX_ANSWERED) break;
    answered.delete(oldest);
  }
  const thread = said.thread_ts ?? (said.channel_type === 'im' ? undefined : said.ts);
  const message = { channel: said.channel, text: escape(result.text), thread_ts: thread, mrkdwn: false };
  await callSlack(account, io, 'chat.postMessage', { ...message, unfurl_links: false });
}
