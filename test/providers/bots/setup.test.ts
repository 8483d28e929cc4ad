import { describe, expect, it } from 'vitest';
import { ADAPTER_IDS } from '../../../domain/media.ts';
import { loadAdapter, registry } from '../../../providers/registry.ts';

const BOTS = ['feishu.bot', 'dingtalk.bot', 'wecom.bot', 'slack.bot', 'telegram.bot', 'zoom.bot'] as const;
const ADDRESSES = {
  callbackUrl: 'https://oncall.example.com/callbacks/bot',
  redirectUrl: 'https://oncall.example.com/oauth/bot',
  homeUrl: 'https://oncall.example.com/app/bot',
};

describe.each(BOTS)('setting up %s', (id) => {
  it('is said step by step in both languages, by the names of its settings', async () => {
    expect(ADAPTER_IDS).toContain(id);
    const steps = (await loadAdapter(id)).setup?.({}, ADDRESSES);
    const fields = Object.keys((registry[id].schema as unknown as { shape: object }).shape);
    for (const language of [steps?.en ?? [], steps?.zh ?? []]) {
      expect(language.length).toBeGreaterThan(3);
      const named = language.flatMap((step) => [...step.matchAll(/`(\w+)`/g)].map(([, name]) => name ?? ''));
      const ours = named.filter((name) => !['identities', 'mention', 'chat'].includes(name));
      expect(ours.length).toBeGreaterThan(0);
      expect(fields).toEqual(expect.arrayContaining(ours));
    }
    expect(steps?.en).toHaveLength(steps?.zh.length ?? 0);
  });
});
