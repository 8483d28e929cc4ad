import { createHash } from 'node:crypto';
import { z } from 'zod';
import { ownSecret } from '../../providers/kit/own-secret.ts';
import { checked, named, window } from './field.ts';
import { keyedByName } from './instead.ts';
import { unknownName, type Names } from './names.ts';

/** What a token lets somebody do: open incidents, act on them, read them. */
export const SCOPES = ['open', 'act', 'read'] as const;

/** How much one token may do where the file does not say. */
export const DEFAULT_RATE = { sends: 20, perMs: 2000 } as const;

const MOST_SIGNING = 20;

/** Whoever holds one may post incidents, act or read. */
export function tokensSchema(names: Names) {
  return z
    .record(
      named(/^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$/, 'a token is named by 1 to 40 of A-Z a-z 0-9 . _ -'),
      z
        .strictObject({
          token: ownSecret()
            .exactOptional()
            .describe('The token itself, at least 16 characters: shown, or signed with'),
          sha256: named(/^[0-9a-f]{64}$/i, 'must be 64 hex digits; `escalations token new` prints them')
            .exactOptional()
            .describe('The SHA-256 of the token in its place: it can be shown, and nothing can be signed with it'),
          scopes: z.array(z.enum(SCOPES)).min(1).describe('What it is good for'),
          channels: z
            .array(channelName(names))
            .min(1)
            .max(200)
            .exactOptional()
            .describe('Only incidents of these channels; absent: of all'),
          inlineRules: z.boolean().default(false).describe('Whether an incident may bring a rule written out'),
          labelsRedirect: z
            .boolean()
            .default(true)
            .describe('Whether labels of its incidents (layer_…) may name whom a level tells'),
          expires: instant().exactOptional().describe('Good until then: 2027-01-31 (UTC) or 2027-01-31T08:00+08:00'),
          rate: window('20/2s: 20 incidents, actions and questions in 2 seconds')
            .exactOptional()
            .describe('How much it may do, the last quarter for actions and Criticals; default 20/2s'),
        })
        .superRefine(({ token, sha256 }, context) => {
          if ((token === undefined) !== (sha256 === undefined)) return;
          const message = token === undefined ? 'has neither `token` nor `sha256`; give one' : 'has both; give one';
          context.addIssue({ code: 'custom', path: ['token'], message });
        }),
      keyedByName,
    )
    .superRefine((tokens, context) => {
      const signing = Object.values(tokens).filter(({ token }) => token !== undefined).length;
      if (signing > MOST_SIGNING) {
        const message = `has ${signing} tokens to sign with, each of which is tried; at most ${MOST_SIGNING}, the others as sha256`;
        context.addIssue({ code: 'custom', message });
      }
      const owners = new Map<string, string>();
      for (const [name, { token, sha256 }] of Object.entries(tokens)) {
        const digest = sha256?.toLowerCase() ?? digestOf(token ?? '');
        const owner = owners.get(digest);
        owners.set(digest, name);
        if (owner === undefined) continue;
        context.addIssue({ code: 'custom', path: [name], message: `is the token of ${owner} too; give each its own` });
      }
    })
    .exactOptional()
    .describe('Tokens of services that post to the gateway, by names that the timeline shows');
}

/** Tokens without name and bounds, as they were before `tokens`. */
export const incidentTokens = z
  .array(ownSecret())
  .max(20)
  .exactOptional()
  .describe('Old: use `tokens`. Whoever holds one may open every incident and act on it');

function channelName({ channels }: Names) {
  return checked((name) =>
    name === 'default' || channels.has(name) ? undefined : unknownName('channel', name, channels),
  ).describe('A channel, by the key in `channels`, or default');
}

/** As 64 small hex digits. */
export function digestOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** A date (its beginning in UTC) or an instant with its zone, read as milliseconds since 1970. */
function instant() {
  return z.string().transform((written, context) => {
    const isForm = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d))?$/.test(written);
    const at = isForm ? Date.parse(written) : Number.NaN;
    if (!Number.isNaN(at)) return at;
    context.addIssue('write a date such as 2027-01-31, or a time with its zone such as 2027-01-31T08:00+08:00');
    return z.NEVER;
  });
}
