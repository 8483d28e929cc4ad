import { z } from 'zod';
import { hostOf, type Traits } from '../kit/traits.ts';
import { baseUrlField } from '../kit/hook.ts';
import { hardToGuess } from '../kit/own-secret.ts';
import { rootsIn } from './fill.ts';

/** What is sent unless `body` says otherwise, with the names that `{{…}}` in `body` may begin with. */
export const PRESETS = {
  standard: ['type', 'timestamp', 'data'],
  flashduty: ['event_id', 'event_time', 'event_type', 'person', 'incident'],
} as const;

/** Headers that an account may not set: those that we sign with, and those that say where and how it is sent. */
const OWN_HEADERS = /^(?:webhook-.*|host|content-length|transfer-encoding|connection|upgrade|te|trailer|keep-alive)$/i;

const header = z
  .string()
  .max(4096)
  .regex(/^[\t\x20-\x7e]*$/, 'a header has printable ASCII characters only');

/** An HTTP service of your own. */
export const webhookBotAccount = z
  .strictObject({
    webhook: z
      .url({ protocol: /^https?$/ })
      .refine(
        (address) => !URL.canParse(address) || new URL(address).username === '',
        'put user and password into an authorization header',
      )
      .describe('The whole address; it may hold a token'),
    secret: z
      .string()
      .regex(/^whsec_[A-Za-z0-9+/]{32,88}={0,2}$/, {
        error: 'write whsec_ and 24 to 64 random bytes in base64',
        abort: true,
      })
      .superRefine((secret, context) => {
        hardToGuess(secret.slice('whsec_'.length), context);
      })
      .optional()
      .describe('Signs every message by Standard Webhooks: whsec_ and 24 to 64 random bytes in base64'),
    headers: z
      .record(
        z
          .string()
          .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/, 'is no name of a header')
          .refine((name) => !OWN_HEADERS.test(name), 'is set by the sender itself'),
        header,
      )
      .default({})
      .describe('Headers of your own, such as { authorization: "Bearer ${TOKEN}" }'),
    preset: z
      .enum(['standard', 'flashduty'])
      .default('standard')
      .describe('standard: { type, timestamp, data }; flashduty: the envelope of its incident webhook'),
    body: z
      .unknown()
      .optional()
      .describe('A body of your own: {{data.incident.title}} stands for what the preset has there, with its type'),
    timeoutMs: z.int().min(100).max(4500).default(2000).describe('For an answer; then it is tried once more'),
    allowPrivate: z
      .boolean()
      .default(false)
      .describe('Whether the host may be in your own network; else only public addresses are connected to'),
    baseUrl: baseUrlField,
  })
  .superRefine(({ preset, body }, context) => {
    const known: readonly string[] = PRESETS[preset];
    const unknown = rootsIn(body).filter((root) => !known.includes(root));
    for (const root of new Set(unknown)) {
      const message = `nothing is called ${JSON.stringify(root)} there; {{…}} may begin with ${known.join(', ')}`;
      context.addIssue({ code: 'custom', path: ['body'], message });
    }
  });
export type WebhookBotAccount = z.output<typeof webhookBotAccount>;

export const webhookBotTraits = ({ webhook, baseUrl = webhook }: WebhookBotAccount): Traits => ({
  host: hostOf(baseUrl),
});
