import { createRequire } from 'node:module';
import { Command } from 'commander';
import { addDemoCommand } from './commands/demo.ts';
import { addDoctorCommand } from './commands/doctor.ts';
import { addImportCommand } from './commands/import.ts';
import { addIncidentCommands } from './commands/incident.ts';
import { addMediaCommand } from './commands/media.ts';
import { addOnCallCommand } from './commands/oncall.ts';
import { addResponderCommands } from './commands/responders.ts';
import { addRulesCommand } from './commands/rules.ts';
import { addServiceCommands } from './commands/service.ts';
import { addSimulateCommand } from './commands/simulate.ts';
import { addValidateCommand } from './commands/validate.ts';
import { addViewCommands } from './commands/view.ts';

/** The command line `escalations`. Commands load what they need when they run. */
export function createProgram(): Command {
  const { version } = createRequire(import.meta.url)('temporal-escalations/package.json') as { version: string };
  const program = new Command('escalations')
    .description('Durable on-call escalations on Temporal.')
    .version(version)
    .showHelpAfterError('(see --help)');
  addIncidentCommands(program);
  addResponderCommands(program);
  addViewCommands(program);
  addValidateCommand(program);
  addRulesCommand(program);
  addSimulateCommand(program);
  addImportCommand(program);
  addMediaCommand(program);
  addOnCallCommand(program);
  addServiceCommands(program);
  addDoctorCommand(program);
  addDemoCommand(program);
  return program;
}
