import type { WorkflowExecutionInfo } from '@temporalio/client';
import type { Account, Member } from '../../config/configuration.ts';
import type { By } from '../../domain/incident/action.ts';
import { faceOf } from '../../domain/incident/face.ts';
import { INCIDENT_NUMBER, spoken } from '../../domain/incident/number.ts';
import { refKey, refOf } from '../../domain/incident/occurrence.ts';
import { cut } from '../../domain/incident/incident.ts';
import type { IncidentView } from '../../domain/incident/view.ts';
import type { Happening, PressResult } from '../../providers/kit/adapter.ts';
import { pageUrl } from '../../links/url.ts';
import { overText, say, takenText } from '../../templates/press.ts';
import { statusOf } from '../../templates/wording.ts';
import { wordsFor } from '../../templates/words.ts';
import type { Door } from '../door.ts';
import { errorName } from '../error-name.ts';
import { talk } from '../../client/talk.ts';
import { sendCode, tryCode } from '../linking/codes.ts';
import { noteChat } from '../linking/members.ts';
import { howToLink, lookNow } from './press.ts';
import { readerFor } from '../reader.ts';
import type { Delivered } from '../relay.ts';
import { INCIDENT } from '../../domain/messages.ts';

type Message = Extract<Happening, { kind: 'message' }>;
interface Said {
  delivered: Delivered | 'ignored';
  press: PressResult;
}

/** More open incidents than this are not looked at one by one. */
const MOST_LOOKED_AT = 60;
const MOST_LISTED = 10;
/** Left for the signal after looking. */
const SIGNAL_MS = 300;
/** For asking a member's workflow for a code, which nobody waits for. */
const REQUEST_MS = 10_000;

const COMMANDS = {
  ack: /^\/?(?:ack|acknowledge|认领)(?:\s+#?(\S+))?$/i,
  status: /^\/?(?:status|状态)(?:\s+#?(\S+))?$/i,
  link: /^\/?link(?:user)?(?:\s+(\S+))?$/i,
  chat: /^\/?link(?:team|chat)\b/i,
} as const;

/**
 * What somebody wrote to the bot: `ack [number]`, `status [number]`, `link <code>`, `linkChat`. A bare `ack` acts only
 * when exactly one open incident is assigned to whoever wrote it.
 */
export async function takeMessage(message: Message, account: Account, door: Door, budget: () => number): Promise<Said> {
  const text = message.text.replace(/@\S+/g, ' ').trim().replace(/\s+/g, ' ').slice(0, 200);
  const link = COMMANDS.link.exec(text);
  if (link) return takeLink(message, link[1], account, door, budget);
  const member = await door.directory.findByIdentity(account.name, message.identity);
  if (!member) return ignored('unknown-person', await howToLink(account, message.identity, door));
  if (COMMANDS.chat.test(text)) return takeChat(message, member, account, door, budget);
  const acknowledge = COMMANDS.ack.exec(text);
  const status = acknowledge ? null : COMMANDS.status.exec(text);
  const { command } = wordsFor(member.locale);
  if (!acknowledge && !status) return ignored('done', command.help);

  const number = (acknowledge ?? status)?.[1];
  const found = number === undefined ? await assignedTo(member, door, budget) : await numbered(number, door, budget);
  const context = { message, member, account, door, budget };
  if (acknowledge) return takeAcknowledge(context, found, number);
  return ignored('done', listing(found, number, context));
}

interface Context {
  message: Message;
  member: Member;
  account: Account;
  door: Door;
  budget: () => number;
}

/** Incidents that are meant; `isAll`: there are certainly no others. */
interface Found {
  views: IncidentView[];
  isAll: boolean;
}

async function takeAcknowledge(context: Context, { views, isAll }: Found, number?: string): Promise<Said> {
  const { message, member, account, door, budget } = context;
  const words = wordsFor(member.locale);
  const reader = readerFor(context.member, context.door);
  const [view, ...others] = views;
  // Without a number in the command, only one incident may be meant.
  if (!view || others.length > 0 || (number === undefined && !isAll)) {
    const above = number === undefined ? words.command.chooseOne : words.command.shared(spoken(number));
    return ignored('done', listing({ views, isAll }, number, context, above));
  }
  const { workflowId, ...which } = refOf(view);
  const key = `${account.name}/${message.eventId}`;
  const argument: By = { by: { member: member.id }, via: 'chat', key, ...which };
  const signal = {
    contract: INCIDENT,
    workflowId,
    signal: 'acknowledge' as const,
    argument,
    key: `${refKey(view)} ${key}`,
  };
  const delivered = await door.relay.tell(signal, Math.max(budget(), 1));
  if (delivered === 'unconfirmed' || delivered === 'refused') {
    return { delivered, press: { state: delivered, action: 'acknowledge', text: words.press[delivered] } };
  }
  const { view: after } = await lookNow(door, view, budget());
  const face = after && faceOf(after);
  const said =
    delivered === 'gone'
      ? overText(faceOf(view), reader)
      : takenText({ action: 'acknowledge', member: member.id, ...(face && { face }) }, reader);
  const text = `${headOf(view)}: ${said}`;
  return { delivered, press: { state: delivered === 'gone' ? 'closed' : 'done', action: 'acknowledge', text } };
}

/** What is known about the incidents that were meant, one a line. */
function listing({ views, isAll }: Found, number: string | undefined, context: Context, above?: string): string {
  const { member, account, door } = context;
  const { command } = wordsFor(member.locale);
  const reader = readerFor(context.member, context.door);
  if (views.length === 0) {
    if (!isAll) return command.tooSlow;
    return number === undefined ? command.noneAssigned : command.noSuch(cut(number, 40));
  }
  const lines = views.slice(0, MOST_LISTED).map((view) => `${headOf(view)}: ${statusOf(faceOf(view), reader)}`);
  const { publicUrl, secrets } = door.source.current.gateway;
  const [view] = views;
  // Nobody's own link: others may read along.
  if (number !== undefined && view && views.length === 1 && publicUrl !== undefined) {
    const link = {
      ...refOf(view),
      notification: '',
      account: account.name,
      member: null,
      now: door.now(),
    };
    lines.push(pageUrl(publicUrl, link, secrets));
  }
  const head = number === undefined ? [above ?? command.mine] : views.length > 1 && above ? [above] : [];
  const more = views.length > MOST_LISTED ? [`+${String(views.length - MOST_LISTED)}`] : [];
  return [...head, ...lines, ...more, ...(isAll ? [] : [command.tooSlow])].join('\n');
}

function headOf({ number, incident }: IncidentView): string {
  return `${number} [${incident.severity}] ${cut(incident.title, 120)}`;
}

/** Open incidents that are assigned to the member and that they have not acknowledged; else all that are theirs. */
async function assignedTo(member: Member, door: Door, budget: () => number): Promise<Found> {
  const { views, isAll } = await openIncidents(door, budget);
  const mine = views.filter(({ responders }) => responders.some((one) => one.member === member.id));
  const waiting = mine.filter(({ responders }) =>
    responders.some((one) => one.member === member.id && one.acknowledgedAt === undefined),
  );
  return { views: waiting.length > 0 ? waiting : mine, isAll };
}

/** By its number: as the search attribute has it, else by looking at what is open. */
async function numbered(written: string, door: Door, budget: () => number): Promise<Found> {
  const number = spoken(written);
  if (!INCIDENT_NUMBER.test(number)) return { views: [], isAll: true };
  const query = `${OURS} AND TaskQueue = '${door.source.current.prefix}'`;
  const byAttribute = await look(door, `${query} AND IncidentNumber = '${number}'`, 5, budget).catch(() => undefined);
  // Two can have the same number, by chance: then nobody can say which of them is meant.
  const bearers = (byAttribute?.views ?? []).filter((view) => view.number === number);
  if (byAttribute && bearers.length > 0) return { ...byAttribute, views: bearers };
  // The server lacks our attribute, or the incident is so new that the index does not have it yet.
  const open = await openIncidents(door, budget);
  return { views: open.views.filter((view) => view.number === number), isAll: open.isAll };
}

const OURS = `WorkflowType = '${INCIDENT.type}'`;

async function openIncidents(door: Door, budget: () => number): Promise<Found> {
  const { prefix } = door.source.current;
  const query = `${OURS} AND ExecutionStatus = 'Running' AND TaskQueue = '${prefix}'`;
  try {
    const { views, isAll } = await look(door, query, MOST_LOOKED_AT, budget);
    return { views: views.filter(({ progress }) => progress !== 'Closed'), isAll };
  } catch (error) {
    door.logger.warn({ error: errorName(error) }, 'open incidents could not be listed');
    return { views: [], isAll: false };
  }
}

/** @throws when the list cannot be had in time. */
async function look({ client, looks }: Door, query: string, most: number, budget: () => number): Promise<Found> {
  const forLooking = (): number => Math.max(budget() - SIGNAL_MS, 1);
  const runs = await client.withDeadline(Date.now() + forLooking(), async () => {
    const found = new Map<string, WorkflowExecutionInfo>();
    // The newest run of each that answers to the query.
    for await (const run of client.workflow.list({ query, pageSize: most + 1 })) {
      if (!found.has(run.workflowId)) found.set(run.workflowId, run);
      if (found.size > most) break;
    }
    return [...found.values()];
  });
  const asked = runs.slice(0, most).map(async ({ workflowId, runId, status }) => {
    // A run that is over may be of an earlier occurrence, so that very run is asked.
    if (status.name === 'RUNNING') return (await looks.at({ workflowId }, forLooking())).view;
    return talk(client, { withinMs: forLooking() }).ask(INCIDENT, { workflowId, runId }, 'describe');
  });
  const views = (await Promise.allSettled(asked)).flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  return { views, isAll: views.length === runs.length };
}

/**
 * `primary-482913`: the code that went to a member, who writes it from the account that is to be theirs. `primary`: asks
 * for that code.
 */
async function takeLink(
  { identity }: Message,
  written: string | undefined,
  account: Account,
  door: Door,
  budget: () => number,
): Promise<Said> {
  const find = (id: string) => door.directory.member(id).catch(() => undefined);
  const asker = { account: account.name, identity };
  const [, id = '', code = ''] = /^(.+)-(\d{6})$/.exec(written ?? '') ?? [];
  if (id === '') {
    // Anybody may write to a bot: neither the words nor the time they take tell who is a member.
    const mayAsk = door.askers.mayAsk(asker, door.now());
    void find(written ?? '')
      .then((member) => {
        if (!mayAsk || !member || member.mailbox) return undefined;
        return sendCode(door, asker, member, REQUEST_MS);
      })
      .catch((error: unknown) => {
        door.logger.warn({ account: account.name, error: errorName(error) }, 'no code was sent for a link');
      });
    return ignored(
      'done',
      say(undefined, ({ link }) => (mayAsk ? link.codeAsked : link.tooManyCodes)),
    );
  }
  const member = await find(id);
  const noSuchCode = ignored(
    'refused',
    say(undefined, ({ link }) => link.gone),
  );
  if (!member || member.mailbox) return noSuchCode;
  const { link } = wordsFor(member.locale);
  try {
    const verdict = await tryCode(door, { asker, member, code }, Math.max(budget(), 1));
    if (verdict !== 'good') door.strangers.note('code');
    if (verdict === 'wrong') return ignored('refused', link.wrong);
    if (verdict !== 'good') return noSuchCode;
    return { delivered: 'done', press: { state: 'done', text: link.linked(member.name, account.name) } };
  } catch (error) {
    door.logger.warn({ account: account.name, error: errorName(error) }, 'a link could not be made');
    return { delivered: 'unconfirmed', press: { state: 'unconfirmed', text: link.later } };
  }
}

/** Enters the group it was written in into the list of groups. */
async function takeChat(
  { chat }: Message,
  { locale }: Member,
  account: Account,
  door: Door,
  budget: () => number,
): Promise<Said> {
  const { command, link } = wordsFor(locale);
  if (chat === undefined) return ignored('done', command.help);
  try {
    await noteChat(door, account.name, { chat, change: 'joined' }, Math.max(budget(), 1));
    return { delivered: 'done', press: { state: 'done', text: command.chat(chat) } };
  } catch {
    return { delivered: 'unconfirmed', press: { state: 'unconfirmed', text: link.later } };
  }
}

function ignored(state: PressResult['state'], text: string): Said {
  return { delivered: 'ignored', press: { state, text } };
}
