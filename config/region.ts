import { adapterFacts, serves } from '../domain/media.ts';
import type { Account, Member } from './configuration.ts';
import type { Problem } from './schema/problem.ts';
import { VOICE_REGIONS } from './voice-regions.ts';

/** Where the table names the country whose numbers these share: Guernsey, Isle of Man, Jersey, Svalbard, the Antilles. */
const RIDES_ON: Readonly<Record<string, string>> = { GG: 'GB', IM: 'GB', JE: 'GB', SJ: 'NO', BL: 'GP', MF: 'GP' };

const CALLABLE = new Set([...VOICE_REGIONS.flatMap(({ countries }) => countries), ...Object.keys(RIDES_ON)]);

/** Whether phones of this country can be called at all; without a country (satellites, +883) they cannot. */
export function isCallable(country: string | undefined): boolean {
  return country !== undefined && CALLABLE.has(country);
}

/** Whether an account reaches a member's phone: by its country, and by being a landline. */
export function servesPhone(
  { adapter, countries }: Pick<Account, 'adapter' | 'countries'>,
  { country, landline }: Pick<Member, 'country' | 'landline'>,
): boolean {
  const facts = adapterFacts(adapter);
  if (landline === true && (facts.medium === 'sms' || facts.mobilesOnly === true)) return false;
  if (countries) return country !== undefined && countries.includes(country);
  return serves(facts, country) && (facts.medium !== 'voice' || isCallable(country));
}

/**
 * Members who could never be called: where calls are configured and no account was said to reach the country, a number
 * outside of {@link VOICE_REGIONS} is refused when the file is read, not when the incident is there.
 */
export function regionProblems({
  accounts,
  media,
  members,
}: {
  accounts: Readonly<Record<string, Pick<Account, 'countries'>>>;
  media: { voice: readonly string[] };
  members: Readonly<Record<string, { phone?: Pick<Member, 'country'> }>>;
}): Problem[] {
  if (media.voice.length === 0) return [];
  const promised = new Set(media.voice.flatMap((name) => accounts[name]?.countries ?? []));
  return Object.entries(members).flatMap(([id, { phone }]) => {
    if (!phone || isCallable(phone.country) || promised.has(phone.country ?? '')) return [];
    const where = phone.country === undefined ? 'numbers of no country' : `phones of ${phone.country}`;
    const message =
      `calls do not reach ${where}; give another number, or ask the support of your provider whether it calls there ` +
      'and add the country to `countries` of its account in media.voice';
    return [{ path: ['members', id, 'phone'], message }];
  });
}
