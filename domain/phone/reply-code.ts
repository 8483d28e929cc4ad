import { isSameIncident, readMeant, refOf, type IncidentRef } from '../incident/occurrence.ts';

/**
 * A code with which a text message can be answered, and the incident it stands for. The workflow of the number owns it.
 */
export interface ReplyCode extends IncidentRef {
  /** 4 digits, no two alike at one number. */
  code: string;
  member: string;
  /** The level of the latest text that carried the code; whoever escalates by it asks for the level after that one. */
  level?: number;
  /** When that was. */
  at: number;
  /** In the answer of the query `codes`: too many wrong ones came from this number, so this one does not count if written. */
  refused?: true;
}

/** A text about an incident is about to leave. Signal `code` of the phone workflow; its query `codes` tells the code. */
export interface CodeRequest extends IncidentRef {
  member: string;
  level?: number;
  /** Any whole number from 0 that outsiders cannot guess: decides which code it becomes where that one is free. */
  wish: number;
}

/** Somebody answered a text. Signal `reply` of the phone workflow. */
export interface Reply {
  code: string;
  action: 'acknowledge' | 'escalate';
  /** The same answer counts once. */
  key: string;
  /** Somebody wrote this code; absent: it is that of the one incident that could be meant, or an older gateway tells. */
  written?: true;
}

const FIRST = 1000;
const CODES = 9000;
/** Answers count for this long after the latest text that carried the code. */
const KEPT_MS = 24 * 60 * 60_000;
/** More incidents in a day than one person is texted about; beyond it the oldest code is released. */
const MOST = 200;

/**
 * The codes with one for this incident: the one it had, else the first free one from the wish on. Each text renews it.
 * Handed out by the number's workflow, which alone knows every code that is out: a code that was only computed could
 * be that of another incident, and asking costs a text less than its own request to the provider.
 */
export function giveCode(codes: readonly ReplyCode[], request: CodeRequest, now: number): ReplyCode[] {
  const { member, level, wish } = request;
  const out = releaseCodes(codes, now);
  const others = out.filter((one) => !isFor(one, request));
  const known = out.find((one) => !others.includes(one));
  const code = known?.code ?? freeCode(new Set(others.map((one) => one.code)), wish);
  return [
    ...others.slice(1 - MOST),
    { code, ...refOf(request), member, ...(level !== undefined && { level }), at: now },
  ];
}

export function releaseCodes(codes: readonly ReplyCode[], now: number): ReplyCode[] {
  return codes.filter(({ at }) => now - at < KEPT_MS);
}

/** Of this incident, for this member. */
export function codeFor(
  codes: readonly ReplyCode[],
  request: IncidentRef & Pick<CodeRequest, 'member'>,
): string | undefined {
  return codes.find((one) => isFor(one, request))?.code;
}

function isFor(code: ReplyCode, request: IncidentRef & Pick<CodeRequest, 'member'>): boolean {
  return isSameIncident(code, request) && code.member === request.member;
}

export function codeAnswered(codes: readonly ReplyCode[], code: string): ReplyCode | undefined {
  return codes.find((one) => one.code === code);
}

function freeCode(taken: ReadonlySet<string>, wish: number): string {
  for (let step = 0; ; step += 1) {
    const code = String(FIRST + (((wish % CODES) + step) % CODES));
    if (!taken.has(code)) return code;
  }
}

/** Reads what arrived as the signal `code`; undefined when it is none. */
export function readCodeRequest(raw: unknown): CodeRequest | undefined {
  const { workflowId, member, level, wish } = (raw ?? {}) as Partial<Record<keyof CodeRequest, unknown>>;
  if (typeof workflowId !== 'string' || typeof member !== 'string') return undefined;
  if (typeof wish !== 'number' || !Number.isInteger(wish) || wish < 0) return undefined;
  return { workflowId, ...readMeant(raw), member, wish, ...(typeof level === 'number' && { level }) };
}

/** Reads what arrived as the signal `reply`; undefined when it is none. */
export function readReply(raw: unknown): Reply | undefined {
  const given = (raw ?? {}) as Partial<Record<keyof Reply | 'deed', unknown>>;
  // `deed` is what the action was called before; a gateway of then may still be running.
  const { code, key, action = given.deed, written } = given;
  if (typeof code !== 'string' || typeof key !== 'string') return undefined;
  if (action !== 'acknowledge' && action !== 'escalate') return undefined;
  return { code, action, key, ...(written === true && { written }) };
}
