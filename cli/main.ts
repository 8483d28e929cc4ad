#!/usr/bin/env node
import { legible } from '../domain/legible.ts';
import { ConfigurationError } from '../config/schema/problem.ts';
import { CommandError } from './command-error.ts';
import { createProgram } from './program.ts';

// In `doctor | head` the reader of the pipe ends first. The command ends quietly then, because nobody reads its output.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit();
  });
}

try {
  await createProgram().parseAsync();
} catch (error) {
  // It may quote what others wrote, who must not steer the terminal.
  console.error(legible(error instanceof Error ? error.message : String(error)));
  process.exitCode = error instanceof ConfigurationError ? 2 : error instanceof CommandError ? error.exitCode : 1;
}
