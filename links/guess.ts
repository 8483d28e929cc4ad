// How hard a secret is to guess, so that the file can refuse one that a stranger would find.

/**
 * 16 random hex digits have 64 bits, and nobody tries 2^56 keys for a button. Less would also cost them: whoever was sent
 * a link can try keys on it without asking us.
 */
const LEAST_BITS = 56;
/** What a word, a row of keys or a repetition adds, however long it is: which one of about a thousand. */
const PIECE_BITS = 10;
const SHORTEST_PIECE = 3;
/** What parts the pieces, from its second time on. */
const SEPARATOR_BITS = 1;
/** More adds nothing. */
const LOOKED_AT = 200;

const ROWS = ['abcdefghijklmnopqrstuvwxyz', '01234567890', 'qwertyuiop', 'asdfghjkl', 'zxcvbnm', '0246802468', '13579'];
const WALKS = [...ROWS, ...ROWS.map((row) => [...row].reverse().join(''))];

/** What people write where they are asked for a secret and have none. */
const WORDS = `
  access account admin alert and api baseball callback change changeit changeme changethis company default demo develop
  development dragon dummy escalation example fake football foo bar baz for from gateway god guest hello here hook iloveyou incident
  insecure internal key letmein live local localhost login love master michael monkey mysecret oncall open operator page
  pager pass passwd password placeholder please princess private prod production public pwd replace replaceme root
  sandbox secret server service shadow sign signing staging string sunshine super superman supersecret system temp
  temporal test testing the this todo token trustno unsafe user value verysecret webhook welcome with word world your yours
`
  .trim()
  .split(/\s+/)
  .sort((a, b) => b.length - a.length);
const LOOKALIKES: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'l',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '@': 'a',
  $: 's',
  '!': 'i',
};

/** Whether a secret is made of too few different characters, or of words, rows of keys and repetitions. */
export function isGuessable(secret: string): boolean {
  return bitsOf(secret) < LEAST_BITS;
}

/**
 * Bits that a guesser has to try at least, roughly: words, rows of keys and what has been there before count as one
 * choice each, every other character as one of its kind.
 */
export function bitsOf(secret: string): number {
  const text = secret.slice(0, LOOKED_AT);
  const lower = text.toLowerCase();
  const read = [...lower].map((letter) => LOOKALIKES[letter] ?? letter).join('');
  const perCharacter = Math.log2(alphabetOf(text));
  let bits = 0;
  for (let at = 0; at < text.length;) {
    const piece = Math.max(repetitionAt(lower, at), walkAt(lower, at), wordAt(lower, at), wordAt(read, at));
    const perPiece = piece > 0 ? Math.min(PIECE_BITS, piece * perCharacter) : perCharacter;
    bits += piece === 0 && isSeparatorAgain(lower, at) ? SEPARATOR_BITS : perPiece;
    at += Math.max(piece, 1);
  }
  return bits;
}

/** How many characters each one was chosen from. Who uses few different ones has chosen from few. */
function alphabetOf(text: string): number {
  const kinds: [RegExp, number][] = [
    [/[0-9]/, 10],
    [/[a-f]/, 6],
    [/[g-z]/, 20],
    [/[A-F]/, 6],
    [/[G-Z]/, 20],
    [/[^0-9A-Za-z]/, 33],
  ];
  const size = kinds.reduce((sum, [kind, count]) => sum + (kind.test(text) ? count : 0), 0);
  return Math.max(1, Math.min(size, 2 * new Set(text).size));
}

/** How much from here on has been there before, overlaps included. */
function repetitionAt(text: string, at: number): number {
  return longest(text, at, (piece) => text.indexOf(piece) < at);
}

/** How much from here on is the same key again and again, or a row of keys. */
function walkAt(text: string, at: number): number {
  return longest(text, at, (piece) => WALKS.some((row) => row.includes(piece)) || new Set(piece).size === 1);
}

function wordAt(text: string, at: number): number {
  return WORDS.find((word) => text.startsWith(word, at))?.length ?? 0;
}

function isSeparatorAgain(text: string, at: number): boolean {
  const letter = text.charAt(at);
  return /[^a-z0-9]/.test(letter) && text.indexOf(letter) < at;
}

function longest(text: string, at: number, holds: (piece: string) => boolean): number {
  let length = 0;
  for (let end = at + SHORTEST_PIECE; end <= text.length && holds(text.slice(at, end)); end += 1) length = end - at;
  return length;
}
