/** Whether a request names this machine: another name that resolves to it belongs to somebody else's page. */
export function isLocal(host: string | undefined): boolean {
  return /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/i.test(host ?? '');
}

/** Whether a browser says that the page we served sent it; other sites can post here, but not without being named. */
export function isOurPage(headers: Headers): boolean {
  const site = headers.get('sec-fetch-site');
  return headers.get('origin') === `http://${headers.get('host') ?? ''}` && (site === null || site === 'same-origin');
}
