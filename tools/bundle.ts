// The last step of `npm run build`: puts the workflows into one file, so that a Worker of the installed package does not
// have to bundle them at its start.
import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { bundleName, sdkVersion } from '../worker/workflow-code.ts';

const MAP = /(?<=\n\/\/# sourceMappingURL=data:application\/json;charset=utf-8;base64,)[\w+/=]+/;

const root = join(import.meta.dirname, '..');
const folder = join(root, 'dist', 'workflows');

// One that an earlier build left behind would be taken for the workflows of this one.
for (const name of await readdir(folder)) {
  if (name.startsWith('bundle-')) await rm(join(folder, name));
}
const { code } = await bundleWorkflowCode({
  workflowsPath: join(folder, 'index.js'),
  logger: new DefaultLogger('WARN'),
});
await writeFile(join(folder, bundleName(sdkVersion())), withRelativeSources(code));

/** The source map says where the files lay when the bundle was made, which is nobody's business and in no other place so. */
function withRelativeSources(bundle: string): string {
  return bundle.replace(MAP, (encoded) => {
    const map = JSON.parse(Buffer.from(encoded, 'base64').toString()) as { sources: string[] };
    const sources = map.sources.map((source) => source.replaceAll(root, '.'));
    return Buffer.from(JSON.stringify({ ...map, sources })).toString('base64');
  });
}
