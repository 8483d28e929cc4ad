import { createInterface } from 'node:readline/promises';
import { Option, type Command } from 'commander';
import type { Client } from '@temporalio/client';
import type { Configuration, Member } from '../../config/configuration.ts';
import type { MemberUpdates } from '../../domain/messages.ts';
import { CODE_MEDIA, type CodeMedium, type Tried } from '../../domain/member/book.ts';
import { CommandError } from '../command-error.ts';
import { withClient, withConnection, type ConnectionFlags } from '../connection.ts';

interface Flags extends ConnectionFlags {
  config: string;
}

const ASK_MS = 10_000;
/** A code passes through every account that may take it until one does. */
const SEND_MS = 60_000;

/** What members prove: that an address reaches them, that an account of a chat platform is theirs. */
export function addProofCommands(program: Command): void {
  proving(program.command('verify <member>'))
    .description('send a member a code, and take it back: proves that the phone or e-mail reaches them')
    .addOption(
      new Option('--by <medium>', 'how it is sent (default: e-mail, else a text message)').choices([...CODE_MEDIA]),
    )
    .option('--code <code>', 'the code that came')
    .action(verify);
  proving(program.command('link <member> [account]'))
    .description('link a chat account to a member: send a code to write to the bot; without an account: what is linked')
    .option('--identity <id>', 'the id on the platform, when you are sure of it: no code')
    .action(link);
  proving(program.command('unlink <member> <account>'))
    .description('undo a link; all browsers of the member are signed out')
    .action(unlink);
  proving(program.command('signout <member>'))
    .description('sign all browsers of a member out of the incident pages')
    .action(signOut);
}

function proving(command: Command): Command {
  return withConnection(command).option('--config <file>', 'the configuration', 'escalations.yaml');
}

async function verify(id: string, { by, code, ...flags }: Flags & { by?: CodeMedium; code?: string }): Promise<void> {
  await withMember(id, flags, async ({ ask, secrets }) => {
    let typed = code;
    if (typed === undefined) {
      const answer = await ask('requestCode', { purpose: 'verify', ...(by && { medium: by }) }, SEND_MS);
      if ('refused' in answer) throw new CommandError(answer.refused);
      console.log(`a code is on its way to ${id} by ${answer.sent}; it is good for 10 minutes`);
      if (!process.stdin.isTTY) {
        console.log(`enter it with: escalations verify ${id} --code <code>`);
        return;
      }
      typed = await prompt('code: ');
    }
    const { triedCode } = await import('../../links/digest.ts');
    const tried: Tried = triedCode(id, typed, secrets, { purpose: 'verify' });
    const verdict = await ask('tryCode', tried, ASK_MS);
    if (verdict === 'wrong') throw new CommandError('that is not the code');
    if (verdict === 'none') throw new CommandError(`no code is open: \`escalations verify ${id}\` sends one`);
    console.log(`${id}: verified`);
  });
}

async function link(
  id: string,
  account: string | undefined,
  { identity, ...flags }: Flags & { identity?: string },
): Promise<void> {
  await withMember(id, flags, async ({ ask, current, client, member, secrets }) => {
    if (account === undefined) {
      const [{ Proofs }, { unverifiedOf }] = await Promise.all([
        import('../../client/proofs.ts'),
        import('../../links/digest.ts'),
      ]);
      const proved = await new Proofs({ current }).of(client, id);
      const open = await unverifiedOf(member, Promise.resolve(proved), secrets);
      for (const [name, linked] of Object.entries(proved.identities)) console.log(`${name}: ${linked}`);
      console.log(open.length === 0 ? 'verified' : `not verified: ${open.join(', ')}`);
      return;
    }
    if (!current.accounts.has(account)) {
      throw new CommandError(`no account is called ${account}; known: ${[...current.accounts.keys()].join(', ')}`);
    }
    if (identity !== undefined) {
      const { WorkflowUpdateFailedError } = await import('@temporalio/client');
      await ask('link', { account, identity }, ASK_MS).catch((error: unknown) => {
        throw error instanceof WorkflowUpdateFailedError
          ? new CommandError(error.cause?.message ?? error.message)
          : error;
      });
      console.log(`${id} is linked to ${identity} of ${account}`);
      return;
    }
    const answer = await ask('requestCode', { purpose: 'link', account }, SEND_MS);
    if ('refused' in answer) throw new CommandError(answer.refused);
    console.log(`a code is on its way to ${id} by ${answer.sent}: ${id} writes what it says to the bot of ${account}`);
  });
}

async function unlink(id: string, account: string, flags: Flags): Promise<void> {
  await withMember(id, flags, async ({ ask }) => {
    await ask('unlink', { account }, ASK_MS);
    console.log(`${id} is no longer linked to ${account}`);
  });
}

async function signOut(id: string, flags: Flags): Promise<void> {
  const [{ WorkflowNotFoundError }, { talk }, { MEMBER }, { memberWorkflowId }] = await Promise.all([
    import('@temporalio/client'),
    import('../../client/talk.ts'),
    import('../../domain/messages.ts'),
    import('../../domain/workflow-ids.ts'),
  ]);
  await withMember(id, flags, async ({ client, current }) => {
    await talk(client, { withinMs: ASK_MS })
      .tell(MEMBER, memberWorkflowId(current.prefix, id), 'signOut', {})
      .catch((error: unknown) => {
        // Nobody has signed in as this member yet.
        if (!(error instanceof WorkflowNotFoundError)) throw error;
      });
    console.log(`${id} is signed out everywhere`);
  });
}

interface Proving {
  client: Client;
  current: Configuration;
  member: Member;
  secrets: readonly string[];
  ask: <Name extends keyof MemberUpdates>(
    name: Name,
    argument: MemberUpdates[Name]['argument'],
    withinMs: number,
  ) => Promise<MemberUpdates[Name]['answer']>;
}

async function withMember(
  id: string,
  { config, ...flags }: Flags,
  run: (proving: Proving) => Promise<void>,
): Promise<void> {
  const [{ loadConfiguration }, { askMember }] = await Promise.all([
    import('../../config/load.ts'),
    import('../../client/long-lived.ts'),
  ]);
  const current = await loadConfiguration(config);
  const member = current.members.get(id);
  if (!member || member.mailbox) throw new CommandError(`no member is called ${id}`);
  const { prefix, gateway } = current;
  await withClient(flags, (client) =>
    run({
      client,
      current,
      member,
      secrets: gateway.secrets,
      ask: (name, argument, withinMs) => askMember({ client, prefix, member: id }, name, argument, withinMs),
    }),
  );
}

async function prompt(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return await terminal.question(question);
  } finally {
    terminal.close();
  }
}
