import type { CallbackUrls, SandboxOptions } from '../index.ts';
import { PEOPLE } from './configuration.ts';

const AES_KEY = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFG';
const CALLBACK_SECRET = 'ding-callback-secret-1';
const TEAMS = { appId: 'a1b2c3d4-0000-4000-8000-000000000001', appPassword: 'sandbox', tenantId: 'sandbox-tenant' };
const TEAMS_CHAT = '19:ops@thread.tacv2';
/** Those that reach a person; the bots reach groups only. */
const APPS = ['feishu-cn', 'ding', 'wecom', 'slack-hq', 'teams-hq', 'telegram'] as const;

/** What the imitated platforms have to know of the accounts below. */
export const EVERYWHERE: Pick<SandboxOptions, 'dingtalk' | 'wecom' | 'teams'> = {
  dingtalk: { token: 'sandbox', aesKey: AES_KEY },
  wecom: { aesKey: AES_KEY },
  teams: { ...TEAMS, chats: [{ id: TEAMS_CHAT, name: 'Operations' }] },
};

/** The story's file with every chat app and bot besides, and a channel `everywhere` that tells all of them. */
export function withEverywhere(yaml: string): string {
  const base = /baseUrl: (http:\S+)/.exec(yaml)?.[1] ?? '';
  const hook = (name: string): string => `{ account: ${name}, mention: true }`;
  const accounts = `
  ding: { adapter: dingtalk.app, corpId: dingsandboxcorp, clientId: dingsandbox, clientSecret: sandbox, token: sandbox, aesKey: ${AES_KEY}, callbackSecret: ${CALLBACK_SECRET}, cardTemplateId: oncall.schema, baseUrl: ${base} }
  wecom: { adapter: wecom.app, corpId: wwsandbox, agentId: 1000002, secret: sandbox, token: sandbox, encodingAesKey: ${AES_KEY}, baseUrl: ${base} }
  slack-hq: { adapter: slack.app, botToken: xoxb-sandbox, signingSecret: sandbox, teamId: T0SANDBOX, baseUrl: ${base} }
  teams-hq: { adapter: teams.app, appId: ${TEAMS.appId}, appPassword: ${TEAMS.appPassword}, tenantId: ${TEAMS.tenantId}, baseUrl: ${base} }
  telegram: { adapter: telegram.bot, token: '1:sandbox', secretToken: sandbox, baseUrl: ${base} }
  feishu-ops: { adapter: feishu.bot, webhook: sandbox, baseUrl: ${base} }
  ding-ops: { adapter: dingtalk.bot, webhook: sandbox, baseUrl: ${base} }
  wecom-ops: { adapter: wecom.bot, webhook: sandbox, baseUrl: ${base} }
  slack-ops: { adapter: slack.bot, webhook: T0/B0/sandbox, baseUrl: ${base} }
  zoom-ops: { adapter: zoom.bot, webhook: sandbox, verifyToken: sandbox, baseUrl: ${base} }`;
  const channel = `  everywhere:
    rules:
      - name: every app and every bot
        levels:
          - to: { members: [primary, supervisor] }
            by: { default: [${APPS.join(', ')}] }
            groups:
              - { account: slack-hq, chat: C0OPS, mention: true }
              - { account: teams-hq, chat: '${TEAMS_CHAT}', mention: true }
              - { account: telegram, chat: '-1001', mention: true }
${['feishu-ops', 'ding-ops', 'wecom-ops', 'slack-ops', 'zoom-ops'].map((name) => `              - ${hook(name)}`).join('\n')}
            escalateAfter: 12h
`;
  return PEOPLE.reduce(
    (text, { name, openId, ids }) =>
      text.replace(
        new RegExp(String.raw`(\n {2}${name}: \{.*?)(, identities: .*)? \}(?=\n)`),
        `$1, identities: { feishu: ${openId}, ${Object.entries(ids)
          .map(([platform, id]) => `${platform}: '${id}'`)
          .join(', ')} } }`,
      ),
    yaml.replace('\nmedia:', `${accounts}\nmedia:`).replace('\nunmatched:', `\n${channel}unmatched:`),
  );
}

/** What an operator enters in each platform's console. */
export function everywhereCallbacks(gatewayUrl: string): CallbackUrls {
  const callbacks = `${gatewayUrl}/callbacks`;
  return {
    dingtalk: `${callbacks}/ding/${CALLBACK_SECRET}`,
    wecom: `${callbacks}/wecom`,
    slack: `${callbacks}/slack-hq`,
    teams: `${callbacks}/teams-hq`,
    telegram: `${callbacks}/telegram`,
  };
}
