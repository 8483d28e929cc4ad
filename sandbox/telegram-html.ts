const TAGS = ['b', 'strong', 'i', 'em', 'u', 's', 'a', 'code', 'pre', 'blockquote', 'tg-spoiler'];
const ENTITIES: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"' };

export interface ReadHtml {
  text: string;
  links: { label: string; url: string }[];
}

/**
 * The few tags of the Bot API's HTML, which have to be closed in order, and its four named references.
 * Source  https://core.telegram.org/bots/api#html-style
 * @returns what is wrong with it instead.
 */
export function readHtml(html: string): ReadHtml | string {
  const open: { name: string; url?: string; from: number }[] = [];
  const links: ReadHtml['links'] = [];
  let text = '';
  let at = 0;
  while (at < html.length) {
    const next = html.indexOf('<', at);
    text += decoded(html.slice(at, next === -1 ? undefined : next));
    if (next === -1) break;
    const end = html.indexOf('>', next);
    if (end === -1) return `Unclosed start tag at byte offset ${String(next)}`;
    const tag = html.slice(next + 1, end);
    const [, slash = '', name = '', rest = ''] = /^(\/?)([a-z-]+)(.*)$/is.exec(tag) ?? [];
    if (!TAGS.includes(name.toLowerCase())) return `Unsupported start tag "${name}" at byte offset ${String(next)}`;
    if (slash === '') {
      const url = /href="([^"]*)"/.exec(rest)?.[1];
      open.push({ name, from: text.length, ...(url !== undefined && { url: decoded(url) }) });
    } else {
      const last = open.pop();
      if (last?.name !== name) return `Unmatched end tag at byte offset ${String(next)}`;
      if (last.url !== undefined) links.push({ label: text.slice(last.from), url: last.url });
    }
    at = end + 1;
  }
  const left = open.at(-1);
  return left ? `Can't find end tag corresponding to start tag "${left.name}"` : { text, links };
}

function decoded(text: string): string {
  return text.replace(/&(?:#(\d+)|(\w+));/g, (whole, code: string | undefined, name: string) =>
    code === undefined ? (ENTITIES[name] ?? whole) : String.fromCodePoint(Number(code)),
  );
}
