/** What a client makes of Markdown: what is read, the first colour in it, and its links. */
export interface Rendered {
  lines: string[];
  color?: string;
  links: { label: string; url: string }[];
}

/** Where the escaped characters wait until the markup is gone. */
const ESCAPED = 0xe000;
const ENTITIES: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"' };

/**
 * Headings, quotes, lists, links, images, bold, italics, strike, code, HTML tags and character references; `\` before a
 * punctuation mark makes it a character.
 */
export function renderMarkdown(text: string): Rendered {
  const links: Rendered['links'] = [];
  const color = /<font color="?([^\s">]+)/.exec(text)?.[1];
  const held = text.replace(/\\([!-/:-@[-`{-~])/g, (_, mark: string) =>
    String.fromCharCode(ESCAPED + mark.charCodeAt(0)),
  );
  const lines = held.split(/ {2}\n|\n+/).map((line) =>
    released(
      line
        .replace(/^\s*(#{1,6}\s+|>\s?|[-+*]\s+)/, '')
        .replace(/!\[([^\]]*)\]\([^)]*\)/g, '$1')
        .replace(/\[([^\]]*)\]\(([^)]*)\)/g, (_, label: string, url: string) => {
          links.push({ label: released(label), url: released(url) });
          return label;
        })
        .replace(/<\/?[a-z][^>]*>/gi, '')
        .replace(/(\*\*|__|~~|`|\*|~)(?=\S)(.+?)\1/g, '$2')
        .replace(/(?<!\w)_(.+?)_(?!\w)/g, '$1')
        .replace(/&(?:#(\d+)|(\w+));/g, (whole, code: string | undefined, name: string) =>
          code === undefined ? (ENTITIES[name] ?? whole) : String.fromCodePoint(Number(code)),
        ),
    ),
  );
  return { lines, ...(color !== undefined && { color }), links };
}

function released(text: string): string {
  return text.replace(/[\ue000-\ue07f]/g, (mark) => String.fromCharCode(mark.charCodeAt(0) - ESCAPED));
}
