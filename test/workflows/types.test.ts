import { proxyActivities } from '@temporalio/workflow';
import { expect, expectTypeOf, it } from 'vitest';
import type { Planning } from '../../activities/contract.ts';

type Options = Parameters<typeof proxyActivities<Planning>>[0];

// Checked by `npm run types`: were the types of `ms` missing, a duration would be `any` and every slip would pass.
it('takes durations that can be read, and nothing else', () => {
  const right: Options = { startToCloseTimeout: '10 seconds' };
  // @ts-expect-error a slip of the pen
  const wrong: Options = { startToCloseTimeout: '10 secconds' };

  expectTypeOf<Options['startToCloseTimeout']>().not.toBeAny();
  expect(wrong).not.toEqual(right);
});
