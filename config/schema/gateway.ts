import { isIP } from 'node:net';
import { z } from 'zod';
import { ownSecret } from '../../providers/kit/own-secret.ts';
import { checked } from './field.ts';
import type { Names } from './names.ts';
import { incidentTokens, tokensSchema } from './tokens.ts';

/** Where the gateway listens and is reached, and what it signs with. */
export function gatewaySchema(names: Names) {
  return z
    .strictObject({
      listen: address().default({ host: '127.0.0.1', port: 8080 }).describe('Where the gateway listens, host:port'),
      operations: address()
        .exactOptional()
        .describe('Where /metrics and /readyz are, host:port; absent: 127.0.0.1 and the port after that of listen'),
      trustedProxies: z
        .array(network())
        .max(50)
        .exactOptional()
        .describe(
          'Proxies before the gateway, such as 10.0.0.0/8: what their X-Forwarded-For says is where requests come from',
        ),
      publicUrl: z
        .string()
        .transform((written, context) => {
          const url = URL.canParse(written) ? new URL(written) : undefined;
          const isPlain = url && /^https?:$/.test(url.protocol) && `${url.username}${url.search}${url.hash}` === '';
          if (isPlain) return url.href.replace(/\/+$/, '');
          context.addIssue(
            'write the address people and providers reach the gateway at, such as https://oncall.example.com',
          );
          return z.NEVER;
        })
        .exactOptional()
        .describe('How people and providers reach the gateway; links and buttons need it'),
      secrets: z
        .array(ownSecret())
        .min(1)
        .max(5)
        .describe('Keys for links and buttons, each at least 16 characters; the first signs, all verify'),
      phoneKey: ownSecret()
        .exactOptional()
        .describe(
          'Key for the workflow ids of telephone numbers, at least 16 characters; stays the same when secrets are rotated; default: the last of secrets',
        ),
      tokens: tokensSchema(names),
      incidentTokens,
    })
    .superRefine(({ listen, operations }, context) => {
      if (listen.port === 0 || operations?.port !== listen.port || operations.host !== listen.host) return;
      const message = 'is where gateway.listen is: choose another port, one that the internet does not reach';
      context.addIssue({ code: 'custom', path: ['operations'], message });
    })
    .describe('{ listen, publicUrl, secrets: ["${GATEWAY_SECRET}"] }');
}

function network() {
  return checked((written) => {
    const [, host = '', bits] = /^([0-9A-Fa-f:.]+)(?:\/(\d{1,3}))?$/.exec(written) ?? [];
    const most = { 0: -1, 4: 32, 6: 128 }[isIP(host)] ?? -1;
    return Number(bits ?? 0) <= most ? undefined : 'write an address or a network, such as 10.0.0.7 or 10.0.0.0/8';
  });
}

function address() {
  return z.string().transform((written, context) => {
    const match = /^(?:\[([0-9A-Fa-f:.]+)\]|([^\s:/]+)):(\d{1,5})$/.exec(written);
    const host = match?.[1] ?? match?.[2];
    const port = Number(match?.[3]);
    if (host !== undefined && port <= 65535) return { host, port };
    context.addIssue('write host and port, such as 127.0.0.1:8080 or [::]:8080');
    return z.NEVER;
  });
}
