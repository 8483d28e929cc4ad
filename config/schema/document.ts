import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import { ConfigurationError, pathText, type Path, type Problem } from './problem.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** A YAML text as plain data, with the way back from a path to a line. */
export interface SourceDocument {
  tree: unknown;
  /** Environment variables that are missing. */
  problems: Problem[];
  /** One line per problem, in the order of the file. */
  report(problems: readonly Problem[]): string[];
}

/**
 * Reads YAML and then fills `${ENV}` into its texts, so that a secret can never change the structure.
 * @throws ConfigurationError when it is no YAML at all.
 */
export function openDocument(text: string, file: string, env: Environment): SourceDocument {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const place = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${String(line)}:${String(col)}`;
  };

  const broken = [...document.errors, ...document.warnings].sort((a, b) => a.pos[0] - b.pos[0]);
  // After a slip in the structure the rest is guesswork: only the first is worth reading.
  const slip = broken.find(({ code }) => code !== 'DUPLICATE_KEY');
  if (slip) throw new ConfigurationError([`${place(slip.pos[0])}  this is not YAML: ${slip.message}`]);
  if (broken.length > 0) {
    throw new ConfigurationError(
      broken.map(({ pos: [offset] }) => {
        const key = /^[\p{L}\p{N}_.-]+/u.exec(text.slice(offset))?.[0];
        return `${place(offset)}  ${key === undefined ? 'this key' : `the key ${key}`} is here twice; keep one`;
      }),
    );
  }

  const problems: Problem[] = [];
  const fill = (node: unknown, path: Path): void => {
    if (isMap(node)) {
      for (const { key, value } of node.items) fill(value, [...path, keyText(key)]);
    } else if (isSeq(node)) {
      for (const [index, item] of node.items.entries()) fill(item, [...path, index]);
    } else if (isAlias(node) && !node.resolve(document)) {
      const [offset] = node.range ?? [0];
      throw new ConfigurationError([`${place(offset)}  *${node.source} points to no &${node.source} before it`]);
    } else if (isScalar(node) && typeof node.value === 'string') {
      node.value = substitute(node.value, env, (message) => problems.push({ path, message }));
    }
  };
  fill(document.contents, []);

  const offsetOf = ({ path, onKey, within }: Problem): number => {
    let node: unknown = document.contents;
    let key: unknown;
    for (const part of path) {
      const holder = isAlias(node) ? node.resolve(document) : node;
      if (isMap(holder)) {
        const pair = holder.items.find((item) => keyText(item.key) === String(part));
        // A missing key has no place of its own, so the problem is shown at the key above it.
        if (!pair) return startOf(key);
        key = pair.key;
        node = pair.value ?? pair.key;
      } else if (isSeq(holder) && typeof part === 'number' && part < holder.items.length) {
        key = node = holder.items[part];
      } else {
        return startOf(key);
      }
    }
    return within && isScalar(node) ? inside(text, startOf(node), within) : startOf(onKey ? key : node);
  };

  return {
    tree: plain(document, file),
    problems,
    report: (found) =>
      found
        .map((problem) => ({ ...problem, offset: offsetOf(problem) }))
        .sort((a, b) => a.offset - b.offset)
        .map(
          ({ path, message, offset }) => `${place(offset)}  ${path.length > 0 ? `${pathText(path)}: ` : ''}${message}`,
        ),
  };
}

function plain(document: ReturnType<typeof parseDocument>, file: string): unknown {
  try {
    return document.toJS();
  } catch {
    // The parser refuses aliases of aliases that would fill the memory.
    throw new ConfigurationError([`${file}:1:1  the & and * of this file unfold to too much; write it out`]);
  }
}

function startOf(node: unknown): number {
  const range = (node as { range?: [number, number, number] | null } | undefined)?.range;
  return range?.[0] ?? 0;
}

/**
 * A place inside a text. Below `|` or `>` its lines stand as they are, further in; a text in one line begins at once. For
 * other forms (quoted over several lines, escapes) the place is near.
 */
function inside(text: string, start: number, { row, col }: NonNullable<Problem['within']>): number {
  const lines = text.slice(start).split('\n');
  const [head = ''] = lines;
  if (!/^[|>]/.test(head)) return row > 1 ? start : start + col - 1 + (/^["']/.test(head) ? 1 : 0);
  const first = lines.slice(1).find((line) => line.trim() !== '') ?? '';
  const indent = /^ */.exec(first)?.[0].length ?? 0;
  const above = lines.slice(0, row).reduce((sum, line) => sum + line.length + 1, 0);
  return start + above + indent + col - 1;
}

function keyText(key: unknown): string {
  return String(isScalar(key) ? key.value : key);
}

/** `$${NAME}` stays as `${NAME}`. The words inside the braces are never repeated unless they are a name. */
function substitute(text: string, env: Environment, report: (message: string) => void): string {
  return text.replace(/\$(\$?)\{([^}]*)\}/g, (whole, escape: string, name: string) => {
    if (escape !== '') return whole.slice(1);
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
      report(
        'between ${ and } stands the name of an environment variable and nothing else; write $${ for the characters',
      );
      return whole;
    }
    const value = env[name];
    if (typeof value === 'string' && value !== '') return value;
    report(`the environment variable ${name} is not set or empty; set it before starting`);
    return whole;
  });
}
