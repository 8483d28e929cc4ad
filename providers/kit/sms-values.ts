import type { Delivery, TemplateValues } from './message.ts';
import { templateValue } from './template-value.ts';

/** Values a template of a text message may have variables for; `code` is what an answer begins with, after 1 or 2. */
export const SMS_VARIABLES = ['severity', 'title', 'number', 'channel', 'time', 'code'] as const;
export type SmsVariable = (typeof SMS_VARIABLES)[number];

/**
 * What an approved template of a text message is filled with, in the reader's language; `time` is when it began.
 * @param max longest value in characters, where it is less than the vendors' usual limit.
 */
export function smsValues(delivery: Delivery, now: number, max?: number): Record<SmsVariable, string> {
  const { locale, timeZone } = delivery;
  const { severity, title, number, channel, since = now, code = '-' } = said(delivery);
  const time = new Intl.DateTimeFormat(locale === 'zh' ? 'zh-CN' : 'en-GB', {
    timeZone,
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).format(since);
  return {
    severity: templateValue(severity, max),
    title: templateValue(title, max),
    number: templateValue(number, max),
    channel: templateValue(channel, max),
    time: templateValue(time, max),
    code,
  };
}

function said(delivery: Delivery): TemplateValues & { since?: number; code?: string } {
  if (delivery.kind !== 'page') return delivery.values;
  const { face, wording, reply } = delivery;
  const { title, channel = '', startedAt } = face.incident;
  return {
    severity: wording.severity,
    title,
    number: face.number,
    channel,
    ...(startedAt !== undefined && { since: Date.parse(startedAt) }),
    ...(reply && { code: reply.code }),
  };
}

interface Answerable {
  callbackSecret?: string | undefined;
  templates: { zh: { params: readonly SmsVariable[] }; en?: { params: readonly SmsVariable[] } | undefined };
}

/** Answers reach us through the callback, and say what they are about by a code that the template shows. */
export function takesReplies({ callbackSecret, templates }: Answerable): boolean {
  return callbackSecret !== undefined && showsCode(templates);
}

/** Why an account's templates cannot be used as they are. */
export function codeProblem({ callbackSecret, templates }: Answerable): string | undefined {
  if (callbackSecret !== undefined || !showsCode(templates)) return undefined;
  return 'is missing: a template shows `code` to answer with, and answers come to the callback address';
}

function showsCode({ zh, en }: Answerable['templates']): boolean {
  return [zh, en].some((template) => template?.params.includes('code'));
}
