// Writes what is made from the code: the JSON schema of the file, and the README's table of adapters. `npm run generate`.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { jsonSchema } from '../config/schema/json-schema.ts';

writeFileSync('config/escalations.schema.json', `${JSON.stringify(jsonSchema(), undefined, 2)}\n`);

const asked = [...process.execArgv, 'cli/main.ts', 'media', '--markdown'];
const table = execFileSync(process.execPath, asked, { encoding: 'utf8' });
const readme = readFileSync('README.md', 'utf8');
writeFileSync(
  'README.md',
  readme.replace(
    /(?<=<!-- media:start -->\n)[\s\S]*(?=<!-- media:end -->)/,
    // A function: `$` of the table is no reference.
    () => `${table.trim()}\n`,
  ),
);
