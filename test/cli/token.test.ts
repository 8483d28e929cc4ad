import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { escalations, run } from '../child.ts';
import { parse, sample } from '../config/sample.ts';

it('a new token is another one each time, and what is printed beside it can be pasted into the file', async () => {
  const [shown, other] = await Promise.all([
    run(escalations(['token', 'new', 'grafana'])),
    run(escalations(['token', 'new', '--json'])),
  ]);
  const token = /^token {3}(\S{43})$/m.exec(shown.stdout)?.[1] ?? '';
  const entry = /^ {2}(grafana: \{.*\})$/m.exec(shown.stdout)?.[1] ?? '';
  const [known] = parse(sample({ 1: `gateway: { secrets: [pK3xZ7vQ9mT4wB6n], tokens: { ${entry} } }` })).gateway.tokens;
  expect(known?.sha256).toBe(createHash('sha256').update(token).digest('hex'));
  const { token: another, sha256 } = JSON.parse(other.stdout) as { token: string; sha256: string };
  expect(another).not.toBe(token);
  expect(sha256).toBe(createHash('sha256').update(another).digest('hex'));
});
