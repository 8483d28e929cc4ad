import type { ErrorKind } from '../../domain/delivery.ts';

/** What a code of Alibaba Cloud SMS or voice means and what to do about it. */
export interface Meaning {
  kind: ErrorKind;
  says: string;
}

const recharge = 'top up or reactivate the service in the console, or add another account';
const template = 'compare the template in the console with the account';
const credentials = 'check accessKeyId and accessKeySecret';

/**
 * Codes as the vendor writes them, first match counts; `*` at the end matches any rest. The same code comes with HTTP
 * 200, 400 or 500, so the status says nothing.
 * https://help.aliyun.com/document_detail/101346.html,
 * https://help.aliyun.com/zh/vms/developer-reference/api-dyvmsapi-2017-05-25-errorcodes
 */
const MEANINGS: readonly [codes: string[], kind: ErrorKind, says: string][] = [
  [
    ['isv.BUSINESS_LIMIT_CONTROL'],
    'rate-limited',
    'the per-number limit of the vendor is reached; raise it in the console or add another account',
  ],
  [['Throttling*'], 'rate-limited', 'the account sends faster than the vendor allows; ask the vendor for more'],
  [['ServiceUnavailable*', 'InternalError*'], 'unavailable', 'the vendor has a fault; try again'],
  [['isv.VOICE_CALL_FAIL'], 'unavailable', 'the vendor could not place the call; try again'],
  // The vendor asks to look before repeating: it may have gone out. A repeated nonce means the request came twice.
  [
    ['isp.SYSTEM_ERROR', 'isp.GATEWAY_ERROR', 'isp.UNKNOWN*', 'SignatureNonceUsed'],
    'unknown-outcome',
    'the vendor does not know whether it went out',
  ],
  [
    ['isv.MOBILE_NUMBER_ILLEGAL', 'isv.MOBILE_COUNT_OVER_LIMIT', 'isv.INVALID_MOBILE*'],
    'rejected',
    "the vendor does not accept the member's number; correct it",
  ],
  [
    ['isv.COMPLAINT_REJECT', 'ComplaintReject', 'isv.CUSTOMER_REFUSED'],
    'rejected',
    'the person or the carrier blocked such calls and messages; ask the vendor to lift it',
  ],
  [
    ['isv.DOMESTIC_NUMBER_NOT_SUPPORTED', 'isv.SMS_TEST_NUMBER_LIMIT'],
    'rejected',
    'this template or signature may not be used for the number; use another account for it',
  ],
  [
    ['isv.AMOUNT_NOT_ENOUG*', 'isv.OUT_OF_SERVICE', 'isv.PRODUCT_*'],
    'exhausted',
    `the vendor stopped the service or the balance is used up; ${recharge}`,
  ],
  [
    ['isv.DAY_LIMIT_CONTROL', 'isv.MONTH_LIMIT_CONTROL'],
    'exhausted',
    'the daily or monthly limit set for the account is used up; raise it in the console',
  ],
  [['isv.ACCOUNT_*', 'isv.SECURITY_FROZEN_ACCOUNT'], 'exhausted', `the vendor stopped the account; ${recharge}`],
  [['InvalidTimeStamp*', 'IllegalTimestamp'], 'unauthorized', 'the clock of this machine is wrong; set it'],
  [
    [
      'InvalidAccessKeyId*',
      'SignatureDoesNotMatch',
      'IncompleteSignature',
      'InvalidCredentials',
      'InvalidSecurityToken*',
    ],
    'unauthorized',
    `the credentials are refused; ${credentials}`,
  ],
  [
    ['isp.RAM_PERMISSION_DENY', 'Forbidden*', 'NoPermission*'],
    'unauthorized',
    'the RAM user may not do this; grant it the permission of the service',
  ],
  [['isv.DENY_IP_RANGE'], 'unauthorized', 'the vendor refuses the address of this machine; send from mainland China'],
  [
    ['isv.SMS_SIGN*', 'isv.SIGN_*', 'isv.SMS_TEST_SIGN_TEMPLATE_LIMIT'],
    'refused',
    'the signature is not approved for this; compare signName with the console',
  ],
  [['isv.BILLID_NOT_EXIST', 'BillidNotExist'], 'refused', 'the account has no tariff for this call; ask the vendor'],
  [['isv.DISPLAY_NUMBER_ILLEGAL'], 'refused', 'a caller number is not ours to use; check callerNumbers'],
  [
    ['isv.SMS_TEMPLATE_ILLEGAL', 'isv.TTS_TEMPLATE_ILLEGAL', 'isv.TEMPLATE_ILLEGAL', 'isv.VOICE_FILE_ILLEGAL'],
    'refused',
    `the template is not approved or unknown; ${template}`,
  ],
  [['isv.TEMPLATE_*', 'isv.INVALID_JSON_PARAM'], 'refused', `the variables do not fit the template; ${template}`],
  [
    ['isv.PARAM_LENGTH_LIMIT', 'isv.PARAM_NOT_SUPPORT_URL', 'isv.BLACK_KEY_CONTROL_LIMIT', 'isv.SMS_CONTENT_ILLEGAL'],
    'refused',
    'the vendor does not let this text through; shorten or reword the title',
  ],
  // Open sets: the prefix tells whose fault it is.
  [['isp.*'], 'unknown-outcome', 'the vendor does not know whether it went out'],
  [['isv.*', 'Invalid*', 'Missing*', 'Unsupported*'], 'refused', 'the vendor refused the request; look the code up'],
];

/** `undefined`: not a code we can place. */
export function meaningOf(code: string): Meaning | undefined {
  for (const [codes, kind, says] of MEANINGS) {
    if (codes.some((known) => (known.endsWith('*') ? code.startsWith(known.slice(0, -1)) : code === known))) {
      return { kind, says };
    }
  }
  return undefined;
}

/** How long the per-number window may last; the tier stands only in the vendor's sentence. */
export function windowMs(vendorMessage: string): number {
  if (/天|day/i.test(vendorMessage)) return 86_400_000;
  if (/小时|hour/i.test(vendorMessage)) return 3_600_000;
  return 60_000;
}

type Ended = [outcome: 'answered' | 'unanswered' | 'failed', reason: string];

/** How a call ended. https://help.aliyun.com/document_detail/112804.htm */
const ENDINGS: Readonly<Record<string, Ended>> = {
  '200000': ['answered', 'listened to the end'],
  '200001': ['answered', 'hung up early'],
  '200008': ['answered', 'pressed no key in time'],
  '200002': ['unanswered', 'busy'],
  '200003': ['unanswered', 'no answer'],
  '200005': ['unanswered', 'unreachable or blocked by the carrier'],
  '200111': ['unanswered', 'declined or blocked'],
  '200007': ['unanswered', 'out of service area'],
  '200120': ['unanswered', 'out of service area'],
  '200010': ['unanswered', 'powered off'],
  '200004': ['failed', 'the number does not exist'],
  '200116': ['failed', 'the number does not exist'],
  '200006': ['failed', 'the recording of the template has a wrong format'],
  '200011': ['failed', 'the number is suspended'],
  '200012': ['failed', 'the call is restricted; ask the vendor'],
  '200104': ['failed', 'the caller number is restricted; ask the vendor'],
  '200105': ['failed', 'the called number is restricted; ask the vendor'],
  '200117': ['failed', 'the displayed number is restricted; ask the vendor'],
  '200118': ['failed', 'the carrier does not allow calls at this time of day'],
  '200119': ['failed', 'the carrier limits how often the number is called'],
  '200121': ['failed', 'too many calls at once; buy more lines'],
  '476': ['failed', 'the caller number was taken back; check callerNumbers'],
  '482': ['failed', 'the called number is not available'],
  '400': ['failed', 'the network was busy'],
  '500': ['failed', 'the carrier had a fault'],
  '999999': ['failed', 'the vendor had a fault'],
};

/** @param seconds the length of the conversation, telling for codes that are not in the vendor's list. */
export function endingOf(code: string, seconds: number): Ended {
  return ENDINGS[code] ?? (seconds > 0 ? ['answered', 'the call ended'] : ['failed', 'the call did not come about']);
}

/** Why a message did not arrive, as carriers report it: an open set. https://help.aliyun.com/document_detail/101346.html */
const RECEIPTS: Readonly<Record<string, string>> = {
  MOBILE_NOT_ON_SERVICE: 'the number is switched off or out of service',
  MOBILE_IN_BLACK: 'the carrier or the person blocked such messages',
  MOBILE_ACCOUNT_ABNORMAL: "the number's contract is stopped",
  MOBILE_SEND_LIMIT: 'the number got too many messages',
  CONTENT_KEYWORD: 'the carrier does not let this text through',
  INVALID_NUMBER: 'the number does not exist',
  IS_CLOSE: 'the carrier closed this way of sending; ask the vendor',
};

export function receiptReason(code: string): string {
  return RECEIPTS[code] ?? 'the carrier did not deliver it';
}
