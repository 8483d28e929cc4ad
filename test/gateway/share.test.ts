import { expect, it } from 'vitest';
import { Share } from '../../gateway/incidents/share.ts';
import { UsedIds } from '../../gateway/incidents/used-ids.ts';
import { Intake } from '../../gateway/intake.ts';

const share = (sends: number) => new Share({ sends, perMs: 3_600_000 }, new Intake(100));

const done = async () => 'done';

it('what comes faster than the rate waits its turn', async () => {
  const quick = new Share({ sends: 4, perMs: 400 }, new Intake(100));
  const startedAt = performance.now();
  expect(await Promise.all(Array.from({ length: 6 }, () => quick.take(false, done)))).toEqual(Array(6).fill('done'));
  // Three at once, then one in each 133 ms.
  expect(performance.now() - startedAt).toBeGreaterThan(380);
});

it('whoever would wait for too long is told when to come again, and nothing is done', async () => {
  const small = share(8);
  const six = Array.from({ length: 6 }, () => small.take(false, done));
  expect(await Promise.all(six)).toEqual(Array(6).fill('done'));
  expect(await small.take(false, done)).toBeUndefined();
  expect(small.waitSeconds(false)).toBeGreaterThan(500);
  expect(small.waitSeconds(false, 100)).toBeGreaterThan(50_000);
});

it('a part is kept for what is urgent', async () => {
  const small = share(8);
  for (let n = 0; n < 7; n += 1) await small.take(false, done);
  expect(small.waitSeconds(true)).toBe(0);
  expect(await small.take(true, done)).toBe('done');
  expect(await small.take(true, done)).toBe('done');
  expect(await small.take(true, done)).toBeUndefined();
});

it('at most ten things of one token are under way, and the next one starts when one has ended, however it ended', async () => {
  const busy = share(100);
  const ends: ((error?: Error) => void)[] = [];
  const begin = (): Promise<unknown> =>
    busy.take(
      true,
      () =>
        new Promise<void>((resolve, reject) => {
          ends.push((error) => {
            if (error) reject(error);
            else resolve();
          });
        }),
    );
  const all = Array.from({ length: 12 }, begin);
  expect(ends).toHaveLength(10);
  ends[0]?.(new Error('failed'));
  await expect(all[0]).rejects.toThrow('failed');
  await expect.poll(() => ends.length).toBe(11);
  for (let ended = 1; ended < 12; ended += 1) {
    await expect.poll(() => ends.length).toBeGreaterThan(ended);
    ends[ended]?.();
  }
  await Promise.all(all.slice(1));
});

it('what one token sends leaves room in memory for the others', async () => {
  const whole = new Intake(100);
  const one = new Intake(40, whole);
  const post = (size: number): Request => new Request('http://x', { method: 'POST', body: 'x'.repeat(size) });
  let release: (() => void) | undefined;
  const held = one.take(
    post(40),
    100,
    () =>
      new Promise<string>(
        (resolve) =>
          (release = () => {
            resolve('taken');
          }),
      ),
  );
  await expect.poll(() => release).toBeDefined();
  expect(await one.take(post(1), 100, async () => 'taken too')).toBe('busy');
  expect(await whole.take(post(60), 100, async () => 'of another')).toBe('of another');
  expect(await whole.take(post(61), 100, async () => 'of another')).toBe('busy');
  release?.();
  expect(await held).toBe('taken');
  expect(await one.take(post(40), 100, async () => 'again')).toBe('again');
});

it('an id is good for one path, until its signature is too old or too many came after it', () => {
  const used = new UsedIds({ keepMs: 100, most: 3 });
  expect([used.use('a', '/one', 0), used.use('a', '/one', 50), used.use('a', '/two', 100)]).toEqual([
    true,
    true,
    false,
  ]);
  expect(used.use('a', '/two', 101)).toBe(true);
  for (const id of ['b', 'c', 'd']) used.use(id, '/one', 102);
  expect(used.use('a', '/three', 103)).toBe(true);
});
