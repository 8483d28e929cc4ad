import { CARD_SCRIPT } from './wall-cards.ts';

/**
 * What the phone wall runs in the browser: draws the snapshots of `/events`, posts what a person does. Whatever comes
 * from an incident is set as text, never as markup.
 */
export const SCRIPT = String.raw`
${CARD_SCRIPT}

let wall; // the last snapshot
let skew = 0; // their clock minus ours
let chosen; // workflow id of the incident looked at; absent: the newest
const tabs = new Map(); // person to tab
const opened = new Map(); // person to the mail or question on top of the screen
let longest = { at: '', ms: 1 }; // of the countdown under way

const $ = (id) => document.getElementById(id);

function h(tag, properties, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties ?? {})) {
    if (value === undefined || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    // The page allows no style in attributes.
    else if (name === 'style') element.style.cssText = value;
    else element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.flat().filter((child) => child !== undefined && child !== ''));
  return element;
}

const ICONS = {
  call: 'M6.6 10.8a15 15 0 0 0 6.6 6.6l2.2-2.2a1 1 0 0 1 1-.25 11.4 11.4 0 0 0 3.6.57 1 1 0 0 1 1 1V20a1 1 0 0 1-1 1A17 17 0 0 1 3 4a1 1 0 0 1 1-1h3.5a1 1 0 0 1 1 1c0 1.25.2 2.45.57 3.57a1 1 0 0 1-.25 1z',
  mail: 'M4 5h16a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2H4a2 2 0 0 1-2-2V7c0-1.1.9-2 2-2zm8 7.5L4.5 7.4V8.6L12 13.7l7.5-5.1V7.4z',
  sms: 'M4 3h16a2 2 0 0 1 2 2v11a2 2 0 0 1-2 2H8l-5 4V5c0-1.1.4-2 1-2zm3 6.2v1.9h2V9.200zm4 0v1.9h2V9.200zm4 0v1.9h2V9.200z',
  chat: 'M3 4h13a2 2 0 0 1 2 2v6a2 2 0 0 1-2 2H8l-5 4zm17 5a2 2 0 0 1 2 2v10l-4-3h-7a2 2 0 0 1-2-1.500h8a3.500 3.500 0 0 0 3-3.500z',
  all: 'M3 5h8v6H3zm10 0h8v6h-8zM3 13h8v6H3zm10 0h8v6h-8z',
  back: 'M20 11H7.800l5.600-5.600L12 4l-8 8 8 8 1.400-1.400L7.800 13H20z',
};
function icon(name) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  path.setAttribute('d', ICONS[name]);
  svg.append(path);
  return svg;
}

/** Draws a list anew only where an item has changed, so that nothing moves under a finger. */
function keyed(parent, items, keyOf, draw, printOf = JSON.stringify) {
  const old = new Map([...parent.children].map((child) => [child.dataset.key, child]));
  items.forEach((item, place) => {
    const key = keyOf(item);
    const print = printOf(item);
    let element = old.get(key);
    if (!element || element.print !== print) {
      const drawn = draw(item);
      drawn.dataset.key = key;
      drawn.print = print;
      if (element) element.replaceWith(drawn);
      element = drawn;
    }
    old.delete(key);
    if (parent.children[place] !== element) parent.insertBefore(element, parent.children[place] ?? null);
  });
  for (const gone of old.values()) gone.remove();
}

async function post(path, body = {}) {
  try {
    const answer = await fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return await answer.json();
  } catch {
    return { error: 'The demo does not answer.' };
  }
}

const clock = (at) => new Date(at).toLocaleTimeString('en-GB');
const seconds = (ms) => {
  const all = Math.max(0, Math.ceil(ms / 1000));
  if (all < 60) return all + ' s';
  if (all < 3600) return Math.floor(all / 60) + ' min ' + (all % 60) + ' s';
  return Math.floor(all / 3600) + ' h ' + Math.floor((all % 3600) / 60) + ' min';
};
const now = () => Date.now() + skew;
const VENDORS = {
  aliyun: 'Alibaba Cloud', tencent: 'Tencent Cloud', twilio: 'Twilio', smtp: 'Mail server', feishu: 'Feishu', dingtalk: 'DingTalk',
  wecom: 'WeCom', slack: 'Slack', teams: 'Teams', telegram: 'Telegram', zoom: 'Zoom', webhook: 'Webhook',
};
const titleOf = (name) => wall.people.find((person) => person.name === name)?.title ?? name;
const actorOf = (by) => (by === undefined ? 'somebody' : titleOf(by.member ?? by.name ?? 'somebody'));

// ---------------------------------------------------------------- people

function drawPeople() {
  keyed($('people'), wall.people, (person) => person.name, drawPhone, (person) => person.name);
  for (const person of wall.people) refreshPhone($('phone-' + person.name), person);
  const ringing = wall.people.find((person) => person.calls.some((call) => call.state === 'ringing'));
  const rings = $('rings');
  rings.hidden = ringing === undefined;
  if (ringing) {
    rings.href = '#phone-' + ringing.name;
    rings.replaceChildren(icon('call'), ringing.title + "'s phone rings");
  }
}

function drawPhone(person) {
  return h('article', { class: 'phone', id: 'phone-' + person.name, 'aria-label': person.title },
    h('header', null,
      h('span', { class: 'face', 'data-person': person.name, 'aria-hidden': 'true' }, person.title.slice(0, 1)),
      h('div', null, h('h2', null, person.title), h('p', { class: 'soft' }, person.phone)),
      person.isGroup ? drawActor(person) : h('span', { class: 'role' })),
    h('div', { class: 'screen' },
      h('div', { class: 'feed' }),
      h('p', { class: 'nothing' }, 'Nothing yet'),
      h('div', { class: 'sheet' }),
      h('div', { class: 'call' }),
      h('p', { class: 'toast', role: 'status', hidden: true })),
    h('nav', { class: 'dock', 'aria-label': 'Apps of ' + person.title }));
}

/** In a group anybody may press: as whom. */
const actors = new Map();
const actorIn = (person) => (person.isGroup ? (actors.get(person.name) ?? wall.people[0].name) : person.name);
function drawActor(person) {
  return h('select', { class: 'actor', 'aria-label': 'Who presses in ' + person.title, onchange: (event) => actors.set(person.name, event.target.value) },
    wall.people.filter(({ isGroup }) => !isGroup).map(({ name, title }) => h('option', { value: name }, 'as ' + title)));
}

const APPS = [['all', 'All'], ['chat', 'Chat'], ['mail', 'Mail'], ['sms', 'SMS'], ['call', 'Calls']];

function refreshPhone(phone, person) {
  const call = person.calls.find((each) => each.state !== 'ended');
  const items = [
    ...person.cards.map((card) => ({ app: 'chat', at: card.at, ...card })),
    ...person.mails.map((mail) => ({ app: 'mail', ...mail })),
    ...person.texts.map((text) => ({ app: 'sms', ...text })),
    ...person.calls.filter((each) => each.state === 'ended').map((each) => ({ app: 'call', at: each.startedAt, ...each })),
  ].sort((a, b) => b.at - a.at);
  const tab = tabs.get(person.name) ?? 'all';
  const shown = items.filter(({ app }) => tab === 'all' || tab === app);
  keyed(phone.querySelector('.feed'), shown, (item) => item.id, (item) => DRAW[item.app](item, person));

  phone.classList.toggle('ringing', call?.state === 'ringing');
  phone.classList.toggle('talking', call?.state === 'in-progress');
  phone.classList.toggle('quiet', items.length === 0 && call === undefined);
  phone.querySelector('.nothing').hidden = shown.length > 0;
  const role = phone.querySelector('.role');
  if (role) {
    const [words, tone] = roleOf(person);
    role.textContent = words;
    role.className = 'role ' + tone;
  }

  keyed(phone.querySelector('.dock'), person.isGroup ? [] : APPS, ([app]) => app,
    ([app, label]) => drawApp(person, app, label, items, tab === app),
    ([app]) => app + (tab === app) + items.filter((item) => item.app === app).length);
  keyed(phone.querySelector('.call'), call ? [call] : [], ({ id }) => id, (each) => drawCall(each), ({ state }) => state);
  if (call) {
    const pressed = phone.querySelector('.pressed');
    if (pressed) pressed.textContent = call.keys;
    const said = phone.querySelector('.said');
    if (said) said.textContent = call.reply ?? call.text;
  }
  const sheet = opened.get(person.name);
  keyed(phone.querySelector('.sheet'), sheet ? [sheet] : [], ({ key }) => key, ({ draw }) => draw(), ({ key }) => key);
}

function drawApp(person, app, label, items, isOpen) {
  const count = items.filter((item) => item.app === app).length;
  const choose = () => {
    tabs.set(person.name, app);
    opened.delete(person.name);
    drawPeople();
  };
  return h('button', { type: 'button', 'aria-pressed': String(isOpen), onclick: choose, title: label },
    icon(app), h('span', null, label), count > 0 ? h('i', { class: 'count' }, String(count)) : '');
}

function roleOf(person) {
  const view = shownIncident()?.view;
  if (!view) return ['', ''];
  const member = person.name;
  if (view.closedBy?.member === member) return ['closed it', 'good'];
  const mine = view.responders.find((responder) => responder.member === member);
  if (mine?.acknowledgedAt) return ['acknowledged', 'calm'];
  if (!mine) return ['', ''];
  return view.progress === 'Triggered' && !view.exhausted ? ['is being told', 'bad'] : ['was told', ''];
}

const say = (person, words, tone) => {
  const toast = $('phone-' + person.name).querySelector('.toast');
  toast.textContent = words;
  toast.className = 'toast ' + (tone ?? '');
  toast.hidden = false;
  clearTimeout(toast.timer);
  toast.timer = setTimeout(() => { toast.hidden = true; }, 4000);
};

// ---------------------------------------------------------------- calls

function drawCall(call) {
  const act = (what) => () => post('/calls/' + call.id + '/' + what);
  const vendor = 'through ' + (VENDORS[call.vendor] ?? call.vendor);
  if (call.state === 'ringing') {
    return h('div', { class: 'incoming' },
      h('p', { class: 'soft' }, 'Incoming call'),
      h('p', { class: 'caller' }, 'On-call line'),
      h('p', { class: 'soft' }, vendor),
      h('div', { class: 'waves', 'aria-hidden': 'true' }, h('span'), h('span'), icon('call')),
      h('p', { class: 'soft', 'data-since': String(call.startedAt) }),
      h('div', { class: 'choice' },
        h('button', { type: 'button', class: 'end', onclick: act('decline') }, icon('call'), h('span', null, 'Decline')),
        h('button', { type: 'button', class: 'take', onclick: act('answer') }, icon('call'), h('span', null, 'Answer'))));
  }
  const keys = [...'123456789*0#'].map((key) =>
    h('button', { type: 'button', onclick: () => post('/calls/' + call.id + '/press', { keys: key }), 'aria-label': 'Key ' + key }, key));
  return h('div', { class: 'talk' },
    h('p', { class: 'soft' }, 'On-call line, ', vendor, ' · ', h('span', { 'data-since': String(call.answeredAt ?? call.startedAt) })),
    h('p', { class: 'said' }, call.text),
    h('output', { class: 'pressed', 'aria-label': 'Keys pressed' }),
    h('div', { class: 'keypad' }, keys),
    h('button', { type: 'button', class: 'end', onclick: act('hang-up'), 'aria-label': 'Hang up' }, icon('call')));
}

// ---------------------------------------------------------------- what lies in the feed

const sender = (name, app, at, ...more) =>
  h('p', { class: 'from' }, h('span', { class: 'app', 'data-app': app }, icon(app)), h('b', null, name), more, h('time', null, clock(at)));

const DRAW = {
  chat(item, person) {
    const redrawn = item.redraws > 0 ? h('span', { class: 'tag' }, 'redrawn') : '';
    return h('section', { class: item.thread ? 'item thread' : 'item' }, sender('On call', 'chat', item.at, h('span', { class: 'soft' }, VENDORS[item.vendor]), redrawn),
      item.card || item.face ? drawCard(item, person) : h('p', { class: 'bubble' }, item.text ?? ''));
  },
  mail(item, person) {
    const open = () => showSheet(person, { key: 'mail ' + item.id, draw: () => drawMail(item, person) });
    return h('section', { class: 'item' }, sender(item.from, 'mail', item.at),
      h('button', { type: 'button', class: 'letter', onclick: open },
        h('b', null, item.subject), h('span', null, item.text.split('\n').find((line) => line !== '') ?? '')));
  },
  sms(item) {
    return h('section', { class: 'item' }, sender('SMS', 'sms', item.at, h('span', { class: 'soft' }, VENDORS[item.vendor])),
      h('p', { class: 'bubble' }, item.text));
  },
  call(item) {
    const ends = { 'no answer': 'Missed call', busy: 'Declined', blocked: 'Cut off by the vendor', 'hung up': 'Hung up', 'played to the end': 'Call ended' };
    const keys = item.keys === '' ? '' : ' · pressed ' + item.keys;
    return h('section', { class: 'item' }, sender(ends[item.end] ?? 'Call', 'call', item.startedAt, h('span', { class: 'soft' }, VENDORS[item.vendor] + keys)),
      h('p', { class: 'bubble' }, item.text));
  },
};

function showSheet(person, sheet) {
  opened.set(person.name, sheet);
  drawPeople();
}

function closeSheet(person) {
  opened.delete(person.name);
  drawPeople();
}

function drawMail(item, person) {
  return h('div', { class: 'reader' },
    h('p', { class: 'from' }, h('button', { type: 'button', class: 'back', onclick: () => closeSheet(person), 'aria-label': 'Back' }, icon('back')), h('b', null, item.subject)),
    h('p', { class: 'soft' }, 'from ' + item.from + ' to ' + item.to),
    h('iframe', { src: '/mails/' + item.id, sandbox: 'allow-popups allow-popups-to-escape-sandbox', title: item.subject }));
}

// ---------------------------------------------------------------- the incident

function shownIncident() {
  return wall.incidents.find(({ workflowId }) => workflowId === chosen) ?? wall.incidents[0];
}

function drawIncident() {
  const incident = shownIncident();
  const place = $('incident');
  if (!incident) {
    keyed(place, ['none'], () => 'none', () => h('p', { class: 'nothing' }, 'No incident yet'));
    return;
  }
  const { view } = incident;
  keyed(place, [incident.workflowId], (id) => id, () => h('div', { class: 'incident' }, h('div', { class: 'head' }), h('ol', { class: 'timeline' })));
  const [head, timeline] = place.firstElementChild.children;
  const facts = { ...incident, view: view && { ...view, timeline: 0, notifications: 0 } };
  keyed(head, [facts], () => 'head', () => drawHead(incident));
  const records = view?.timeline ?? [];
  const before = timeline.children.length;
  keyed(timeline, records.map((record, place) => ({ ...record, place })), ({ place }) => String(place), drawRecord);
  if (records.length > before) timeline.scrollTop = timeline.scrollHeight;
}

function drawHead(incident) {
  const { view } = incident;
  const link = incident.url
    ? h('a', { class: 'run', href: incident.url, target: '_blank', rel: 'noopener' }, 'Open the run in the Temporal Web UI')
    : '';
  if (!view) return h('div', null, h('h2', null, incident.title), h('p', { class: 'soft' }, 'No answer from the workflow yet'), link);
  const { severity, title } = view.incident;
  const where = [view.rule ?? 'no rule', view.level === 0 ? 'nobody told yet' : 'level ' + view.level + ' of ' + view.levels + ', round ' + view.round];
  return h('div', null,
    h('p', { class: 'tags' },
      h('span', { class: 'tag full ' + severity }, severity),
      h('span', { class: 'tag state ' + view.progress }, view.progress),
      h('code', null, view.number)),
    h('h2', null, title),
    h('p', { class: 'soft' }, where.join(' · ')),
    drawNext(incident),
    link);
}

function drawNext(incident) {
  const { view } = incident;
  if (view.progress === 'Closed') {
    return h('p', { class: 'now good' }, 'Closed by ' + actorOf(view.closedBy) + ' at ' + clock(view.closedAt) + (incident.isOver ? '; the workflow has completed' : ''));
  }
  if (view.progress === 'Processing') {
    return h('p', { class: 'now calm' }, 'Acknowledged by ' + actorOf(view.acknowledgedBy) + ' at ' + clock(view.acknowledgedAt) + '; nobody else is told');
  }
  if (!view.next) return h('p', { class: 'now bad' }, view.toldNobody ? 'Nobody could be told: an operator must act' : view.exhausted ? 'Nobody acknowledged: nobody is being told now' : 'Telling people');
  return h('div', { class: 'now' },
    h('p', null, 'In ', h('b', { 'data-until': view.next.at }), ': ' + view.next.what),
    h('div', { class: 'meter' }, h('i', { 'data-meter': view.next.at })));
}

function drawRecord(record) {
  const how = record.via ? h('span', { class: 'tag' }, record.via) : '';
  return h('li', { class: record.kind }, h('time', null, clock(record.at)), h('b', null, record.kind.replace('-', ' ')), ' ', record.text, ' ', how);
}

// ---------------------------------------------------------------- the story

const STEPS = ['Primary gets a card and a mail', 'Nobody acknowledges', 'Alibaba refuses, Tencent calls', 'Supervisor presses 1', 'Primary closes on the card'];

function drawStory() {
  const incident = shownIncident();
  const view = incident?.view;
  const isStory = incident === undefined || /^incident-db-7-/.test(incident.workflowId);
  const calls = wall.people.flatMap(({ calls }) => calls);
  const ringing = calls.find(({ state }) => state === 'ringing');
  const talking = calls.find(({ state }) => state === 'in-progress');
  const isTold = view?.timeline.some(({ kind }) => kind === 'notified') ?? false;
  const isUp = (view?.level ?? 0) > 1;
  const isCalled = view?.notifications.some(({ medium, attempts }) => medium === 'voice' && attempts.some(({ outcome }) => outcome === 'accepted' || outcome === 'answered')) ?? false;
  const isClosed = view?.progress === 'Closed';
  const isAcknowledged = view?.acknowledgedAt !== undefined;
  const done = [isTold, isUp || isAcknowledged || isClosed, isCalled || isAcknowledged || isClosed, isAcknowledged || isClosed, isClosed];
  const skipped = [false, !isUp, !isCalled, isClosed && !isAcknowledged, false];
  const first = done.indexOf(false);
  const steps = STEPS.map((words, place) => ({
    words,
    state: view === undefined ? 'later' : done[place] ? (skipped[place] ? 'skipped' : 'done') : place === first ? 'current' : 'later',
  }));
  $('steps').hidden = !isStory;
  keyed($('steps'), isStory ? steps : [], ({ words }) => words, ({ words, state }) => h('li', { class: state }, words));

  const callee = (call) => titleOf(wall.people.find(({ phone }) => phone === call.to)?.name);
  let hint = 'The story starts in a moment';
  let until;
  if (ringing) hint = callee(ringing) + "'s phone rings: answer it and press 1. Or decline, and see what happens then.";
  else if (talking && view && !isAcknowledged && !isClosed) hint = 'Press 1 on ' + callee(talking) + "'s keypad to acknowledge.";
  else if (isClosed) hint = 'It is over and the workflow has completed. Look at its run, or make something go wrong and play again.';
  else if (view?.snoozedUntil) { hint = 'Snoozed: everybody is left alone, then it starts again.'; }
  else if (isAcknowledged) hint = isStory ? "Nobody else is told, and Primary's card says who has it. Press Close on the card." : 'Somebody has it. Close it on the card, on the page behind the mail, or with a Temporal client.';
  else if (view?.exhausted) hint = 'All levels have ended and nobody acknowledged. Acknowledge on a card or on the page behind the mail, or play again.';
  else if (view && view.level === 1 && view.levels > 1 && view.next) { hint = "Do nothing, and the next level is told. Or acknowledge on Primary's card: then nobody is."; until = view.next.at; }
  else if (view) hint = 'People are being told.';
  keyed($('hint'), [{ hint, until }], () => 'hint', () => h('span', null, hint, until ? h('b', { 'data-until': until, class: 'left' }) : ''));
}

// ---------------------------------------------------------------- tools

const TOOLS = [['faults', 'Faults'], ['incidents', 'Incidents'], ['new', 'New'], ['traffic', 'Traffic']];
let tool = 'faults';

function drawTools() {
  keyed($('tools-tabs'), TOOLS, ([name]) => name,
    ([name, label]) => h('button', { type: 'button', 'aria-pressed': String(tool === name), onclick: () => { tool = name; drawTools(); } }, label),
    ([name]) => name + (tool === name));
  for (const [name] of TOOLS) $('tool-' + name).hidden = tool !== name;

  const clear = { name: null, label: 'Put everything right', waits: false };
  keyed($('tool-faults'), wall.faults.some(({ waits }) => waits) ? [...wall.faults, clear] : wall.faults, ({ name }) => String(name),
    ({ name, label, waits }) => h('button', { type: 'button', class: name === null ? 'clear' : 'fault', 'aria-pressed': String(waits), onclick: () => post('/faults', { fault: name }), disabled: waits }, label));

  keyed($('tool-incidents'), wall.incidents.map(({ workflowId, title, view }) => ({ workflowId, title, progress: view?.progress ?? '…', isShown: shownIncident()?.workflowId === workflowId })), ({ workflowId }) => workflowId,
    ({ workflowId, title, progress, isShown }) => h('button', { type: 'button', class: 'row', 'aria-pressed': String(isShown), onclick: () => { chosen = workflowId; draw(); } },
      h('span', null, title), h('span', { class: 'tag state ' + progress }, progress)));

  keyed($('tool-new').channel, wall.channels, (name) => name, (name) => h('option', null, name));
  keyed($('tool-traffic'), [...wall.traffic].reverse(), ({ at, vendor }) => at + vendor,
    ({ at, vendor, action, answer }) => h('li', { class: answer === 'ok' ? '' : 'bad' }, h('time', null, clock(at)), h('b', null, VENDORS[vendor]), h('span', null, action), h('code', null, answer)));
}

$('tool-new').addEventListener('submit', async (event) => {
  event.preventDefault();
  const form = event.target;
  const { opened: workflowId, error } = await post('/incidents', Object.fromEntries(new FormData(form)));
  form.querySelector('.note').textContent = error ?? 'Opened.';
  if (workflowId) chosen = workflowId;
});

$('play').addEventListener('click', async () => {
  $('play').disabled = true;
  const { opened: workflowId } = await post('/story');
  if (workflowId) chosen = workflowId;
  $('play').disabled = false;
});

// ---------------------------------------------------------------- time

function tick() {
  for (const place of document.querySelectorAll('[data-until]')) place.textContent = seconds(Date.parse(place.dataset.until) - now());
  for (const place of document.querySelectorAll('[data-since]')) place.textContent = seconds(Math.max(0, now() - Number(place.dataset.since) - 999));
  for (const meter of document.querySelectorAll('[data-meter]')) {
    const left = Math.max(0, Date.parse(meter.dataset.meter) - now());
    if (longest.at !== meter.dataset.meter) longest = { at: meter.dataset.meter, ms: Math.max(left, 1) };
    meter.style.width = (100 * left) / longest.ms + '%';
  }
}
setInterval(tick, 200);

function draw() {
  $('level').textContent = 'Level 2 after ' + wall.level;
  $('play').textContent = wall.incidents.length > 0 ? 'Play it again' : 'Play the story';
  drawStory();
  drawPeople();
  drawIncident();
  drawTools();
  tick();
}

const events = new EventSource('/events');
events.onmessage = ({ data }) => {
  wall = JSON.parse(data);
  skew = wall.now - Date.now();
  $('lost').hidden = true;
  draw();
};
events.onerror = () => { $('lost').hidden = false; };
`;
