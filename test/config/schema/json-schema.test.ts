import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { jsonSchema } from '../../../config/schema/json-schema.ts';

it('the schema that editors use is the one the loader uses (else: npm run generate)', () => {
  expect(JSON.parse(readFileSync('config/escalations.schema.json', 'utf8'))).toEqual(jsonSchema());
});
