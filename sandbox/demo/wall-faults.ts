// The faults that a person can switch on at the phone wall.

import type { Fault } from '../world.ts';

/** Until somebody clears it. */
const ALWAYS = 10_000;

/** What a person at the wall can make go wrong. */
export const WALL_FAULTS: Readonly<Record<string, { label: string; faults: readonly Fault[] }>> = {
  'alibaba-refuses': {
    label: 'Alibaba refuses the next call',
    faults: [{ vendor: 'aliyun', action: 'IvrCall', effect: { refuse: 'isv.BUSINESS_LIMIT_CONTROL' } }],
  },
  'tencent-refuses': {
    label: 'Tencent is out of money',
    faults: [
      {
        vendor: 'tencent',
        action: 'SendTtsVoice',
        times: ALWAYS,
        effect: { refuse: 'FailedOperation.InsufficientBalanceInVoicePackage' },
      },
    ],
  },
  'answer-lost': {
    label: 'Alibaba calls, its answer is lost',
    faults: [{ vendor: 'aliyun', action: 'IvrCall', effect: { dropAnswer: true } }],
  },
  'feishu-down': {
    label: 'Feishu is down',
    faults: [{ vendor: 'feishu', times: ALWAYS, effect: { status: 503 } }],
  },
  'feishu-slow': {
    label: 'Feishu is slow (4 s)',
    faults: [{ vendor: 'feishu', action: 'messages.create', times: ALWAYS, effect: { delayMs: 4000 } }],
  },
  'mail-down': {
    label: 'Mail server is down',
    faults: [{ vendor: 'smtp', times: ALWAYS, effect: { status: 421 } }],
  },
};
