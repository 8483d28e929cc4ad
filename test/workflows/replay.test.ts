import { Worker } from '@temporalio/worker';
import { describe, expect, it } from 'vitest';
import { CREDENTIALS, PEOPLE, TEMPLATES } from '../../sandbox/demo/configuration.ts';
import { workflowBundle } from '../server.ts';
import { keptHistories, wordsOf, type KeptHistory } from './histories.ts';

const kept = keptHistories();

async function replay(histories: { name: string; json: string }[]): Promise<Record<string, string>> {
  const results = Worker.runReplayHistories(
    { workflowBundle: await workflowBundle() },
    histories.map(({ name, json }) => ({ workflowId: name, history: JSON.parse(json) as object })),
  );
  const errors: Record<string, string> = {};
  for await (const { workflowId, error } of results) if (error) errors[workflowId] = error.message;
  return errors;
}

describe('the histories of earlier releases', () => {
  it('replay with the workflows of today', async () => {
    expect(await replay(kept)).toEqual({});
  });

  it('hold incidents and phones', () => {
    const types = kept.map(({ json }) => {
      const [started] = (JSON.parse(json) as KeptHistory).events;
      return started?.workflowExecutionStartedEventAttributes?.workflowType.name;
    });
    expect(new Set(types)).toEqual(new Set(['escalateIncident', 'phone']));
  });

  it('would not replay had the workflow done something else', async () => {
    const story = kept.find(({ name }) => name.endsWith('story.json'));
    const altered = (story?.json ?? '').replaceAll('"feishu.app"', '"telegram.bot"');
    expect(await replay([{ name: 'altered', json: altered }])).toHaveProperty('altered');
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
    expect(words).toContain('is down');
  });
});
