import { isSame } from '../../links/constant-time.ts';

/**
 * Whether the last segment of the callback's address is the account's secret. An account without a secret takes no
 * push.
 */
export function hasSecretPath(url: URL, secret: string | undefined): boolean {
  const given = url.pathname.slice(url.pathname.lastIndexOf('/') + 1);
  return secret !== undefined && secret !== '' && isSame(given, secret);
}
