import { Sandbox } from '../sandbox/index.ts';

/** The imitated providers in a process of their own, so that what they cost is not counted as ours. */
const sandbox = await Sandbox.start({
  people: [],
  limits: false,
  aliyun: {
    templates: {
      TTS_1: '${severity} ${title} ${number}',
      TTS_2: 'Acknowledged.',
      SMS_1: '${severity} ${title} ${number}',
    },
    smsReports: false,
  },
  tencent: { templates: { '100': '{1} {2} {3}' } },
  smtp: { user: 'sandbox@example.com' },
});
process.send?.(sandbox.endpoints);
