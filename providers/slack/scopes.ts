/** What the app asks of a workspace. https://docs.slack.dev/reference/scopes */
export const SCOPES = [
  'chat:write',
  'chat:write.public', // to public channels without being invited
  'im:write',
  'im:history', // what is written to the bot in its own chat
  'app_mentions:read',
  'users:read',
  'users:read.email',
  'channels:read',
  'groups:read',
] as const;

/** Without these some pages or presses are lost; without the others an event or a convenience is. */
export const NEEDED_SCOPES: readonly string[] = ['chat:write', 'users:read', 'users:read.email'];

/** https://docs.slack.dev/reference/events */
export const EVENTS = [
  'message.im',
  'app_mention',
  'member_joined_channel',
  'member_left_channel',
  'channel_left',
  'channel_rename',
  'channel_archive',
  'channel_unarchive',
  'channel_deleted',
  'channel_created',
  'group_left',
  'group_rename',
  'group_archive',
  'group_unarchive',
  'group_deleted',
  'app_uninstalled',
  'tokens_revoked',
] as const;
