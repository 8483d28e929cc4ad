import type { Context } from 'hono';
import type { Scope, ServiceToken } from '../../config/configuration.ts';
import type { Door } from '../door.ts';
import { NOT_TAKEN } from '../intake.ts';
import { wrong } from '../strangers.ts';
import { demandScope, NotPermitted } from './permit.ts';
import type { Share, Shares } from './share.ts';
import { bearerOf, inForce, MAX_SKEW_MS, signatureOf, signerOf } from './tokens.ts';
import { UsedIds } from './used-ids.ts';

/** Who was let in, with what. */
export interface Admitted {
  token: ServiceToken;
  share: Share;
  /** The id of a signed request. */
  signedId?: string;
  json: unknown;
}

export interface Admission {
  scope: Scope;
  /** What a signature has to name, as `/incidents/42/close`. */
  path: string;
  maxBytes: number;
  /**
   * A signature may leave out method and path. Old senders sign incidents so, and somebody has to be paged; an action
   * signed so could be sent to another incident.
   */
  mayBeUnbound?: true;
}

/** Lets in whoever holds a token that is good for it, one by one. */
export class Entrance {
  readonly #door: Door;
  readonly #shares: Shares;
  readonly #used = new UsedIds({ keepMs: 2 * MAX_SKEW_MS, most: 10_000 });

  constructor(door: Door, shares: Shares) {
    this.#door = door;
    this.#shares = shares;
  }

  /**
   * Gives `use` the body of somebody who may. A bearer token is looked at before the body is; whoever signs instead sends
   * a body that proves them, so that bodies of strangers have a smaller share of the memory.
   */
  async admit(
    c: Context,
    { scope, path, maxBytes, mayBeUnbound }: Admission,
    use: (admitted: Admitted) => Promise<Response>,
  ): Promise<Response> {
    const { source, intake } = this.#door;
    const { headers } = c.req.raw;
    const now = this.#door.now();
    const tokens = inForce(source.current.gateway.tokens, now);
    const shown = bearerOf(headers, tokens);
    const signature = shown ? undefined : signatureOf(headers, now);
    if (!shown && !signature) {
      return headers.has('authorization') ? wrong(c, 'token', unknown(c)) : unknown(c);
    }
    const early = shown && this.#refusal(c, shown, scope);
    if (early) return early;
    const from = shown ? this.#shares.of(shown).intake : intake.unproved;
    const taken = await from.take(c.req.raw, maxBytes, async (body) => {
      const signer = signature && (await signerOf(signature, { method: c.req.method, path, body }, tokens));
      const token = shown ?? signer?.token;
      if (!token) return wrong(c, 'signature', unknown(c));
      const refusal = signer && this.#refusal(c, token, scope);
      if (refusal) return refusal;
      if (signer && !mayBeUnbound && !signer.isBound) {
        return c.json(
          { error: `sign the method and the path before the body: <id>.<timestamp>.${c.req.method} ${path}.<body>` },
          403,
        );
      }
      const isFresh = !signature || this.#used.use(`${token.sha256} ${signature.id}`, path, now);
      if (!isFresh && !mayBeUnbound) {
        return c.json({ error: 'this webhook-id was used for another path; give each request its own' }, 409);
      }
      let json: unknown;
      try {
        json = body.length === 0 ? undefined : JSON.parse(Buffer.from(body).toString());
      } catch {
        return c.json({ error: 'the body is not JSON' }, 400);
      }
      const share = this.#shares.of(token);
      return use({ token, share, json, ...(signature && { signedId: signature.id }) });
    });
    if (typeof taken !== 'string') return taken;
    const { status, headers: answered } = NOT_TAKEN[taken];
    const error = taken === 'busy' ? 'busy: please send it again' : `larger than ${String(maxBytes / 1024)} KiB`;
    return c.json({ error }, status, answered);
  }

  /** What can be said of a token without its body. */
  #refusal(c: Context, token: ServiceToken, scope: Scope): Response | undefined {
    try {
      demandScope(token, scope);
    } catch (error) {
      if (!(error instanceof NotPermitted)) throw error;
      return c.json({ error: error.message }, 403, { connection: 'close' });
    }
    const seconds = this.#shares.of(token).waitSeconds(true);
    return seconds === 0 ? undefined : tooMuch(c, seconds);
  }
}

/** Whoever guesses learns nothing: not whether a token has expired, nor whether one was ever good. */
function unknown(c: Context): Response {
  return c.json({ error: 'the token is not good' }, 401, { connection: 'close' });
}

export function tooMuch(c: Context, seconds: number): Response {
  return c.json({ error: tooMuchText(seconds) }, 429, { 'retry-after': String(seconds) });
}

export function tooMuchText(seconds: number): string {
  return `more than this token may do: please send it again in ${String(seconds)} s`;
}
