import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { PHONE } from '../../domain/messages.ts';
import { createMetrics } from '../../gateway/metrics.ts';
import { createRelay } from '../../gateway/relay.ts';
import { ConfigurationSource } from '../../config/watch.ts';
import type { House } from '../../sandbox/demo/house.ts';
import { openTestHouse, sandboxUrl } from '../e2e/house.ts';
import { People } from '../e2e/people.ts';

const AES_KEY = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFG';
let house: House;
let people: People;

beforeAll(async () => {
  house = await openTestHouse({
    escalateAfter: '12h',
    sandbox: { wecom: { aesKey: AES_KEY } },
    edit: (yaml) =>
      yaml.replace(
        '\nmedia:',
        `
  wecom:
    adapter: wecom.app
    corpId: wwsandbox
    agentId: 1000002
    secret: sandbox
    token: sandbox
    encodingAesKey: ${AES_KEY}
    baseUrl: ${sandboxUrl(yaml)}
media:`,
      ),
  });
  people = new People(house);
});
afterEach(() => people.closeAll());
afterAll(() => house.close());

/** What a listener on the way sees of the next push to the gateway, which never gets it. */
async function captured(push: (url: string) => Promise<unknown>): Promise<{ query: string; body: string }> {
  const listener = createServer();
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const { port } = listener.address() as AddressInfo;
  const seen = (async () => {
    const [request, response] = (await once(listener, 'request')) as [IncomingMessage, ServerResponse];
    let body = '';
    for await (const chunk of request) body += String(chunk);
    response.end();
    return { query: new URL(request.url ?? '', 'http://x').search, body };
  })();
  await push(`http://127.0.0.1:${String(port)}/`);
  listener.close();
  return seen;
}

it('a push of WeCom that somebody captured does not tell its text when it comes again as a check of the address', async () => {
  const { query, body } = await captured((url) => {
    house.sandbox.setCallbacks({ wecom: url });
    return house.sandbox.wecom.write('wc-primary', 'the root password is rosebud');
  });
  const sealed = /<Encrypt><!\[CDATA\[(.+?)\]\]><\/Encrypt>/.exec(body)?.[1] ?? '';
  const address = `${house.gatewayUrl}/callbacks/wecom`;
  const answer = await fetch(`${address}${query}&echostr=${encodeURIComponent(sealed)}`);
  expect(await answer.text()).not.toContain('rosebud');
  expect(answer.status).toBe(401);

  house.sandbox.setCallbacks({ wecom: address });
  expect(await house.sandbox.wecom.verifyUrl()).toBe(true);
});

it('a form of the incident page counts once, however its proof is spelled', async () => {
  const incident = await people.open('payments');
  const { html } = await people.primary.readsMail(incident);
  const link = /href="([^"]+)"/.exec(html)?.[1] ?? '';
  const opened = await fetch(link);
  const cookie = opened.headers.get('set-cookie')?.split(';')[0] ?? '';
  const nonce = /name="nonce" value="([^"]+)"/.exec(await opened.text())?.[1] ?? '';
  const comment = (proof: string): Promise<Response> =>
    fetch(link, {
      method: 'POST',
      headers: { cookie, 'sec-fetch-user': '?1', 'sec-fetch-site': 'same-origin' },
      body: new URLSearchParams({ nonce: proof, action: 'comment', text: 'looking' }),
      redirect: 'manual',
    });
  expect((await comment(nonce)).status).toBe(303);
  const [issuedAt = '', mac = ''] = nonce.split('.');
  // The last character of 16 bytes holds four bits that nothing reads.
  const twin = `${mac.slice(0, -1)}${String.fromCharCode(mac.charCodeAt(21) + 1)}`;
  expect(Buffer.from(twin, 'base64url')).toEqual(Buffer.from(mac, 'base64url'));
  for (const other of [`${issuedAt}.${twin}`, `0${issuedAt}.${mac}`]) {
    expect((await comment(other)).status).toBe(400);
  }
  const { timeline } = await incident.until((view) => view.timeline.some(({ kind }) => kind === 'commented'));
  expect(timeline.filter(({ kind }) => kind === 'commented')).toHaveLength(1);
});

it('what Temporal refuses for good is said at once, and nobody goes on repeating it', async () => {
  const source = ConfigurationSource.fixed(house.configuration);
  const metrics = createMetrics({ source, pending: () => 0 });
  const relay = createRelay({ client: house.temporal, logger: pino({ level: 'silent' }), metrics });
  const incident = await people.open('payments');
  const workflowId = `incident-${incident.id}`;
  // The server takes no payload above 2 MiB.
  const argument = { workflowId: 'x'.repeat(3 * 1024 * 1024), notification: 'n1' };
  const message = { contract: PHONE, workflowId, signal: 'drop' as const, argument, key: 'heavy' };
  expect(await relay.tell(message, 10_000)).toBe('refused');
  expect(relay.pending()).toBe(0);
  await relay.close(0);
  await incident.isStill('triggered');
});
