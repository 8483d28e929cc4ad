// A process of its own that does to a gateway what a stranger and a careless service can do to it, until it is ended.

import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';

/** What it is asked to do, as the one argument in JSON. */
export interface Flood {
  port: number;
  /** Connections that say nothing, and as many that send half of a post. */
  connections: number;
  wrongTokens: number;
  /** Incidents that are opened with a good token. */
  posts: { token: string; prefix: string; channel: string; times: number };
  /** Unsigned forms of 256 KiB. */
  forms: { path: string; times: number };
}

const PATIENCE_MS = 20_000;
/** A connection that was ended comes back after that. */
const BACK_MS = 10_000;
/** More than the answers that the gateway holds back for one address, so that a flood need not wait for them. */
const AT_ONCE = 25;

const { port, connections, wrongTokens, posts, forms } = JSON.parse(process.argv[2] ?? '') as Flood;

const CHUNK = Buffer.alloc(32 * 1024, 'x');
/** All half-sent posts together would hold 384 MB. */
const HALF_CHUNKS = 6;

/** Says nothing, or half of a post. Comes back when the gateway has had enough of it. */
async function stay(isPosting: boolean): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.once('close', () => setTimeout(() => void stay(isPosting), BACK_MS));
  await once(socket, 'connect').catch(() => undefined);
  if (!isPosting) return;
  let left = HALF_CHUNKS;
  const more = (): void => {
    for (; left > 0 && !socket.destroyed; left -= 1) if (!socket.write(CHUNK)) return;
  };
  socket.on('drain', more).resume().write(head());
  more();
}

/** Fresh, so that the signature, which is wrong, can only be told from a good one when the body is there. */
function head(): string {
  const now = String(Math.floor(Date.now() / 1000));
  const signed = `webhook-id: 1\r\nwebhook-timestamp: ${now}\r\nwebhook-signature: v1,bm8=\r\n`;
  return `POST /incidents HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000\r\n${signed}\r\n`;
}

function post(path: string, headers: Record<string, string>, body: string): Promise<number> {
  return new Promise((resolve) => {
    const sent = request({ agent: false, port, path, method: 'POST', headers }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    sent.setTimeout(PATIENCE_MS, () => sent.destroy());
    sent
      .on('error', () => undefined)
      .once('close', () => {
        resolve(0);
      });
    sent.end(body);
  });
}

/** Answers by their status; 0 is a connection that was ended, or on which nothing was answered. */
type Answers = Record<number, number>;

async function count(answers: Answers, answered: Promise<number>): Promise<void> {
  const status = await answered;
  answers[status] = (answers[status] ?? 0) + 1;
}

async function inTurn(times: number, answers: Answers, one: (nth: number) => Promise<number>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < times) {
      next += 1;
      await count(answers, one(next));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

for (let nth = 0; nth < connections; nth += 100) {
  await Promise.all(Array.from({ length: 100 }, () => Promise.all([stay(false), stay(true)])));
}
console.log('standing');

const form = Array.from({ length: 40_000 }, (_, nth) => `f${String(nth)}=`)
  .join('&')
  .slice(0, 256 * 1024);
const answers = { wrong: {}, good: {}, forms: {} } satisfies Record<string, Answers>;

// All of them at once, and nobody waits for them: the gateway lets a token do only so much in a second.
for (let nth = 0; nth < posts.times; nth += 1) {
  const id = `${posts.prefix}-flood-${String(nth)}`;
  const incident = { id, title: `flood ${String(nth)}`, severity: 'Warning', channel: posts.channel };
  void count(answers.good, post('/incidents', { authorization: `Bearer ${posts.token}` }, JSON.stringify(incident)));
}
await Promise.all([
  inTurn(wrongTokens, answers.wrong, (nth) =>
    post('/incidents', { authorization: `Bearer wrong-${String(nth)}` }, '{}'),
  ),
  inTurn(forms.times, answers.forms, () =>
    post(forms.path, { 'content-type': 'application/x-www-form-urlencoded' }, form),
  ),
]);
console.log(`over: ${JSON.stringify(answers)}`);
