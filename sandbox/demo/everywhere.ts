import { ADAPTER_IDS, adapterFacts, type AdapterId } from '../../domain/media.ts';
import type { CallbackUrls, Sandbox } from '../index.ts';
import { PEOPLE } from './configuration.ts';

/** Chat apps and bots that the story's file does not have: each becomes an account, `slack.app` as `slack-app`. */
const ADDED = ADAPTER_IDS.filter((id) => adapterFacts(id).medium === 'im' && id !== 'feishu.app');
/** Groups that an app writes to; a bot has one of its own. */
const CHATS: Partial<Record<AdapterId, string>> = {
  'slack.app': 'C0OPS',
  'teams.app': '19:ops@thread.tacv2',
  'telegram.bot': '-1001',
};

/** The story's file with every chat app and bot besides, and a channel `everywhere` that tells all of them. */
export function withEverywhere(yaml: string, { accounts }: Pick<Sandbox, 'accounts'>): string {
  const written = ADDED.map((id) => `  ${nameOf(id)}: ${JSON.stringify({ adapter: id, ...accounts[id] })}`);
  const groups = ADDED.filter((id) => !isApp(id) || CHATS[id] !== undefined).map((id) =>
    JSON.stringify({ account: nameOf(id), chat: CHATS[id], mention: true }),
  );
  const channel = `  everywhere:
    rules:
      - name: every app and every bot
        levels:
          - to: { members: [primary, supervisor] }
            by: { default: [${['feishu-cn', ...ADDED.filter(isApp).map(nameOf)].join(', ')}] }
            groups: [${groups.join(', ')}]
            escalateAfter: 12h
`;
  return PEOPLE.reduce(
    (text, { name, openId, ids }) =>
      text.replace(
        new RegExp(String.raw`(\n {2}${name}: \{.*?)(, identities: .*)? \}(?=\n)`),
        `$1, identities: ${JSON.stringify({ feishu: openId, ...ids })} }`,
      ),
    yaml.replace('\nmedia:', `\n${written.join('\n')}\nmedia:`).replace('\nunmatched:', `\n${channel}unmatched:`),
  );
}

/** What an operator enters in each platform's console. */
export function everywhereCallbacks(gatewayUrl: string, { accounts }: Pick<Sandbox, 'accounts'>): CallbackUrls {
  return Object.fromEntries(
    ADDED.filter(isApp).map((id): [string, string] => {
      const secret = accounts[id]['callbackSecret'];
      const address = `${gatewayUrl}/callbacks/${nameOf(id)}`;
      return [id.split('.')[0] ?? '', typeof secret === 'string' ? `${address}/${secret}` : address];
    }),
  );
}

function isApp(id: AdapterId): boolean {
  return adapterFacts(id).form !== 'group';
}

function nameOf(id: AdapterId): string {
  return id.replace('.', '-');
}
