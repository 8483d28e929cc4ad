import { z } from 'zod';
import { ConfigurationError, pathText, problemsOf, wording } from '../../schema/problem.ts';

// What the wire looks like, read as leniently as sense allows: `null` is absent, ids are numbers or texts.

const id = z.union([z.number(), z.string().min(1)]).transform(String);
const ids = list(id);
const texts = list(z.string());

const by = z.looseObject({
  follow_preference: z.boolean().nullish(),
  critical: texts,
  warning: texts,
  info: texts,
});

const settings = z.looseObject({
  data_source_id: id.nullish(),
  chat_ids: ids,
  token: z.string().nullish(),
  alias: z.string().nullish(),
  severities: texts,
  // Some of the legacy documents spell it so.
  serverities: texts,
  reply_event_types: texts,
  disable_at: z.boolean().nullish(),
  is_at_all: z.boolean().nullish(),
  reply_mode: z.string().nullish(),
});

const layer = z.looseObject({
  max_times: z.number().nullish(),
  notify_step: z.number().nullish(),
  escalate_window: z.number().nullish(),
  force_escalate: z.boolean().nullish(),
  target: z
    .looseObject({
      person_ids: ids,
      team_ids: ids,
      schedule_to_role_ids: z.record(z.string(), ids).nullish(),
      emails: texts,
      by: by.nullish(),
      webhooks: list(z.looseObject({ type: z.string(), settings: settings.nullish() })),
    })
    .nullish(),
});

const rule = z.looseObject({
  channel_id: id.nullish(),
  rule_name: z.string().nullish(),
  description: z.string().nullish(),
  priority: z.number().nullish(),
  status: z.string().nullish(),
  template_id: id.nullish(),
  aggr_window: z.number().nullish(),
  layers: z.array(layer).min(1),
  time_filters: list(
    z.looseObject({
      start: z.string().nullish(),
      end: z.string().nullish(),
      repeat: list(z.int().min(0).max(7)),
      cal_id: id.nullish(),
    }),
  ),
  filters: list(list(z.looseObject({ key: z.string(), oper: z.enum(['IN', 'NOTIN']), vals: list(id) }))),
});

/** One escalation rule as the API of Flashduty gives and takes it (facts and bounds: its OpenAPI files). */
export type FlashdutyRule = z.output<typeof rule>;
export type FlashdutyLayer = FlashdutyRule['layers'][number];
export type FlashdutyTarget = NonNullable<FlashdutyLayer['target']>;
export type FlashdutyFilter = FlashdutyRule['filters'][number][number];
export type FlashdutyWebhook = FlashdutyTarget['webhooks'][number];

/**
 * The rules in a document, in the order in which they are asked: one rule, a list, or an answer of the API.
 * @throws ConfigurationError that says what is not as expected.
 */
export function flashdutyRules(document: unknown): FlashdutyRule[] {
  const found = rulesIn(document);
  if (!Array.isArray(found) || found.length === 0) {
    throw new ConfigurationError(['there is no rule in it: give one rule, a list of them, or an answer of the API']);
  }
  const read = z.array(rule).safeParse(found, { error: wording });
  if (read.success) return read.data.sort((a, b) => (a.priority ?? 0) - (b.priority ?? 0));
  throw new ConfigurationError(
    [...problemsOf(read.error.issues)].map(({ path, message }) => `rule ${pathText(path)}: ${message}`),
  );
}

function rulesIn(document: unknown): unknown {
  if (Array.isArray(document)) return document;
  if (typeof document !== 'object' || document === null) return undefined;
  if ('layers' in document) return [document];
  if ('items' in document) return document.items;
  return 'data' in document ? rulesIn(document.data) : undefined;
}

function list<Item extends z.ZodType>(item: Item) {
  return z
    .array(item)
    .nullish()
    .transform((items): z.output<Item>[] => items ?? []);
}
