import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '..', '..');

const readme = readFileSync(join(root, 'README.md'), 'utf8');

/** Each name that users import by, and the source behind it; `/workflows` is for bundlers, not for people. */
const ENTRIES = Object.entries(
  (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { exports: Record<string, { types?: string }> })
    .exports,
).flatMap(([path, { types }]) =>
  types === undefined || path === './workflows'
    ? []
    : [{ name: path.replace('.', 'temporal-escalations'), source: types.replace(/dist\/(.*)\.d\.ts$/, '$1.ts') }],
);
const sources = ENTRIES.map(({ source }) => join(root, source));

const { compilerOptions } = ts.readConfigFile(join(root, 'tsconfig.json'), (path) => ts.sys.readFile(path)).config as {
  compilerOptions: { paths: object };
};
const { options } = ts.convertCompilerOptionsFromJson(
  {
    ...compilerOptions,
    noEmit: true,
    paths: {
      ...compilerOptions.paths,
      ...Object.fromEntries(ENTRIES.map(({ name, source }) => [name, [`./${source}`]])),
    },
  },
  root,
);

/** The functions and classes that users import, but for errors: those are caught, not called. */
function promised(program: ts.Program): ts.Declaration[] {
  const checker = program.getTypeChecker();
  const found = sources.flatMap((path) => {
    const file = program.getSourceFile(path);
    const module = file && checker.getSymbolAtLocation(file);
    return (module ? checker.getExportsOfModule(module) : []).flatMap((symbol) => {
      const [exported] = symbol.declarations ?? [];
      if (!exported || symbol.name.endsWith('Error')) return [];
      // `export { one } from` or a declaration of the entry itself; what `export type` passes on is no value.
      if (!ts.isExportSpecifier(exported)) return exported.getSourceFile() === file ? [symbol.valueDeclaration] : [];
      const isType = exported.isTypeOnly || exported.parent.parent.isTypeOnly;
      return isType ? [] : [checker.getAliasedSymbol(symbol).valueDeclaration];
    });
  });
  return [...new Set(found.filter((declaration) => declaration !== undefined))];
}

function exampleOf(declaration: ts.Declaration): string {
  const [tag] = ts.getJSDocTags(declaration).filter(({ tagName }) => tagName.text === 'example');
  return /```ts\n([\s\S]*?)\n```/.exec(ts.getTextOfJSDocComment(tag?.comment) ?? '')?.[1] ?? '';
}

it('shows by examples that compile how each thing is used that people import', { timeout: 60_000 }, () => {
  const host = ts.createCompilerHost(options);
  const program = ts.createProgram(sources, options, host);
  const examples = new Map(
    promised(program).map((declaration) => {
      const name = (declaration as ts.NamedDeclaration).name?.getText() ?? 'unnamed';
      return [join(root, `example-of-${name}.ts`), exampleOf(declaration)];
    }),
  );
  for (const [nth, [, block = '']] of [...readme.matchAll(/```ts\n([\s\S]*?)\n```/g)].entries()) {
    examples.set(join(root, `block-${String(nth + 1)}-of-the-README.ts`), block);
  }
  expect([...examples].flatMap(([path, example]) => (example === '' ? [path] : []))).toEqual([]);
  expect(examples.size).toBeGreaterThan(8);

  const [fileExists, getSourceFile] = [host.fileExists.bind(host), host.getSourceFile.bind(host)];
  host.fileExists = (path) => examples.has(path) || fileExists(path);
  host.getSourceFile = (path, language) => {
    const text = examples.get(path);
    if (text !== undefined) return ts.createSourceFile(path, text, language);
    return program.getSourceFile(path) ?? getSourceFile(path, language);
  };
  const together = ts.createProgram([...sources, ...examples.keys()], options, host, program);
  const slips = [...examples.keys()].flatMap((path) => {
    const file = together.getSourceFile(path);
    return [...together.getSyntacticDiagnostics(file), ...together.getSemanticDiagnostics(file)].map(
      ({ messageText }) => `${path}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`,
    );
  });
  expect(slips).toEqual([]);
});
