import type { z } from 'zod';

/**
 * What somebody may have meant by a key that nobody knows: the most alike of `known`, else the place of a key of that
 * name one or two levels deeper.
 */
export function meantKey(written: string, shape: z.core.$ZodShape, more: readonly string[] = []): string | undefined {
  return nearest(written, [...Object.keys(shape), ...more]) ?? deeper(written, shape);
}

/** The most alike; undefined when none is. Case, `_` and `-` make no difference. */
export function nearest(written: string, known: readonly string[]): string | undefined {
  const found = known
    .map((name) => ({ name, distance: distance(plain(written), plain(name)) }))
    .sort((a, b) => a.distance - b.distance)[0];
  return found && found.distance <= Math.min(3, Math.floor(written.length / 3)) ? found.name : undefined;
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[_-]/g, '');
}

/** Letters to add, drop or change. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries()) {
      const changed = (row[j] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(changed, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/** Such as `to.members` for `members` beside `to`. */
function deeper(written: string, shape: z.core.$ZodShape): string | undefined {
  for (const [key, schema] of Object.entries(shape)) {
    for (const { path, inner } of shapesIn(schema as z.core.$ZodTypes, key)) {
      if (written in inner) return `${path}.${written}`;
    }
  }
  return undefined;
}

function shapesIn(schema: z.core.$ZodTypes, path: string): { path: string; inner: z.core.$ZodShape }[] {
  const { def } = schema._zod;
  switch (def.type) {
    case 'object':
      return [{ path, inner: def.shape }];
    case 'array':
      return shapesIn(def.element as z.core.$ZodTypes, `${path}[]`);
    case 'record':
      return shapesIn(def.valueType as z.core.$ZodTypes, `${path}.<name>`);
    case 'union':
      return def.options.flatMap((option) => shapesIn(option as z.core.$ZodTypes, path));
    case 'pipe':
      return shapesIn(def.in as z.core.$ZodTypes, path);
    case 'default':
    case 'prefault':
    case 'optional':
      return shapesIn(def.innerType as z.core.$ZodTypes, path);
    default:
      return [];
  }
}
