import { expect, it } from 'vitest';
import { ADAPTER_IDS, adapterFacts, DEFAULT_PREFERENCE, fallbackMedia, ringMs } from '../../domain/media.ts';
import { mediaFor } from '../../domain/incident/rule.ts';

it.each([
  ['voice', 'Critical', ['sms', 'push', 'email']],
  ['voice', 'Info', ['sms', 'push', 'email']],
  ['sms', 'Critical', ['voice', 'email']],
  ['sms', 'Warning', ['email']],
  ['push', 'Critical', ['sms', 'email']],
  ['feishu-cn', 'Info', ['sms', 'email']],
  ['email', 'Critical', []],
] as const)('after %s of a %s come %j', (medium, severity, others) => {
  expect(fallbackMedia(medium, severity)).toEqual(others);
});

it('tells members without a preference louder the worse it is', () => {
  expect(DEFAULT_PREFERENCE).toEqual({
    critical: ['voice', 'sms', 'email'],
    warning: ['sms', 'email'],
    info: ['email'],
  });
});

it.each([
  [{ critical: ['voice'], default: ['email'] }, 'Critical', ['voice']],
  [{ critical: ['voice'], default: ['email'] }, 'Info', ['email']],
  [{ info: [] }, 'Info', []],
  ['preference', 'Critical', undefined],
] as const)('by %j a %s is told by %j', (by, severity, media) => {
  const choice = by === 'preference' ? by : structuredClone<object>(by);
  expect(mediaFor(choice, severity)).toEqual(media);
});

it('knows every adapter, and how long a call of it rings', () => {
  for (const id of ADAPTER_IDS) expect(adapterFacts(id).perSecond).toBeGreaterThan(0);
  for (const id of ADAPTER_IDS.filter((one) => adapterFacts(one).medium === 'voice')) {
    expect(adapterFacts(id).ringMs).toBeGreaterThan(0);
  }
  expect(() => adapterFacts('no.such')).toThrow('no adapter is called no.such');
  expect(ringMs('no.such')).toBe(60_000);
});
