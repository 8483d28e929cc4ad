import { sandboxUrl } from './house.ts';

/** People whom Twilio calls and who can answer its texts. */
export const ABROAD = [
  { name: 'primary', phone: '+4915112345601', email: 'primary@example.com' },
  { name: 'backup', phone: '+4915112345602', email: 'backup@example.com' },
  { name: 'supervisor', phone: '+4915112345603', email: 'supervisor@example.com' },
];

/** The configuration with Twilio, and everybody abroad. */
export function withTwilio(yaml: string): string {
  const account = (adapter: string): string => `
    adapter: ${adapter}
    accountSid: AC${'0'.repeat(32)}
    authToken: sandbox
    from: '+14155550100'
    perSecond: 50
    baseUrl: ${sandboxUrl(yaml)}`;
  return ABROAD.reduce(
    (text, { phone }, index) => text.replace(`'+861380000000${String(index + 1)}'`, `'${phone}'`),
    yaml
      .replace(
        '\naccounts:',
        `\naccounts:\n  twilio-voice:${account('twilio.voice')}\n  twilio-sms:${account('twilio.sms')}`,
      )
      .replace('voice: [aliyun-voice, tencent-voice]', 'voice: [aliyun-voice, tencent-voice, twilio-voice]')
      .replace('sms: [aliyun-sms]', 'sms: [aliyun-sms, twilio-sms]'),
  );
}
