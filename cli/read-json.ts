import { readFile } from 'node:fs/promises';
import { text as readStream } from 'node:stream/consumers';
import { CommandError } from './command-error.ts';

export interface WrittenIncident {
  incident: Record<string, unknown>;
  rule?: unknown;
}

/** The incident alone, or the input of the workflow: `{ incident, rule? }`. */
export async function readIncident(path: string): Promise<WrittenIncident> {
  const json = await readJson(path);
  if (isObject(json)) {
    if (!('incident' in json)) return { incident: json };
    if (isObject(json['incident'])) return { ...json, incident: json['incident'] };
  }
  const name = path === '-' ? 'standard input' : path;
  throw new CommandError(`${name} holds no incident: write {"id":"…","title":"…","severity":"Critical"}`);
}

/** @param path a file; `-` is standard input. */
export async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await (path === '-' ? readStream(process.stdin) : readFile(path, 'utf8')));
  } catch (error) {
    const name = path === '-' ? 'standard input' : path;
    const { code, message } = error as NodeJS.ErrnoException;
    throw new CommandError(code === undefined ? `${name} is no JSON: ${message}` : `${path} cannot be read (${code})`);
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
