import { CallbackError } from './adapter.ts';

/** No vendor puts more items into one push. A larger push would delay those of everybody else. */
const MOST_ITEMS = 200;

/** The items of a push in JSON, which is one object or a list of them. @throws CallbackError 400 */
export function pushItems(body: Uint8Array): unknown[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder().decode(body));
  } catch {
    throw new CallbackError(400, 'the push is not JSON');
  }
  const items: unknown[] = Array.isArray(parsed) ? parsed : [parsed];
  if (items.length > MOST_ITEMS) throw new CallbackError(400, `a push has ${String(MOST_ITEMS)} items at most`);
  return items;
}
