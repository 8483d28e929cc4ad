/** One part of a mail: decoded headers by lower-case name, and its decoded body. */
export interface Part {
  headers: Record<string, string>;
  body: Buffer;
}

/** What a reader sees of a mail (RFC 5322, 2045 to 2047): headers, plain text, HTML. Attachments are skipped. */
export function readMail(raw: Buffer): { headers: Record<string, string>; text: string; html: string } {
  const whole = readPart(raw.toString('latin1'));
  const leaves = [...leavesOf(whole)];
  const find = (type: string): string => {
    const part = leaves.find(({ headers }) => typeOf(headers) === type);
    return part === undefined ? '' : textOf(part).replace(/\r\n/g, '\n').trimEnd();
  };
  return { headers: whole.headers, text: find('text/plain'), html: find('text/html') };
}

/** The address inside `Name <address>`. */
export function addressOf(header: string): string {
  return /<([^>]*)>/.exec(header)?.[1] ?? header.trim();
}

function readPart(raw: string): Part {
  const end = raw.indexOf('\r\n\r\n');
  const head = end < 0 ? raw : raw.slice(0, end);
  const headers: Record<string, string> = {};
  for (const line of head.replace(/\r\n[ \t]+/g, ' ').split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) headers[line.slice(0, colon).toLowerCase()] = decodeWords(line.slice(colon + 1).trim());
  }
  const body = end < 0 ? '' : raw.slice(end + 4);
  return { headers, body: decodeBody(body, headers['content-transfer-encoding'] ?? '7bit') };
}

function* leavesOf(part: Part): Generator<Part> {
  const boundary = /^multipart\/.*boundary="?([^";]+)"?/i.exec(part.headers['content-type'] ?? '')?.[1];
  if (boundary === undefined) {
    yield part;
    return;
  }
  const pieces = `\r\n${part.body.toString('latin1')}`.split(`\r\n--${boundary}`).slice(1);
  for (const piece of pieces) {
    if (!piece.startsWith('--')) yield* leavesOf(readPart(piece.replace(/^[ \t]*\r\n/, '')));
  }
}

function decodeBody(body: string, encoding: string): Buffer {
  if (/^base64$/i.test(encoding)) return Buffer.from(body, 'base64');
  if (/^quoted-printable$/i.test(encoding)) return unquote(body.replace(/=[ \t]*\r\n/g, ''));
  return Buffer.from(body, 'latin1');
}

/** RFC 2047; blanks between two encoded words are not shown. */
function decodeWords(header: string): string {
  return header
    .replace(/(\?=)\s+(=\?)/g, '$1$2')
    .replace(/=\?([\w-]+)\?([bq])\?([^?]*)\?=/gi, (_, charset: string, form: string, word: string) => {
      const bytes = form.toLowerCase() === 'b' ? Buffer.from(word, 'base64') : unquote(word.replaceAll('_', ' '));
      return new TextDecoder(charset).decode(bytes);
    });
}

function unquote(text: string): Buffer {
  const bytes = text.replace(/=([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1');
}

function textOf({ headers, body }: Part): string {
  const charset = /charset="?([\w-]+)"?/i.exec(headers['content-type'] ?? '')?.[1] ?? 'utf-8';
  return new TextDecoder(charset).decode(body);
}

function typeOf(headers: Record<string, string>): string {
  return (headers['content-type'] ?? 'text/plain').split(';')[0]?.trim().toLowerCase() ?? '';
}
