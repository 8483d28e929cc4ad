import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');

/** A demo as a process of its own; whatever it starts inherits its mark. */
class Demo {
  readonly mark = randomUUID();
  readonly child: ChildProcess;
  output = '';

  constructor(...args: string[]) {
    const { TEMPORAL_ADDRESS: _, ...env } = process.env;
    this.child = spawn(process.execPath, ['--import', 'tsx', 'sandbox/demo/main.ts', ...args], {
      cwd: ROOT,
      env: { ...env, CI: 'true', DEMO_MARK: this.mark },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => (this.output += text));
    }
  }

  async code(): Promise<number | null> {
    if (this.child.exitCode === null) await once(this.child, 'close');
    return this.child.exitCode;
  }

  async says(pattern: RegExp): Promise<RegExpExecArray> {
    await expect.poll(() => this.output, { timeout: 40_000 }).toMatch(pattern);
    return pattern.exec(this.output) ?? expect.fail('said it and took it back');
  }

  /** Processes of it that run now. Linux only: elsewhere none are found. */
  async processes(): Promise<string[]> {
    const found: string[] = [];
    for (const pid of await readdir('/proc').catch(() => [])) {
      if (!/^\d+$/.test(pid)) continue;
      const environment = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '');
      if (environment.includes(this.mark)) found.push(pid);
    }
    return found;
  }
}

describe('npm run demo', () => {
  let demo: Demo;
  afterEach(() => {
    demo.child.kill('SIGKILL');
  });

  it('plays the story by itself, says every step, and leaves no process behind', async () => {
    demo = new Demo('--script', '--level', '1s');
    expect(await demo.code(), demo.output).toBe(0);
    expect(demo.output.match(/✓/g)).toHaveLength(10);
    expect(demo.output).toContain('Alibaba refuses the call to Supervisor (isv.BUSINESS_LIMIT_CONTROL), Tencent calls');
    expect(demo.output).toContain('The story happened as told.');
    expect(await demo.processes()).toEqual([]);
  });

  it('shows the wall until it is interrupted, and leaves no process behind', async () => {
    demo = new Demo();
    const [, url = ''] = await demo.says(/Phone wall +(\S+)/);
    const page = await fetch(url);
    expect(await page.text()).toContain('Phone wall');
    if (process.platform === 'linux') expect((await demo.processes()).length).toBeGreaterThan(1);
    demo.child.kill('SIGINT');
    expect(await demo.code(), demo.output).toBe(0);
    expect(demo.output).not.toMatch(/error/i);
    expect(await demo.processes()).toEqual([]);
  });

  it('says what is wrong with an odd level and starts nothing', async () => {
    demo = new Demo('--level', '5x');
    expect(await demo.code()).toBe(1);
    expect(demo.output).toContain('demo: "5x" is not a duration; write it like');
  });
});
