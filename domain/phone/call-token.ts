const PHONE_CHARACTERS = 13;
const SERIALS = 36 ** 2;
const PHONE_WORKFLOW = /\.phone-([0-9a-f]{16})$/;

/**
 * 15 characters of `0-9 a-z`, what fits the smallest vendor field: 13 say which phone's workflow placed the call, for
 * callbacks that name no number, and 2 tell its calls apart.
 * @param serial any whole number from 0, another for each call.
 */
export function callToken(phoneWorkflowId: string, serial: number): string {
  const phone = BigInt(`0x${PHONE_WORKFLOW.exec(phoneWorkflowId)?.[1] ?? '0'}`);
  return phone.toString(36).padStart(PHONE_CHARACTERS, '0') + (serial % SERIALS).toString(36).padStart(2, '0');
}

/** The workflow that placed the call, undefined when the token is none of ours. */
export function phoneOfCallToken(prefix: string, token: string): string | undefined {
  if (!/^[0-9a-z]{15}$/.test(token)) return undefined;
  const phone = [...token.slice(0, PHONE_CHARACTERS)].reduce(
    (sum, digit) => sum * 36n + BigInt(parseInt(digit, 36)),
    0n,
  );
  const hex = phone.toString(16).padStart(16, '0');
  return hex.length === 16 ? `${prefix}.phone-${hex}` : undefined;
}
