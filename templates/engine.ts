// Compiles and renders Liquid within limits, so that no template can stop or delay a page.

import { createContext, Script } from 'node:vm';
import { Liquid, type Emitter, type Template as Parsed } from 'liquidjs';
import { cutTo, utf16Units } from '../providers/kit/cut.ts';
import { addFilters, textOf } from './filters.ts';
import { isKnownPath } from './variables.ts';

/** What a template may say; each is a Liquid text of its own. */
export const PARTS = ['subject', 'text', 'status', 'facts'] as const;
export type Part = (typeof PARTS)[number];

/** What the text of a part, and one rendering of it, may cost. */
const LIMITS = { parseLimit: 20_000, memoryLimit: 200_000 } as const;
const MOST_STEPS = 20_000;
/** What all parts of one message may take: a template that does much in few steps is stopped in the middle of one. */
export const MOST_MS = 250;
/** No medium takes more. */
const MOST_CHARACTERS = 32_000;
/** These tags read files or other templates, or write HTML tables, which no message needs. */
const FORBIDDEN_TAGS = ['include', 'render', 'layout', 'block', 'tablerow'];
const FORBIDDEN_FILTERS = ['sample', 'raw'];

/** Wrong in a template: before it is used, or while it is. The message repeats words of the template and no others. */
export class TemplateError extends Error {
  override name = 'TemplateError';
  /** From 1, within the text of the part. */
  readonly row: number;
  readonly col: number;
  constructor(message: string, row: number, col: number) {
    super(message);
    this.row = row;
    this.col = col;
  }
}

/** A template was stopped, because it took longer than {@link MOST_MS}. */
export class TooSlowError extends TemplateError {
  override name = 'TooSlowError';
  constructor() {
    super(`it takes longer than ${String(MOST_MS)} ms`, 1, 1);
  }
}

/** One compiled part. */
export interface Compiled {
  /** @throws TemplateError */
  render(scope: object): string;
}

/**
 * In `lines`, line breaks inside of a value become blanks. Otherwise a title with a line break could add a fact of its
 * own.
 */
const engines = {
  lines: engineWith((value) => textOf(value).replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')),
  text: engineWith(textOf),
};

function engineWith(outputEscape: (value: unknown) => string): Liquid {
  const engine = new Liquid({
    ...LIMITS,
    strictVariables: true,
    strictFilters: true,
    ownPropertyOnly: true,
    outputEscape,
    templates: {},
  });
  for (const tag of FORBIDDEN_TAGS) Reflect.deleteProperty(engine.tags, tag);
  for (const filter of FORBIDDEN_FILTERS) Reflect.deleteProperty(engine.filters, filter);
  addFilters(engine);
  countWhatIsWritten(engine);
  return engine;
}

/**
 * What a template writes counts as memory, which Liquid itself counts for filters only: a loop over a long text, or a
 * `capture` that writes a text twice, would otherwise make hundreds of megabytes within the steps that are allowed.
 */
function countWhatIsWritten(engine: Liquid): void {
  const { renderer } = engine;
  const render = renderer.renderTemplates.bind(renderer);
  renderer.renderTemplates = (templates, context, emitter) => {
    const counting: Emitter = {
      buffer: '',
      write(text: string) {
        context.memoryLimit.use(text.length);
        this.buffer += text;
      },
    };
    return render(templates, context, emitter ?? counting);
  };
}

// One for all, because a context takes a millisecond to make.
const watched: { run?: () => unknown } = {};
const stopwatch = { script: new Script('run()'), context: createContext(watched) };

/**
 * Runs what makes no promises, and stops it when its time is over, in the middle of a filter too: Liquid itself looks at
 * the clock between its steps only.
 * @throws TooSlowError after {@link MOST_MS}.
 */
export function inTime<T>(run: () => T): T {
  watched.run = run;
  try {
    return stopwatch.script.runInContext(stopwatch.context, { timeout: MOST_MS }) as T;
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
    throw new TooSlowError();
  }
}

/** @throws TemplateError for what is no Liquid, and for a variable or filter that nobody has. */
export function compile(source: string, part: Part): Compiled {
  const engine = part === 'text' ? engines.text : engines.lines;
  const parsed = guarded(() => engine.parse(source));
  refuseUnknown(engine, parsed);
  return {
    render: (scope) =>
      tidy(
        cutTo(
          guarded(() => engine.renderSync(parsed, scope, { templateLimit: MOST_STEPS }) as string),
          MOST_CHARACTERS,
          utf16Units,
        ),
      ),
  };
}

function refuseUnknown(engine: Liquid, parsed: Parsed[]): void {
  const { globals } = guarded(() => engine.analyzeSync(parsed, { partials: false }));
  for (const variable of Object.values(globals).flat()) {
    const path = variable.segments.map((segment) => (typeof segment === 'object' ? '*' : String(segment)));
    if (isKnownPath(path)) continue;
    const { row, col } = variable.location;
    throw new TemplateError(`nothing is called ${path.join('.')}`, row, col);
  }
}

/** Removes empty lines, because tags of Liquid leave them behind. */
function tidy(text: string): string {
  return text
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '')
    .join('\n');
}

function guarded<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    const { message, token } = error as { message: string; token?: { getPosition(): [number, number] } };
    const [row, col] = token?.getPosition() ?? [1, 1];
    const [said = ''] = message.split('\n');
    throw new TemplateError(said.replace(/(?:, file:\S+)?, line:\d+, col:\d+$/, ''), row, col);
  }
}
