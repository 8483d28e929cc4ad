import { html } from 'hono/html';
import { incidentWords } from '../../domain/words/index.ts';
import type { OfferedAt } from '../../domain/incident/action.ts';
import { faceOf } from '../../domain/incident/face.ts';
import { readShell } from '../../domain/incident/shell.ts';
import { LIMITS } from '../../domain/incident/incident.ts';
import {
  isStuck,
  type IncidentView,
  type LostRun,
  type NotificationView,
  type RecordView,
} from '../../domain/incident/view.ts';
import { nextLevel, SNOOZE_MINUTES } from '../../templates/buttons.ts';
import { clockFor, type Clock } from '../../templates/clock.ts';
import { statusOf, type Reader } from '../../templates/wording.ts';
import { wordsFor, type Words } from '../../templates/words.ts';
import { STYLE_ELEMENT } from './style.ts';
import { asStored } from '../../domain/incident/record.ts';
import { comingText, reasonText, recordText } from '../../domain/words/index.ts';

export type Html = ReturnType<typeof html> | '';

/** What the page's forms send as `action`; two name a number besides: `snooze 120`, `escalate 2` (the level shown). */
export type PageAction = OfferedAt<'page'>;

export interface Notice {
  tone: 'good' | 'wait' | 'bad';
  text: string;
}

export interface IncidentPage {
  /** Absent when the state cannot be read now; acting works all the same. */
  view?: IncidentView;
  /** The number of the occurrence that has followed the one that is shown. */
  newer?: string;
  /** Nothing comes of it any more, although nobody has closed it. */
  lost?: LostRun;
  reader: Reader;
  /** Who acts from here, with the nonce of their forms. */
  actor?: { member: string; name: string; nonce: string; unverified?: readonly ('phone' | 'email')[] };
  notice?: Notice;
  /** Address of the page where somebody signs in with this browser. */
  signIn: string;
  /** Who is signed in with this browser, with the nonce of the form that signs them out. */
  session?: { name: string; nonce: string };
  /** The link is somebody else's than whoever is signed in: the browser's person chooses whose name is used. */
  holder?: { name: string; isChosen: boolean };
  /** Address of the card with the numbers that call. */
  contacts?: string;
}

const SHOWN = { timeline: 200, notifications: 100 } as const;

export function incidentPage(shown: IncidentPage): Html {
  const { reader, notice, newer, lost } = shown;
  const isStopped = lost !== undefined || newer !== undefined;
  const view = isStopped ? withoutNext(shown.view) : shown.view;
  const isOver = view?.progress === 'Closed' || isStopped;
  const words = wordsFor(reader.locale);
  const clock = clockFor(reader.locale, reader.timeZone);
  const title = view ? `[${words.severities[view.incident.severity]}] ${view.incident.title}` : words.page.unreadable;
  return page(
    words,
    title,
    view?.incident.severity ?? '',
    html`${view ? head(view, reader, words, clock, selfOf(shown)) : unreadable(words, selfOf(shown))}
    ${notice ? noticeBox(notice) : ''}
    ${newer === undefined ? '' : noticeBox({ tone: 'wait', text: words.press.newer(newer) })}
    ${lost ? noticeBox({ tone: 'bad', text: lostText(lost, reader, clock) }) : ''}
    ${isOver ? '' : actions(shown, words)} ${view ? body(view, reader, words, clock) : ''} ${signedIn(shown, words)}`,
  );
}

function withoutNext(view: IncidentView | undefined): IncidentView | undefined {
  if (!view) return undefined;
  const { next: _, ...standing } = view;
  return standing;
}

function lostText({ how, at }: LostRun, { locale, now }: Reader, clock: Clock): string {
  return incidentWords(locale).state.lost(how, clock.nearTime(at, now));
}

/** A page that says one thing. */
export function plainPage(words: Words, text: string): Html {
  return page(words, text, '', html`<section><p>${text}</p></section>`);
}

/** Everything around a page's content. */
export function page(words: Words, title: string, tone: string, content: Html): Html {
  return html`<!doctype html>
    <html lang="${words.language}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>${title}</title>
        ${STYLE_ELEMENT}
      </head>
      <body>
        <main class="${tone}">${content}</main>
      </body>
    </html> `;
}

/** The same page once more, in the same name. */
function selfOf({ holder }: IncidentPage): string {
  return holder?.isChosen ? '?as=holder' : '?';
}

function head(view: IncidentView, reader: Reader, words: Words, clock: Clock, self: string): Html {
  const { next } = view;
  const { page: say } = words;
  return html`<header>
    <p class="tags">
      <span class="tag full">${words.severities[view.incident.severity]}</span>
      <span class="tag ${view.progress}">${words.progress[view.progress]}</span>
      <span class="end">${view.number}</span>
    </p>
    <h1>${view.incident.title}</h1>
    <p class="state">${statusOf(faceOf(view), reader)}</p>
    <p class="soft">
      ${next ? `${say.next(clock.nearTime(next.at, reader.now))}: ${comingText(next.coming ?? next.what, reader)} · ` : ''}<a
        href="${self}"
        >${say.refresh}</a
      >
    </p>
  </header>`;
}

function unreadable(words: Words, self: string): Html {
  return html`<header>
    <h1>${words.page.unreadable}</h1>
    <p class="soft">${words.page.unreadableHint} <a href="${self}">${words.page.refresh}</a></p>
  </header>`;
}

function noticeBox({ tone, text }: Notice): Html {
  return html`<p class="notice ${tone}" role="${tone === 'bad' ? 'alert' : 'status'}">${text}</p>`;
}

function actions({ view, reader, actor, contacts, session, holder, signIn }: IncidentPage, words: Words): Html {
  const numbers =
    contacts === undefined ? '' : html`<p class="soft"><a href="${contacts}">${words.page.contacts}</a></p>`;
  if (!actor) {
    return html`<section>
      <p>${words.page.readOnly} <a href="${signIn}">${words.session.signIn}</a></p>
      ${numbers}
    </section>`;
  }
  const { buttons, page: say } = words;
  const nonce = html`<input type="hidden" name="nonce" value="${actor.nonce}" />`;
  const press = (action: string, label: string, look = '') =>
    html`<button class="${look}" name="action" value="${action}">${label}</button>`;
  const isMine =
    view?.responders.some(({ member, acknowledgedAt }) => member === actor.member && acknowledgedAt !== undefined) ??
    false;
  const isSnoozed = view?.snoozedUntil !== undefined;
  const next = view && nextLevel(view);
  const holders = view === undefined ? [] : acknowledgersOf(view, reader);

  return html`<section>
    ${holder && session ? choice(holder, session, words) : ''}
    <form method="post">
      ${nonce} ${isMine && !isSnoozed ? '' : press('acknowledge', buttons.acknowledge, 'go')}
      <div class="stack">
        <div class="row">
          <span class="soft">${say.snooze}</span>
          ${SNOOZE_MINUTES.map((minutes) => press(`snooze ${String(minutes)}`, words.span(minutes)))}
        </div>
        ${next === undefined ? '' : press(`escalate ${String(next)}`, buttons.escalate)}
        ${
          next === undefined || holders.length === 0
            ? ''
            : html`<p class="soft">${say.escalateTakesBack(holders.join(', '))}</p>`
        }
        ${isSnoozed ? press('wake', buttons.wake) : ''} ${isMine ? press('unacknowledge', buttons.unacknowledge) : ''}
      </div>
    </form>
    ${textForm('close', buttons.close, say.resolution, nonce)}
    ${textForm('comment', buttons.comment, say.commentText, nonce)}
    <p class="soft">${say.actingAs(actor.name)} ${actor.unverified?.length ? say.unverified(actor.unverified) : ''}</p>
    ${numbers}
  </section>`;
}

/** Whose name is used, and the way to the other's. */
function choice(holder: NonNullable<IncidentPage['holder']>, session: { name: string }, { session: say }: Words): Html {
  const [says, other, href] = holder.isChosen
    ? [say.asHolder(holder.name, session.name), session.name, '?']
    : [say.asYourself(holder.name, session.name), holder.name, '?as=holder'];
  return html`<p>${says} <a href="${href}">${say.actAs(other)}</a></p>`;
}

/** At the end of the page, also of a closed incident. */
function signedIn({ session }: IncidentPage, { session: say }: Words): Html {
  if (!session) return '';
  return html`<section>
    <p>${say.signedIn(session.name)} <a href="/session">${say.browsers}</a></p>
    <form method="post" action="/session">
      <input type="hidden" name="nonce" value="${session.nonce}" />
      <button name="action" value="out">${say.out}</button>
    </form>
  </section>`;
}

function acknowledgersOf({ acknowledgedBy, responders }: IncidentView, { names }: Reader): string[] {
  const members = responders.filter(({ acknowledgedAt }) => acknowledgedAt !== undefined).map(({ member }) => member);
  return [...new Set([...(acknowledgedBy ? [names(acknowledgedBy)] : []), ...members.map((member) => names(member))])];
}

function textForm(action: 'close' | 'comment', label: string, hint: string, nonce: Html): Html {
  return html`<details>
    <summary>${label}</summary>
    <form method="post">
      ${nonce}
      <textarea name="text" maxlength="${String(LIMITS.text)}" aria-label="${hint}" placeholder="${hint}"></textarea>
      <button name="action" value="${action}">${label}</button>
    </form>
  </details>`;
}

function body(view: IncidentView, reader: Reader, words: Words, clock: Clock): Html {
  const { incident } = view;
  const { page: say, facts } = words;
  const listed: [string, string | undefined][] = [
    [facts.channel, incident.channel],
    [facts.source, incident.source],
    [facts.started, incident.startedAt && clock.dateTime(incident.startedAt)],
    [facts.responders, view.responders.map(({ member }) => reader.names(member)).join(', ')],
  ];
  const isWebAddress = /^https?:\/\//i.test(incident.detailUrl ?? '');
  const description = incident.description && html`<p class="text">${incident.description}</p>`;
  const detail = isWebAddress && html`<p><a href="${incident.detailUrl}" rel="noreferrer">${say.detail}</a></p>`;
  return html`${card(description || detail ? html`${description || ''} ${detail || ''}` : false)}
  ${card(listed.some(([, value]) => value) && pairs(listed))}
  ${section(say.labels, Object.keys(incident.labels).length > 0 && pairs(Object.entries(incident.labels)))}
  ${section(
    say.timeline,
    html`<ol>
      ${view.timeline
        .slice(-SHOWN.timeline)
        .reverse()
        .map((record) => timelineItem(record, reader, words, clock))}
    </ol>`,
  )}
  ${section(
    say.notifications,
    view.notifications.length > 0 &&
      html`<ul>
        ${view.notifications
          .slice(-SHOWN.notifications)
          .reverse()
          .map((notification) => notificationItem(notification, reader, words, clock))}
      </ul>`,
  )}`;
}

function section(title: string, content: Html | false): Html {
  return card(
    content !== false &&
      html`<h2>${title}</h2>
        ${content}`,
  );
}

/** Nothing where there is nothing to show. */
function card(content: Html | false): Html {
  return content === false ? '' : html`<section>${content}</section>`;
}

function pairs(facts: [string, string | undefined][]): Html {
  return html`<dl>
    ${facts.map(([label, value]) =>
      value
        ? html`<dt>${label}</dt>
            <dd>${value}</dd>`
        : '',
    )}
  </dl>`;
}

function timelineItem(record: RecordView, reader: Reader, words: Words, clock: Clock): Html {
  const at = html`<time class="soft" datetime="${record.at}">${clock.moment(record.at)}</time>`;
  return html`<li>
    ${at}<b>${words.kinds[record.kind]}</b> ${recordText(asStored(record), reader)}${shellOf(record, reader)}
  </li>`;
}

/** Whoever acts from a shell can do so in anybody's name, so the page says whose shell it was. */
function shellOf({ via = '' }: RecordView, { locale }: Reader): string {
  const { because, via: wayText } = incidentWords(locale);
  return readShell(via) ? because(wayText(via)) : '';
}

function notificationItem(notification: NotificationView, reader: Reader, words: Words, clock: Clock): Html {
  const { to, medium, level, round, outcome, why, reason = '', waiting } = notification;
  const carried = (words.media as Record<string, string>)[medium] ?? medium;
  const { state } = incidentWords(reader.locale);
  const cause =
    waiting && isStuck(notification, reader.now)
      ? state.waiting(waiting.account, clock.moment(waiting.since))
      : reasonText(why ?? reason, reader);
  return html`<li>
    <span class="soft">${words.page.level(level, round)}</span><b>${reader.names(to)}</b> ${carried}:
    ${words.outcomes[outcome]}${cause ? words.because(cause) : ''}
  </li>`;
}
