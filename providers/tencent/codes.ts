import type { ErrorKind } from '../../domain/delivery.ts';

/** What a code of Tencent Cloud SMS or voice means, what to do about it, and how long a limit lasts. */
export interface Meaning {
  kind: ErrorKind;
  says: string;
  retryAfterMs?: number;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const notKnown: Meaning = { kind: 'unknown-outcome', says: 'the vendor does not know whether it went out' };
/** A window for one number is full. */
function numberWindow(retryAfterMs: number): Meaning {
  const says = 'the per-number limit of the vendor is reached; raise it in the console or add another account';
  return { kind: 'rate-limited', says, retryAfterMs };
}
const recharge = 'top up or reactivate the service in the console, or add another account';

/**
 * Codes as the vendor writes them, first match counts; `*` at the end matches any rest. Errors come with HTTP 200.
 * https://cloud.tencent.com/document/api/1128/51558, https://cloud.tencent.com/document/api/382/59177,
 * https://cloud.tencent.com/document/api/382/52075
 */
const MEANINGS: readonly [codes: string[], meaning: Meaning][] = [
  // Of 30 s, 10 minutes, a day and a night the answer does not say which.
  [['LimitExceeded.DeliveryFrequencyLimit'], numberWindow(MINUTE_MS)],
  [['LimitExceeded.PhoneNumberThirtySecondLimit'], numberWindow(MINUTE_MS / 2)],
  [['LimitExceeded.PhoneNumberOneHourLimit'], numberWindow(HOUR_MS)],
  [['LimitExceeded.PhoneNumberDailyLimit', 'LimitExceeded.PhoneNumberSameContentDailyLimit'], numberWindow(DAY_MS)],
  [
    ['LimitExceeded.AppDailyLimit', 'LimitExceeded.DailyLimit'],
    { kind: 'exhausted', says: 'the daily limit set for the account is used up; raise it in the console' },
  ],
  [
    ['RequestLimitExceeded*', 'LimitExceeded*'],
    {
      kind: 'rate-limited',
      says: 'the account sends faster than the vendor allows; ask the vendor for more',
      retryAfterMs: 1000,
    },
  ],
  [
    ['InternalError.RequestTimeException', 'AuthFailure.SignatureExpire'],
    { kind: 'unauthorized', says: 'the clock of this machine is wrong; set it' },
  ],
  [
    ['InternalError.AccessUpstreamTimeout', 'FailedOperation.AccessUpstreamTimeout', 'InternalError.UpstreamError'],
    notKnown,
  ],
  [['InternalError', 'ResourceUnavailable*'], { kind: 'unavailable', says: 'the vendor has a fault; try again' }],
  [['InternalError.*'], notKnown],
  [
    ['InvalidParameterValue.CalledNumberVerifyFail', 'InvalidParameterValue.IncorrectPhoneNumber'],
    { kind: 'rejected', says: "the vendor does not accept the member's number; correct it" },
  ],
  [
    ['FailedOperation.PhoneNumberInBlacklist'],
    { kind: 'rejected', says: 'the person or the carrier blocked such messages; ask the vendor to lift it' },
  ],
  [
    ['UnsupportedOperation.*'],
    { kind: 'rejected', says: 'the account may not send to the country of this number; use another account for it' },
  ],
  [
    ['FailedOperation.InsufficientBalance*', 'UnauthorizedOperation.*DueToArrears'],
    { kind: 'exhausted', says: `the vendor stopped the service or the balance is used up; ${recharge}` },
  ],
  [
    [
      'FailedOperation.PhonenumberUnappliedOrExpired',
      'UnauthorizedOperation.SdkAppidIsDisabled',
      'UnauthorizedOperation.SdkAppIdIsDisabled',
    ],
    { kind: 'exhausted', says: `the application or its number is not in service; ${recharge}` },
  ],
  [
    ['UnauthorizedOperation.VoiceSdkAppidVerifyFail', 'InvalidParameterValue.SdkAppidNotExist'],
    { kind: 'unauthorized', says: 'the voice application is not of this account; check voiceSdkAppid' },
  ],
  [
    ['UnauthorizedOperation.SmsSdkAppIdVerifyFail', 'InvalidParameterValue.SdkAppIdNotExist'],
    { kind: 'unauthorized', says: 'the SMS application is not of this account; check smsSdkAppId' },
  ],
  [
    ['IpNotInWhitelist', 'IpInBlacklist', 'UnauthorizedOperation.RequestIpNotInWhitelist'],
    { kind: 'unauthorized', says: 'the vendor refuses the address of this machine; allow it in the console' },
  ],
  [['AuthFailure*'], { kind: 'unauthorized', says: 'the credentials are refused; check secretId and secretKey' }],
  [
    ['UnauthorizedOperation*'],
    { kind: 'unauthorized', says: 'the CAM user may not do this; grant it the permission of the service' },
  ],
  [
    ['FailedOperation.TemplateIncorrectOrUnapproved'],
    {
      kind: 'refused',
      says: 'the template is not approved or unknown; compare the template in the console with the account',
    },
  ],
  [
    ['FailedOperation.SignatureIncorrectOrUnapproved'],
    { kind: 'refused', says: 'the signature is not approved for this; compare signName with the console' },
  ],
  [
    ['InvalidParameterValue.TemplateParameterFormatError', 'FailedOperation.Invalid*Parameters'],
    {
      kind: 'refused',
      says: 'the variables do not fit the template; compare the template in the console with the account',
    },
  ],
  [
    ['InvalidParameterValue.TemplateParameterLengthLimit'],
    { kind: 'refused', says: 'a variable is longer than the account may send; set valueLength' },
  ],
  [
    [
      'FailedOperation.ContainSensitiveWord',
      'InvalidParameterValue.ContentLengthLimit',
      'InvalidParameterValue.ProhibitedUseUrlInTemplateParameter',
    ],
    { kind: 'refused', says: 'the vendor does not let this text through; shorten or reword the title' },
  ],
];

/** Unknown codes came from a server that read the request and said no. */
export function meaningOf(code: string): Meaning {
  const known = MEANINGS.find(([codes]) => codes.some((pattern) => matches(code, pattern)));
  return known?.[1] ?? { kind: 'refused', says: 'the vendor refused the request; look the code up' };
}

function matches(code: string, pattern: string): boolean {
  const [start = '', end] = pattern.split('*');
  return end === undefined ? code === pattern : code.startsWith(start) && code.endsWith(end);
}

type Ended = [outcome: 'answered' | 'unanswered' | 'failed', reason: string];

/** `result` of voiceprompt_callback. https://cloud.tencent.com/document/product/1128/51534 */
export const RESULTS: Readonly<Record<string, Ended>> = {
  '0': ['answered', 'the call ended'],
  '1': ['unanswered', 'no answer'],
  '2': ['failed', 'the call did not come about'],
};

/** `failure_code` of voice_failure_callback. https://cloud.tencent.com/document/api/1128/37531 */
const FAILURES: Readonly<Record<string, Ended>> = {
  '1': ['unanswered', 'powered off'],
  '2': ['unanswered', 'busy'],
  '3': ['unanswered', 'out of service area'],
  '4': ['failed', "the number's contract is in arrears"],
  '5': ['unanswered', 'no answer'],
  '6': ['unanswered', 'unreachable'],
  '7': ['failed', 'the number is suspended'],
  '8': ['failed', 'the number does not exist'],
  '9': ['failed', 'the network was busy'],
  '10': ['unanswered', 'busy'],
  '12': ['failed', 'the called number is restricted; ask the vendor'],
  '13': ['failed', "the number's service is stopped"],
  '15': ['failed', 'the number does not exist'],
  '16': ['unanswered', 'sent to a call reminder'],
  '17': ['failed', 'the number has expired'],
  '18': ['failed', 'the network was busy'],
  '19': ['failed', 'the number takes no calls'],
  '20': ['unanswered', 'no response'],
};

export function failureOf(code: string): Ended {
  return FAILURES[code] ?? ['failed', 'the call did not come about'];
}

/** Why a message did not arrive, as carriers report it in `errmsg`: an open set. https://cloud.tencent.com/document/api/382/59178 */
const RECEIPTS: Readonly<Record<string, string>> = {
  UNDELIV: 'the phone could not be reached',
  EXPIRED: 'the phone was not reached in time',
  REJECTD: 'the carrier refused it',
  DELETED: 'the carrier dropped it',
};

export function receiptReason(code: string): string {
  return RECEIPTS[code] ?? 'the carrier did not deliver it';
}
