/**
 * Whether a request was sent to a name of this machine. Any other name is refused, because a foreign page may have made
 * its own name resolve to this machine.
 */
export function isLocal(host: string | undefined): boolean {
  return /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/i.test(host ?? '');
}

/**
 * Whether the browser says that our own page sent the request. Other sites can post here too, but the browser names
 * them in `origin`.
 */
export function isOurPage(headers: Headers): boolean {
  const site = headers.get('sec-fetch-site');
  return headers.get('origin') === `http://${headers.get('host') ?? ''}` && (site === null || site === 'same-origin');
}
