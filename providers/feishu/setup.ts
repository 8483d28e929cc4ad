import { z } from 'zod';
import type { Check, SetupAddresses } from '../kit/adapter.ts';
import type { Locale } from '../../domain/locale.ts';
import { DeliveryError } from '../kit/delivery-error.ts';
import type { Io } from '../kit/io.ts';
import type { FeishuAppAccount } from './account.ts';
import { callFeishu, feishuTokens } from './token.ts';

const chatsReply = z.object({
  items: z.array(z.object({ chat_id: z.string(), name: z.string().default('') })).default([]),
  has_more: z.boolean().default(false),
  page_token: z.string().default(''),
});

const MOST_PAGES = 50;

/**
 * The groups the bot is in, as the platform lists them.
 *
 * Request  GET {baseUrl}/open-apis/im/v1/chats?page_size=100&page_token=
 * Source   https://open.feishu.cn/document/server-docs/group/chat/list
 */
export async function feishuChats(account: FeishuAppAccount, io: Io): Promise<{ chat: string; name: string }[]> {
  const found: { chat: string; name: string }[] = [];
  let token = '';
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const query = new URLSearchParams({ page_size: '100', sort_type: 'ByCreateTimeAsc', page_token: token });
    const data = await callFeishu(account, io, { method: 'GET', path: `/open-apis/im/v1/chats?${query.toString()}` });
    const { items, has_more, page_token } = chatsReply.parse(data);
    found.push(...items.map(({ chat_id, name }) => ({ chat: chat_id, name })));
    if (!has_more || page_token === '') break;
    token = page_token;
  }
  return found;
}

/** What can be tried without telling anybody. */
export async function feishuChecks(account: FeishuAppAccount, io: Io): Promise<Check[]> {
  return [
    await tried({ en: 'App ID and App Secret are accepted', zh: 'App ID 与 App Secret 有效' }, async () => {
      await feishuTokens.renew(account, io);
    }),
    await tried({ en: 'people are found by phone or e-mail', zh: '可按手机号或邮箱查找成员' }, async () => {
      const path = '/open-apis/contact/v3/users/batch_get_id?user_id_type=open_id';
      await callFeishu(account, io, { method: 'POST', path, json: { emails: ['nobody@example.com'] } });
    }),
    await tried({ en: 'groups are visible', zh: '可获取群列表' }, async () => {
      const chats = await feishuChats(account, io);
      if (chats.length > 0) return String(chats.length);
      throw new DeliveryError('rejected', 'none yet: add the bot in the settings of a group');
    }),
  ];
}

async function tried(name: Check['name'], trial: () => Promise<unknown>): Promise<Check> {
  try {
    const detail = await trial();
    return { name, ok: true, ...(typeof detail === 'string' && { detail }) };
  } catch (error) {
    const detail = error instanceof DeliveryError ? error.message : 'failed in an unexpected way';
    return { name, ok: false, detail };
  }
}

/** The steps in the developer console. https://open.feishu.cn/app, https://open.larksuite.com/app */
export function feishuSetup({ region }: FeishuAppAccount, addresses: SetupAddresses): Record<Locale, string[]> {
  const { callbackUrl, redirectUrl, homeUrl } = addresses;
  const console = region === 'lark' ? 'https://open.larksuite.com/app' : 'https://open.feishu.cn/app';
  return {
    // UNCONFIRMED: contact:user.employee:readonly is the scope of `enterprise_email`; without it everybody takes a code.
    en: [
      `Create a custom app at ${console}; any name and icon.`,
      'Credentials & Basic Info: App ID and App Secret go into appId and appSecret.',
      'Add Features: Bot, and Web App.',
      `Web App: desktop and mobile homepage ${homeUrl}`,
      `Security Settings: redirect URL ${redirectUrl}`,
      'Events & Callbacks, Encryption Strategy: Verification Token and Encrypt Key go into verificationToken and encryptKey.',
      `Event Configuration: request URL ${callbackUrl}; events im.message.receive_v1, im.chat.disbanded_v1, im.chat.updated_v1, im.chat.member.bot.added_v1, im.chat.member.bot.deleted_v1`,
      `Callback Configuration: the same URL ${callbackUrl}; callbacks card.action.trigger and card.action.trigger_v1`,
      'Permissions: im:chat, im:message, contact:user.id:readonly; for linking without a code, which takes a company mailbox in Feishu, also contact:user.employee:readonly; for suggesting who somebody is contact:user.phone:readonly and contact:user.email:readonly.',
      'Release a version, visible to all employees; the administrator approves it. Changes count only then.',
      'Everybody opens the app once from the workplace: that links their account.',
      'In each group: Settings, Bots, Add Bot; then `escalations groups` lists it.',
    ],
    zh: [
      `在 ${console} 创建企业自建应用，名称与图标任意。`,
      '凭证与基础信息：将 App ID、App Secret 填入 appId、appSecret。',
      '添加应用能力：机器人、网页应用。',
      `网页应用：桌面端与移动端主页 ${homeUrl}`,
      `安全设置：重定向 URL ${redirectUrl}`,
      '事件与回调，加密策略：将 Verification Token、Encrypt Key 填入 verificationToken、encryptKey。',
      `事件配置：请求地址 ${callbackUrl}；订阅 im.message.receive_v1、im.chat.disbanded_v1、im.chat.updated_v1、im.chat.member.bot.added_v1、im.chat.member.bot.deleted_v1`,
      `回调配置：同一地址 ${callbackUrl}；订阅 card.action.trigger 与 card.action.trigger_v1`,
      '权限管理：im:chat、im:message、contact:user.id:readonly；如需免验证码关联（需启用飞书企业邮箱），另加 contact:user.employee:readonly；如需预选成员，另加 contact:user.phone:readonly、contact:user.email:readonly。',
      '创建版本并发布，可用范围为全体成员，由管理员审核；修改在发布后生效。',
      '每位成员在工作台打开一次应用，即完成账号关联。',
      '在每个群的设置中添加群机器人，随后用 `escalations groups` 查看。',
    ],
  };
}
