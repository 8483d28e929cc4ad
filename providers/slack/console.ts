import { z } from 'zod';
import type { Check, SetupAddresses } from '../kit/adapter.ts';
import type { Locale } from '../../domain/locale.ts';
import type { Io } from '../kit/io.ts';
import type { SlackAppAccount } from './account.ts';
import { callSlack } from './call.ts';
import { listChats } from './chats.ts';
import { EVENTS, NEEDED_SCOPES, SCOPES } from './scopes.ts';

const whoAmI = z.object({ team_id: z.string(), team: z.string().default(''), user: z.string().default('') });

/** What an owner of the workspace does at https://api.slack.com/apps. */
export function setupSlack(
  _account: SlackAppAccount,
  { callbackUrl, redirectUrl, homeUrl }: SetupAddresses,
): Record<Locale, string[]> {
  return {
    en: [
      'Open https://api.slack.com/apps, Create New App, "From a manifest", choose the workspace and paste the manifest of `escalations setup <account> --manifest`; everything below is then filled in and only to be checked.',
      `Interactivity & Shortcuts: on, Request URL ${callbackUrl}`,
      `Event Subscriptions: on, Request URL ${callbackUrl} (must show "Verified"), bot events ${EVENTS.join(', ')}`,
      `OAuth & Permissions: Redirect URL ${redirectUrl}, bot token scopes ${SCOPES.join(', ')}; token rotation off.`,
      'App Home: Messages Tab on, and "Allow users to send messages from the messages tab".',
      'Install App: allow it in the workspace and copy the Bot User OAuth Token (xoxb-…) to botToken.',
      'Basic Information: copy the Signing Secret to signingSecret, Client ID and Client Secret to clientId and clientSecret (for people to link themselves).',
      `People whose e-mail in Slack is not the one configured link themselves at ${homeUrl}`,
      'Private channels: in the channel, Integrations, Add an App; public channels need nothing. Then `escalations groups <account>` lists them.',
    ],
    zh: [
      '打开 https://api.slack.com/apps,点击 Create New App,选择 "From a manifest" 和工作区,粘贴 `escalations setup <account> --manifest` 输出的清单;以下各项随即填好,只需核对。',
      `Interactivity & Shortcuts:打开,Request URL 填 ${callbackUrl}`,
      `Event Subscriptions:打开,Request URL 填 ${callbackUrl}(须显示 "Verified"),bot events:${EVENTS.join(', ')}`,
      `OAuth & Permissions:Redirect URL 填 ${redirectUrl},bot token scopes:${SCOPES.join(', ')};不要打开 token rotation。`,
      'App Home:打开 Messages Tab,并勾选 "Allow users to send messages from the messages tab"。',
      'Install App:在工作区中授权(Allow),把 Bot User OAuth Token(xoxb-…)填入 botToken。',
      'Basic Information:把 Signing Secret 填入 signingSecret,Client ID 和 Client Secret 填入 clientId 和 clientSecret(供成员自助关联账号)。',
      `Slack 邮箱与配置不一致的成员,在 ${homeUrl} 自助关联账号。`,
      '私有频道:在频道的 Integrations 中 Add an App 添加本应用;公开频道无需添加。然后用 `escalations groups <account>` 刷新群列表。',
    ],
  };
}

/** The app as a file: "From a manifest". https://docs.slack.dev/reference/app-manifest */
export function slackManifest(
  _account: SlackAppAccount,
  { callbackUrl, redirectUrl }: SetupAddresses,
): Record<string, unknown> {
  return {
    display_information: {
      name: 'On call',
      description: 'Pages responders and takes their answers',
      background_color: '#1264a3',
    },
    features: {
      app_home: { home_tab_enabled: false, messages_tab_enabled: true, messages_tab_read_only_enabled: false },
      bot_user: { display_name: 'On call', always_online: true },
    },
    oauth_config: {
      redirect_urls: [redirectUrl],
      scopes: { bot: [...SCOPES], user: ['openid', 'profile', 'email'] },
    },
    settings: {
      event_subscriptions: { request_url: callbackUrl, bot_events: [...EVENTS] },
      interactivity: { is_enabled: true, request_url: callbackUrl },
      org_deploy_enabled: false,
      socket_mode_enabled: false,
      token_rotation_enabled: false,
    },
  };
}

/** Token, workspace, scopes (every answer names them in `x-oauth-scopes`) and channels. */
export async function checkSlack(account: SlackAppAccount, io: Io): Promise<Check[]> {
  const token = { zh: '机器人令牌有效', en: 'The bot token works' };
  try {
    const reply = await callSlack(account, io, 'auth.test');
    const { team_id, team, user } = whoAmI.parse(reply.body);
    return [
      { name: token, ok: true, detail: `${user} @ ${team} (${team_id})` },
      ...teamCheck(account, team_id),
      scopeCheck(reply.headers.get('x-oauth-scopes')),
      await chatCheck(account, io),
    ];
  } catch (error) {
    return [{ name: token, ok: false, detail: reason(error) }];
  }
}

function teamCheck({ teamId }: SlackAppAccount, found: string): Check[] {
  if (teamId === undefined) return [];
  const name = { zh: 'teamId 是机器人所在的工作区', en: 'teamId is the workspace of the bot' };
  return [{ name, ok: teamId === found, detail: found }];
}

function scopeCheck(header: string | null): Check {
  const name = { zh: '权限(scope)齐全', en: 'The scopes are there' };
  if (header === null) return { name, ok: false, detail: 'Slack named none' };
  const given = header.split(',').map((scope) => scope.trim());
  const missing = SCOPES.filter((scope) => !given.includes(scope));
  if (missing.length === 0) return { name, ok: true };
  const isUsable = !missing.some((scope) => NEEDED_SCOPES.includes(scope));
  return { name, ok: false, detail: `${isUsable ? 'pages work; ' : ''}missing: ${missing.join(', ')}` };
}

async function chatCheck(account: SlackAppAccount, io: Io): Promise<Check> {
  const name = { zh: '能看到频道', en: 'Channels are visible' };
  try {
    const { length } = await listChats(account, io);
    return { name, ok: length > 0, detail: String(length) };
  } catch (error) {
    return { name, ok: false, detail: reason(error) };
  }
}

function reason(error: unknown): string {
  // Errors of ours hold no secret; a schema's would repeat what was read.
  return error instanceof Error && error.name === 'DeliveryError' ? error.message : 'the answer cannot be read';
}
