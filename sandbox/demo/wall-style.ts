/** The phone wall's only style sheet. */
export const STYLE = `
:root { color-scheme: light dark; --ink: #171c26; --soft: #687386; --line: #dfe4ec; --back: #e9edf4; --panel: #fff; --sunk: #f3f5f9;
  --accent: #4f46e5; --accent-ink: #fff; --red: #d92d3a; --orange: #d9730d; --yellow: #b58100; --blue: #2563eb; --green: #15803d;
  --tint: 12%; --bezel: #10141c; --screen: #f3f5f9; --item: #fff; --shadow: 0 1px 2px rgb(16 24 40 / .06), 0 8px 24px rgb(16 24 40 / .08); }
@media (prefers-color-scheme: dark) { :root { --ink: #e7eaf0; --soft: #8e99ac; --line: #2b3240; --back: #0c0f15; --panel: #161b24;
  --sunk: #10141c; --accent: #818cf8; --accent-ink: #0d1020; --red: #ff6b74; --orange: #f59e42; --yellow: #e5b83c; --blue: #6ea2ff;
  --green: #4ade80; --tint: 18%; --bezel: #000; --screen: #10141c; --item: #1b212c; --shadow: 0 0 0 1px #232a36, 0 8px 24px rgb(0 0 0 / .4); } }
* { box-sizing: border-box; }
[hidden] { display: none !important; }
html { height: 100%; -webkit-text-size-adjust: 100%; }
body { margin: 0; min-height: 100%; background: var(--back); color: var(--ink); display: flex; flex-direction: column; gap: 12px; padding: 12px 16px 16px;
  font: 14px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "PingFang SC", "Noto Sans SC", "Microsoft YaHei", sans-serif; overflow-wrap: anywhere; }
h1, h2, p, ol { margin: 0; padding: 0; } ol { list-style: none; }
button, input, select { font: inherit; color: inherit; } button { cursor: pointer; }
button:focus-visible, a:focus-visible, input:focus-visible, select:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
svg { width: 1em; height: 1em; fill: currentColor; flex: none; }
.soft { color: var(--soft); font-size: 12.5px; } .good { color: var(--green); } .calm { color: var(--blue); } .bad { color: var(--red); }
code { font: 12px ui-monospace, "SF Mono", Menlo, Consolas, monospace; }
time { color: var(--soft); font-variant-numeric: tabular-nums; font-size: 12px; white-space: nowrap; }

.bar { display: flex; align-items: center; gap: 12px; }
.bar h1 { font-size: 18px; display: flex; align-items: center; gap: 9px; } .bar h1 svg { width: 28px; height: 28px; } .bar h1 rect { fill: var(--accent); } .bar h1 path { fill: var(--accent-ink); }
.pill { background: var(--panel); border: 1px solid var(--line); border-radius: 99px; padding: 3px 11px; font-size: 12.5px; }
.bar .go { margin-left: auto; }
.go { background: var(--accent); color: var(--accent-ink); border: 0; border-radius: 9px; padding: 8px 16px; font-weight: 600; }
.go:disabled { opacity: .5; }

.story { background: var(--panel); border-radius: 14px; box-shadow: var(--shadow); padding: 10px 14px; display: grid; gap: 8px; }
#steps { display: grid; grid-template-columns: repeat(5, 1fr); gap: 6px; counter-reset: step; }
#steps li { counter-increment: step; font-size: 12.5px; color: var(--soft); border-top: 3px solid var(--line); padding-top: 5px; }
#steps li::before { content: counter(step) ". "; }
#steps .done { color: var(--ink); border-color: var(--green); } #steps .done::before { content: "✓ "; color: var(--green); font-weight: 700; }
#steps .skipped { text-decoration: line-through; } #steps .current { color: var(--ink); font-weight: 600; border-color: var(--accent); }
#hint { font-size: 15px; font-weight: 600; } #hint .left { color: var(--accent); margin-left: 8px; font-variant-numeric: tabular-nums; }

main { flex: 1; display: grid; grid-template-columns: minmax(0, 1fr) 400px; gap: 16px; min-height: 0; }
.people { display: flex; gap: 14px; min-height: 0; overflow-x: auto; }
.phone { flex: 1.35 1 0; min-width: 280px; display: flex; flex-direction: column; background: var(--bezel); border-radius: 30px; padding: 10px; box-shadow: var(--shadow); transition: flex .3s; scroll-margin: 12px; }
.phone.quiet { flex-grow: .7; min-width: 170px; }
.phone > header { display: flex; align-items: center; gap: 9px; padding: 4px 8px 10px; color: #f3f5f9; } .phone > header .soft { color: #98a3b6; }
.phone > header div { min-width: 0; } .phone > header .soft { white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.phone h2 { font-size: 14.5px; } .face { flex: none; width: 32px; height: 32px; border-radius: 50%; display: grid; place-items: center; font-weight: 700; color: #fff; background: #64748b; }
.face[data-person=primary] { background: #0e7c86; } .face[data-person=backup] { background: #7c5cbf; } .face[data-person=supervisor] { background: #b4532a; }
.role { margin-left: auto; font-size: 11.5px; font-weight: 600; color: #98a3b6; text-align: right; } .role.bad { color: #ff8a91; } .role.calm { color: #8db6ff; } .role.good { color: #6ee7a0; }
.screen { position: relative; flex: 1; min-height: 0; background: var(--screen); border-radius: 18px; overflow: hidden; display: grid; }
.feed { grid-area: 1 / 1; overflow-y: auto; padding: 10px; display: flex; flex-direction: column; gap: 10px; min-height: 0; }
.nothing { grid-area: 1 / 1; place-self: center; color: var(--soft); padding: 24px 12px; text-align: center; }
.dock { display: flex; justify-content: space-around; padding: 8px 2px 0; }
.dock button { position: relative; background: none; border: 0; color: #8b95a7; font-size: 10.5px; display: grid; justify-items: center; gap: 2px; padding: 4px 7px; border-radius: 9px; }
.dock svg { width: 18px; height: 18px; } .dock [aria-pressed=true] { color: #fff; background: #2a3242; }
.phone.quiet .dock span { display: none; } .dock button { white-space: nowrap; }
.count { position: absolute; top: -1px; right: 1px; background: #e5484d; color: #fff; font: 700 9.5px/15px system-ui; min-width: 15px; border-radius: 8px; padding: 0 3px; }

.item { animation: arrive .35s ease-out; }
@keyframes arrive { from { opacity: 0; transform: translateY(-8px); } }
.from { display: flex; align-items: center; gap: 6px; font-size: 12.5px; margin-bottom: 4px; } .from b { min-width: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; } .from time { margin-left: auto; }
.app { width: 20px; height: 20px; border-radius: 6px; display: grid; place-items: center; color: #fff; font-size: 12px; flex: none; background: #64748b; }
.app[data-app=chat] { background: #3370ff; } .app[data-app=mail] { background: #0f8f83; } .app[data-app=sms] { background: #22a447; } .app[data-app=call] { background: #7a8599; }
.bubble { background: var(--item); border: 1px solid var(--line); border-radius: 4px 14px 14px; padding: 8px 11px; white-space: pre-wrap; }
.letter { width: 100%; text-align: left; background: var(--item); border: 1px solid var(--line); border-radius: 10px; padding: 8px 11px; display: grid; gap: 2px; } .letter span { color: var(--soft); font-size: 12.5px; } .letter:hover { border-color: var(--accent); }
.tag { border: 1px solid var(--line); border-radius: 99px; padding: 0 7px; font-size: 11px; color: var(--soft); white-space: nowrap; }

.card { background: var(--item); border: 1px solid var(--line); border-radius: 10px; overflow: hidden; }
.card > header { padding: 9px 12px; font-weight: 700; font-size: 14.5px; color: #fff; background: #8f959e; }
.paint.red { background: #d83931; } .paint.orange { background: #de7802; } .paint.yellow { background: #b58100; } .paint.blue { background: #245bdb; } .paint.green { background: #268040; }
.paint.wathet { background: #1989c4; } .paint.turquoise { background: #078372; } .paint.carmine { background: #b8257c; } .paint.violet, .paint.purple { background: #7a35f0; } .paint.indigo { background: #4752e6; } .paint.grey { background: #6b7280; }
.card .body { padding: 10px 12px 12px; display: grid; gap: 9px; } .card .body p { white-space: pre-wrap; } .card .body > .div:first-child { font-weight: 600; }
.fields { display: grid; grid-template-columns: 1fr 1fr; gap: 5px 10px; } .fields p { grid-column: 1 / -1; font-size: 13px; font-weight: 400; } .fields .short { grid-column: auto; } .fields .soft { display: block; font-size: 11.5px; }
.actions { display: flex; flex-wrap: wrap; gap: 7px; } .columns { display: flex; gap: 10px; } .card hr { border: 0; border-top: 1px solid var(--line); width: 100%; margin: 0; }
.mentions { color: #3370ff; font-weight: 600; } .item.thread { margin-left: 18px; } .words { padding: 5px 9px; } .actor { margin-left: auto; background: #2a3242; color: #fff; border: 0; border-radius: 8px; padding: 3px 6px; font-size: 12px; max-width: 46%; }
.press { background: var(--item); border: 1px solid var(--line); border-radius: 7px; padding: 5px 11px; font-size: 13px; color: var(--ink); text-decoration: none; font-weight: 500; }
.press:hover { border-color: #3370ff; } .press.primary { background: #3370ff; border-color: #3370ff; color: #fff; } .press.danger { color: var(--red); border-color: currentColor; }

.sheet:empty, .call:empty { display: none; }
.sheet, .call { position: absolute; inset: 0; display: grid; }
.reader { background: #fff; color: #1c2128; display: flex; flex-direction: column; color-scheme: light; animation: slide .2s ease-out; } .reader > p { padding: 8px 12px 0; } .reader .soft { color: #687386; padding-bottom: 8px; border-bottom: 1px solid #dfe4ec; }
@keyframes slide { from { transform: translateX(20%); opacity: 0; } }
.reader iframe { flex: 1; border: 0; width: 100%; min-height: 280px; background: #fff; } .back { background: none; border: 0; padding: 4px; font-size: 18px; display: grid; color: inherit; }
.question { background: rgb(10 14 22 / .55); display: grid; place-items: center; padding: 14px; } .question > div { background: var(--item); border-radius: 12px; padding: 16px; display: grid; gap: 10px; width: 100%; max-width: 300px; } .question .actions { justify-content: flex-end; }

.call { color: #f5f7fb; background: radial-gradient(120% 90% at 50% 0, #3b4a6b, #141a27 75%); }
.call .soft { color: #b3bfd4; } .incoming, .talk { display: flex; flex-direction: column; align-items: center; text-align: center; padding: 22px 16px 18px; overflow-y: auto; }
.caller { font-size: 23px; font-weight: 700; } .waves { position: relative; width: 84px; height: 84px; margin: auto; display: grid; place-items: center; font-size: 32px; border-radius: 50%; background: rgb(255 255 255 / .14); }
.waves span { position: absolute; inset: 0; border-radius: 50%; border: 2px solid rgb(255 255 255 / .45); animation: wave 1.6s ease-out infinite; } .waves span + span { animation-delay: .8s; } .waves svg { animation: shake .5s ease-in-out infinite; }
@keyframes wave { to { transform: scale(1.9); opacity: 0; } }
@keyframes shake { 25% { transform: rotate(-12deg); } 75% { transform: rotate(12deg); } }
.choice { display: flex; justify-content: space-around; width: 100%; padding-top: 14px; } .choice button { background: none; border: 0; color: inherit; display: grid; justify-items: center; gap: 6px; font-size: 12.5px; }
.choice svg, .talk > .end { width: 58px; height: 58px; padding: 16px; border-radius: 50%; } .take svg { background: #1fa855; } .choice .end svg { background: #e5484d; transform: rotate(135deg); }
.take svg { animation: nudge 1.2s ease-in-out infinite; } @keyframes nudge { 50% { box-shadow: 0 0 0 9px rgb(31 168 85 / .25); } }
.said { background: rgb(255 255 255 / .12); border-radius: 12px; padding: 9px 12px; margin: 10px 0; width: 100%; text-align: left; } .pressed { font: 600 20px/26px ui-monospace, monospace; letter-spacing: .2em; min-height: 26px; }
.keypad { display: grid; grid-template-columns: repeat(3, 1fr); gap: 9px 16px; margin: auto; padding: 6px 0; } .keypad button { width: 54px; height: 54px; border-radius: 50%; border: 0; background: rgb(255 255 255 / .15); color: #fff; font-size: 21px; } .keypad button:hover { background: rgb(255 255 255 / .3); } .keypad button:active { background: #fff; color: #141a27; }
.talk > .end { background: #e5484d; border: 0; color: #fff; font-size: 26px; display: grid; place-items: center; flex: none; margin-top: 8px; } .talk > .end svg { transform: rotate(135deg); }
.phone.ringing { animation: ring .9s ease-in-out infinite; box-shadow: 0 0 0 3px #1fa855, 0 0 40px rgb(31 168 85 / .5); }
@keyframes ring { 0%, 50%, 100% { transform: none; } 10%, 30% { transform: rotate(-.6deg) translateX(-2px); } 20%, 40% { transform: rotate(.6deg) translateX(2px); } }
.toast { position: absolute; left: 14px; right: 14px; bottom: 14px; background: #1d2432; color: #fff; border-left: 4px solid #3370ff; border-radius: 9px; padding: 9px 12px; box-shadow: 0 6px 20px rgb(0 0 0 / .35); animation: arrive .25s; } .toast.success { border-color: #22c55e; } .toast.error, .toast.warning { border-color: #f97066; }

aside { display: flex; flex-direction: column; gap: 14px; min-height: 0; min-width: 0; }
.panel { background: var(--panel); border-radius: 14px; box-shadow: var(--shadow); padding: 14px; min-height: 0; display: grid; }
#incident { flex: 1 1 0; } .incident { display: flex; flex-direction: column; gap: 12px; min-height: 0; } .incident h2 { font-size: 19px; line-height: 1.25; margin: 6px 0 2px; }
.tags { display: flex; align-items: center; gap: 6px; } .tags code { margin-left: auto; color: var(--soft); letter-spacing: .06em; }
.tag.full { color: #fff; border-color: transparent; font-weight: 600; background: #c93038; } .tag.full.Warning { background: #c2680c; } .tag.full.Info { background: #2f6fb5; }
.tag.state { font-weight: 600; } .Triggered { color: var(--red); border-color: currentColor; } .Processing { color: var(--blue); border-color: currentColor; } .Closed { color: var(--green); border-color: currentColor; }
.now { background: var(--sunk); border-radius: 9px; padding: 8px 11px; margin: 9px 0; font-size: 13px; font-weight: 500; } .now b { font-variant-numeric: tabular-nums; } .meter { height: 4px; border-radius: 2px; background: var(--line); margin-top: 6px; overflow: hidden; } .meter i { display: block; height: 100%; background: var(--accent); transition: width .2s linear; }
.run { color: var(--accent); font-weight: 600; font-size: 13px; }
.timeline { overflow-y: auto; min-height: 0; flex: 1; display: flex; flex-direction: column; gap: 9px; padding-left: 4px; }
.timeline li { position: relative; padding-left: 18px; font-size: 13px; animation: arrive .35s; } .timeline li::before { content: ""; position: absolute; left: 0; top: 5px; width: 9px; height: 9px; border-radius: 50%; background: var(--dot, var(--soft)); } .timeline li::after { content: ""; position: absolute; left: 4px; top: 16px; bottom: -11px; width: 1px; background: var(--line); } .timeline li:last-child::after { display: none; }
.timeline time { margin-right: 7px; } .timeline b::first-letter { text-transform: uppercase; } .timeline b { display: inline-block; }
.opened, .exhausted, .unacknowledged { --dot: var(--red); } .notified { --dot: var(--accent); } .escalated, .snoozed, .missed { --dot: var(--orange); } .acknowledged { --dot: var(--blue); } .timeline .closed { --dot: var(--green); }

.tools { flex: none; gap: 10px; max-height: 40%; grid-template-rows: auto minmax(0, 1fr); } .tabs { display: flex; gap: 4px; background: var(--sunk); border-radius: 9px; padding: 3px; } .tabs button { flex: 1; background: none; border: 0; border-radius: 7px; padding: 5px 4px; font-size: 12.5px; color: var(--soft); } .tabs [aria-pressed=true] { background: var(--panel); color: var(--ink); font-weight: 600; box-shadow: 0 1px 3px rgb(0 0 0 / .15); }
.tool { overflow-y: auto; min-height: 132px; } #tool-faults { display: flex; flex-wrap: wrap; gap: 7px; align-content: flex-start; }
.fault, .clear { background: var(--sunk); border: 1px solid var(--line); border-radius: 99px; padding: 5px 12px; font-size: 12.5px; } .fault:hover { border-color: var(--orange); } .fault[aria-pressed=true] { background: color-mix(in srgb, var(--orange) var(--tint), var(--panel)); border-color: var(--orange); color: var(--orange); font-weight: 600; cursor: default; } .clear { border-color: var(--green); color: var(--green); }
.row { width: 100%; display: flex; align-items: center; gap: 8px; background: none; border: 0; border-radius: 8px; padding: 6px 8px; text-align: left; } .row span:first-child { flex: 1; min-width: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; } .row[aria-pressed=true], .row:hover { background: var(--sunk); }
#tool-new { display: grid; gap: 9px; align-content: start; } #tool-new label { display: grid; gap: 3px; font-size: 12px; color: var(--soft); } .pair { display: grid; grid-template-columns: 1fr 1fr; gap: 9px; } input, label select { background: var(--sunk); border: 1px solid var(--line); border-radius: 8px; padding: 7px 9px; color: var(--ink); font-size: 14px; min-width: 0; width: 100%; } .note { color: var(--soft); font-size: 12.5px; }
.traffic li { display: grid; grid-template-columns: auto 92px 1fr auto; gap: 8px; font-size: 12px; padding: 2px 0; align-items: baseline; } .traffic .bad code { color: var(--red); } .traffic b { font-weight: 600; }
.rings { display: none; } .lost { position: fixed; inset: auto 16px 16px; background: var(--red); color: #fff; border-radius: 10px; padding: 12px 16px; font-weight: 600; text-align: center; z-index: 3; }

@media (min-width: 1001px) { body { height: 100vh; min-height: 640px; overflow: hidden auto; } }
@media (max-width: 1000px) {
  main { grid-template-columns: minmax(0, 1fr); } #incident { flex: none; } .people { flex-wrap: wrap; align-items: flex-start; } .phone, .phone.quiet { flex: 1 1 300px; } .screen { min-height: 130px; max-height: 600px; }
  .phone.ringing .screen, .phone.talking .screen { min-height: 470px; } .timeline { max-height: 420px; } .tools { max-height: none; } .tool { max-height: 300px; } .sheet:not(:empty) { min-height: 340px; position: relative; grid-area: 1 / 1; }
  .rings:not([hidden]) { position: sticky; bottom: 10px; z-index: 2; display: flex; justify-content: center; align-items: center; gap: 8px; background: #1fa855; color: #fff; border-radius: 99px; padding: 12px; font-weight: 700; text-decoration: none; box-shadow: 0 8px 24px rgb(0 0 0 / .3); }
}
@media (max-width: 600px) { .wide { display: none; } body { padding: 10px; gap: 10px; } .phone.quiet .screen, .phone.quiet .dock { display: none; } .phone.quiet > header { padding-bottom: 4px; } .phone.quiet { border-radius: 22px; }
  #steps { grid-template-columns: repeat(5, 1fr); } #steps li { font-size: 0; } #steps li::before { font-size: 12px; } #steps .current { grid-column: auto; } #hint { font-size: 14px; } }
@media (prefers-reduced-motion: reduce) { *, *::before, *::after { animation: none !important; transition: none !important; } }
`;
