import { Sandbox } from '../sandbox/index.ts';

/** The imitated providers in a process of their own, so that what they cost is not counted as ours. */
const sandbox = await Sandbox.start({
  people: [],
  limits: false,
  aliyun: { smsReports: false },
});
process.send?.(sandbox.accounts);
