import { parsePhoneNumberFromString } from 'libphonenumber-js/max';

const MAINLAND = '+86';

export function isMainland(e164: string): boolean {
  return e164.startsWith(MAINLAND);
}

/** Mainland area codes begin with 10 or 2 to 9, so eleven digits from 13 on are a mobile and nothing else is. */
export function isMainlandMobile(e164: string): boolean {
  return /^\+861[3-9]\d{9}$/.test(e164);
}

/** As Alibaba dials: mobile 11 digits, landline with its leading 0, abroad calling code and number without +. */
export function toVendorNumber(e164: string): string {
  if (!isMainland(e164)) return e164.slice(1);
  const national = e164.slice(MAINLAND.length);
  return isMainlandMobile(e164) ? national : `0${national}`;
}

/** E.164 of a number as Alibaba reports it; `undefined` when it is none. */
export function fromVendorNumber(number: string): string | undefined {
  const parsed = parsePhoneNumberFromString(number, { defaultCountry: 'CN', extract: false });
  if (parsed?.isValid()) return parsed.number;
  const abroad = parsePhoneNumberFromString(`+${number}`, { extract: false });
  return abroad?.isValid() ? abroad.number : undefined;
}
