import type { Check, SetupAddresses } from '../kit/adapter.ts';
import type { Locale } from '../../domain/locale.ts';
import { DeliveryError } from '../kit/delivery-error.ts';
import type { Io } from '../kit/io.ts';
import { placesOf, type TeamsAppAccount } from './account.ts';
import { lookUp } from './keys.ts';
import { teamsTokens } from './token.ts';

/** What administrators of Azure and of Teams do. */
export function setupTeams(account: TeamsAppAccount, { callbackUrl }: SetupAddresses): Record<Locale, string[]> {
  return {
    en: [
      'Azure portal, create an Azure Bot of type Single Tenant; copy Microsoft App ID to appId and the tenant to tenantId.',
      'App registration of the bot, Certificates & secrets: a new client secret; copy its value (not its id) to appPassword.',
      `Azure Bot, Configuration: Messaging endpoint ${callbackUrl}`,
      'Azure Bot, Channels: add Microsoft Teams.',
      `Write the app package with \`escalations setup <account> --package teams.zip\` (app ${account.appId}).`,
      'Teams admin centre, Teams apps, Manage apps: Upload new app, choose teams.zip; then make it available to everyone or to a custom scope.',
      'After some minutes the app is in Teams under Apps, "Built for your org": people open it and press Add; a team or chat adds it with "Add to a team".',
      'Each person writes `linkUser <code>` in the chat with the app; in a team @mention the app and write `linkTeam <code>`, in a group chat `linkChat`.',
      'Private and shared channels: add the app to each of them.',
    ],
    zh: [
      '在 Azure 门户创建 Single Tenant 类型的 Azure Bot;把 Microsoft App ID 填入 appId,租户 ID 填入 tenantId。',
      '在该机器人的应用注册(App registration)中打开 Certificates & secrets,新建客户端密码,把它的值(不是 ID)填入 appPassword。',
      `Azure Bot 的 Configuration:Messaging endpoint 填 ${callbackUrl}`,
      'Azure Bot 的 Channels:添加 Microsoft Teams。',
      `用 \`escalations setup <account> --package teams.zip\` 生成应用包(应用 ${account.appId})。`,
      '在 Teams 管理中心的 Teams apps → Manage apps 上传(Upload new app)teams.zip,并把可见范围设为所有人或自定义范围。',
      '几分钟后,应用出现在 Teams 的"为你的组织构建"(Built for your org)下:成员打开并点击添加;团队或群聊用"添加到团队"添加。',
      '每位成员在与应用的聊天中发送 `linkUser <代码>`;在团队中 @应用 并发送 `linkTeam <代码>`,在群聊中发送 `linkChat`。',
      '私有频道和共享频道:需要在每个频道中分别添加本应用。',
    ],
  };
}

/** Our token, and the keys that inbound tokens are checked with. */
export async function checkTeams(account: TeamsAppAccount, io: Io): Promise<Check[]> {
  return Promise.all([
    attempt({ zh: 'appId、appPassword 和 tenantId 有效', en: 'appId, appPassword and tenantId work' }, async () => {
      await teamsTokens.renew(account, io);
      return undefined;
    }),
    attempt({ zh: '能取得 Microsoft 的签名公钥', en: 'The keys of Microsoft can be read' }, async () => {
      const { keys } = await lookUp(placesOf(account).openId, io);
      return String(keys.length);
    }),
  ]);
}

async function attempt(name: Check['name'], run: () => Promise<string | undefined>): Promise<Check> {
  try {
    const detail = await run();
    return { name, ok: true, ...(detail !== undefined && { detail }) };
  } catch (error) {
    return { name, ok: false, detail: error instanceof DeliveryError ? error.message : 'the answer cannot be read' };
  }
}
