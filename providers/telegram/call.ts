import { z } from 'zod';
import type { ErrorKind } from '../../domain/delivery.ts';
import { DeliveryError } from '../kit/delivery-error.ts';
import { statusError } from '../kit/hook.ts';
import type { HttpReply, Io } from '../kit/io.ts';
import { NOT_KNOWN, refusal, retryAfter } from '../kit/refusal.ts';
import { apiOf, type TelegramBotAccount } from './account.ts';

const reply = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), result: z.unknown() }),
  z.object({
    ok: z.literal(false),
    error_code: z.int(),
    description: z.string().default(''),
    parameters: z.object({ retry_after: z.number().optional(), migrate_to_chat_id: z.int().optional() }).optional(),
  }),
]);
type Refusal = Extract<z.output<typeof reply>, { ok: false }>;

type Method = 'getMe' | 'getWebhookInfo' | 'sendMessage' | 'editMessageText' | 'answerCallbackQuery';

/**
 * One call of the Bot API.
 *
 * Request  POST {api}/bot{token}/{method}, JSON.
 * Errors   { ok: false, error_code, description, parameters?: { retry_after, migrate_to_chat_id } }; seconds.
 * Source   https://core.telegram.org/bots/api#making-requests
 * @returns `result`.
 * @throws DeliveryError, {@link Moved} when the chat has another id now.
 */
export async function callTelegram(
  method: Method,
  json: Record<string, unknown>,
  account: TelegramBotAccount,
  io: Io,
): Promise<unknown> {
  return readAnswer(await io.http({ method: 'POST', url: `${apiOf(account)}/${method}`, json }));
}

/** A group became a supergroup: nothing was sent, and nothing ever will be by its old id. */
export class Moved extends DeliveryError {
  override name = 'Moved';
  readonly to: string;
  constructor(to: string) {
    super(
      'rejected',
      'telegram.bot: the group has another chat id since it became a supergroup; correct chat of the group',
      {
        providerCode: '400',
      },
    );
    this.to = to;
  }
}

interface Meaning {
  code: number;
  /** The beginning of what follows `Bad Request: ` or `Forbidden: `; absent: whatever it says. */
  says?: RegExp;
  kind: ErrorKind;
  means: string;
}
/** The descriptions are no contract: an unknown one is final too. The first that matches counts. */
const MEANINGS: Meaning[] = [
  {
    code: 400,
    says: /^(chat not found|message thread not found|topic)/i,
    kind: 'rejected',
    means: 'there is no such chat; a person has to press Start first, a group has to have the bot in it',
  },
  {
    code: 400,
    says: /^(not enough rights|have no rights|need administrator)/i,
    kind: 'rejected',
    means: 'the bot may not write to this chat',
  },
  {
    code: 400,
    says: /^message (to edit not found|can't be edited)|^MESSAGE_ID_INVALID/i,
    kind: 'rejected',
    means: 'the message can no longer be changed',
  },
  { code: 400, kind: 'refused', means: 'the message is malformed or too long' },
  { code: 401, kind: 'unauthorized', means: 'the token was revoked; take the new one from BotFather' },
  {
    code: 403,
    says: /^bot was blocked|^user is deactivated/i,
    kind: 'rejected',
    means: 'the person blocked the bot or is gone',
  },
  {
    code: 403,
    says: /^bot can't initiate/i,
    kind: 'rejected',
    means: 'the person has to press Start in a chat with the bot first',
  },
  {
    code: 403,
    says: /^bot (was kicked|is not a member)|^the group chat was deleted/i,
    kind: 'rejected',
    means: 'the bot is no longer in this chat',
  },
  { code: 403, kind: 'rejected', means: 'the bot may not write to this chat' },
  { code: 404, kind: 'unauthorized', means: 'the token is malformed, or baseUrl leads elsewhere' },
  { code: 409, kind: 'unavailable', means: 'somebody else asks for the updates of this bot' },
];

/** @throws DeliveryError in our words. */
export function readAnswer(answer: HttpReply): unknown {
  const { success, data } = reply.safeParse(answer.body);
  if (!success) throw statusError('telegram.bot', answer, 'check token and baseUrl');
  if (data.ok) return data.result;
  // Drawn as it already was: a redraw that is repeated, or one that changes nothing people see.
  if (/^Bad Request: message is not modified/i.test(data.description)) return undefined;
  throw refusalOf(data, answer);
}

function refusalOf({ error_code: code, description, parameters }: Refusal, { headers }: HttpReply): DeliveryError {
  if (parameters?.migrate_to_chat_id !== undefined) return new Moved(String(parameters.migrate_to_chat_id));
  const providerCode = String(code);
  if (code === 429) {
    const seconds = parameters?.retry_after;
    const pauseMs = seconds === undefined ? (retryAfter(headers) ?? 1000) : seconds * 1000;
    return refusal(
      'telegram.bot',
      { kind: 'rate-limited', means: 'too many messages' },
      { code: providerCode, pauseMs },
    );
  }
  const said = description.replace(/^(Bad Request|Forbidden): /, '');
  const meaning = MEANINGS.find((one) => one.code === code && (one.says?.test(said) ?? true));
  const unknown = code >= 500 ? ({ kind: 'unavailable', means: 'the platform failed' } as const) : NOT_KNOWN;
  return refusal('telegram.bot', meaning ?? unknown, { code: providerCode, pauseMs: 1000 });
}
