import { gzipSync } from 'node:zlib';
import { CallbackError, type Happening, type HttpRequest } from '../../providers/kit/adapter.ts';
import { mediaType } from '../../providers/kit/media-type.ts';

/** A push as it was altered on its way, and how. */
export interface Mutation {
  how: string;
  request: HttpRequest;
}

/** What was taken from a push, or with what it was turned away. */
export type Taken = Happening[] | CallbackError['status'];

interface Changes {
  body?: string | Uint8Array;
  /** Null removes. */
  headers?: Record<string, string | null>;
  method?: string;
  url?: URL;
  receivedAt?: number;
}

/** The same push but for this. */
export function changed(request: HttpRequest, { body = request.body, headers = {}, ...rest }: Changes): HttpRequest {
  const altered = new Headers(request.headers);
  for (const [name, value] of Object.entries(headers)) {
    if (value === null) altered.delete(name);
    else altered.set(name, value);
  }
  return { ...request, ...rest, body: typeof body === 'string' ? Buffer.from(body) : body, headers: altered };
}

interface Genuine {
  /** Names of the headers and query values that authenticate it. */
  signed: readonly string[];
  /** How old it may be. Default: any age. */
  skewMs?: number;
  /** False where the signature says nothing about the body: then it is only made unreadable. Default true. */
  signsBody?: boolean;
}

/**
 * What could be done to a genuine push on its way, in some hundreds of ways that leave no part of it alone: headers and
 * query values removed, altered, emptied; bytes flipped, cut off, added; other encodings and what they call themselves;
 * other methods; another time.
 */
export function mutationsOf(genuine: HttpRequest, { signed, skewMs, signsBody = true }: Genuine): Mutation[] {
  const { headers, url, receivedAt } = genuine;
  const mutation = (how: string, changes: Changes): Mutation => ({ how, request: changed(genuine, changes) });
  const skews = skewMs === undefined ? [] : [skewMs + 1000, skewMs * 2, skewMs * 12, 365 * 86_400_000];
  // The parameters of a type say nothing.
  const type = mediaType(headers);
  return [
    ...signed.flatMap((name) => {
      const value = headers.get(name) ?? url.searchParams.get(name) ?? '';
      return [...valuesInsteadOf(value), ...flipsOf(value)].map(([how, other]) =>
        mutation(
          `${name} ${how}`,
          headers.has(name) ? { headers: { [name]: other } } : { url: withQuery(url, name, other) },
        ),
      );
    }),
    ...[...valuesInsteadOf(type), ...OTHER_TYPES.map((other): Value => [`is ${other}`, other])].map(([how, other]) =>
      mutation(`content-type ${how}`, { headers: { 'content-type': other } }),
    ),
    ...skews.flatMap((ms) => [
      mutation(`${String(ms)} ms late`, { receivedAt: receivedAt + ms }),
      mutation(`${String(ms)} ms early`, { receivedAt: receivedAt - ms }),
    ]),
    ...bodiesInsteadOf(Buffer.from(genuine.body), signsBody).map(([how, body]) => mutation(how, { body })),
    ...['GET', 'PUT', 'DELETE'].map((method) => mutation(`as ${method}`, { method, body: '' })),
  ];
}

/** None of them is what a platform calls its pushes. */
const OTHER_TYPES = ['multipart/form-data; boundary=x', 'application/octet-stream', 'application/jsonx', '*/*'];
const BITS = [1, 2, 4, 8, 16, 32, 64, 128];

type Value = readonly [how: string, other: string | null];

function valuesInsteadOf(value: string): Value[] {
  const at = (place: number): string =>
    value.slice(0, place) + (value[place] === 'a' ? 'b' : 'a') + value.slice(place + 1);
  const places = [0, 1, Math.floor(value.length / 2), value.length - 2];
  return [
    ['removed', null],
    ['empty', ''],
    ['doubled', `${value}${value}`],
    ['given twice', `${value}, ${value}`],
    ['cut', value.slice(0, -1)],
    ['longer', `${value}0`],
    ['of another kind', 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA='],
    ['zero', '0'],
    ['negative', `-${value}`],
    ...places.map((place): Value => [`altered at ${String(place)}`, at(place)]),
  ];
}

function flipsOf(value: string): Value[] {
  const bytes = Buffer.from(value);
  const places = { first: 0, second: 1, middle: Math.floor(bytes.length / 2), last: bytes.length - 1 };
  return Object.entries(places).flatMap(([name, at]) =>
    BITS.flatMap((bit): Value[] => {
      const other = Buffer.from(bytes);
      other[at] = (bytes[at] ?? 0) ^ bit;
      // Only what may stand in a header; where it says the same as before, it is the same.
      const text = other.toString('latin1');
      return /^[\x20-\x7e]*[\x21-\x7e]$/.test(text) && text.trim() !== value
        ? [[`with bit ${String(bit)} of its ${name} byte flipped`, text]]
        : [];
    }),
  );
}

function withQuery(url: URL, name: string, value: string | null): URL {
  const altered = new URL(url);
  if (value === null) altered.searchParams.delete(name);
  else altered.searchParams.set(name, value);
  return altered;
}

function bodiesInsteadOf(body: Buffer, isSigned: boolean): [how: string, body: Buffer][] {
  const text = body.toString();
  const places = (count: number): number[] => [
    ...new Set(Array.from({ length: count }, (_, index) => Math.floor((index * body.length) / count))),
  ];
  const flippedAt = (place: number): Buffer => {
    const copy = Buffer.from(body);
    copy[place] = (copy[place] ?? 0) ^ 1;
    return copy;
  };
  const meansTheSame: [string, Buffer][] = [
    ['behind a byte order mark', Buffer.from(`\ufeff${text}`)],
    ['before a new line', Buffer.from(`${text}\n`)],
    ...places(30).map((place): [string, Buffer] => [`with byte ${String(place)} flipped`, flippedAt(place)]),
  ];
  return [
    ...places(60).map((place): [string, Buffer] => [`cut off at ${String(place)}`, body.subarray(0, place)]),
    ...(isSigned ? meansTheSame : []),
    ['as UTF-16', Buffer.from(text, 'utf16le')],
    ['as UTF-16 with its mark', Buffer.from(`\ufeff${text}`, 'utf16le')],
    ['as base64', Buffer.from(body.toString('base64'))],
    ['as hex', Buffer.from(body.toString('hex'))],
    ['as percent', Buffer.from(encodeURIComponent(text))],
    ['as gzip', gzipSync(body)],
    ['as a form', Buffer.from(`payload=${encodeURIComponent(text)}`)],
    ['as a JSON string', Buffer.from(JSON.stringify(text))],
    ['as a JSON list', Buffer.from(`[${text}]`)],
    ['twice', Buffer.from(text + text)],
    ['reversed', Buffer.from([...text].reverse().join(''))],
    ['as zeros', Buffer.alloc(64)],
    ['as nothing', Buffer.alloc(0)],
    ['as null', Buffer.from('null')],
    ['as an object', Buffer.from('{}')],
    ['as an element', Buffer.from('<xml></xml>')],
    ['as a bomb', Buffer.from(`<!DOCTYPE x [<!ENTITY a "${'a'.repeat(50)}">]><xml>${'&a;'.repeat(50)}</xml>`)],
    ['as depth', Buffer.from('['.repeat(20_000))],
  ];
}

/** What is taken; that it is turned away is no failure, anything else is. */
export async function takenFrom(
  read: () => { happenings: Happening[] } | Promise<{ happenings: Happening[] }>,
): Promise<Taken> {
  try {
    return (await read()).happenings;
  } catch (error) {
    if (error instanceof CallbackError) return error.status;
    throw error;
  }
}

/** Which of them were not turned away. */
export async function acceptedOf(
  mutations: readonly Mutation[],
  read: (request: HttpRequest) => Promise<Taken>,
  isAccepted = (taken: Taken): boolean => typeof taken !== 'number',
): Promise<string[]> {
  const accepted: string[] = [];
  for (const { how, request } of mutations) if (isAccepted(await read(request))) accepted.push(how);
  return accepted;
}
