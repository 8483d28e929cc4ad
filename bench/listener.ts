import { condition, defineSignal, setHandler } from '@temporalio/workflow';

/** The least that can be told something: one workflow that ends with its first signal. */
export async function listener(): Promise<void> {
  let isTold = false;
  setHandler(defineSignal('tell'), () => {
    isTold = true;
  });
  await condition(() => isTold);
}
