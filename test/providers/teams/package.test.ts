import { inflateSync } from 'node:zlib';
import { strFromU8, unzipSync } from 'fflate';
import { expect, it } from 'vitest';
import { teamsAppAccount } from '../../../providers/teams/account.ts';
import { teamsPackage } from '../../../providers/teams/package.ts';

const account = teamsAppAccount.parse({ appId: 'a1b2', appPassword: 'pass-s3cret', tenantId: 't' });
const addresses = {
  callbackUrl: 'https://oncall.example.com/callbacks/teams',
  redirectUrl: 'https://oncall.example.com/sign-in/teams',
  homeUrl: 'https://oncall.example.com/home/teams',
};
const files = unzipSync(teamsPackage(account, addresses));
const file = (name: string): Uint8Array => files[name] ?? new Uint8Array();

it('holds a manifest and two icons, and no secret', () => {
  expect(Object.keys(files).sort()).toEqual(['color.png', 'manifest.json', 'outline.png']);
  const text = strFromU8(file('manifest.json'));
  expect(text).not.toContain('s3cret');
  const manifest = JSON.parse(text) as Record<string, unknown>;
  expect(manifest).toMatchObject({
    manifestVersion: '1.25',
    id: 'a1b2',
    supportsChannelFeatures: 'tier1',
    icons: { color: 'color.png', outline: 'outline.png' },
    bots: [{ botId: 'a1b2', scopes: ['personal', 'team', 'groupChat'] }],
    validDomains: ['oncall.example.com'],
  });
});

it('is the same bytes for the same account', () => {
  expect(teamsPackage(account, addresses)).toEqual(teamsPackage(account, addresses));
});

it.each([
  ['color.png', 192, 'opaque'],
  ['outline.png', 32, 'see-through'],
] as const)('%s is a PNG of %i pixels, %s at its edge', (name, size, edge) => {
  const png = Buffer.from(file(name));
  expect(png.subarray(0, 8).toString('latin1')).toBe('\x89PNG\r\n\x1a\n');
  const chunks: { type: string; data: Buffer }[] = [];
  for (let at = 8; at < png.length;) {
    const length = png.readUInt32BE(at);
    const named = png.subarray(at + 4, at + 8 + length);
    // As the reference in the PNG specification computes it, bit by bit.
    let crc = ~0;
    for (const byte of named) {
      crc ^= byte;
      for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
    }
    expect(png.readUInt32BE(at + 8 + length)).toBe(~crc >>> 0);
    chunks.push({ type: named.subarray(0, 4).toString(), data: named.subarray(4) });
    at += 12 + length;
  }
  expect(chunks.map(({ type }) => type)).toEqual(['IHDR', 'IDAT', 'IEND']);
  const [header, pixels] = chunks.map(({ data }) => data);
  expect([header?.readUInt32BE(0), header?.readUInt32BE(4), header?.[8], header?.[9]]).toEqual([size, size, 8, 6]);
  const rows = inflateSync(pixels ?? Buffer.alloc(0));
  expect(rows).toHaveLength(size * (1 + size * 4));
  const alphaAt = (x: number, y: number): number | undefined => rows[y * (1 + size * 4) + 1 + x * 4 + 3];
  expect(alphaAt(0, 0)).toBe(edge === 'opaque' ? 255 : 0);
  expect(alphaAt(size / 2, size / 2)).toBe(255);
});
