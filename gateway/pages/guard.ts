import type { Context } from 'hono';
import { secureHeaders } from 'hono/secure-headers';
import type { Locale } from '../../domain/locale.ts';
import { STYLE_SOURCE } from './style.ts';

/** No script, no frame, no referrer. */
export const headers = secureHeaders({
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    styleSrc: [STYLE_SOURCE],
    formAction: ["'self'"],
    baseUri: ["'none'"],
    frameAncestors: ["'none'"],
  },
  xFrameOptions: 'DENY',
  referrerPolicy: 'no-referrer',
});

export async function noStore(c: Context, next: () => Promise<void>): Promise<void> {
  await next();
  c.header('Cache-Control', 'no-store');
}

/** The browser's first language, where it is one of ours. */
export function spokenIn(c: Context): Locale {
  return /^\s*zh\b/i.test(c.req.header('accept-language') ?? '') ? 'zh' : 'en';
}

/**
 * The browser says that a person's gesture on a page of ours sent this form. Link scanners send forms without one; of a
 * browser that says nothing we do not know.
 * Source https://www.w3.org/TR/fetch-metadata/#sec-fetch-user-header
 */
export function isGesture(c: Context): boolean {
  return c.req.header('sec-fetch-user') === '?1' && c.req.header('sec-fetch-site') === 'same-origin';
}
