import { CallbackError } from './adapter.ts';

/** No vendor tells of more in one push, in none of its lists. A larger push would delay those of everybody else. */
export const MOST_ITEMS = 200;

/** The items of a push in JSON, which is one object or a list of them. @throws CallbackError 400 */
export function pushItems(body: Uint8Array): unknown[] {
  const parsed = pushJson(body);
  return Array.isArray(parsed) ? (parsed as unknown[]) : [parsed];
}

/** A push in JSON, in which no list and no object is larger than a vendor's. @throws CallbackError 400 */
export function pushJson(body: Uint8Array): unknown {
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(body).toString());
  } catch {
    throw new CallbackError(400, 'the push is not JSON');
  }
  if (isLarge(parsed)) throw tooManyItems();
  return parsed;
}

export function tooManyItems(): CallbackError {
  return new CallbackError(400, `a push has ${String(MOST_ITEMS)} items at most`);
}

/** Looks without recursion, because strangers say how deep it goes. */
function isLarge(parsed: unknown): boolean {
  const left = [parsed];
  while (left.length > 0) {
    const value = left.pop();
    if (typeof value !== 'object' || value === null) continue;
    const items = Object.values(value) as unknown[];
    if (items.length > MOST_ITEMS) return true;
    left.push(...items);
  }
  return false;
}
