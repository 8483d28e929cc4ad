import type { Locale } from '../../domain/locale.ts';

/** In the group itself. https://open.dingtalk.com/document/orgapp/custom-robot-access */
export function setupBot(): Record<Locale, string[]> {
  return {
    en: [
      'In the group: Settings, Bots, Add Bot, Custom; give it a name, accept the terms. (The vendor is ending the creation of such bots: existing ones go on, the app bot is the way for new ones.)',
      'Security: a custom keyword such as # goes into `keyword`; with signing the secret (SEC…) goes into `secret`; with an IP list every worker must be on it.',
      'Copy the webhook address into `webhook`, whole or its access_token. Whoever knows it can write to the group.',
      "Mentions work by the member's phone number (mainland China), or by userid in `identities`; set `mention` on the group, `mention: all` for everybody.",
      'Send one message with `escalations test <account>`. More than 20 messages in a minute block the bot for ten minutes.',
    ],
    zh: [
      '在群里：设置 → 机器人 → 添加机器人 → 自定义，填写名称并同意条款。（钉钉正在停止新建自定义机器人，已有的继续可用；新群建议用应用机器人。）',
      '安全设置：自定义关键词（如 #）填入 `keyword`；加签时把密钥（SEC…）填入 `secret`；使用 IP 地址段时须包含所有 worker 的地址。',
      '把 webhook 地址（完整地址或 access_token）填入 `webhook`。知道它的人都能往群里发消息。',
      '@ 成员：默认按成员手机号（中国大陆），也可在 `identities` 填 userid；在群目标上设置 `mention`，@所有人 用 `mention: all`。',
      '用 `escalations test <account>` 发一条消息。一分钟超过 20 条，机器人会被限制十分钟。',
    ],
  };
}
