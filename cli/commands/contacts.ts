import type { Command } from 'commander';
import { CommandError } from '../command-error.ts';

export function addContactsCommand(program: Command): void {
  program
    .command('contacts')
    .description('the numbers that call people, to let through do-not-disturb')
    .option('--vcard', 'as a contact card: escalations contacts --vcard > on-call.vcf')
    .option('--name <name>', 'name of the contact', 'On call')
    .option('--config <file>', 'the configuration', 'escalations.yaml')
    .action(contacts);
}

async function contacts({ config, vcard, name }: { config: string; vcard?: true; name: string }): Promise<void> {
  const [{ loadConfiguration }, { callerNumbers, contactCard }] = await Promise.all([
    import('../../config/load.ts'),
    import('../../config/contact-card.ts'),
  ]);
  const configuration = await loadConfiguration(config);
  const card = contactCard(configuration, name);
  if (card === undefined) {
    throw new CommandError(
      'no account in media.voice or media.sms names a number; some vendors do not tell the ones they use',
    );
  }
  if (vcard) process.stdout.write(card);
  else for (const number of callerNumbers(configuration)) console.log(number);
}
