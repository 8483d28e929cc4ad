import type { Locale } from '../../domain/locale.ts';

/** In Zoom's marketplace and in the channel. https://support.zoom.com/hc/en/article?id=zm_kb&sysparm_article=KB0067640 */
export function setupBot(): Record<Locale, string[]> {
  return {
    en: [
      'Use a shared service account: a connection dies with the account that makes it, and all of them at once.',
      'Add the Incoming Webhook app from the Zoom App Marketplace (Pro or higher; an administrator approves it).',
      'In the channel write /inc connect oncall (without -s: signed connections are not supported) and add the members to the channel.',
      'The app answers with the Endpoint and the Verification Token: put the Endpoint, whole or its last segment, into `webhook` and the token into `verifyToken`.',
      "Mentions: put each member's Zoom user id into `identities` or a mapping table by e-mail; set `mention` on the group.",
      'Send one message with `escalations test <account>`; there is no other way to try the credentials. When it fails, connect again, test the new endpoint and replace the old one.',
    ],
    zh: [
      '请使用公共服务账号：连接随创建它的账号一起失效，且全部同时失效。',
      '在 Zoom App Marketplace 添加 Incoming Webhook 应用（需 Pro 及以上，由管理员批准）。',
      '在频道里发送 /inc connect oncall（不要加 -s，不支持签名连接），并把成员加入频道。',
      '应用会返回 Endpoint 和 Verification Token：Endpoint（完整地址或最后一段）填入 `webhook`，token 填入 `verifyToken`。',
      '@ 成员：把成员的 Zoom user id 填入 `identities` 或按邮箱的映射表；在群目标上设置 `mention`。',
      '用 `escalations test <account>` 发一条消息；没有其他办法验证凭据。发送失败时重新连接，测试新地址后替换旧地址。',
    ],
  };
}
