import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import colors from 'picocolors';
import type { Account, Configuration } from '../../config/configuration.ts';
import type { KnownChat } from '../../domain/account/book.ts';
import { CommandError } from '../command-error.ts';
import { askedLanguage } from '../look.ts';
import { reach, targetOf, withConnection, type ConnectionFlags } from '../connection.ts';
import { columns } from '../table.ts';

interface SetupFlags {
  config: string;
  package?: string;
  manifest?: true;
  checks: boolean;
}
interface GroupFlags extends ConnectionFlags {
  config: string;
  json?: true;
}

/** How long to wait for Temporal, which only adds details to what the command prints. */
const TEMPORAL_MS = 1500;

/** What an administrator does in a platform's console, and what came of it. */
export function addSetupCommands(program: Command): void {
  program
    .command('setup <account>')
    .description(
      'the steps in the console of a chat platform, with the addresses to paste, and what can be checked of them',
    )
    .option('--manifest', 'print the app as a file for the console, instead of the steps')
    .option('--package <file>', 'write the app as a zip for the console, such as teams.zip')
    .option('--no-checks', 'ask nobody')
    .option('--config <file>', 'the configuration', 'escalations.yaml')
    .action(setup);
  withConnection(program.command('groups <account>'))
    .description('the groups an account may post to now, and those that rules name')
    .option('--config <file>', 'the configuration', 'escalations.yaml')
    .option('--json', 'print JSON')
    .action(groups);
}

async function setup(name: string, { config, package: file, manifest, checks }: SetupFlags): Promise<void> {
  // Without a language the steps are printed in both.
  const lang = askedLanguage();
  const { account, current } = await accountOf(name, config);
  const { publicUrl } = current.gateway;
  if (publicUrl === undefined) throw new CommandError('set gateway.publicUrl first: the console needs addresses', 2);
  const { setupOf, setupChecks } = await import('../trial/setup.ts');
  const made = await setupOf(account, publicUrl);
  if (manifest) {
    if (!made.manifest) throw new CommandError(`${account.adapter} has no manifest; see the steps without --manifest`);
    console.log(JSON.stringify(made.manifest, null, 2));
    return;
  }
  if (file !== undefined) {
    if (!made.package) throw new CommandError(`${account.adapter} has no package; see the steps without --package`);
    await writeFile(file, made.package);
    console.log(`${file}: upload it in the console`);
    return;
  }
  for (const language of lang === undefined ? (['zh', 'en'] as const) : [lang]) {
    const steps = made.steps?.[language] ?? ADDRESSES[language](made.addresses.callbackUrl);
    for (const [index, step] of steps.entries()) console.log(`${String(index + 1).padStart(2)}. ${step}`);
    console.log();
  }
  if (!checks) return;
  const checked = await setupChecks(account, publicUrl);
  for (const { name: what, ok, detail } of checked) {
    const mark = ok ? colors.green('✓') : colors.red('✗');
    console.log(`${mark} ${what[lang ?? 'en']}${detail === undefined ? '' : `: ${detail}`}`);
  }
  if (checked.some(({ ok }) => !ok)) throw new CommandError('not everything is set up: see ✗ above');
}

/** For providers without a console of their own kind. */
const ADDRESSES = {
  en: (url: string) => [`Where the provider asks for a callback or notification address, enter ${url}`],
  zh: (url: string) => [`在服务商控制台的回调地址处填写 ${url}`],
};

interface Group {
  chat: string;
  name: string;
  /** `listed` by the platform, `told` by an event, `gone`, or only `named` in a rule. */
  known: 'listed' | 'told' | 'gone' | 'named';
  rules: string[];
}

async function groups(name: string, { config, json, ...flags }: GroupFlags): Promise<void> {
  const { account, current } = await accountOf(name, config);
  const { chatsOf, namedGroups } = await import('../trial/setup.ts');
  const [listed, told] = await Promise.all([chatsOf(account).catch(explain), toldChats(flags, current, name)]);
  const rules = namedGroups(current, name);
  const found = new Map<string, Group>();
  for (const chat of rules.keys()) found.set(chat, { chat, name: '', known: 'named', rules: rules.get(chat) ?? [] });
  for (const { chat, name: called = '', gone } of told ?? []) {
    found.set(chat, { chat, name: called, known: gone ? 'gone' : 'told', rules: rules.get(chat) ?? [] });
  }
  for (const { chat, name: called } of listed ?? []) {
    found.set(chat, { chat, name: called, known: 'listed', rules: rules.get(chat) ?? [] });
  }
  // A platform that lists its chats knows better than what events have told.
  const all = [...found.values()].filter(({ known, rules: by }) => known !== 'told' || !listed || by.length > 0);
  if (json) {
    console.log(JSON.stringify(all));
    return;
  }
  if (all.length === 0) console.log(`${name} is in no group: add the bot in the settings of a group, then look again`);
  for (const line of columns(all.map((group) => rowOf(group, listed !== undefined)))) console.log(line);
  if (!told) console.error('Temporal cannot be reached: groups that only events have told of are missing');
}

function rowOf({ chat, name, known, rules }: Group, isListed: boolean): string[] {
  const isMissing = known === 'gone' || (isListed && known !== 'listed');
  const mark = isMissing ? colors.red('✗') : known === 'named' ? '?' : colors.green('✓');
  const why = isMissing ? 'not there: the group is gone, or the bot was removed' : '';
  return [mark, chat, name, rules.join(', '), why];
}

/** What events have told; undefined when Temporal cannot be asked. */
async function toldChats(
  flags: ConnectionFlags,
  current: Configuration,
  account: string,
): Promise<readonly KnownChat[] | undefined> {
  const [{ Client }, { Proofs }] = await Promise.all([import('@temporalio/client'), import('../../client/proofs.ts')]);
  const target = await targetOf(flags);
  const connection = await reach(target, TEMPORAL_MS).catch(() => undefined);
  if (!connection) return undefined;
  try {
    const client = new Client({ connection, namespace: target.namespace });
    return await new Proofs({ current }).chats(client, account);
  } finally {
    await connection.close();
  }
}

function explain(error: unknown): never {
  if (error instanceof Error && error.name === 'DeliveryError') throw new CommandError(error.message);
  throw error;
}

async function accountOf(name: string, config: string): Promise<{ account: Account; current: Configuration }> {
  const { loadConfiguration } = await import('../../config/load.ts');
  const current = await loadConfiguration(config);
  const account = current.accounts.get(name);
  if (account) return { account, current };
  throw new CommandError(`no account is called ${name}; known: ${[...current.accounts.keys()].join(', ') || 'none'}`);
}
