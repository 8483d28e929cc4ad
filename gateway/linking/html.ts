import { html } from 'hono/html';
import type { Words } from '../../templates/words.ts';
import { page } from '../pages/html.ts';

/** `who`: choose the member; `code`: enter what was sent; `linked`: it is done, and can be undone. */
export interface LinkStep {
  step: 'who' | 'code' | 'linked';
  problem?: string;
  /** The link stands in the configuration, so it cannot be undone here. */
  fixed?: true;
  /** Whom to choose at first. */
  suggested?: string | undefined;
  /** The code takes another link away. */
  replaces?: boolean;
  /** Somebody else is signed in with this browser. */
  signedInAs?: string;
}

type LinkPage =
  | { step: 'say'; text: string; tone: 'good' | 'bad' }
  | (LinkStep & { state: string; account: string; name: string; people: readonly { id: string; name: string }[] });

export function linkPage(words: Words, shown: LinkPage) {
  const { link } = words;
  return page(
    words,
    link.title,
    '',
    html`<header><h1>${link.title}</h1></header>
      ${shown.step === 'say' ? notice(shown.text, shown.tone) : step(words, shown)}`,
  );
}

function step({ link, session: { browsers } }: Words, shown: Exclude<LinkPage, { step: 'say' }>) {
  const form = (fields: ReturnType<typeof html>) =>
    html`<form method="post" action="/oauth/${shown.account}">
      <input type="hidden" name="state" value="${shown.state}" />${fields}
    </form>`;
  const problem = shown.problem === undefined ? '' : notice(shown.problem, 'bad');
  switch (shown.step) {
    case 'linked':
      return html`${notice(link.linked(shown.name, shown.account))}
      ${
        shown.signedInAs === undefined
          ? ''
          : html`<section>
              <p>${link.otherHere(shown.signedInAs)} <a href="/session">${browsers}</a></p>
            </section>`
      }
      ${
        shown.fixed
          ? ''
          : html`<section>${form(html`<button name="action" value="unlink">${link.unlink}</button>`)}</section>`
      }`;
    case 'code':
      return html`${problem}
        <section>
          <p>${link.codeSent}</p>
          ${shown.replaces ? html`<p>${link.replaces}</p>` : ''}
          ${form(
            html`<input
                name="code"
                aria-label="${link.code}"
                placeholder="${link.code}"
                inputmode="numeric"
                autocomplete="one-time-code"
                maxlength="12"
                required
              />
              <button class="go" name="action" value="try">${link.confirm}</button>`,
          )}
        </section>`;
    case 'who':
      return html`${problem}
        <section>
          <p>${link.whoAreYou}</p>
          ${form(
            html`<select name="member" aria-label="${link.whoAreYou}">
                ${shown.people.map((one) => option(one, one.id === shown.suggested))}
              </select>
              <button class="go" name="action" value="ask">${link.sendCode}</button>`,
          )}
        </section>`;
  }
}

function option({ id, name }: { id: string; name: string }, isChosen: boolean) {
  return isChosen
    ? html`<option value="${id}" selected>${name}</option>`
    : html`<option value="${id}">${name}</option>`;
}

function notice(text: string, tone: 'good' | 'bad' = 'good') {
  return html`<p class="notice ${tone}" role="status">${text}</p>`;
}
