import {
  CallbackError,
  type CallbackContract,
  type CallbackRead,
  type HttpAnswer,
  type HttpRequest,
  type PressResult,
} from '../kit/adapter.ts';
import type { Io } from '../kit/io.ts';
import { mediaType } from '../kit/media-type.ts';
import { pushJson } from '../kit/push-items.ts';
import { placesOf, type TeamsAppAccount } from './account.ts';
import { activity, isInvoke, readActivity, tenantOf, type Activity } from './activity.ts';
import { verifyBearer } from './bearer.ts';
import { drawCard } from './card.ts';
import { lookUp } from './keys.ts';
import { callTeams } from './token.ts';

/**
 * Everything the bot hears: presses as `invoke`, which want an answer; words and comings and goings, which want none.
 * The body is not signed: the bearer token says that Microsoft sent it for our app, our own token what was pressed.
 *
 * Deadline   the service gives up after 10 s or so; 3 s is what a person waits. Nothing is sent again.
 * Answer     HTTP 200 always, even for a refusal; what counts is `statusCode` inside.
 * Source     https://learn.microsoft.com/adaptive-cards/authoring-cards/universal-action-model#response-format
 */
export const teamsCallback = {
  deadlineMs: 3000,
  needsSecretPath: false,
  redelivers: false,

  async prepare(account: TeamsAppAccount, io: Io): Promise<void> {
    await lookUp(placesOf(account).openId, io);
  },

  async read(request: HttpRequest, account: TeamsAppAccount, io: Io): Promise<CallbackRead> {
    const given = readBody(request);
    const { channelId, serviceUrl } = given;
    await verifyBearer(request, { channelId, serviceUrl, tenantId: tenantOf(given) }, account, io);
    return { happenings: readActivity(given) };
  },

  answer(request: HttpRequest, _account: TeamsAppAccount, results: PressResult[]): HttpAnswer {
    if (!isInvoke(readBody(request))) return { status: 200, body: '', contentType: 'text/plain' };
    return { status: 200, body: JSON.stringify(invokeAnswer(results[0])), contentType: 'application/json' };
  },

  async follow(request: HttpRequest, account: TeamsAppAccount, results: PressResult[], io: Io): Promise<void> {
    const given = readBody(request);
    const [result] = results;
    // An invoke has its answer; everything else is answered in the conversation, under what was said.
    if (!result || isInvoke(given)) return;
    const path = `/v3/conversations/${encodeURIComponent(given.conversation.id)}/activities`;
    const reply = { type: 'message', text: result.text, textFormat: 'plain' };
    const json = { ...reply, ...(given.id !== '' && { replyToId: given.id }) };
    await callTeams(account, io, { method: 'POST', path, json, service: given.serviceUrl.replace(/\/+$/, '') });
  },
} satisfies CallbackContract<TeamsAppAccount>;

/** The card for the presser alone, until everybody's is drawn again; or a sentence where there is none to draw. */
function invokeAnswer(result: PressResult | undefined): object {
  if (!result) return { statusCode: 200, type: 'application/vnd.microsoft.activity.message', value: '' };
  const { state, text, picture } = result;
  if ((state === 'done' || state === 'closed') && picture) {
    const value = drawCard({ ...picture, notice: text });
    return { statusCode: 200, type: 'application/vnd.microsoft.card.adaptive', value };
  }
  return { statusCode: 200, type: 'application/vnd.microsoft.activity.message', value: text };
}

function readBody({ body, headers }: HttpRequest): Activity {
  if (mediaType(headers) !== 'application/json') throw new CallbackError(400, 'teams.app: the push is not JSON');
  const { success, data } = activity.safeParse(pushJson(body));
  if (!success) throw new CallbackError(400, 'teams.app: no activity');
  return data;
}
