// The settings of the imitated Tencent account, and its approved templates.

import { Refusal } from './faults.ts';

export interface TencentOptions {
  /** Default `sandbox`. */
  secretId?: string;
  /** Default `sandbox`. */
  secretKey?: string;
  /** Default `1400000000`. */
  voiceSdkAppid?: string;
  /** Default `1400000001`. */
  smsSdkAppId?: string;
  /** Approved templates by id, for calls and messages: text with `{1}`, `{2}` … Any other id is refused. */
  templates?: Record<string, string>;
  /** Whether receipts of messages bring `SessionContext` back, as `ext`: support enables it on request. Default true. */
  echoesContext?: boolean;
  /** Waits before a push about a message that was not answered in time is made again. Default 1 and 5 minutes. */
  repushScaleMs?: readonly number[];
  /** Where voice callbacks go until `setCallbacks` says otherwise. */
  callbackUrl?: string;
}

export type TencentSettings = Required<Omit<TencentOptions, 'callbackUrl'>>;

/** Ours, not the vendor's: the last part of the address that an operator enters in the console. */
export const CALLBACK_SECRET = 'sandbox-w3Kx9Zr7Qm2Vt4';
/** UNCONFIRMED: the vendor names no deadline. */
export const ANSWER_DEADLINE_MS = 5000;

export function needed(params: Record<string, unknown>, name: string): string {
  const value = params[name];
  if (typeof value !== 'string' || value === '')
    throw new Refusal('MissingParameter', `The parameter ${name} is missing.`);
  return value;
}

/** An approved template with its variables filled in by position; nothing when their number does not fit. */
export function fill(template: string, given: unknown): string | undefined {
  const wanted = new Set(template.match(/\{\d+\}/g)).size;
  if (!Array.isArray(given) || given.length !== wanted || !given.every((value) => typeof value === 'string')) {
    return undefined;
  }
  return template.replace(/\{(\d+)\}/g, (_, n: string) => String(given[Number(n) - 1]));
}

/** Every push names a phone so. */
export function nationOf(e164: string): { nationcode: string; mobile: string } {
  const { nationcode = '', mobile = '' } = /^\+(?<nationcode>86|\d{1,3}?)(?<mobile>\d{7,})$/.exec(e164)?.groups ?? {};
  return { nationcode, mobile };
}
