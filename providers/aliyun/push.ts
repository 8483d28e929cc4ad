import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Happening, HttpAnswer, HttpRequest } from '../kit/adapter.ts';
import { CallbackError } from '../kit/adapter.ts';
import { pushItems } from '../kit/push-items.ts';
import { hasSecretPath } from '../kit/secret-path.ts';
import { endingOf, receiptReason } from './codes.ts';
import { fromVendorNumber } from './numbers.ts';

/** Fields are documented as strings and arrive as numbers now and then; empty is absent. */
const text = z
  .union([z.string(), z.number()])
  .transform((value) => String(value).trim() || undefined)
  .nullish()
  .catch(undefined);

/** `VoiceReport` (after the call, has `callee` and `duration`) and `VoiceCallReport` (during it, has `status_time`). */
const callItem = z.object({
  call_id: z.string().min(1),
  out_id: text,
  status_code: text,
  dtmf: text,
  callee: text,
  duration: text,
  status_time: text,
});

const smsItem = z.object({
  out_id: z.string().min(1),
  success: z.union([z.boolean(), z.stringbool()]),
  err_code: text,
});

/** `SmsUp`: what the receiver of a message answered; `sequence_id` is the push's own. */
const upItem = z.object({ phone_number: z.string(), content: z.string(), send_time: text, sequence_id: text });

/** The only answer the vendor knows; any numeric `code` with HTTP 200 means taken. */
export const PUSH_ANSWER: HttpAnswer = { status: 200, body: '{"code":0,"msg":"ok"}', contentType: 'application/json' };

/** Alibaba waits this long, then pushes again after 1, 5 and 10 minutes. */
export const PUSH_DEADLINE_MS = 700;

/**
 * Reads a push: a JSON array (or one object) whose items have nothing to do with each other. Items that cannot be read
 * are left out; the others count.
 * @param read undefined when the item is none of ours, no happenings when it only reports progress.
 * @throws CallbackError
 */
export function readPush(
  request: HttpRequest,
  secret: string | undefined,
  read: (item: unknown) => Happening[] | undefined,
): { happenings: Happening[] } {
  // The push is not signed: the address is all that tells it from a forgery.
  if (!hasSecretPath(request.url, secret)) throw new CallbackError(401, 'the secret path is wrong');
  const items = pushItems(request.body);
  const readable = items.map(read).filter((happenings) => happenings !== undefined);
  if (items.length > 0 && readable.length === 0) throw new CallbackError(400, 'no item of the push can be read');
  return { happenings: readable.flat() };
}

/** Keys and endings of calls. */
export function readCallItem(item: unknown): Happening[] | undefined {
  const parsed = callItem.safeParse(item);
  if (!parsed.success) return undefined;
  const { call_id, out_id, status_code, dtmf, callee, duration, status_time } = parsed.data;
  const isOver = status_code && !status_time && (callee ?? duration);
  // A key counts whatever its code: the vendor's pages disagree between 200000 and 300000.
  if (!isOver && !dtmf) return [];
  const [outcome, reason] = endingOf(status_code ?? '', Number(duration ?? 0));
  const number = callee ? fromVendorNumber(callee) : undefined;
  return [
    {
      kind: 'call',
      ...(number && { callee: number }),
      event: {
        ...(out_id && { token: out_id }),
        callId: call_id,
        ...(dtmf && { keys: dtmf }),
        ...(isOver && { ended: { outcome, reason, code: status_code } }),
      },
    },
  ];
}

/** Receipts of messages, and answers to them. */
export function readSmsItem(item: unknown): Happening[] | undefined {
  const answered = upItem.safeParse(item);
  if (answered.success) return toReply(answered.data);
  const parsed = smsItem.safeParse(item);
  if (!parsed.success) return undefined;
  const { out_id, success, err_code } = parsed.data;
  const code = err_code ? { code: err_code } : {};
  const receipt = success
    ? { outcome: 'delivered' as const, ...code }
    : { outcome: 'failed' as const, reason: receiptReason(err_code ?? ''), ...code };
  return [{ kind: 'receipt', ref: out_id, receipt }];
}

function toReply({ phone_number, content, send_time, sequence_id }: z.output<typeof upItem>): Happening[] | undefined {
  const from = fromVendorNumber(phone_number);
  if (from === undefined) return undefined;
  const said = JSON.stringify([from, send_time, content]);
  const eventId = sequence_id ?? createHash('sha256').update(said).digest('hex').slice(0, 32);
  return [{ kind: 'reply', from, text: content, eventId }];
}
