import type { GroupEvent } from '../domain/incident/rule.ts';
import type { Locale } from '../domain/locale.ts';
import type { IncidentWords } from '../domain/words/words.ts';
import { en } from './en.ts';
import { zh } from './zh.ts';

/** Every word people see, in one language. Clock times arrive formatted, names as people know them. */
export interface Words extends Pick<
  IncidentWords,
  'severities' | 'progress' | 'somebody' | 'kinds' | 'outcomes' | 'media' | 'because' | 'span'
> {
  /** BCP 47, for dates and the page's `lang`. */
  language: string;
  openPage: string;
  buttons: {
    acknowledge: string;
    unacknowledge: string;
    wake: string;
    close: string;
    comment: string;
    escalate: string;
    reassign: string;
    /** `Snooze 2 h`. */
    snooze(minutes: number): string;
  };
  facts: Record<'severity' | 'number' | 'channel' | 'source' | 'started' | 'level' | 'responders', string>;
  status: {
    open(level: number, levels: number): string;
    notStarted: string;
    acknowledged(who: string, at: string | undefined): string;
    snoozed(until: string): string;
    exhausted: string;
    /** All levels have ended, and none of the people they name could be told. */
    toldNobody: string;
    closed(who: string | undefined, at: string | undefined): string;
  };
  /** What happened, to lead a message about it. `opened` is the page itself. */
  events: Record<GroupEvent, string>;
  /** The page itself, from its second sending on. */
  reminder: string;
  /** What the presser of a button is told. */
  press: {
    /** Temporal has it and there was no time to ask what came of it. */
    recorded: string;
    acknowledged: string;
    alreadyAcknowledged(who: string): string;
    snoozed(until: string): string;
    closed: string;
    escalated(level: number): string;
    /** After the sentence before: somebody had acknowledged. */
    tookBack(who: string): string;
    /** The level had started before the press: somebody else escalated, or its time had come. */
    levelStarted(level: number, at: string | undefined): string;
    commented: string;
    reassigned(to: string): string;
    /** A form was sent without what it asks for. */
    nothingWritten: string;
    nobodyNamed: string;
    alreadyClosed(who: string | undefined): string;
    /** The incident closed, or is no longer kept. */
    over: string;
    /** After what became of an earlier occurrence. */
    newer(number: string): string;
    unconfirmed: string;
    /** Temporal will never take it. */
    refused: string;
    unknownPerson(account: string, identity: string): string;
    forged: string;
    expired: string;
  };
  voice: {
    /** Heard in place of a title when several incidents share one call. */
    several(count: number, worst: string): string;
    noChannel: string;
    /** Above the list of what a call announces. */
    announced(count: number): string;
    keyActsOnAll: string;
    /** Read out; `number` is spelled. */
    announcement(severity: string, number: string, title: string): string;
    /** Which key does what; 3 always repeats. */
    keys(acknowledge: string, escalate: string | undefined): string;
    goodbye: string;
    /** A key that means nothing, before the keys are said again. */
    noSuchKey: string;
    /** Not known in time whether it was recorded. */
    pressAgain: string;
    noFurtherLevel: string;
    callOver: string;
    replyHint(code: string): string;
    /** To whoever answers a text with something else. */
    replyHelp: string;
    replyAgain: string;
    noOpenIncident: string;
    /** To a number from which too many codes came that were none. */
    tooManyWrongCodes: string;
    /** Above one {@link replyLine} for each incident that could be meant. */
    whichIncident: string;
    replyLine(code: string, number: string, title: string): string;
    /** The list in 35 characters, whole up to three. */
    numbers(numbers: string[]): string;
  };
  /** Codes that prove an address, or link a chat account. */
  code: {
    subject: string;
    /** For a template's variable, and to be spoken. */
    short(code: string): string;
    verify(code: string): string;
    /** `command` is what to write to the bot. */
    link(code: string, account: string, command: string): string;
    session(code: string): string;
  };
  /** A member hears of a change in their own accounts. */
  notice: {
    subject(account: string): string;
    linked(account: string): string;
    replaced(account: string): string;
    unlinked(account: string): string;
    ifNotYou: string;
  };
  /** A platform's account becomes a member's. */
  link: {
    title: string;
    linked(name: string, account: string): string;
    unlink: string;
    unlinked: string;
    /** What takes a code. */
    whoAreYou: string;
    sendCode: string;
    codeSent: string;
    noCode: string;
    /** To whoever has asked for too many, for themselves or for others. */
    tooManyCodes: string;
    code: string;
    confirm: string;
    wrong: string;
    gone: string;
    /** The member has another id there, which the code takes away. */
    replaces: string;
    /** Somebody else is signed in with this browser, and stays so. */
    otherHere(name: string): string;
    /** The platform did not confirm who it is, or the page is too old. */
    again: string;
    later: string;
    /** After {@link Words.press.unknownPerson}. */
    here(url: string): string;
    /** The same where the platform signs nobody in for us. */
    byChat: string;
    /** Whether it has left is not known yet. */
    codeAsked: string;
  };
  /** Answers to what people write to the bot. */
  command: {
    help: string;
    noneAssigned: string;
    /** Above the list. */
    chooseOne: string;
    mine: string;
    noSuch(number: string): string;
    /** Above the incidents that have it. */
    shared(number: string): string;
    tooSlow: string;
    chat(chat: string): string;
  };
  /** A browser is signed in and out. */
  session: {
    signIn: string;
    /** Above the field for {@link who}. */
    hint: string;
    who: string;
    /** Whether anybody is called so is not told. */
    sent: string;
    tooOld: string;
    back: string;
    already(name: string): string;
    signedIn(name: string): string;
    browsers: string;
    here: string;
    since(at: string): string;
    out: string;
    everywhere: string;
    outHere: string;
    outEverywhere: string;
    otherOut: string;
    outUnconfirmed: string;
    notHere: string;
    /** The link is the holder's, and what is pressed counts as that of whoever is signed in. */
    asYourself(holder: string, you: string): string;
    /** The other way round. */
    asHolder(holder: string, you: string): string;
    actAs(name: string): string;
  };
  page: {
    recorded: string;
    actingAs(name: string): string;
    /** A person's own addresses that no code has proved. */
    unverified(kinds: readonly ('phone' | 'email')[]): string;
    readOnly: string;
    timeline: string;
    notifications: string;
    labels: string;
    detail: string;
    snooze: string;
    resolution: string;
    commentText: string;
    refresh: string;
    contacts: string;
    next(at: string): string;
    level(level: number, round: number): string;
    /** Before somebody escalates what is acknowledged. */
    escalateTakesBack(who: string): string;
    unreadable: string;
    unreadableHint: string;
    /** After a press so quick that a link scanner may have made it: nothing was done. */
    notAcknowledged: string;
    notDone: string;
    badForm: string;
    linkExpired: string;
    /** A personal link of somebody who has left. */
    linkOfFormer: string;
    linkUnknown: string;
    /** To an address that has shown too many wrong links or tokens. */
    tooManyWrong: string;
    notKept: string;
  };
}

const TABLES: Record<Locale, Words> = { en, zh };

export function wordsFor(locale: Locale): Words {
  return TABLES[locale];
}
