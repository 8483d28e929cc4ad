import { Worker } from '@temporalio/worker';
import { describe, expect, it } from 'vitest';
import { CREDENTIALS, PEOPLE, TEMPLATES } from '../../sandbox/demo/configuration.ts';
import { workflowBundle } from '../server.ts';
import { beginningOf, keptHistories, wordsOf, type Kept } from './histories.ts';

const kept = keptHistories();

async function replay(history: Kept): Promise<void> {
  // The workflow's own id goes into what it decides: a phone's into the tokens of its calls.
  const { workflowId } = beginningOf(history);
  await Worker.runReplayHistory({ workflowBundle: await workflowBundle() }, JSON.parse(history.json), workflowId);
}

describe('the histories of earlier releases', () => {
  it.each(kept)('replay with the workflows of today: $name', async (history) => {
    await replay(history);
  });

  it('hold incidents, phones, members and accounts', () => {
    const types = kept.map((history) => beginningOf(history).workflowType.name);
    expect(new Set(types)).toEqual(new Set(['escalateIncident', 'phone', 'member', 'account']));
  });

  it('would not replay had the workflow done something else', async () => {
    const story = kept.find(({ name }) => name.endsWith('story.json'));
    const altered = (story?.json ?? '').replaceAll('"feishu.app"', '"telegram.bot"');

    await expect(replay({ name: 'altered', json: altered })).rejects.toThrow('nondeterminism');
  });

  it.each(kept)('hold no number, address, secret, link or rendered text: $name', ({ json }) => {
    const words = wordsOf(json);
    const people = PEOPLE.flatMap(({ phone, email }) => [phone, phone.slice(3), email]);
    const secrets = Object.values(CREDENTIALS).flatMap((entry) =>
      typeof entry === 'string' ? [entry] : Object.values(entry),
    );
    const texts = [...Object.values(TEMPLATES.aliyun), ...Object.values(TEMPLATES.tencent)].flatMap((text) =>
      text.split(/\$?\{\w+\}/).filter((part) => part.length > 8),
    );
    const forbidden = [
      ...people,
      ...secrets.filter((secret) => secret.length > 8),
      ...texts,
      '/i/',
      '/callbacks/',
      '@example.com',
    ];
    expect(forbidden.filter((secret) => words.includes(secret))).toEqual([]);
    // Else nothing was decoded, and nothing could have been found.
    expect(words).toMatch(/is down|ou_other/);
  });
});
