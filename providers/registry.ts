import type { z } from 'zod';
import type { AdapterId } from '../domain/media.ts';
import { aliyunSmsAccount, aliyunVoiceAccount } from './aliyun/account.ts';
import { feishuAppAccount } from './feishu/account.ts';
import type { Adapter, Registration } from './kit/adapter.ts';
import { smtpEmailAccount } from './smtp/account.ts';
import { tencentVoiceAccount } from './tencent/account.ts';

/** Every adapter, by id: the schema of its accounts, and its code, loaded when an account uses it. */
export const registry: Readonly<Record<AdapterId, Registration>> = {
  'feishu.app': entry(feishuAppAccount, async () => (await import('./feishu/app.ts')).feishuApp),
  'aliyun.voice': entry(aliyunVoiceAccount, async () => (await import('./aliyun/voice.ts')).aliyunVoice),
  'tencent.voice': entry(tencentVoiceAccount, async () => (await import('./tencent/voice.ts')).tencentVoice),
  'aliyun.sms': entry(aliyunSmsAccount, async () => (await import('./aliyun/sms.ts')).aliyunSms),
  'smtp.email': entry(smtpEmailAccount, async () => (await import('./smtp/email.ts')).smtpEmail),
};

/**
 * The one place where the type of the account is given up: here schema and adapter are held to agree; afterwards
 * accounts are `unknown`, and safe as long as what an adapter gets was parsed by the schema beside it.
 */
function entry<Schema extends z.ZodType>(schema: Schema, load: () => Promise<Adapter<z.output<Schema>>>): Registration {
  return { schema, load };
}

const loaded = new Map<AdapterId, Promise<Adapter<unknown>>>();

/** Loads the adapter's code once per process. */
export function loadAdapter(id: AdapterId): Promise<Adapter<unknown>> {
  const adapter = loaded.get(id) ?? registry[id].load();
  loaded.set(id, adapter);
  return adapter;
}
