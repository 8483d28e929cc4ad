import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createProgram } from '../../cli/program.ts';

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

describe('the README', () => {
  it('shows the adapters as they are', async () => {
    const shown = /<!-- media:start -->\n([\s\S]*)\n<!-- media:end -->/.exec(readme)?.[1];
    const lines: string[] = [];
    const log = console.log;
    console.log = (...parts: unknown[]) => lines.push(parts.join(' '));
    try {
      await createProgram().parseAsync(['node', 'escalations', 'media', '--markdown']);
    } finally {
      console.log = log;
    }
    expect(shown?.trim()).toBe(lines.join('\n').trim());
  });

  it('names every command in the section on the command line', () => {
    const [, section = ''] = /## Command line\n([\s\S]*?)\n## /.exec(readme) ?? [];
    const named = [...section.matchAll(/`([^`]+)`/g)].flatMap(([, code = '']) => code.match(/[a-z]+/g) ?? []);
    const commands = createProgram().commands.map((command) => command.name());
    expect(commands.filter((name) => !named.includes(name))).toEqual([]);
  });

  it('names only commands that exist', () => {
    const known = createProgram().commands.flatMap((command) => [command.name(), ...command.aliases()]);
    const [, line = ''] = /`escalations (open \|[^`]*)`/.exec(readme.replaceAll('\n', ' ')) ?? [];
    const named = line.split('|').map((name) => name.trim());
    expect(named.length).toBeGreaterThan(10);
    expect(known).toEqual(expect.arrayContaining(named));
  });
});
