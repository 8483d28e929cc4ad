import { z } from 'zod';
import type { Check, SetupAddresses } from '../kit/adapter.ts';
import type { Locale } from '../../domain/locale.ts';
import { DeliveryError } from '../kit/delivery-error.ts';
import type { Io } from '../kit/io.ts';
import { robotCodeOf, type DingtalkAppAccount } from './account.ts';
import { outTrackIdOf } from './derived.ts';
import { callDingtalk, callLegacy, dingtalkTokens } from './token.ts';

const groupsReply = z.object({ openConversationIds: z.array(z.string()).default([]), hasMore: z.boolean().optional() });
const groupReply = z.object({ title: z.string().min(1) });

const PAGE = 100;
const MOST_PAGES = 5;
/** Each name is a request of its own. */
const MOST_NAMED = 50;

/**
 * The groups the bot is in.
 *
 * Request  POST /v1.0/robot/groups/query, JSON { robotCode, pageNumber, pageSize }: ids alone;
 *          POST /v1.0/im/sceneGroups/query, JSON { openConversationId, coolAppCode? }: the name of one.
 * Source   @alicloud/dingtalk 2.2.27, robot_1_0 and im_1_0. UNCONFIRMED: that ordinary groups have a name there; one
 *          that has none keeps its id.
 * @throws DeliveryError
 */
export async function chats(account: DingtalkAppAccount, io: Io): Promise<{ chat: string; name: string }[]> {
  const ids: string[] = [];
  for (let page = 1; page <= MOST_PAGES; page += 1) {
    const answer = await callDingtalk(account, io, {
      path: '/v1.0/robot/groups/query',
      json: { robotCode: robotCodeOf(account), pageNumber: page, pageSize: PAGE },
    });
    const { data } = groupsReply.safeParse(answer);
    ids.push(...(data?.openConversationIds ?? []));
    if (data?.hasMore !== true) break;
  }
  const found: { chat: string; name: string }[] = [];
  for (const [place, chat] of ids.entries()) {
    found.push({ chat, name: place < MOST_NAMED ? await nameOf(chat, account, io) : chat });
  }
  return found;
}

async function nameOf(chat: string, account: DingtalkAppAccount, io: Io): Promise<string> {
  const { coolAppCode } = account;
  const json = { openConversationId: chat, ...(coolAppCode !== undefined && { coolAppCode }) };
  const answer = await callDingtalk(account, io, { path: '/v1.0/im/sceneGroups/query', json }).catch(() => undefined);
  return groupReply.safeParse(answer).data?.title ?? chat;
}

/** A card and a number that do not exist: only the permission is asked. */
const NO_CARD = 'no such card';
const NO_MOBILE = '10000000000';

export async function checks(account: DingtalkAppAccount, io: Io): Promise<Check[]> {
  const token = await check({ en: 'Client ID and secret', zh: 'Client ID 与 Client Secret' }, () =>
    dingtalkTokens.renew(account, io).then(() => undefined),
  );
  if (!token.ok) return [token];
  return [
    token,
    await check(
      { en: 'Looking people up by phone', zh: '按手机号查找成员' },
      () => callLegacy(account, io, { path: '/topapi/v2/user/getbymobile', json: { mobile: NO_MOBILE } }),
      ['60121', '33012', '40104'],
    ),
    await check(
      { en: 'Interactive cards', zh: '互动卡片' },
      () =>
        callDingtalk(account, io, {
          method: 'PUT',
          path: '/v1.0/card/instances',
          json: { outTrackId: outTrackIdOf(NO_CARD, account), cardData: { cardParamMap: { title: '-' } } },
        }),
      ['param.cardNotExist'],
    ),
    cardTemplate(account),
    eventKeys(account),
    await check({ en: 'Groups with the bot', zh: '机器人所在的群' }, async () => {
      const found = await chats(account, io);
      if (found.length === 0) throw new DeliveryError('rejected', 'none yet: install the cool app in a group');
      return String(found.length);
    }),
  ];
}

/** @param expected codes that only a permitted request is refused with. */
async function check(name: Check['name'], ask: () => Promise<unknown>, expected: string[] = []): Promise<Check> {
  try {
    const found = await ask();
    return { name, ok: true, ...(typeof found === 'string' && { detail: found }) };
  } catch (error) {
    if (!(error instanceof DeliveryError)) return { name, ok: false, detail: 'unreadable answer' };
    const ok = expected.includes(error.providerCode ?? '');
    return ok ? { name, ok } : { name, ok, detail: error.message };
  }
}

function cardTemplate({ cardTemplateId }: DingtalkAppAccount): Check {
  const name = { en: 'Card template', zh: '卡片模板' };
  return cardTemplateId === undefined
    ? { name, ok: false, detail: 'cardTemplateId is not set: messages carry a link instead of buttons' }
    : { name, ok: true };
}

function eventKeys({ token, aesKey }: DingtalkAppAccount): Check {
  const name = { en: 'Keys of the event subscription', zh: '事件订阅密钥' };
  return token === undefined || aesKey === undefined
    ? { name, ok: false, detail: 'token and aesKey are not set: new and renamed groups are not noticed' }
    : { name, ok: true };
}

/** In the order of the console, https://open-dev.dingtalk.com. */
export function setup(
  { clientId, agentId }: DingtalkAppAccount,
  { callbackUrl, redirectUrl, homeUrl }: SetupAddresses,
): Record<Locale, string[]> {
  const app = agentId === undefined ? clientId : `${clientId}, AgentId ${agentId}`;
  return {
    en: [
      `Open https://open-dev.dingtalk.com and the internal app (${app}), or create one of type H5 micro-app; copy CorpId, Client ID and Client Secret into the configuration.`,
      `Event subscription: push method HTTP push; generate aes_key and token and copy both into the configuration; request address: ${callbackUrl}`,
      'Subscribe to: group name change (chat_update_title), cool app installed in a group (im_cool_app_install), cool app uninstalled from a group (im_cool_app_uninstall).',
      `Bot capability: add it with a name and an icon; message receiving mode HTTP, address: ${callbackUrl}`,
      `Cool app: extend it to group conversations with group quick entry and message card; address for desktop and mobile: ${homeUrl} ; preview and release it.`,
      `Web app: application homepage and PC homepage: ${homeUrl}`,
      `Sign-in and sharing: redirect URL: ${redirectUrl}`,
      'Permissions: qyapi_chat_manage, qyapi_robot_sendmsg, qyapi_get_member_by_mobile, Card.Instance.Write, Contact.User.Read.',
      'Card platform, https://open-dev.dingtalk.com/fe/card: import providers/dingtalk/card-template.json as its README says, publish it, and set cardTemplateId to its id. The address for presses registers itself with the first card.',
      'Version management: release a version visible to all employees.',
      'In each group: More, Cool Apps, enable it; then list the groups again.',
      `Each responder opens the app once, or ${homeUrl} , which links their account.`,
    ],
    zh: [
      `打开 https://open-dev.dingtalk.com 中的企业内部应用（${app}），没有则创建 H5 微应用；将 CorpId、Client ID、Client Secret 填入配置。`,
      `事件订阅：推送方式选 HTTP 推送；生成 aes_key 与 token 并填入配置；请求网址：${callbackUrl}`,
      '订阅事件：群名称变更（chat_update_title）、群内安装酷应用（im_cool_app_install）、群内卸载酷应用（im_cool_app_uninstall）。',
      `机器人能力：填写名称与图标；消息接收模式选 HTTP，地址：${callbackUrl}`,
      `酷应用：扩展到群会话，勾选群快捷入口与消息卡片；桌面端与移动端地址：${homeUrl} ；预览后发布。`,
      `网页应用：应用首页地址与 PC 端首页地址：${homeUrl}`,
      `登录与分享：回调域名：${redirectUrl}`,
      '权限：qyapi_chat_manage、qyapi_robot_sendmsg、qyapi_get_member_by_mobile、Card.Instance.Write、Contact.User.Read。',
      '卡片平台 https://open-dev.dingtalk.com/fe/card ：按 README 导入 providers/dingtalk/card-template.json，发布后将模板 ID 填入 cardTemplateId。按钮回调地址在发送第一张卡片时自动注册。',
      '版本管理与发布：发布版本，可见范围选全部员工。',
      '在每个群中：更多 → 酷应用 → 启用；然后刷新群列表。',
      `每位处理人打开一次应用，或访问 ${homeUrl} ，即完成账号关联。`,
    ],
  };
}
