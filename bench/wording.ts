import { faceOf, type Face } from '../domain/incident/face.ts';
import type { Incident } from '../domain/incident/incident.ts';
import { GROUP_EVENTS } from '../domain/incident/rule.ts';
import type { IncidentView } from '../domain/incident/view.ts';
import { type MessageAdapter } from '../providers/kit/adapter.ts';
import type { Page } from '../providers/kit/message.ts';
import { LOCALES } from '../domain/locale.ts';
import { createIo } from '../providers/kit/http.ts';
import { loadAdapter, registry } from '../providers/registry.ts';
import { Sandbox } from '../sandbox/index.ts';
import { compile, PARTS } from '../templates/engine.ts';
import { presetTemplate } from '../templates/preset.ts';
import { SAMPLE_INCIDENT, SAMPLE_LINK, sampleFace } from '../templates/sample.ts';
import { outletOf, phrase, type Template, type Templates } from '../templates/template.ts';

const RENDERS = 5000;
const SENDS = 1000;
const AT_ONCE = 16;

/** As much as an incident may say. */
const incident: Incident = {
  ...SAMPLE_INCIDENT,
  title: '数据库 db-7 '.repeat(50),
  description: 'Replication lag 900 s. '.repeat(90),
  labels: Object.fromEntries(Array.from({ length: 12 }, (_, n) => [`label-${String(n)}`, 'value '.repeat(30)])),
};

/** What words cost: the presets as code, the same as Liquid, and the largest of them until it has been sent. */
export async function wording(): Promise<void> {
  console.log('\nwording');
  const [event, locale] = largest();
  const face: Face = faceOf(sampleFace(event, incident) as unknown as IncidentView);
  const occasion = {
    face,
    event,
    locale,
    timeZone: 'Asia/Shanghai',
    names: String,
    link: SAMPLE_LINK,
    now: Date.now(),
  };
  const outlet = outletOf({ name: 'feishu', adapter: 'feishu.app' });
  const parts = Object.fromEntries(PARTS.map((part) => [part, compile(presetTemplate(event, locale)[part], part)]));
  const template: Template = { media: [], events: [], parts };
  const templates: Templates = new Map([['house', [template]]]);
  const say = (name?: string) => phrase(occasion, outlet, { templates, wording: name });
  const told = say('house');
  if (told.flaw !== undefined) throw new Error(JSON.stringify(told.flaw));
  const characters = [told.subject, told.status, told.text, ...told.facts.flat()].join('').length;
  console.log(`largest preset: ${event}, ${locale}, ${String(characters)} characters`);
  console.log(`preset     ${perSecond(() => say())} renders/s`);
  console.log(`template   ${perSecond(() => say('house'))} renders/s`);

  const account = { appId: 'cli_1', appSecret: 's', verificationToken: 'v' };
  const sandbox = await Sandbox.start({ people: [{ name: 'a', openId: 'ou_a' }], limits: false, feishu: account });
  const adapter = (await loadAdapter('feishu.app')) as MessageAdapter<unknown>;
  const settings = registry['feishu.app'].schema.parse({ ...account, baseUrl: sandbox.endpoints.feishu });
  const io = createIo();
  const send = async (n: number): Promise<void> => {
    await adapter.send(deliveryOf(say('house'), n), settings, io);
  };
  await send(-1);
  for (const [name, width] of [
    ['one by one', 1],
    [`${String(AT_ONCE)} at once`, AT_ONCE],
  ] as const) {
    let next = 0;
    const startedAt = performance.now();
    const worker = async (): Promise<void> => {
      while (next < SENDS) await send((next += 1) + width * SENDS);
    };
    await Promise.all(Array.from({ length: width }, worker));
    const rate = (SENDS * 1000) / (performance.now() - startedAt);
    console.log(`template + feishu.app card, ${name.padEnd(11)} ${rate.toFixed(0)} sends/s (sandbox in this process)`);
  }
  await sandbox.close();

  function deliveryOf(words: Page['wording'], n: number): Page {
    return {
      kind: 'page',
      key: `incident-42/n${String(n)}/feishu`,
      notification: `n${String(n)}`,
      ...{ event, face, wording: words, locale, timeZone: 'Asia/Shanghai', pageUrl: SAMPLE_LINK },
      to: { person: { member: 'a', name: 'A', identity: 'ou_a', locale, timeZone: 'Asia/Shanghai' } },
      mentions: [],
      verbose: false,
      buttons: [{ action: 'acknowledge', label: 'Acknowledge', token: 'token' }],
      menu: [],
      receiptRef: `incident-42/n${String(n)}/0123456789abcdef`,
      plain: false,
    };
  }
}

function largest() {
  const all = GROUP_EVENTS.flatMap((event) => LOCALES.map((locale) => [event, locale] as const));
  const size = ([event, locale]: (typeof all)[number]): number =>
    Buffer.byteLength(Object.values(presetTemplate(event, locale)).join(''));
  return all.reduce((one, other) => (size(other) > size(one) ? other : one));
}

function perSecond(render: () => unknown): number {
  for (let n = 0; n < RENDERS / 10; n += 1) render();
  const startedAt = performance.now();
  for (let n = 0; n < RENDERS; n += 1) render();
  return Math.round((RENDERS * 1000) / (performance.now() - startedAt));
}
