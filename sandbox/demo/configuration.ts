import type { Endpoints } from '../index.ts';
import type { PersonCard } from '../world.ts';

export interface DemoConfiguration {
  endpoints: Endpoints;
  gatewayPort: number;
  operationsPort: number;
  /** Starts every task queue. Default `escalations`. */
  prefix?: string;
  /** From the first level to the second. Default `5m`, as in the story. */
  escalateAfter?: string;
  /** Further channels, as YAML indented by two spaces. */
  channels?: string;
}

/** Credentials that the imitated providers know. */
export const CREDENTIALS = {
  aliyun: { accessKeyId: 'LTAI-sandbox', accessKeySecret: 'sandbox-aliyun-secret' },
  tencent: { secretId: 'AKID-sandbox', secretKey: 'sandbox-tencent-secret', voiceSdkAppid: '1400000000' },
  feishu: {
    appId: 'cli_sandbox',
    appSecret: 'sandbox-feishu-secret',
    verificationToken: 'sandbox-verification',
    encryptKey: 'sandbox-encrypt-key',
  },
  smtp: { user: 'oncall', password: 'sandbox-mail' },
  gateway: 'sandbox-gateway-x9Kd3vTq7Wm2ZrLp5',
  callbacks: {
    aliyunVoice: 'av-w3Kx9Zr7Qm2Vt4',
    aliyunSms: 'as-w3Kx9Zr7Qm2Vt4',
    tencentVoice: 'tv-w3Kx9Zr7Qm2Vt4',
  },
} as const;

/** Texts approved in the imitated consoles. */
export const TEMPLATES = {
  aliyun: {
    TTS_START: '${severity} incident ${number}: ${title}. Press 1 to acknowledge.',
    TTS_ACK: 'Thank you, the incident is acknowledged.',
    SMS_PAGE: '${severity} incident ${number}: ${title}',
  },
  tencent: { '1000001': '{1} incident {3}: {2}. Press 1 to acknowledge.' },
} as const;

export const PEOPLE = [
  {
    name: 'primary',
    phone: '+8613800000001',
    email: 'primary@example.com',
    openId: 'ou_primary',
    ids: { dingtalk: 'dt-primary', wecom: 'wc-primary', slack: 'U0PRIMARY', teams: aadId(1), telegram: '5001' },
  },
  {
    name: 'backup',
    phone: '+8613800000002',
    email: 'backup@example.com',
    openId: 'ou_backup',
    ids: { dingtalk: 'dt-backup', wecom: 'wc-backup', slack: 'U0BACKUP', teams: aadId(2), telegram: '5002' },
  },
  {
    name: 'supervisor',
    phone: '+8613800000003',
    email: 'supervisor@example.com',
    openId: 'ou_supervisor',
    ids: { dingtalk: 'dt-super', wecom: 'wc-super', slack: 'U0SUPER', teams: aadId(3), telegram: '5003' },
  },
] as const satisfies readonly PersonCard[];

/** The story's `escalations.yaml`, against the imitated providers. */
export function demoConfiguration(options: DemoConfiguration): string {
  const {
    endpoints,
    gatewayPort,
    operationsPort,
    prefix = 'escalations',
    escalateAfter = '5m',
    channels = '',
  } = options;
  const { aliyun, tencent, feishu, gateway, callbacks } = CREDENTIALS;
  return `prefix: ${prefix}
gateway:
  listen: 127.0.0.1:${String(gatewayPort)}
  operations: 127.0.0.1:${String(operationsPort)}
  publicUrl: http://127.0.0.1:${String(gatewayPort)}
  secrets: [${gateway}]
accounts:
  feishu-cn:
    adapter: feishu.app
    appId: ${feishu.appId}
    appSecret: ${feishu.appSecret}
    verificationToken: ${feishu.verificationToken}
    encryptKey: ${feishu.encryptKey}
    baseUrl: ${endpoints.feishu}
  aliyun-voice:
    adapter: aliyun.voice
    accessKeyId: ${aliyun.accessKeyId}
    accessKeySecret: ${aliyun.accessKeySecret}
    callerNumbers: ['02131234567']
    templates: { zh: { start: TTS_START, keys: { '1': TTS_ACK } } }
    callbackSecret: ${callbacks.aliyunVoice}
    baseUrl: ${endpoints.aliyun}
    perReceiver: [] # the imitated vendors take as many calls as one likes to play
  tencent-voice:
    adapter: tencent.voice
    secretId: ${tencent.secretId}
    secretKey: ${tencent.secretKey}
    voiceSdkAppid: '${tencent.voiceSdkAppid}'
    templates: { zh: { id: '1000001', params: [severity, title, number] } }
    callbackSecret: ${callbacks.tencentVoice}
    baseUrl: ${endpoints.tencent}
    perReceiver: []
  aliyun-sms:
    adapter: aliyun.sms
    accessKeyId: ${aliyun.accessKeyId}
    accessKeySecret: ${aliyun.accessKeySecret}
    signName: On call
    templates: { zh: { code: SMS_PAGE, params: [severity, title, number] } }
    callbackSecret: ${callbacks.aliyunSms}
    baseUrl: ${endpoints.aliyun}
  mail:
    adapter: smtp.email
    url: ${endpoints.smtp}
    from: On call <oncall@example.com>
media:
  voice: [aliyun-voice, tencent-voice]
  sms: [aliyun-sms]
  email: [mail]
members:
  primary: { name: Primary, email: primary@example.com, phone: '+8613800000001', locale: en, timeZone: Asia/Shanghai, identities: { feishu: ou_primary } }
  backup: { name: Backup, email: backup@example.com, phone: '+8613800000002', locale: en, timeZone: Asia/Shanghai }
  supervisor: { name: Supervisor, email: supervisor@example.com, phone: '+8613800000003', locale: en, timeZone: Asia/Shanghai, identities: { feishu: ou_supervisor } }
teams:
  db: [primary, backup]
channels:
  payments:
    rules:
      - name: P1
        when: { filters: [[{ key: severity, oper: IN, vals: [Critical] }]] }
        levels:
          - to: { members: [primary] }
            by: { critical: [feishu-cn, email], default: [email] }
            escalateAfter: ${escalateAfter}
          - to: { members: [supervisor] }
            by: { default: [voice] }
      - name: everything else
        levels:
          - to: { members: [primary] }
            by: { default: [email] }
${channels}unmatched: { to: { members: [supervisor] }, by: { default: [email] } }
`;
}

function aadId(n: number): string {
  return `00000000-0000-4000-8000-00000000000${String(n)}`;
}
