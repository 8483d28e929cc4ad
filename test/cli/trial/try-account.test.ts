import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { tryAccount, type TrialStep } from '../../../cli/trial/try-account.ts';
import { yamlDirectory } from '../../../config/duty/directory.ts';
import { hear } from '../../../cli/trial/hear.ts';
import { Sandbox } from '../../../sandbox/index.ts';
import { parse, sample } from '../../config/sample.ts';

const SECRET = 'p8Vd-q4Xt-m2Zr-w7K';
let sandbox: Sandbox;
let port: number;
beforeAll(async () => {
  sandbox = await Sandbox.start({
    people: [{ name: 'primary', phone: '+8613800000001', email: 'primary@example.com' }],
    limits: false,
    aliyun: {
      templates: { SMS_1: '${severity} ${title} ${number}', TTS_1: '${severity} ${title} ${number}', TTS_2: 'ok' },
    },
    tencent: { templates: { '100': '{1} {2} {3}' } },
  });
  port = await freePort();
});
afterAll(() => sandbox.close());
beforeEach(() => {
  sandbox.faults.clear();
});

const configured = () =>
  parse(
    sample({
      1: `gateway: { listen: "127.0.0.1:${port}", publicUrl: "http://127.0.0.1:${port}", secrets: [pK3xZ7vQ9mT4wB6n] }`,
      4: `  mail: { adapter: smtp.email, url: "${sandbox.endpoints.smtp}", from: oncall@example.com }
  texts: { adapter: aliyun.sms, accessKeyId: sandbox, accessKeySecret: sandbox, signName: S, templates: { zh: { code: SMS_1 } }, callbackSecret: ${SECRET}, baseUrl: "${sandbox.endpoints.aliyun}" }
  more-texts: { adapter: tencent.sms, secretId: sandbox, secretKey: sandbox, smsSdkAppId: "1400000001", signName: S, templates: { zh: { id: "100" } }, baseUrl: "${sandbox.endpoints.tencent}" }
  calls: { adapter: aliyun.voice, accessKeyId: sandbox, accessKeySecret: sandbox, callerNumbers: ["02131234567"], templates: { zh: { start: TTS_1, keys: { "1": TTS_2 } } }, callbackSecret: ${SECRET}, baseUrl: "${sandbox.endpoints.aliyun}" }`,
      7: `  primary: { name: Primary, email: primary@example.com, phone: "+8613800000001", locale: zh }
  abroad: { name: Abroad, phone: "+14155550123" }`,
    }),
  );

async function attempt(
  name: string,
  member = 'primary',
  { waitMs = 10_000, listens = true } = {},
): Promise<TrialStep[]> {
  const current = configured();
  const account = current.accounts.get(name);
  if (!account) throw new Error(`the sample has no account ${name}`);
  const heard = listens ? await hear(account, current) : 'deaf';
  const happenings = typeof heard === 'string' ? undefined : heard;
  const trial = { account, to: { member }, current, directory: yamlDirectory({ current }), waitMs };
  const tried: TrialStep[] = [];
  for await (const one of tryAccount({ ...trial, ...(happenings && { happenings }) })) {
    tried.push(one);
    if (one.step === 'answer' && name === 'calls' && one.state === 'good') {
      const call = await sandbox.responder('primary').expectCall('这是一次测试');
      void call.press('1').then(() => call.hangUp());
    }
  }
  happenings?.close();
  return tried;
}
const marks = (tried: TrialStep[]) => tried.map(({ step, state }) => `${step} ${state}`);

describe('a test of an account', () => {
  it('sends a text, and tells that it arrived when the provider calls back', async () => {
    sandbox.setCallbacks({ aliyunSms: `http://127.0.0.1:${port}/callbacks/texts/${SECRET}` });
    const tried = await attempt('texts');
    expect(marks(tried)).toEqual(['look-up good', 'render good', 'request good', 'answer good', 'receipt good']);
    expect(sandbox.world.texts.at(-1)?.text).toContain('这是一次测试，没有故障');
  });

  it('asks whether a text arrived where nothing of ours is listening', async () => {
    const tried = await attempt('more-texts', 'primary', { listens: false });
    expect(tried.at(-1)).toMatchObject({
      step: 'receipt',
      state: 'good',
      text: expect.stringContaining('when asked') as string,
    });
  });

  it('calls, and tells of the key and of the end', async () => {
    sandbox.setCallbacks({ aliyunVoice: `http://127.0.0.1:${port}/callbacks/calls/${SECRET}` });
    const told = (await attempt('calls')).filter(({ step }) => step === 'receipt').map(({ text }) => text);
    expect(told.slice(0, 1)).toEqual(['key 1 was pressed']);
    expect(told.at(-1)).toMatch(/^answered: .* \(200000\)|^answered: hung up early \(200001\)/);
  });

  it('writes a mail and says that nobody will tell whether it arrived', async () => {
    const tried = await attempt('mail');
    expect(marks(tried)).toEqual(['look-up good', 'render good', 'request good', 'answer good', 'receipt doubtful']);
    expect(sandbox.world.mails.at(-1)?.subject).toContain('这是一次测试');
  });

  it.each([
    ['texts', { refuse: 'isv.SMS_TEMPLATE_ILLEGAL' }, 'see docs/troubleshooting.md#refused'],
    ['texts', { refuse: 'isv.AMOUNT_NOT_ENOUGH' }, 'see docs/troubleshooting.md#exhausted'],
    ['calls', { refuse: 'isv.BUSINESS_LIMIT_CONTROL' }, 'see docs/troubleshooting.md#rate-limited'],
  ] as const)('of %s that is answered with %o explains it and says where to read on', async (name, effect, remedy) => {
    sandbox.faults.add({ vendor: 'aliyun', effect });
    const last = (await attempt(name)).at(-1);
    expect(last).toMatchObject({ step: 'answer', state: 'bad', remedy });
    expect(last?.text).toContain(effect.refuse);
  });

  it('sends nothing to somebody whom the account cannot reach', async () => {
    const before = sandbox.world.arrivals.length;
    expect(await attempt('texts', 'abroad')).toMatchObject([
      { step: 'look-up', state: 'bad', text: 'texts does not reach phones of US' },
    ]);
    expect(await attempt('texts', 'stranger')).toMatchObject([{ state: 'bad', text: 'no member is called stranger' }]);
    expect(await attempt('mail', 'abroad')).toMatchObject([
      { state: 'good' },
      { state: 'good' },
      { state: 'good' },
      { step: 'answer', state: 'bad', remedy: 'see docs/troubleshooting.md#unreachable' },
    ]);
    expect(sandbox.world.arrivals).toHaveLength(before);
  });

  it('shows neither address nor secret', async () => {
    sandbox.faults.add({ vendor: 'aliyun', effect: { refuse: 'isv.MOBILE_NUMBER_ILLEGAL', message: '13800000001' } });
    const told = JSON.stringify([...(await attempt('texts')), ...(await attempt('mail'))]);
    for (const secret of ['13800000001', 'primary@example.com', SECRET, 'sandbox:sandbox']) {
      expect(told).not.toContain(secret);
    }
  });

  it('gives up when nothing is told in time, with what to look at', async () => {
    sandbox.setCallbacks({ aliyunVoice: 'http://127.0.0.1:9' });
    const tried = await attempt('calls', 'primary', { waitMs: 200 });
    expect(tried.at(-1)).toMatchObject({ step: 'receipt', state: 'doubtful' });
    expect(tried.at(-1)?.remedy).toContain('does the provider call back to gateway.publicUrl/callbacks/calls?');
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port: free } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return free;
}
