import type { HttpBindings } from '@hono/node-server';
import type { Hono } from 'hono';
import { DingtalkBot, type DingtalkBotOptions } from './dingtalk-bot.ts';
import { FeishuBot, type FeishuBotOptions } from './feishu-bot.ts';
import { SlackBot, type SlackBotOptions } from './slack-bot.ts';
import type { Stage } from './stage.ts';
import { Telegram, type TelegramOptions } from './telegram.ts';
import { WecomBot, type WecomBotOptions } from './wecom-bot.ts';
import { Zoom, type ZoomOptions } from './zoom.ts';

/** Bots of groups, one of each kind; the address of each is the vendor's with the sandbox's host. */
export interface BotOptions {
  feishu?: FeishuBotOptions;
  dingtalk?: DingtalkBotOptions;
  wecom?: WecomBotOptions;
  slack?: SlackBotOptions;
  zoom?: ZoomOptions;
  telegram?: TelegramOptions;
}

/** Has to come before an imitation that takes everything below the same path. */
export function mountBots(app: Hono<{ Bindings: HttpBindings }>, stage: Stage, options: BotOptions): Telegram {
  const feishu = new FeishuBot(stage, options.feishu);
  app.post('/open-apis/bot/v2/hook/:token', (c) => feishu.receive(c));
  const dingtalk = new DingtalkBot(stage, options.dingtalk);
  app.post('/robot/send', (c) => dingtalk.receive(c));
  const wecom = new WecomBot(stage, options.wecom);
  app.post('/cgi-bin/webhook/send', (c) => wecom.receive(c));
  const slack = new SlackBot(stage, options.slack);
  app.post('/services/*', (c) => slack.receive(c));
  const zoom = new Zoom(stage, options.zoom);
  app.post('/chat/webhooks/incomingwebhook/:id', (c) => zoom.receive(c));
  const telegram = new Telegram(stage, options.telegram);
  app.post('/:bot{bot[^/]*:[^/]*}/:method', (c) => telegram.receive(c));
  return telegram;
}
