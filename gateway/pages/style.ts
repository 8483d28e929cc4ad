import { createHash } from 'node:crypto';
import { raw } from 'hono/html';

/** The only style sheet of the gateway's pages, written for a phone at night. */
const STYLE = `
:root { color-scheme: light dark; --ink: #1c2128; --soft: #5b6574; --line: #e1e5ea; --back: #f3f5f7; --card: #fff;
  --go: #1558d6; --go-ink: #fff; --tone-ink: #fff; --tone: #5b6574; --red: #c31d29; --amber: #8f5a00; --blue: #2864a8;
  --green: #1f7a3d; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8ebef; --soft: #98a2b0; --line: #30363f; --back: #101317;
  --card: #1a1e24; --go: #5c97f7; --go-ink: #0b1220; --tone-ink: #0b1220; --tone: #98a2b0; --red: #ff7a80;
  --amber: #e0a63c; --blue: #74aef0; --green: #58c27d; } }
.Critical { --tone: var(--red); } .Warning { --tone: var(--amber); } .Info { --tone: var(--blue); }
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--ink); font: 16px/1.5 system-ui, -apple-system, "PingFang SC",
  "Noto Sans SC", "Microsoft YaHei", sans-serif; overflow-wrap: anywhere; -webkit-text-size-adjust: 100%; }
main { max-width: 40rem; margin: 0 auto; padding: 0 0 2rem; }
header { background: var(--card); border-top: 6px solid var(--tone); padding: 1rem 1rem 1.1rem; border-bottom: 1px solid var(--line); }
.tags { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem; font-size: .875rem; color: var(--soft); }
.tag { border-radius: 1rem; padding: .05rem .7rem; font-weight: 600; border: 1.5px solid var(--tone); color: var(--tone); }
.tag.full { background: var(--tone); color: var(--tone-ink); }
.Processing { --tone: var(--blue); } .Closed { --tone: var(--green); }
.tags .end { margin-left: auto; font-family: ui-monospace, monospace; letter-spacing: .05em; }
h1 { font-size: 1.4rem; line-height: 1.25; margin: .6rem 0 .3rem; }
h2 { font-size: .8rem; color: var(--soft); text-transform: uppercase; letter-spacing: .06em; margin: 0 0 .6rem; }
p { margin: 0; } .state { font-weight: 600; } .state + p, form + p, section > p + p, .soft + .soft { margin-top: .4rem; } .soft { color: var(--soft); font-size: .875rem; } .text { white-space: pre-wrap; }
section, .notice { background: var(--card); border: 1px solid var(--line); border-radius: .75rem; margin: .75rem .75rem 0; padding: 1rem; }
.notice { border-left: 5px solid var(--go); font-weight: 600; } .notice.wait { border-left-color: var(--amber); }
.notice.bad { background: var(--red); border-color: var(--red); color: var(--tone-ink); font-size: 1.15rem; }
form { margin: 0; } form + p, details + p, p + form { margin-top: .75rem; }
button { font: inherit; font-weight: 600; min-height: 3rem; border-radius: .6rem; border: 1px solid var(--line); background: var(--back);
  color: var(--ink); padding: .4rem .8rem; width: 100%; cursor: pointer; }
button.go { background: var(--go); border-color: var(--go); color: var(--go-ink); font-size: 1.15rem; min-height: 3.6rem; margin-bottom: .75rem; }
.row { display: grid; grid-template-columns: repeat(3, 1fr); gap: .5rem; align-items: center; }
.stack { display: grid; gap: .5rem; }
details { border-top: 1px solid var(--line); margin-top: .75rem; padding-top: .75rem; }
summary { cursor: pointer; font-weight: 600; padding: .35rem 0; }
textarea, select, input { font: inherit; width: 100%; min-height: 3rem; margin: .4rem 0 .6rem; padding: .6rem;
  border-radius: .6rem; border: 1px solid var(--line); background: var(--back); color: var(--ink); }
textarea { min-height: 4.5rem; } ::placeholder { color: var(--soft); opacity: 1; }
dl { display: grid; grid-template-columns: minmax(5rem, auto) 1fr; gap: .35rem 1rem; margin: 0; }
dt { color: var(--soft); } dd { margin: 0; }
ol, ul { list-style: none; margin: 0; padding: 0; } li + li { border-top: 1px solid var(--line); margin-top: .55rem; padding-top: .55rem; }
li .soft { float: right; margin-left: .75rem; } li b { font-weight: 600; }
a { color: var(--go); } .text + p, dl + p { margin-top: .75rem; }
`;

/** The style stands as one text, because white space between the tags would change its hash. */
export const STYLE_ELEMENT = raw(`<style>${STYLE}</style>`);

/** For the content security policy: this style sheet and nothing else. */
export const STYLE_SOURCE = `'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`;
