import { createRequire } from 'node:module';
import { Command, Option } from 'commander';
import { LOCALES } from '../domain/locale.ts';
import { speak } from './look.ts';
import { addContactsCommand } from './commands/contacts.ts';
import { addDemoCommand } from './commands/demo.ts';
import { addDoctorCommand } from './commands/doctor.ts';
import { addImportCommand } from './commands/import.ts';
import { addIncidentCommands } from './commands/incident.ts';
import { addListCommand } from './commands/list.ts';
import { addMediaCommand } from './commands/media.ts';
import { addOnCallCommand } from './commands/oncall.ts';
import { addPageCommand } from './commands/page.ts';
import { addResponderCommands } from './commands/responders.ts';
import { addRulesCommand } from './commands/rules.ts';
import { addProofCommands } from './commands/proofs.ts';
import { addServiceCommands } from './commands/service.ts';
import { addSetupCommands } from './commands/setup.ts';
import { addSimulateCommand } from './commands/simulate.ts';
import { addTestCommand } from './commands/test.ts';
import { addTemplatesCommand } from './commands/templates.ts';
import { addTokenCommand } from './commands/token.ts';
import { addValidateCommand } from './commands/validate.ts';
import { addViewCommands } from './commands/view.ts';

/** The command line `escalations`. Commands load what they need when they run. */
export function createProgram(): Command {
  const { version } = createRequire(import.meta.url)('temporal-escalations/package.json') as { version: string };
  const program = new Command('escalations')
    .description('Durable on-call escalations on Temporal.')
    .version(version)
    .addOption(
      new Option(
        '--lang <language>',
        'language of what is printed of incidents (default: that of LC_ALL or LANG)',
      ).choices(LOCALES),
    )
    .on('option:lang', speak)
    .showHelpAfterError('(see --help)');
  addIncidentCommands(program);
  addResponderCommands(program);
  addListCommand(program);
  addViewCommands(program);
  addPageCommand(program);
  addValidateCommand(program);
  addRulesCommand(program);
  addTemplatesCommand(program);
  addSimulateCommand(program);
  addImportCommand(program);
  addMediaCommand(program);
  addTestCommand(program);
  addContactsCommand(program);
  addSetupCommands(program);
  addProofCommands(program);
  addTokenCommand(program);
  addOnCallCommand(program);
  addServiceCommands(program);
  addDoctorCommand(program);
  addDemoCommand(program);
  return program;
}
