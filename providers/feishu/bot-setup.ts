import type { Locale } from '../../domain/locale.ts';

/** In the group itself; no administrator is needed. https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot */
export function setupBot(): Record<Locale, string[]> {
  return {
    en: [
      'In the group: Settings, Bots, Add Bot, Custom Bot; give it a name and a description.',
      'Copy the webhook address into `webhook`, whole or its last segment. Whoever knows it can write to the group.',
      'Security: a custom keyword such as # goes into `keyword`; with the signature check its secret goes into `secret`; with an IP whitelist every worker must be on it.',
      "Mentions: put each member's open_id or user_id, from the platform's admin console, into `identities` or a mapping table by e-mail, and set `mention` on the group.",
      'Send one message with `escalations test <account>`. Missing messages: is the address complete, was the bot removed, which of keyword, secret and whitelist refused?',
    ],
    zh: [
      '在群里：设置 → 群机器人 → 添加机器人 → 自定义机器人，填写名称和描述。',
      '把 webhook 地址（完整地址或最后一段）填入 `webhook`。知道它的人都能往群里发消息。',
      '安全设置：自定义关键词（如 #）填入 `keyword`；开启签名校验时把密钥填入 `secret`；开启 IP 白名单时须包含所有 worker 的地址。',
      '@ 成员：在管理后台查到成员的 open_id 或 user_id，填入 `identities` 或按邮箱的映射表，并在群目标上设置 `mention`。',
      '用 `escalations test <account>` 发一条消息。收不到时检查：地址是否完整、机器人是否被移除、关键词/签名/白名单是否拒绝。',
    ],
  };
}
