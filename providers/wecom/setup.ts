import { z } from 'zod';
import type { Check, SetupAddresses } from '../kit/adapter.ts';
import type { Locale } from '../../domain/locale.ts';
import { DeliveryError } from '../kit/delivery-error.ts';
import type { Io } from '../kit/io.ts';
import type { WecomAppAccount } from './account.ts';
import { callWecom, wecomTokens } from './token.ts';

const agentReply = z.object({
  name: z.string().optional(),
  close: z.int().optional(),
  home_url: z.string().optional(),
  redirect_domain: z.string().optional(),
});
type Agent = z.output<typeof agentReply>;

/** Token, app, and what linking needs. Source https://developer.work.weixin.qq.com/document/path/90227 */
export async function checks(account: WecomAppAccount, io: Io): Promise<Check[]> {
  const names = {
    token: { en: 'Corporation ID and secret', zh: '企业 ID 与 Secret' },
    app: { en: 'The app', zh: '应用' },
    home: { en: 'App homepage', zh: '应用主页' },
    domain: { en: 'Trusted domain', zh: '可信域名' },
  };
  try {
    await wecomTokens.renew(account, io);
  } catch (error) {
    return [{ name: names.token, ok: false, detail: reasonOf(error) }];
  }
  const token = { name: names.token, ok: true };
  let agent: Agent;
  try {
    agent = agentReply.parse(
      await callWecom(account, io, { path: 'agent/get', query: { agentid: String(account.agentId) } }),
    );
  } catch (error) {
    return [token, { name: names.app, ok: false, detail: reasonOf(error) }];
  }
  return [
    token,
    agent.close === 1
      ? { name: names.app, ok: false, detail: 'it is disabled' }
      : { name: names.app, ok: true, ...(agent.name !== undefined && { detail: agent.name }) },
    found(names.home, agent.home_url),
    found(names.domain, agent.redirect_domain),
  ];
}

function found(name: Check['name'], value: string | undefined): Check {
  return value === undefined || value === ''
    ? { name, ok: false, detail: 'not set: members cannot link their account' }
    : { name, ok: true, detail: value };
}

function reasonOf(error: unknown): string {
  return error instanceof DeliveryError ? error.message : 'unreadable answer';
}

/** In the order of the console, https://work.weixin.qq.com/wework_admin. */
export function setup(
  { corpId, agentId }: WecomAppAccount,
  { callbackUrl, redirectUrl, homeUrl }: SetupAddresses,
): Record<Locale, string[]> {
  const app = `${corpId}, AgentId ${String(agentId)}`;
  const domain = new URL(redirectUrl).host;
  return {
    en: [
      `Open https://work.weixin.qq.com/wework_admin, App management, the self-built app (${app}), or create one; copy the corporation ID (My company), AgentId and Secret into the configuration.`,
      'Visible range: every responder.',
      `Receive messages, API: URL ${callbackUrl} ; generate Token and EncodingAESKey, copy both into the configuration, start the gateway, and only then save: WeCom checks the address at once.`,
      `Web authorisation and JS-SDK: trusted domain ${domain} (sign-in comes back to ${redirectUrl} ).`,
      `App homepage: ${homeUrl}`,
      'Trusted IPs: the addresses from which the workers and the gateway reach the internet; error 60020 names a missing one.',
      'Each responder opens the app in the workplace once, which links their account.',
      'Groups: an app writes only to chats it has created itself (POST /cgi-bin/appchat/create, members and a chatid of your choice); cards there carry a link. For any other group use a bot (wecom.bot).',
      'More than 30 messages a minute to one member are dropped silently: do not make WeCom the only medium for Critical.',
    ],
    zh: [
      `打开 https://work.weixin.qq.com/wework_admin → 应用管理 → 自建应用（${app}），没有则创建；将企业 ID（我的企业）、AgentId、Secret 填入配置。`,
      '可见范围：包含所有处理人。',
      `接收消息 → 设置 API 接收：URL ${callbackUrl} ；生成 Token 与 EncodingAESKey 并填入配置，启动网关后再保存：企业微信会立即校验该地址。`,
      `网页授权及 JS-SDK：可信域名 ${domain} （登录后回到 ${redirectUrl} ）。`,
      `应用主页：${homeUrl}`,
      '企业可信 IP：worker 与网关访问外网的出口地址；错误 60020 会给出缺少的地址。',
      '每位处理人在工作台打开一次应用，即完成账号关联。',
      '群：应用只能向自己创建的群聊发消息（POST /cgi-bin/appchat/create，自定义 chatid 与成员），群内卡片只带链接；其他群请使用群机器人（wecom.bot）。',
      '同一成员每分钟超过 30 条的消息会被静默丢弃：不要让企业微信成为严重故障的唯一通知方式。',
    ],
  };
}
