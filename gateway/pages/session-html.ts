// The pages on which a browser is signed in and out.

import { html } from 'hono/html';
import type { Member } from '../../config/configuration.ts';
import type { Session } from '../../domain/member/session.ts';
import { clockFor } from '../../templates/clock.ts';
import type { Words } from '../../templates/words.ts';
import { page, type Html } from './html.ts';

/** `who`: say who you are; `code`: enter what was sent. */
export type SignInStep = { problem?: string } & ({ step: 'who'; who: string } | { step: 'code'; state: string });

/** @param shown.here the name of whoever is signed in already. @param shown.back address of the incident. */
export function signInPage(words: Words, shown: SignInStep & { back: string; here?: string }): Html {
  const { session: say } = words;
  const { problem, back, here } = shown;
  return page(
    words,
    say.signIn,
    '',
    html`<header><h1>${say.signIn}</h1></header>
      ${problem === undefined ? '' : html`<p class="notice bad" role="alert">${problem}</p>`}
      <section>
        ${here === undefined ? step(words, shown) : html`<p>${say.already(here)} <a href="/session">${say.browsers}</a></p>`}
      </section>
      <section>
        <p><a href="${back}">${say.back}</a></p>
      </section>`,
  );
}

function step({ session: say, link }: Words, shown: SignInStep): Html {
  if (shown.step === 'code') {
    return html`<p>${say.sent}</p>
      <form method="post">
        <input type="hidden" name="state" value="${shown.state}" />
        <input
          name="code"
          aria-label="${link.code}"
          placeholder="${link.code}"
          inputmode="numeric"
          autocomplete="one-time-code"
          maxlength="12"
          required
        />
        <button class="go" name="action" value="try">${say.signIn}</button>
      </form>`;
  }
  return html`<p>${say.hint}</p>
    <form method="post">
      <input
        name="who"
        value="${shown.who}"
        aria-label="${say.who}"
        placeholder="${say.who}"
        autocomplete="email"
        autocapitalize="none"
        maxlength="320"
        required
      />
      <button class="go" name="action" value="ask">${link.sendCode}</button>
    </form>`;
}

export function sessionsPage(
  words: Words,
  {
    member,
    sessions,
    nonce,
    said,
  }: { member: Member; sessions: readonly (Session & { isHere: boolean })[]; nonce: string; said?: string },
): Html {
  const { session: say } = words;
  const clock = clockFor(member.locale, member.timeZone);
  const out = (action: string, label: string) =>
    html`<form method="post" action="/session">
      <input type="hidden" name="nonce" value="${nonce}" /><button name="action" value="${action}">${label}</button>
    </form>`;
  return page(
    words,
    say.browsers,
    '',
    html`<header>
        <h1>${say.browsers}</h1>
        <p class="soft">${say.signedIn(member.name)}</p>
      </header>
      ${said === undefined ? '' : html`<p class="notice" role="status">${said}</p>`}
      ${sessions.map(
        ({ id, browser, since, isHere }) =>
          html`<section>
            <p class="state">${browser}${isHere ? html` · ${say.here}` : ''}</p>
            <p class="soft">${say.since(clock.dateTime(new Date(since).toISOString()))}</p>
            ${out(`out ${id}`, say.out)}
          </section>`,
      )}
      <section>${out('everywhere', say.everywhere)}</section>`,
  );
}
