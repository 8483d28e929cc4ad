import type { Configuration } from '../../config/configuration.ts';
import { parseConfiguration } from '../../config/load.ts';
import { ConfigurationError } from '../../config/schema/problem.ts';

/** A small configuration whose lines tests replace by number (from 1), to see what is said about them. */
const LINES = [
  'gateway: { secrets: [pK3xZ7vQ9mT4wB6n] }',
  'accounts:',
  '  feishu-cn: { adapter: feishu.app, appId: a, appSecret: b, verificationToken: c }',
  '  mail: { adapter: smtp.email, url: "smtp://127.0.0.1:2525", from: oncall@example.com }',
  'media: { email: [mail] }',
  'members:',
  '  primary: { name: Primary, email: primary@example.com, phone: "+8613800000001" }',
  '  backup: { name: Backup, email: backup@example.com, identities: { feishu: ou_2 } }',
  'teams: { db: [primary, backup] }',
  'channels:',
  '  payments:',
  '    rules:',
  '      - name: P1',
  '        delay: 0s',
  '        when: { filters: [] }',
  '        levels:',
  '          - to: { members: [primary] }',
  '            by: { default: [feishu-cn, email] }',
  '            groups: []',
  '            repeat: { every: 2m, times: 3 }',
  '            escalateAfter: 5m',
  '          - { to: { teams: [db] }, by: preference }',
  'unmatched: ignore',
];

export function sample(changed: Record<number, string> = {}): string {
  return LINES.map((line, index) => changed[index + 1] ?? line).join('\n');
}

export function parse(text: string, env: Record<string, string> = {}): Configuration {
  return parseConfiguration(text, { file: 'escalations.yaml', env });
}

/** What a person reads about the sample with these lines. */
export function complaint(changed: Record<number, string>, env: Record<string, string> = {}): string {
  return complaintAbout(sample(changed), env);
}

export function complaintAbout(text: string, env: Record<string, string> = {}): string {
  try {
    parse(text, env);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.message;
    throw error;
  }
  return 'nothing to complain about';
}
