import { z } from 'zod';
import { hostOf, type Traits } from '../kit/traits.ts';

const url = z.url({ protocol: /^https?$/ });

/** An Azure Bot (single tenant) with the Teams channel; one address serves everything it hears. */
export const teamsAppAccount = z.strictObject({
  appId: z.string().min(1).describe('Microsoft App ID of the Azure Bot, a GUID'),
  appPassword: z.string().min(1).describe('Client secret of the app registration'),
  tenantId: z.string().min(1).describe('Directory (tenant) ID; only its people are heard'),
  cloud: z
    .enum(['public', 'gcc', 'usgov', 'china'])
    .default('public')
    .describe('public: everywhere else; gcc and usgov: US government; china: operated by 21Vianet'),
  serviceUrl: url.optional().describe("Where messages are posted, instead of the cloud's own"),
  openIdUrl: url.optional().describe("Where the keys of inbound tokens are listed, instead of the cloud's own"),
  baseUrl: url
    .optional()
    .describe('One address for tokens, messages and keys in place of those of the cloud (proxy, sandbox)'),
});
export type TeamsAppAccount = z.output<typeof teamsAppAccount>;

export const teamsAppTraits = (account: TeamsAppAccount): Traits => ({ host: hostOf(placesOf(account).service) });

interface Cloud {
  login: string;
  /** Issuer of inbound tokens, and whom ours are for. */
  api: string;
  openId: string;
  service: string;
}

/**
 * Source https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication,
 *        https://learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/send-proactive-messages
 */
const PUBLIC: Cloud = {
  login: 'https://login.microsoftonline.com',
  api: 'https://api.botframework.com',
  openId: 'https://login.botframework.com/v1/.well-known/openidconfiguration',
  service: 'https://smba.trafficmanager.net/teams',
};
const CLOUDS: Record<TeamsAppAccount['cloud'], Cloud> = {
  public: PUBLIC,
  gcc: { ...PUBLIC, service: 'https://smba.infra.gcc.teams.microsoft.com/teams' },
  usgov: {
    login: 'https://login.microsoftonline.us',
    api: 'https://api.botframework.us',
    openId: 'https://login.botframework.azure.us/v1/.well-known/openidconfiguration',
    service: 'https://smba.infra.gov.teams.microsoft.us/teams',
  },
  china: {
    login: 'https://login.partner.microsoftonline.cn',
    api: 'https://api.botframework.azure.cn',
    openId: 'https://login.botframework.azure.cn/v1/.well-known/openidconfiguration',
    // UNCONFIRMED: no page names it; `serviceUrl` overrides it.
    service: 'https://frontend.botapi.msg.infra.teams.microsoftonline.cn/teams',
  },
};

/** The addresses an account speaks to, without trailing slashes. */
export function placesOf({ cloud, baseUrl, serviceUrl, openIdUrl }: TeamsAppAccount): Cloud {
  const own = CLOUDS[cloud];
  const base = baseUrl && trimmed(baseUrl);
  return {
    login: base ?? own.login,
    api: own.api,
    openId: openIdUrl ?? (base === undefined ? own.openId : `${base}/v1/.well-known/openidconfiguration`),
    service: trimmed(serviceUrl ?? base ?? own.service),
  };
}

/** Regional addresses below the same hosts come with what the bot hears: our token goes to no other. */
export function isServiceUrl(given: string, account: TeamsAppAccount): boolean {
  if (!URL.canParse(given)) return false;
  const { protocol, host } = new URL(given);
  const own = new URL(placesOf(account).service);
  return protocol === own.protocol && (host === own.host || host === new URL(CLOUDS[account.cloud].service).host);
}

function trimmed(address: string): string {
  return address.replace(/\/+$/, '');
}
