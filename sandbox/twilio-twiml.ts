/** One verb of a document, with those nested in it. */
export interface Verb {
  name: string;
  attributes: Record<string, string>;
  text: string;
  nested: Verb[];
}

/** What a caller does with a document: what is heard until something is awaited, and what that is. */
export interface Heard {
  words: string;
  /** Where digits go; nothing: the call ends after the words. */
  gather?: { action: string; numDigits: number };
  /** The words come from elsewhere. */
  redirect?: string;
}

/**
 * Runs a TwiML document up to the point where it waits.
 * @throws SyntaxError where Twilio would say "an application error has occurred".
 * https://www.twilio.com/docs/voice/twiml
 */
export function hear(document: string): Heard {
  const words: string[] = [];
  for (const { name, attributes, text, nested } of parse(document)) {
    switch (name) {
      case 'Say':
        words.push(text);
        break;
      case 'Gather': {
        const { action, numDigits = '1', input = 'dtmf', method = 'POST' } = attributes;
        if (!action || input !== 'dtmf' || method !== 'POST') throw new SyntaxError('sandbox: a Gather we do not play');
        words.push(...nested.filter((verb) => verb.name === 'Say').map((verb) => verb.text));
        return { words: words.join(' '), gather: { action, numDigits: Number(numDigits) } };
      }
      case 'Redirect':
        return { words: words.join(' '), redirect: text };
      case 'Hangup':
        return { words: words.join(' ') };
      case 'Pause':
        break;
      default:
        throw new SyntaxError(`sandbox: the verb ${name} is not played here`);
    }
  }
  return { words: words.join(' ') };
}

/** What a messaging document sends back. https://www.twilio.com/docs/messaging/twiml/message */
export function messagesIn(document: string): string[] {
  return parse(document)
    .filter(({ name }) => name === 'Message')
    .map(({ text }) => text);
}

/** @throws SyntaxError when it is no XML, or no Response. */
function parse(document: string): Verb[] {
  const root: Verb = { name: '', attributes: {}, text: '', nested: [] };
  const open = [root];
  for (const [token, closing, name, given = '', alone] of document.matchAll(
    /<\?[^>]*\?>|<(\/?)([A-Za-z]+)((?:\s+[A-Za-z]+="[^"<]*")*)\s*(\/?)>|[^<]+|</g,
  )) {
    const inner = open.at(-1) ?? root;
    if (token.startsWith('<?')) continue;
    if (name === undefined) {
      if (token === '<') throw new SyntaxError('sandbox: not well-formed XML');
      inner.text += plain(token);
    } else if (closing === '/') {
      if (open.pop()?.name !== name) throw new SyntaxError(`sandbox: </${name}> closes nothing`);
    } else {
      const attributes = Object.fromEntries(
        [...given.matchAll(/([A-Za-z]+)="([^"]*)"/g)].map(([, key = '', value = '']) => [key, plain(value)]),
      );
      const verb: Verb = { name, attributes, text: '', nested: [] };
      inner.nested.push(verb);
      if (alone !== '/') open.push(verb);
    }
  }
  const [response, ...more] = root.nested;
  if (open.length !== 1 || response?.name !== 'Response' || more.length > 0) {
    throw new SyntaxError('sandbox: a document is one Response');
  }
  return response.nested;
}

const ENTITIES: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

function plain(text: string): string {
  return text.replace(/&(?:#(\d+)|#x([0-9a-f]+)|(\w+));/gi, (_, decimal?: string, hex?: string, name?: string) => {
    if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
    if (hex !== undefined) return String.fromCodePoint(parseInt(hex, 16));
    const character = ENTITIES[name ?? ''];
    if (character === undefined) throw new SyntaxError(`sandbox: &${name ?? ''}; is no entity of XML`);
    return character;
  });
}
