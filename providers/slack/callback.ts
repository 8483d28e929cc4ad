import { z } from 'zod';
import {
  CallbackError,
  type CallbackContract,
  type CallbackRead,
  type Happening,
  type HttpAnswer,
  type HttpRequest,
  type PressResult,
} from '../kit/adapter.ts';
import { mediaType } from '../kit/media-type.ts';
import type { SlackAppAccount } from './account.ts';
import { readAction, type Pressed } from './card.ts';
import { eventPush, readEvent, type EventPush } from './event.ts';
import { drawVerdict, readForm, type Submitted } from './form.ts';
import { verifySignature } from './signature.ts';
import { followSlack } from './follow.ts';

const urlCheck = z.object({ type: z.literal('url_verification'), challenge: z.string() });
const interaction = z.object({
  type: z.string(),
  team: z.object({ id: z.string() }).nullish(),
  user: z.object({ id: z.string().min(1) }),
  trigger_id: z.string().min(1),
  response_url: z.string().optional(),
  actions: z.array(z.unknown()).max(25).default([]),
  view: z.unknown().optional(),
});

/** What Slack sent, told apart by its envelope. */
export type Push =
  | { kind: 'check'; challenge: string }
  | { kind: 'event'; event: EventPush }
  | { kind: 'pressed'; pressed: Pressed[]; userId: string; triggerId: string; responseUrl?: string }
  | { kind: 'submitted'; form: Submitted; userId: string }
  | { kind: 'other' };

/**
 * Buttons, forms and events, which share one address: an HTML form with `payload` for the first two, JSON for events.
 *
 * Deadline   3 s. A press is never sent again; an event up to three times (`X-Slack-Retry-Num`), with the same `event_id`.
 * Answer     an empty 200; a form that was not taken shows why. What else there is to say goes to `response_url`.
 * Source     https://docs.slack.dev/interactivity/handling-user-interaction, https://docs.slack.dev/apis/events-api
 */
export const slackCallback = {
  deadlineMs: 3000,
  needsSecretPath: false,
  redelivers: false,

  read(request: HttpRequest, account: SlackAppAccount): CallbackRead {
    verifySignature(request, account.signingSecret);
    const push = readPush(request, account);
    if (push.kind === 'check') {
      const body = JSON.stringify({ challenge: push.challenge });
      return { happenings: [], answer: { status: 200, body, contentType: 'application/json' } };
    }
    return { happenings: happeningsOf(push) };
  },

  answer(request: HttpRequest, account: SlackAppAccount, results: PressResult[]): HttpAnswer {
    const push = readPush(request, account);
    const [result] = results;
    // An empty answer closes the window, which tells the presser that it worked; the card shows the rest.
    if (push.kind !== 'submitted' || !result || result.state === 'done') return EMPTY;
    const body = JSON.stringify({ response_action: 'update', view: drawVerdict(push.form.title, result.text) });
    return { status: 200, body, contentType: 'application/json' };
  },

  async follow(request, account, results, io) {
    await followSlack(readPush(request, account), account, results, io);
  },
} satisfies CallbackContract<SlackAppAccount>;

const EMPTY: HttpAnswer = { status: 200, body: '', contentType: 'text/plain' };

function readPush({ body, headers }: HttpRequest, { teamId }: SlackAppAccount): Push {
  const text = Buffer.from(body).toString();
  const type = mediaType(headers);
  if (type === 'application/json') return readJson(parse(text), teamId);
  if (type !== 'application/x-www-form-urlencoded') throw new CallbackError(400, 'slack.app: neither a form nor JSON');
  const payloads = new URLSearchParams(text).getAll('payload');
  if (payloads.length !== 1) throw new CallbackError(400, 'slack.app: the form holds no payload');
  return readInteraction(parse(payloads[0] ?? ''), teamId);
}

function readJson(json: unknown, teamId: string | undefined): Push {
  const check = urlCheck.safeParse(json);
  if (check.success) return { kind: 'check', challenge: check.data.challenge };
  const { data } = eventPush.safeParse(json);
  if (!data) throw new CallbackError(400, 'slack.app: no event');
  verifyTeam(data.team_id, teamId);
  return { kind: 'event', event: data };
}

function readInteraction(json: unknown, teamId: string | undefined): Push {
  const { data } = interaction.safeParse(json);
  if (!data) throw new CallbackError(400, 'slack.app: the press names nobody or nothing');
  verifyTeam(data.team?.id, teamId);
  const userId = data.user.id;
  if (data.type === 'block_actions') {
    const pressed = data.actions.flatMap((action) => readAction(action) ?? []);
    const { trigger_id: triggerId, response_url: responseUrl } = data;
    return { kind: 'pressed', pressed, userId, triggerId, ...(responseUrl !== undefined && { responseUrl }) };
  }
  const form = data.type === 'view_submission' ? readForm(data.view) : undefined;
  return form ? { kind: 'submitted', form, userId } : { kind: 'other' };
}

function happeningsOf(push: Push): Happening[] {
  switch (push.kind) {
    case 'event':
      return readEvent(push.event);
    case 'pressed':
      // A press that asks for a form is answered with the form and is no action; only the sent form is one.
      return push.pressed.flatMap(({ form, ...press }, index) =>
        form ? [] : [{ kind: 'press', ...press, identity: push.userId, eventId: `${push.triggerId}/${String(index)}` }],
      );
    case 'submitted': {
      const { id, title: _, ...filled } = push.form;
      return [{ kind: 'press', ...filled, identity: push.userId, eventId: id }];
    }
    default:
      return [];
  }
}

function verifyTeam(given: string | undefined, expected: string | undefined): void {
  if (expected !== undefined && given !== expected) {
    throw new CallbackError(401, 'slack.app: the push is from another workspace; check teamId');
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new CallbackError(400, 'slack.app: the push is not JSON');
  }
}
