/**
 * The form in which e-mail addresses are compared, everywhere: ASCII letters count the same in either case, all other
 * characters only as they are. `toLowerCase` would take the Kelvin sign (U+212A) for a `k`, and with it one person's
 * address for another's.
 */
export function comparedMail(address: string): string {
  return address.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}
