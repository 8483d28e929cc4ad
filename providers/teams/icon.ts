import { zlibSync } from 'fflate';

type Colour = readonly [red: number, green: number, blue: number];

/** A bell as a PNG of 8-bit RGBA; without `ground` it stands on nothing. https://www.w3.org/TR/png-3/ */
export function bellIcon(size: number, { bell, ground }: { bell: Colour; ground?: Colour }): Uint8Array {
  const rows = new Uint8Array(size * (1 + size * 4));
  for (let y = 0; y < size; y += 1) {
    for (let x = 0; x < size; x += 1) {
      const isBell = isInBell((x + 0.5) / size, (y + 0.5) / size);
      const colour = isBell ? bell : ground;
      // Each row begins with the number of its filter: none.
      if (colour) rows.set([...colour, 255], y * (1 + size * 4) + 1 + x * 4);
    }
  }
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, size);
  view.setUint32(4, size);
  header.set([8, 6, 0, 0, 0], 8);
  const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
  return joined([signature, chunk('IHDR', header), chunk('IDAT', zlibSync(rows)), chunk('IEND', new Uint8Array())]);
}

/** Dome, skirt, rim and clapper, in a square of 1. */
function isInBell(x: number, y: number): boolean {
  const aside = Math.abs(x - 0.5);
  const dome = Math.hypot(x - 0.5, y - 0.42) <= 0.2;
  const skirt = y >= 0.42 && y <= 0.66 && aside <= 0.2 + Math.max(0, y - 0.56) * 0.8;
  const rim = y > 0.66 && y <= 0.71 && aside <= 0.31;
  const clapper = y > 0.74 && Math.hypot(x - 0.5, y - 0.74) <= 0.075;
  const crown = Math.hypot(x - 0.5, y - 0.21) <= 0.045;
  return dome || skirt || rim || clapper || crown;
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const named = joined([new TextEncoder().encode(type), data]);
  const frame = new Uint8Array(8);
  const view = new DataView(frame.buffer);
  view.setUint32(0, data.length);
  view.setUint32(4, crc32(named));
  return joined([frame.subarray(0, 4), named, frame.subarray(4)]);
}

/** As PNG and zip count it. */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}

function joined(parts: Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
