import type { Configuration } from '../configuration.ts';

const SOON_MS = 14 * 24 * 60 * 60_000;

/** What is odd about the tokens of services. @param now milliseconds since 1970. */
export function* tokenWarnings({ gateway: { tokens } }: Configuration, now: number): Generator<string> {
  if (tokens.some(({ name }) => name === undefined)) {
    yield 'gateway.incidentTokens is old: each of them may open every incident and act on it, without a name. Move it to gateway.tokens, such as { grafana: { token: …, scopes: [open, act] } }';
  }
  for (const { name, expiresAt = Infinity } of tokens) {
    if (expiresAt > now + SOON_MS) continue;
    const at = new Date(expiresAt).toISOString();
    const said = expiresAt > now ? `expires on ${at}` : `has expired on ${at} and is refused`;
    yield `gateway.tokens.${name ?? ''} ${said}: make a new one with \`escalations token new\``;
  }
}
