type Json = Record<string, unknown>;

/** A flaw the vendor would find, with its sub-code inside 230099. */
export interface CardFlaw {
  code: string;
  text: string;
}

/** Something on a card that calls back when pressed. */
export interface Control {
  tag: string;
  /** What is written on it: a button's text, a picker's placeholder. */
  label: string;
  value: Json;
  options: { label: string; value: string }[];
  /** A button that sends a form: the names of its text fields. */
  fields: string[];
  name?: string;
}

const ELEMENTS_MAX = 200;

/**
 * What is wrong with a card of JSON 1.0 or 2.0, if anything.
 * Source  https://open.feishu.cn/document/uAjLw4CM/ukzMukzMukzM/feishu-cards/card-json-structure
 */
export function checkCard(card: unknown, isKnownPerson: (openId: string) => boolean): CardFlaw | undefined {
  const elements = elementsOf(card);
  if (elements === undefined)
    return { code: '200621', text: 'parse card json err, please check whether the card json is correct' };
  const all = [...walk(elements)];
  if (all.length === 0) return { code: '200621', text: 'card elements is empty' };
  if (all.length > ELEMENTS_MAX) return { code: '11310', text: 'element exceeds the limit' };
  if (isSecond(card) && all.some(({ tag }) => tag === 'action')) {
    return { code: '200861', text: 'cards of schema V2 no longer support this capability; unsupported tag action' };
  }
  if (all.some(({ value }) => value !== undefined && !isJson(value) && typeof value !== 'string')) {
    return { code: '200621', text: 'value of an interactive element is not an object' };
  }
  if (all.some(({ tag, value }) => tag === 'button' && typeof value === 'string')) {
    return { code: '200621', text: 'value of a button is not an object' };
  }
  const isNameless = ({ tag, name, action_type }: Json): boolean =>
    (tag === 'form' || tag === 'input' || action_type === 'form_submit') && (typeof name !== 'string' || name === '');
  if (all.some(isNameless)) return { code: '200530', text: 'name of a form component is empty' };
  for (const [, openId = ''] of markupOf(card)
    .join('\n')
    .matchAll(/<at id="?(ou_\w+)/g)) {
    if (!isKnownPerson(openId)) return { code: '100290', text: 'invalid user resource, at id is invalid' };
  }
  return undefined;
}

/** Whether everybody sees the same card, so that it can be redrawn. */
export function isShared(card: unknown): boolean {
  if (isSecond(card)) return true;
  return isJson(card) && isJson(card['config']) && card['config']['update_multi'] === true;
}

/** Everything that can be pressed, top to bottom. Buttons that only open a link are not among them. */
export function controlsOf(card: unknown): Control[] {
  const all = [...walk(elementsOf(card) ?? [])];
  const forms = all.filter(({ tag }) => tag === 'form').map((form) => [...walk([form])]);
  return all.flatMap((element) => {
    const value = callbackValue(element);
    if (value === undefined || typeof element['tag'] !== 'string') return [];
    const label = plain(element['text']) || plain(element['placeholder']);
    const options = (Array.isArray(element['options']) ? element['options'] : [])
      .filter(isJson)
      .map((option) => ({ label: plain(option['text']), value: String(option['value']) }));
    const form =
      element['action_type'] === 'form_submit' ? forms.find((inside) => inside.includes(element)) : undefined;
    const fields = (form ?? []).flatMap(({ tag, name }) => (tag === 'input' && typeof name === 'string' ? [name] : []));
    const { name } = element;
    return [{ tag: element['tag'], label, value, options, fields, ...(typeof name === 'string' && { name }) }];
  });
}

/** All text a person can read on a card, in reading order. */
export function textOf(card: unknown): string {
  const words: string[] = [];
  const read = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(read);
    else if (isJson(value)) {
      for (const [key, inner] of Object.entries(value)) {
        if (key === 'content' && typeof inner === 'string') words.push(inner);
        else if (key === 'text' && typeof inner === 'string') words.push(inner);
        else if (key !== 'value' && key !== 'behaviors' && key !== 'confirm') read(inner);
      }
    }
  };
  read(card);
  return words.join('\n');
}

/** Texts in which markup means something: mentions in `plain_text` are only characters. */
function markupOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(markupOf);
  if (!isJson(value)) return [];
  const { tag, content } = value;
  const own = (tag === 'markdown' || tag === 'lark_md') && typeof content === 'string' ? [content] : [];
  return [...own, ...Object.values(value).flatMap(markupOf)];
}

function elementsOf(card: unknown): unknown[] | undefined {
  if (!isJson(card)) return undefined;
  const holder = isSecond(card) ? card['body'] : card;
  return isJson(holder) && Array.isArray(holder['elements']) ? holder['elements'] : undefined;
}

function isSecond(card: unknown): boolean {
  return isJson(card) && card['schema'] === '2.0';
}

/** Elements and what they hold: actions, columns, forms, a div's extra. */
function* walk(elements: unknown[]): Generator<Json> {
  for (const element of elements) {
    if (!isJson(element)) continue;
    yield element;
    for (const key of ['actions', 'columns', 'elements', 'extra']) {
      const inner = element[key];
      if (Array.isArray(inner)) yield* walk(inner);
      else if (isJson(inner)) yield* walk([inner]);
    }
  }
}

function callbackValue(element: Json): Json | undefined {
  if (isJson(element['value'])) return element['value'];
  const behaviors: unknown[] = Array.isArray(element['behaviors']) ? element['behaviors'] : [];
  const callback = behaviors.filter(isJson).find((behavior) => behavior['type'] === 'callback');
  return isJson(callback?.['value']) ? callback['value'] : undefined;
}

function plain(text: unknown): string {
  return isJson(text) && typeof text['content'] === 'string' ? text['content'] : '';
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
