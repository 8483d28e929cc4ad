import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isShortFor, readShort, shortUrl } from '../../../links/short.ts';

const PUBLIC_URL = 'https://oncall.example.com';
const ref = { workflowId: 'incident-db-7', occurrence: '4e3b5d9e-9d0c-4a52-9d3f-6c1f5c0d7a11' };
const whose = { number: '7QK2MD', member: 'a.b-primary' };
const linkOf = (secrets: string[]) =>
  shortUrl(PUBLIC_URL, { ...ref, ...whose }, secrets).slice(`${PUBLIC_URL}/s/`.length);
const leadsTo = (link: string, incident: typeof ref | { workflowId: string }, secrets: string[]): boolean => {
  const read = readShort(link, secrets);
  return read !== undefined && isShortFor(read, incident, secrets);
};

it('is short, and says whose it is and about what', () => {
  expect(linkOf(['one'])).toMatch(/^7QK2MD\.a\.b-primary\.[\w-]{16}$/);
  expect(readShort(linkOf(['one']), ['one'])).toMatchObject(whose);
  expect(leadsTo(linkOf(['one']), ref, ['one'])).toBe(true);
});

it('leads to no other incident, and no other occurrence, that has the same number', () => {
  expect(leadsTo(linkOf(['one']), { ...ref, workflowId: 'incident-decoy' }, ['one'])).toBe(false);
  expect(leadsTo(linkOf(['one']), { ...ref, occurrence: 'another-run' }, ['one'])).toBe(false);
  expect(leadsTo(linkOf(['one']), { workflowId: ref.workflowId }, ['one'])).toBe(false);
});

it('is still good after the secret was rotated, and with no other', () => {
  expect(leadsTo(linkOf(['old']), ref, ['new', 'old'])).toBe(true);
  expect(readShort(linkOf(['old']), ['new'])).toBeUndefined();
});

it('of 0.1.0, which was signed for the number alone, leads to an incident of then and to no other', () => {
  const mac = createHmac('sha256', 'one').update('short 7QK2MD a.b-primary').digest().subarray(0, 12);
  const link = `7QK2MD.a.b-primary.${mac.toString('base64url')}`;
  expect(leadsTo(link, { workflowId: 'incident-of-then' }, ['one'])).toBe(true);
  expect(leadsTo(link, ref, ['one'])).toBe(false);
});

it('is worthless with anything in it changed, and nothing that arrives does harm', () => {
  const good = linkOf(['one']);
  fc.assert(
    fc.property(fc.nat(good.length - 1), fc.string({ minLength: 1, maxLength: 3 }), fc.string(), (at, more, any) => {
      const changed = good.slice(0, at) + more + good.slice(at + 1);
      if (changed !== good) expect(leadsTo(changed, ref, ['one'])).toBe(false);
      expect(readShort(any, ['one'])).toBeUndefined();
    }),
  );
});
