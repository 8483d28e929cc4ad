import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { ADAPTER_IDS, type AdapterId } from '../domain/media.ts';
import type { Rule } from '../domain/incident/rule.ts';
import type { Address, Configuration, Member, ServiceToken } from './configuration.ts';
import { openDocument, type Environment } from './schema/document.ts';
import { mailboxMember } from './duty/mailbox.ts';
import { ConfigurationError, problemsOf, wording, type Problem } from './schema/problem.ts';
import { compileRule, compileWhen, ruleOf, type WrittenFile } from './match/rule.ts';
import type { Names } from './schema/names.ts';
import { regionProblems } from './region.ts';
import { DEFAULT_ROLE } from './schema/schedule.ts';
import { fileSchema } from './schema/file.ts';
import { DEFAULT_RATE, digestOf } from './schema/tokens.ts';
import type { Mailboxes } from './schema/recipients.ts';

const LAST_PORT = 65_535;

/**
 * Reads `escalations.yaml` once; `ConfigurationSource` follows its changes.
 *
 * @param env fills `${ENV}`. Default: the environment of the process.
 * @throws ConfigurationError whose message lists every problem with file, line and column.
 * @example
 * ```ts
 * import { loadConfiguration } from 'temporal-escalations';
 *
 * const { hash, members } = await loadConfiguration('escalations.yaml');
 * console.log(`${hash} knows ${members.size} members`);
 * ```
 */
export async function loadConfiguration(path: string, env: Environment = process.env): Promise<Configuration> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown reason';
    throw new ConfigurationError([`${path}: cannot be read (${code}); give the path of an escalations.yaml`]);
  }
  return parseConfiguration(text, { file: path, env });
}

/**
 * The same from a text, wherever it came from.
 *
 * @param source.file named in messages.
 * @param source.env fills `${ENV}`.
 * @throws ConfigurationError whose message lists every problem with file, line and column.
 * @example
 * ```ts
 * import { readFile } from 'node:fs/promises';
 * import { parseConfiguration } from 'temporal-escalations';
 *
 * const file = 'escalations.yaml';
 * const configuration = parseConfiguration(await readFile(file, 'utf8'), { file, env: { GATEWAY_SECRET: 'for tests' } });
 * ```
 */
export function parseConfiguration(text: string, source: { file: string; env: Environment }): Configuration {
  const document = openDocument(text, source.file, source.env);
  if (document.tree === null) {
    throw new ConfigurationError([`${source.file}:1:1  the file is empty; begin with a copy of config/example.yaml`]);
  }
  const mailboxes: Mailboxes = new Map();
  const read = fileSchema(namesIn(document.tree), mailboxes).safeParse(document.tree, {
    error: (issue) => wording(issue),
  });
  const problems: Problem[] = [...document.problems];
  if (!read.success) {
    // An unset variable leaves an empty value behind. The schema refuses that too, and one message is enough.
    const unset = new Set(document.problems.map(({ path }) => path.join('\n')));
    problems.push(...[...problemsOf(read.error.issues)].filter(({ path }) => !unset.has(path.join('\n'))));
  } else problems.push(...regionProblems(read.data));
  if (!read.success || problems.length > 0) throw new ConfigurationError(document.report(problems));
  return compile(read.data, mailboxes, createHash('sha256').update(text).digest('hex').slice(0, 12));
}

function compile(file: WrittenFile, mailboxes: Mailboxes, hash: string): Configuration {
  const { listen, tokens, incidentTokens, ...gateway } = file.gateway;
  const people = mapOf(file.members, ({ phone, ...member }, id): Member => ({ id, ...member, ...phone }));
  const addresses = [...mailboxes].map(([id, address]) => [id, mailboxMember(id, address)] as const);
  return {
    hash,
    prefix: file.prefix,
    gateway: {
      ...listen,
      operations: operationsBeside(listen),
      ...gateway,
      tokens: tokensOf(tokens, incidentTokens),
    },
    accounts: mapOf(file.accounts, (account, name) => ({ name, ...account })),
    media: file.media,
    members: new Map([...people, ...addresses]),
    teams: mapOf(file.teams, (members) => members),
    schedules: mapOf(file.schedules, (schedule, name) => ({ name, ...schedule })),
    routes: file.routes.map(({ when, times, channel }) => ({ channel, when: compileWhen(when, times) })),
    templates: mapOf(file.templates, (entries) => entries),
    ...(file.wording !== undefined && { wording: file.wording }),
    locale: file.locale,
    channels: mapOf(file.channels, ({ rules, timeZone, autoClose, labelsRedirect, wording: words }, name) => ({
      name,
      labelsRedirect,
      ...(autoClose && { autoClose: { afterMs: autoClose.after, since: autoClose.since } }),
      rules: rules.map((rule) =>
        compileRule({ ...(words !== undefined && { wording: words }), ...rule }, name, timeZone),
      ),
    })),
    unmatched: unmatchedOf(file.unmatched),
    ...(file.lastResort && { lastResort: file.lastResort }),
  };
}

/** Where nobody but this machine reaches it; the next port, so that two gateways of one machine do not meet. */
function operationsBeside({ port }: Address): Address {
  return { host: '127.0.0.1', port: port === 0 ? 0 : port === LAST_PORT ? port - 1 : port + 1 };
}

function tokensOf(tokens: WrittenFile['gateway']['tokens'] = {}, old: readonly string[] = []): readonly ServiceToken[] {
  const named = Object.entries(tokens).map(
    ([name, { token, sha256, expires, rate = DEFAULT_RATE, ...bounds }]): ServiceToken => ({
      name,
      rate,
      ...bounds,
      ...(expires !== undefined && { expiresAt: expires }),
      ...(token === undefined ? { sha256: sha256?.toLowerCase() ?? '' } : { sha256: digestOf(token), secret: token }),
    }),
  );
  const nameless = old.map((token): ServiceToken => {
    const everything = { scopes: ['open', 'act'], inlineRules: true, labelsRedirect: true } as const;
    return { ...everything, sha256: digestOf(token), secret: token, rate: DEFAULT_RATE };
  });
  return [...named, ...nameless];
}

function unmatchedOf(written: WrittenFile['unmatched']): Rule | 'ignore' {
  if (written === 'ignore') return 'ignore';
  return 'levels' in written ? ruleOf(written, 'unmatched') : { name: 'unmatched', delayMs: 0, levels: [written] };
}

function mapOf<Written, Made>(
  entries: Readonly<Record<string, Written>>,
  make: (written: Written, name: string) => Made,
): ReadonlyMap<string, Made> {
  return new Map(Object.entries(entries).map(([name, written]) => [name, make(written, name)]));
}

/** What the file names, before anything in it is checked: a slip in an account must not make its name unknown too. */
function namesIn(tree: unknown): Names {
  const accounts = Object.entries(mapping(mapping(tree)['accounts']));
  return {
    accounts: new Map(
      accounts.map(([name, account]) => [
        name,
        ADAPTER_IDS.find((id): id is AdapterId => id === mapping(account)['adapter']),
      ]),
    ),
    channels: new Set(Object.keys(mapping(mapping(tree)['channels']))),
    members: new Set(Object.keys(mapping(mapping(tree)['members']))),
    teams: new Set(Object.keys(mapping(mapping(tree)['teams']))),
    templates: new Set(Object.keys(mapping(mapping(tree)['templates']))),
    schedules: new Map(
      Object.entries(mapping(mapping(tree)['schedules'])).map(([name, schedule]) => [name, rolesIn(schedule)]),
    ),
  };
}

function rolesIn(schedule: unknown): ReadonlySet<string> {
  const { layers } = mapping(schedule);
  const roles = (Array.isArray(layers) ? layers : []).map((layer) => mapping(layer)['role'] ?? DEFAULT_ROLE);
  return new Set(roles.filter((role) => typeof role === 'string'));
}

function mapping(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
