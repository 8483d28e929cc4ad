const HOLE = /\{\{\s*([\w-]+(?:\.[\w-]+)*)\s*\}\}/g;
const WHOLE = new RegExp(`^${HOLE.source}$`);

/**
 * Fills a pattern of JSON: `{{a.b.0}}` is looked up in `values`. A text that consists of one `{{…}}` becomes the value
 * with its type, such as a number or a list; among other words the value becomes text. A `{{…}}` without a value stays
 * as it is written.
 */
export function fill(pattern: unknown, values: unknown): unknown {
  if (typeof pattern === 'string') return fillText(pattern, values);
  if (Array.isArray(pattern)) return pattern.map((item) => fill(item, values));
  if (typeof pattern !== 'object' || pattern === null) return pattern;
  return Object.fromEntries(Object.entries(pattern).map(([key, value]) => [key, fill(value, values)]));
}

function fillText(text: string, values: unknown): unknown {
  const path = WHOLE.exec(text)?.[1];
  if (path !== undefined) {
    const found = lookUp(path, values);
    return found === undefined ? text : found;
  }
  return text.replace(HOLE, (written, inner: string) => {
    const found = lookUp(inner, values);
    if (found === undefined) return written;
    return typeof found === 'string' ? found : JSON.stringify(found);
  });
}

function lookUp(path: string, values: unknown): unknown {
  return path
    .split('.')
    .reduce<unknown>(
      (value, key) =>
        typeof value === 'object' && value !== null && Object.hasOwn(value, key)
          ? (value as Record<string, unknown>)[key]
          : undefined,
      values,
    );
}

/** The first words of all `{{…}}` in a pattern. */
export function rootsIn(pattern: unknown): string[] {
  if (typeof pattern === 'string') return [...pattern.matchAll(HOLE)].map(([, path = '']) => path.split('.')[0] ?? '');
  if (typeof pattern !== 'object' || pattern === null) return [];
  return Object.values(pattern).flatMap(rootsIn);
}
