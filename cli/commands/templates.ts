import { existsSync } from 'node:fs';
import { Argument, type Command } from 'commander';
import colors from 'picocolors';
import type { Configuration } from '../../config/configuration.ts';
import type { Face } from '../../domain/incident/face.ts';
import { repairIncident } from '../../domain/incident/incident.ts';
import { ADAPTER_IDS, adapterFacts } from '../../domain/media.ts';
import { GROUP_EVENTS, type GroupEvent } from '../../domain/incident/rule.ts';
import type { IncidentView } from '../../domain/incident/view.ts';
import type { Outlet } from '../../templates/template.ts';
import { CommandError } from '../command-error.ts';
import { askedLanguage } from '../look.ts';
import { plain } from '../incident-text.ts';
import { readIncident, readJson } from '../read-json.ts';
import { reasonText } from '../../domain/words/index.ts';

interface Flags {
  config: string;
  incident?: string;
  wording?: string;
}

const MEDIUM = 'sms, email, push, an adapter such as dingtalk.bot, an account, or all';
const CONFIG = ['--config <file>', 'the configuration', 'escalations.yaml'] as const;

export function addTemplatesCommand(program: Command): void {
  const templates = program.command('templates').description('the wording of messages');
  const event = new Argument('[event]', 'what happened').choices(GROUP_EVENTS).default('opened');
  templates
    .command('show')
    .description('a preset as a template to start from, in the form of the configuration')
    .argument('<medium>', MEDIUM)
    .addArgument(event)
    .action(show);
  templates
    .command('preview')
    .description('what a message would say')
    .argument('<medium>', MEDIUM)
    .addArgument(event)
    .option(...CONFIG)
    .option(
      '--incident <file>',
      'an incident as JSON, or what `escalations show --json` prints; - reads standard input',
    )
    .option('--wording <name>', 'these templates, whatever the rules choose')
    .action(preview);
  templates
    .command('check')
    .description('try every template of the configuration; failures end with exit code 1')
    .option(...CONFIG)
    .option('--incident <file>', 'try this incident too')
    .action(check);
}

async function show(medium: string, event: GroupEvent): Promise<void> {
  const lang = askedLanguage() ?? 'en';
  const [{ presetTemplate }, { stringify }] = await Promise.all([import('../../templates/preset.ts'), import('yaml')]);
  const entry = {
    ...(medium !== 'all' && { media: [medium] }),
    events: [event],
    locale: lang,
    ...presetTemplate(event, lang),
  };
  process.stdout.write(stringify({ templates: { house: [entry] } }, { lineWidth: 0, blockQuote: 'literal' }));
}

async function preview(medium: string, event: GroupEvent, flags: Flags): Promise<void> {
  const { sayAt, sizeOf, wordsOf } = await import('../../config/lint/wording.ts');
  const configuration = await configurationOf(flags.config);
  const { wording = configuration?.wording } = flags;
  const locale = askedLanguage() ?? 'en';
  const chosen = {
    members: configuration?.members ?? new Map(),
    templates: configuration?.templates ?? new Map(),
    wording,
  };
  if (wording !== undefined && !chosen.templates.has(wording)) {
    throw new CommandError(`${flags.config} has no templates called ${wording}`);
  }
  const read = await faceFrom(flags.incident, event);
  const face = flags.wording === undefined ? read : { ...read, wording: flags.wording };
  for (const outlet of outletsOf(medium, configuration)) {
    const told = sayAt({ face, event, locale, outlet }, chosen);
    const words = wordsOf(told);
    const { text, isNearlyFull } = sizeOf(words, outlet.adapter);
    const name = outlet.account === '' ? outlet.adapter || outlet.medium : `${outlet.account} (${outlet.adapter})`;
    console.log(`${colors.bold(name)}, ${event}, ${locale}: ${isNearlyFull ? colors.yellow(text) : text}`);
    if (told.flaw !== undefined)
      console.log(colors.red(`  the preset's words, for ${reasonText(told.flaw, { locale: 'en' })}`));
    for (const line of words.split('\n')) console.log(`  ${plain(line)}`);
  }
}

async function check({ config, incident }: Pick<Flags, 'config' | 'incident'>): Promise<void> {
  const [{ loadConfiguration }, { checkTemplates }] = await Promise.all([
    import('../../config/load.ts'),
    import('../../config/lint/wording.ts'),
  ]);
  const configuration = await loadConfiguration(config);
  const given = incident === undefined ? undefined : await faceFrom(incident, 'opened');
  const findings = checkTemplates(configuration, () => (given ? [given] : []));
  for (const { isFailure, text } of findings) {
    console.log(`${isFailure ? colors.red('✗') : colors.yellow('warning')} ${plain(text)}`);
  }
  const failures = findings.filter(({ isFailure }) => isFailure).length;
  if (failures > 0) throw new CommandError('some templates fail: the preset would be sent in their place');
  console.log(
    `every template holds what it promises (${[...configuration.templates.keys()].join(', ') || 'there are none'})`,
  );
}

/** The presets need no configuration. */
async function configurationOf(path: string): Promise<Configuration | undefined> {
  if (path === CONFIG[2] && !existsSync(path)) return undefined;
  const { loadConfiguration } = await import('../../config/load.ts');
  return loadConfiguration(path);
}

async function faceFrom(path: string | undefined, event: GroupEvent): Promise<Face> {
  const [{ sampleFace }, { faceOf }] = await Promise.all([
    import('../../templates/sample.ts'),
    import('../../domain/incident/face.ts'),
  ]);
  if (path === undefined) return sampleFace(event);
  if (path !== '-') {
    const json = await readJson(path);
    if (isView(json)) return faceOf(json);
  }
  const { incident } = await readIncident(path);
  const repaired = repairIncident({ id: 'preview', ...incident });
  if (typeof repaired === 'string') throw new CommandError(repaired);
  for (const repair of repaired.repairs) console.error(plain(reasonText(repair, { locale: 'en' })));
  return sampleFace(event, repaired.incident);
}

function isView(json: unknown): json is IncidentView {
  return typeof json === 'object' && json !== null && 'workflowId' in json && 'notifications' in json;
}

/** Accounts as configured where a medium has some, else the adapters themselves. */
function outletsOf(medium: string, configuration: Configuration | undefined): Outlet[] {
  const accounts = [...(configuration?.accounts.values() ?? [])].map(({ name, adapter }) => ({
    account: name,
    adapter,
  }));
  const known = [...accounts, ...ADAPTER_IDS.map((adapter) => ({ account: '', adapter }))].map((outlet) => ({
    ...outlet,
    medium: adapterFacts(outlet.adapter).medium,
  }));
  const meant = known.filter(
    ({ account, adapter, medium: carried }) =>
      carried !== 'voice' && (medium === 'all' || [account, adapter, carried].includes(medium)),
  );
  if (meant.length === 0 && known.some((outlet) => Object.values(outlet).includes(medium))) {
    throw new CommandError(`${medium}: calls speak by the templates of their own account`);
  }
  if (meant.length === 0) throw new CommandError(`nothing is called ${medium}: write ${MEDIUM}`);
  const configured = meant.filter(({ account }) => account !== '');
  return configured.length > 0 ? configured : meant;
}
