import twilio from 'twilio';
import { CallbackError, type HttpRequest } from '../kit/adapter.ts';

/** Twilio waits 15 s for an answer, and does not ask again. https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides */
export const PUSH_DEADLINE_MS = 15_000;

/** Twilio sends some dozens. The form is read before its signature is proved, so that it must not be costly. */
const MOST_FIELDS = 500;

/**
 * The form that Twilio posted: signed over the public address and every field of it.
 * @throws CallbackError when it is not from Twilio, or about another account.
 * https://www.twilio.com/docs/usage/security#validating-requests
 */
export function readForm(
  { method, body, headers, url }: HttpRequest,
  { accountSid, authToken }: { accountSid: string; authToken: string },
): URLSearchParams {
  if (method !== 'POST') throw new CallbackError(400, 'Twilio is to be told to POST');
  const form = new URLSearchParams(new TextDecoder().decode(body));
  if (form.size > MOST_FIELDS)
    throw new CallbackError(400, `a form of Twilio has ${String(MOST_FIELDS)} fields at most`);
  const fields: Record<string, string | string[]> = {};
  for (const [name, value] of form) {
    const earlier = Object.hasOwn(fields, name) ? fields[name] : undefined;
    fields[name] = earlier === undefined ? value : [earlier, value].flat();
  }
  const signature = headers.get('x-twilio-signature') ?? '';
  if (!twilio.validateRequest(authToken, signature, url.href, fields)) {
    throw new CallbackError(401, 'the signature is wrong: compare authToken and gateway.publicUrl');
  }
  if (form.get('AccountSid') !== accountSid) throw new CallbackError(401, 'it is about another account');
  return form;
}
