import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readShort, shortUrl } from '../../../links/short.ts';

const PUBLIC_URL = 'https://oncall.example.com';
const whose = { number: '7QK2MD', member: 'a.b-primary' };
const linkOf = (secrets: string[]) => shortUrl(PUBLIC_URL, whose, secrets).slice(`${PUBLIC_URL}/s/`.length);

it('is short, and says whose it is and about what', () => {
  expect(linkOf(['one'])).toMatch(/^7QK2MD\.a\.b-primary\.[\w-]{16}$/);
  expect(readShort(linkOf(['one']), ['one'])).toEqual(whose);
});

it('is still good after the secret was rotated, and with no other', () => {
  expect(readShort(linkOf(['old']), ['new', 'old'])).toEqual(whose);
  expect(readShort(linkOf(['old']), ['new'])).toBeUndefined();
});

it('is worthless with anything in it changed, and nothing that arrives does harm', () => {
  const good = linkOf(['one']);
  fc.assert(
    fc.property(fc.nat(good.length - 1), fc.string({ minLength: 1, maxLength: 3 }), fc.string(), (at, more, any) => {
      const changed = good.slice(0, at) + more + good.slice(at + 1);
      if (changed !== good) expect(readShort(changed, ['one'])).toBeUndefined();
      expect(readShort(any, ['one'])).toBeUndefined();
    }),
  );
});
