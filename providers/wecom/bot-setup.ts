import type { Locale } from '../../domain/locale.ts';

/** In the group itself. https://developer.work.weixin.qq.com/document/path/99110 */
export function setupBot(): Record<Locale, string[]> {
  return {
    en: [
      'In the group: Settings, Message Push (Group Robot), Add, New; give it a name.',
      'Copy the webhook address into `webhook`, whole or its key. Whoever knows it can write to the group.',
      'Mentions: by the phone number of the member (mainland China, the same as in WeCom), or inline by userid from the admin console in `identities` or a mapping table by e-mail; set `mention` on the group.',
      'Send one message with `escalations test <account>`.',
    ],
    zh: [
      '在群里：群设置 → 消息推送（群机器人）→ 添加 → 新建，填写名称。',
      '把 webhook 地址（完整地址或 key）填入 `webhook`。知道它的人都能往群里发消息。',
      '@ 成员：按成员手机号（中国大陆，须与企业微信中一致）；或从管理后台查到 userid，填入 `identities` 或按邮箱的映射表，则在正文中 @。在群目标上设置 `mention`。',
      '用 `escalations test <account>` 发一条消息。',
    ],
  };
}
