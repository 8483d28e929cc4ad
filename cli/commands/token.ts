import { randomBytes } from 'node:crypto';
import type { Command } from 'commander';

export function addTokenCommand(program: Command): void {
  program
    .command('token')
    .description('tokens of services that post to the gateway')
    .command('new')
    .description('print a random token and what to write into the configuration; nothing is kept')
    .argument('[name]', 'who will act in the timeline', 'my-service')
    .option('--json', 'print JSON')
    .action(makeToken);
}

async function makeToken(name: string, { json }: { json?: true }): Promise<void> {
  const { digestOf } = await import('../../config/schema/tokens.ts');
  const token = randomBytes(32).toString('base64url');
  const sha256 = digestOf(token);
  if (json) {
    console.log(JSON.stringify({ name, token, sha256 }));
    return;
  }
  console.log(`token   ${token}`);
  console.log(`sha256  ${sha256}`);
  console.log('');
  console.log('Give the token to the service, and write its digest into the configuration, under gateway.tokens:');
  console.log(`  ${name}: { sha256: ${sha256}, scopes: [open, act] }`);
  console.log('A service that signs its requests needs `token:` there in place of `sha256:`.');
}
