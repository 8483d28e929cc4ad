import { adapterFacts, serves } from '../domain/media.ts';
import type { Account, Member } from './configuration.ts';
import type { Problem } from './schema/problem.ts';

/**
 * ISO 3166 codes of the regions whose phones can be called, in the order of `voice-regions.csv`, whose names and calling
 * codes are for people to read. The table has a row without a code, Northern Cyprus, because its numbers parse as TR.
 */
const VOICE_REGIONS = `
  CN AI AG AW BS BB BZ BM KY CR DM DO SV GL GD GP GT HT HN JM MQ MX MS CW BQ NI PA PR KN LC PM VC TT TC US CA VG VI
  AR BO BR CL CO EC FK GF GY PY PE SR UY VE AL AD AT BY BE BA BG HR CY CZ DK EE FO FI AX FR DE GI GR HU IS IE IT XK
  LV LI LT LU MK MT MD MC ME NL NO PL PT RO SM RS SK SI ES SE CH UA GB VA AF AM AZ BH BD BT IO BN KH TL GE HK IN ID
  IQ IL JP JO KP KR KW KG LA LB MO MY MV MN MM NP OM PK PS PH QA RU KZ SA SG LK TW TJ TH TR TM AE UZ VN YE DZ AO BJ
  BW BF BI CM CV CF TD KM CG CD DJ EG GQ ER ET GA GM GH GN GW CI KE LS LR LY MG MW ML MR MU MA EH MZ NA NE NG RE YT
  RW SN SC SL SO ZA SS SD SZ TZ TG TN UG ZM ZW AS AU CC CX NF AQ CK FJ PF GU KI MH FM NC NZ MP PW PG WS SB TO VU`;

/** Regions the table lacks because they share the numbers of one it has: GB for the first three, then NO, GP and GP. */
const SHARED_NUMBERS = ['GG', 'IM', 'JE', 'SJ', 'BL', 'MF'];

const CALLABLE = new Set([...VOICE_REGIONS.trim().split(/\s+/), ...SHARED_NUMBERS]);

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
 * outside of `voice-regions.csv` is refused when the file is read, not when the incident is there.
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
