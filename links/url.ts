import type { IncidentRef } from '../domain/incident/occurrence.ts';
import { mintToken } from './token.ts';

const LIFETIME_MS = 30 * 24 * 60 * 60_000;

/** Where the provider behind an account reports: its secret path included, where one is configured. */
export function callbackUrl(
  publicUrl: string,
  { name, traits: { callbackSecret } }: { name: string; traits: { callbackSecret?: string | undefined } },
): string {
  const address = `${publicUrl}/callbacks/${name}`;
  return callbackSecret === undefined ? address : `${address}/${encodeURIComponent(callbackSecret)}`;
}

/** In place of the account of a link that an operator made on the command line: no account is called so. */
export const OPERATOR = '(operator)';

/** Signed address of the incident page; a personal one names the member who may act through it, a group's names none. */
export function pageUrl(
  publicUrl: string,
  link: IncidentRef & {
    /** `n3`, or empty for none. */
    notification: string;
    account: string;
    member: string | null;
    /** Milliseconds since 1970. */
    now: number;
  },
  secrets: readonly string[],
): string {
  const { now, ...named } = link;
  const token = mintToken(
    { purpose: 'link', ...named, revision: 0, action: '', expiresAt: now + LIFETIME_MS },
    secrets,
  );
  return `${publicUrl}/i/${token}`;
}
