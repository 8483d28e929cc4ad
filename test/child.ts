import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

const root = join(import.meta.dirname, '..');

export interface ChildOptions {
  /** Default: the checkout. */
  cwd?: string;
  /** Added to this process's own. */
  env?: Record<string, string>;
  /** Standard input. Default: none. */
  input?: string;
}

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** A process that a test started, and what it has said. */
export class Child {
  stdout = '';
  stderr = '';
  readonly ended: Promise<Ended>;
  readonly #process: ChildProcess;
  readonly #listeners = new Set<() => void>();

  constructor(command: string, args: readonly string[], { cwd = root, env = {}, input = '' }: ChildOptions = {}) {
    const child = spawn(command, args, { cwd, env: { ...process.env, NO_COLOR: '1', ...env } });
    this.#process = child;
    const heard = (): void => {
      for (const listener of this.#listeners) listener();
    };
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
      heard();
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
      heard();
    });
    child.stdin.on('error', () => undefined).end(input);
    this.ended = new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => {
        heard();
        resolve({ code, stdout: this.stdout, stderr: this.stderr });
      });
    });
    this.ended.catch(() => undefined);
  }

  get pid(): number {
    const { pid } = this.#process;
    if (pid === undefined) throw new Error('it could not be started');
    return pid;
  }

  /** Waits until stdout matches. @throws with all it said when it ends first. */
  until(pattern: RegExp): Promise<void> {
    return new Promise((resolve, reject) => {
      const check = (): void => {
        if (pattern.test(this.stdout)) resolve();
        else if (!this.#isRunning())
          reject(new Error(`ended before ${String(pattern)}:\n${this.stdout}\n${this.stderr}`));
        else return;
        this.#listeners.delete(check);
      };
      this.#listeners.add(check);
      check();
    });
  }

  signal(name: NodeJS.Signals): void {
    this.#process.kill(name);
  }

  /** In order, at last by force. */
  async stop(): Promise<Ended> {
    if (this.#isRunning()) this.signal('SIGTERM');
    const force = setTimeout(() => {
      this.signal('SIGKILL');
    }, 20_000);
    return this.ended.finally(() => {
      clearTimeout(force);
    });
  }

  #isRunning(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null;
  }
}

/** `escalations …` from the sources. Whoever starts one that stays stops it. */
export function escalations(args: readonly string[], options: ChildOptions = {}): Child {
  return new Child(process.execPath, ['--import', 'tsx', join(root, 'cli', 'main.ts'), ...args], options);
}

/** Runs a command to its end; it does not outlive the test. */
export function run(child: Child): Promise<Ended> {
  onTestFinished(async () => {
    await child.stop();
  });
  return child.ended;
}
