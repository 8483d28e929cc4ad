import { z } from 'zod';
import { ADAPTER_IDS } from '../../domain/media.ts';
import { registry } from '../../providers/registry.ts';
import { accountHead } from './account.ts';
import { fileSchema } from './file.ts';

type Json = Record<string, unknown>;

/** JSON Schema of `escalations.yaml` for editors: keys, choices and explanations; the loader checks the rest. */
export function jsonSchema(): Json {
  const names = {
    accounts: new Map(),
    members: new Set<string>(),
    teams: new Set<string>(),
    schedules: new Map(),
    channels: new Set<string>(),
  };
  const schema = written(fileSchema(names, new Map()));
  const properties = schema['properties'] as Record<string, Json>;
  properties['accounts'] = {
    ...properties['accounts'],
    additionalProperties: { oneOf: ADAPTER_IDS.map(accountSchema) },
  };
  return lenient({ title: 'escalations.yaml', ...schema }) as Json;
}

function accountSchema(adapter: (typeof ADAPTER_IDS)[number]): Json {
  const head = written(z.object({ ...accountHead, adapter: z.literal(adapter) }));
  const { $schema: _, ...settings } = written(registry[adapter].schema);
  return {
    ...settings,
    title: adapter,
    properties: { ...(head['properties'] as Json), ...(settings['properties'] as Json) },
    required: ['adapter', ...((settings['required'] as string[] | undefined) ?? [])],
  };
}

function written(schema: z.ZodType): Json {
  return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
}

/** Where a text may be `${ENV}`, an editor cannot judge its length or form. */
function lenient(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(lenient);
  if (typeof node !== 'object' || node === null) return node;
  const entries = Object.entries(node).filter(
    ([key, value]) =>
      !(key === 'format' || key === 'pattern' || key === 'minLength' || key === 'maxLength') ||
      typeof value === 'object',
  );
  return Object.fromEntries(entries.map(([key, value]) => [key, key === 'propertyNames' ? value : lenient(value)]));
}
