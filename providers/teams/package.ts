import { strToU8, zipSync } from 'fflate';
import type { SetupAddresses } from '../kit/adapter.ts';
import type { TeamsAppAccount } from './account.ts';
import { bellIcon } from './icon.ts';

const ACCENT = [18, 100, 163] as const;
const WHITE = [255, 255, 255] as const;

/**
 * The app for the catalogue of an organisation: manifest.json and two icons, 192 × 192 and 32 × 32 pixels, in a zip.
 *
 * Source https://learn.microsoft.com/microsoftteams/platform/resources/schema/manifest-schema
 *        https://learn.microsoft.com/microsoftteams/platform/concepts/build-and-test/apps-package
 */
export function teamsPackage(account: TeamsAppAccount, addresses: SetupAddresses): Uint8Array {
  const manifest = strToU8(JSON.stringify(teamsManifest(account, addresses), null, 2));
  const color = bellIcon(192, { bell: WHITE, ground: ACCENT });
  const outline = bellIcon(32, { bell: WHITE });
  // The same account makes the same bytes.
  return zipSync({ 'manifest.json': manifest, 'color.png': color, 'outline.png': outline }, { mtime: '2026-01-01' });
}

export function teamsManifest({ appId }: TeamsAppAccount, { homeUrl }: SetupAddresses): Record<string, unknown> {
  const { origin, hostname } = new URL(homeUrl);
  const scopes = ['personal', 'team', 'groupChat'];
  return {
    $schema: 'https://developer.microsoft.com/json-schemas/teams/v1.25/MicrosoftTeams.schema.json',
    manifestVersion: '1.25',
    version: '1.0.0',
    id: appId,
    developer: { name: 'On call', websiteUrl: origin, privacyUrl: origin, termsOfUseUrl: origin },
    name: { short: 'On call', full: 'On call' },
    description: {
      short: 'Pages responders and takes their answers',
      full: 'Tells whoever is on call about incidents and lets them acknowledge, snooze, escalate and close on the card.',
    },
    icons: { color: 'color.png', outline: 'outline.png' },
    accentColor: `#${ACCENT.map((part) => part.toString(16).padStart(2, '0')).join('')}`,
    // Private and shared channels.
    supportsChannelFeatures: 'tier1',
    bots: [
      {
        botId: appId,
        scopes,
        supportsFiles: false,
        isNotificationOnly: false,
        commandLists: [
          {
            scopes: ['personal'],
            commands: [
              { title: 'status', description: 'Open incidents' },
              { title: 'ack', description: 'Acknowledge: ack 7QK2MD' },
              { title: 'linkUser', description: 'Link your account: linkUser <code>' },
            ],
          },
          {
            scopes: ['team', 'groupChat'],
            commands: [
              { title: 'status', description: 'Open incidents' },
              { title: 'linkTeam', description: 'Link this channel: linkTeam <code>' },
              { title: 'linkChat', description: 'Link this chat' },
            ],
          },
        ],
      },
    ],
    permissions: ['identity', 'messageTeamMembers'],
    validDomains: [hostname],
  };
}
