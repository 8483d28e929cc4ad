import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { join } from 'node:path';

const CLI = join(import.meta.dirname, '..', '..', 'cli', 'main.ts');

/** `escalations …` as a process of its own, which a test may kill. */
export class Service {
  readonly lines: string[] = [];
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;

  private constructor(args: readonly string[]) {
    this.#child = spawn(process.execPath, ['--import', 'tsx', CLI, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, LOG_LEVEL: 'info' },
    });
    this.#exited = once(this.#child, 'exit');
  }

  /** Resolves when it has logged `ready`. */
  static async start(args: readonly string[], ready: string): Promise<Service> {
    const service = new Service(args);
    const { stdout, stderr } = service.#child;
    if (!stdout || !stderr) throw new Error('no pipes');
    createInterface({ input: stderr }).on('line', (line) => service.lines.push(line));
    await new Promise<void>((resolve, reject) => {
      createInterface({ input: stdout }).on('line', (line) => {
        service.lines.push(line);
        if (line.includes(`"msg":"${ready}"`)) resolve();
      });
      service.#child.once('exit', () => {
        reject(new Error(`${args.join(' ')} ended early:\n${service.lines.join('\n')}`));
      });
    });
    return service;
  }

  /** Like a power cut. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#exited;
  }

  /** In order. */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill('SIGTERM');
    await this.#exited;
  }
}
