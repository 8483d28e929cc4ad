import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { CommandError } from '../../cli/command-error.ts';
import { createProgram } from '../../cli/program.ts';
import { escalations, run } from '../child.ts';
import { sample } from '../config/sample.ts';

/** Nobody listens there: whatever is refused is refused before anybody is asked. */
const NOWHERE = ['--address', '127.0.0.1:1'];

describe('an action that says too little', () => {
  it.each([
    [['escalate', 'db-7', '--level', '0'], 'level must be a whole number from 1'],
    [['escalate', 'db-7', '--level', 'two'], 'level must be a whole number from 1'],
    [['reassign', 'db-7'], 'say who with --member, --team or --schedule'],
    [['add', 'db-7', '--by', 'primary'], 'say who with --member, --team or --schedule'],
    [['revise', 'db-7'], 'say what changes with --title, --severity, --description or --label'],
    [['revise', 'db-7', '--severity', 'page'], 'severity must be Critical, Warning or Info'],
    [['revise', 'db-7', '--label', 'db'], 'a label is written key=value, not "db"'],
    [['snooze', 'db-7', '--minutes', '2000'], 'snooze needs minutes, a whole number from 1 to 1440'],
  ])('%j is refused without asking a server', async (args, why) => {
    const said = createProgram().parseAsync([...args, ...NOWHERE], { from: 'user' });
    await expect(said).rejects.toThrow(new CommandError(why));
  });

  it('stops no paging in the name of somebody who is no member', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'acting-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    await writeFile(join(folder, 'escalations.yaml'), sample());
    const by = (who: string, file: string) =>
      run(escalations(['ack', 'db-7', '--by', who, '--config', join(folder, file), ...NOWHERE]));
    const [stranger, unchecked] = await Promise.all([by('prymary', 'escalations.yaml'), by('prymary', 'no-such.yaml')]);
    expect(stranger.stderr).toMatch(/^prymary is no member of .*: nothing was done\. Known are primary, backup; /);
    // From a machine without the configuration a page can be stopped all the same.
    expect(unchecked.stderr).toMatch(/^whether prymary is a member was not checked: .*\nTemporal cannot be reached/);
  });

  it('is done in one name only', async () => {
    const { code, stderr } = await run(
      escalations(['reopen', 'db-7', '--by', 'primary', '--name', 'Grafana', ...NOWHERE]),
    );
    expect(code).toBe(1);
    expect(stderr).toContain("'--by <member>' cannot be used with option '--name <name>'");
  });
});
