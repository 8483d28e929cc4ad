import type { Locale } from '../../domain/locale.ts';

/** At https://api.slack.com/apps. */
export function setupBot(): Record<Locale, string[]> {
  return {
    en: [
      'Open https://api.slack.com/apps, Create New App, From scratch; choose the workspace.',
      'Incoming Webhooks: switch on, Add New Webhook to Workspace, choose the channel and allow.',
      'Copy the Webhook URL into `webhook`, whole or what follows /services/. Whoever knows it can write to the channel.',
      "Mentions: put each member's Slack user id (U…, from their profile: Copy member ID) into `identities`, or link them through a slack.app account; set `mention` on the group.",
      'Send one message with `escalations test <account>`. A webhook cannot change what it has sent: for buttons and threads use slack.app.',
    ],
    zh: [
      '打开 https://api.slack.com/apps，Create New App → From scratch，选择工作区。',
      'Incoming Webhooks：打开，Add New Webhook to Workspace，选择频道并允许。',
      '把 Webhook URL（完整地址或 /services/ 之后的部分）填入 `webhook`。知道它的人都能往频道里发消息。',
      '@ 成员：在成员资料中 Copy member ID（U…），填入 `identities`，或通过 slack.app 账号关联；在群目标上设置 `mention`。',
      '用 `escalations test <account>` 发一条消息。webhook 不能修改已发的消息；需要按钮和话题请用 slack.app。',
    ],
  };
}
