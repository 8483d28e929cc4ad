import { mountAliyun } from './aliyun.ts';
import { mountDingtalkBot } from './dingtalk-bot.ts';
import { mountDingtalk } from './dingtalk-callback.ts';
import { mountFeishuBot } from './feishu-bot.ts';
import { mountFeishu } from './feishu-callback.ts';
import { mountSlackBot } from './slack-bot.ts';
import { mountSlack } from './slack-callback.ts';
import type { Stage } from './stage.ts';
import { mountTeams } from './teams-callback.ts';
import { mountTelegram } from './telegram.ts';
import { mountTencent } from './tencent.ts';
import { mountTwilio } from './twilio.ts';
import { mountWebhook } from './webhook.ts';
import { mountWecomBot } from './wecom-bot.ts';
import { mountWecom } from './wecom-callback.ts';
import { mountZoom } from './zoom.ts';

/**
 * Every provider that is imitated on the shared port, by the name of its options. The order counts where two take the
 * same paths: bots stand before the apps of their platform, Tencent looks for a header before Alibaba takes the rest.
 */
const IMITATIONS = {
  feishuBot: mountFeishuBot,
  dingtalkBot: mountDingtalkBot,
  wecomBot: mountWecomBot,
  slackBot: mountSlackBot,
  zoom: mountZoom,
  telegram: mountTelegram,
  webhook: mountWebhook,
  tencent: mountTencent,
  aliyun: mountAliyun,
  twilio: mountTwilio,
  slack: mountSlack,
  teams: mountTeams,
  dingtalk: mountDingtalk,
  wecom: mountWecom,
  feishu: mountFeishu,
};

type Mounts = typeof IMITATIONS;
/** The settings of each: what its console would hold. */
export type ImitationOptions = { [Name in keyof Mounts]?: NonNullable<Parameters<Mounts[Name]>[1]> };
/** What each offers besides answering requests. */
export type Imitations = { [Name in keyof Mounts]: ReturnType<Mounts[Name]> };

export function mountAll(stage: Stage, options: ImitationOptions): Imitations {
  const mounted = Object.entries(IMITATIONS).map(([name, mount]) => [
    name,
    mount(stage, options[name as keyof Mounts] as never),
  ]);
  return Object.fromEntries(mounted) as Imitations;
}
