import type { Face } from '../../domain/incident/face.ts';
import type { Page, Person, Wording } from '../../providers/kit/message.ts';

export const supervisor: Person = {
  member: 'supervisor',
  name: 'Supervisor',
  email: 'supervisor@example.com',
  phone: '+8613900000001',
  identity: 'ou_supervisor',
  locale: 'en',
  timeZone: 'Asia/Shanghai',
};

export const face: Face = {
  workflowId: 'incident-42',
  number: '7QK2MD',
  incident: {
    id: '42',
    title: 'db-7 is down',
    severity: 'Critical',
    description: 'Replication lag 900 s',
    labels: { service: 'db' },
  },
  progress: 'Triggered',
  level: 1,
  levels: 2,
  round: 1,
  revision: 2,
  exhausted: false,
  responders: ['supervisor'],
};

export const wording: Wording = {
  subject: '[Critical] db-7 is down',
  text: 'A new incident needs you.\nReplication lag 900 s',
  status: 'Not acknowledged, level 1 of 2',
  facts: [
    ['Severity', 'Critical'],
    ['Number', '7QK2MD'],
    ['service', 'db'],
  ],
  severity: 'Critical',
  openPage: 'Open incident',
};

let sent = 0;

/** The page about `db-7 is down` for the supervisor; every call is another notification. */
export function deliveryOf(changes: Partial<Page> = {}): Page {
  sent += 1;
  return {
    kind: 'page',
    key: `incident-42/n${sent}/account`,
    notification: `n${sent}`,
    event: 'opened',
    face,
    wording,
    locale: 'en',
    timeZone: 'Asia/Shanghai',
    to: { person: supervisor },
    buttons: [
      { action: 'acknowledge', label: 'Acknowledge', token: 'token-acknowledge' },
      { action: 'snooze', label: 'Snooze 2 h', token: 'token-snooze', minutes: 120 },
      { action: 'snooze', label: 'Snooze 4 h', token: 'token-snooze', minutes: 240 },
      { action: 'close', label: 'Close', token: 'token-close' },
    ],
    mentions: [],
    verbose: false,
    menu: [],
    pageUrl: 'https://oncall.example.com/i/page-token',
    receiptRef: `incident-42/n${sent}/0123456789abcdef`,
    plain: false,
    ...changes,
  };
}
