#!/usr/bin/env node
import { ConfigurationError } from '../config/schema/problem.ts';
import { CommandError } from './command-error.ts';
import { createProgram } from './program.ts';

try {
  await createProgram().parseAsync();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = error instanceof ConfigurationError ? 2 : error instanceof CommandError ? error.exitCode : 1;
}
