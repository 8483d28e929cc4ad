import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerSession } from 'smtp-server';
import type { Effect } from './faults.ts';
import { addressOf, readMail } from './mime.ts';
import type { Stage } from './stage.ts';

export interface SmtpOptions {
  /** Default `oncall@example.com`. */
  user?: string;
  /** Default `sandbox`. */
  password?: string;
}

const NOT_TAKEN = 'Requested action not taken';

/** A reply that is not a success. */
class Reply extends Error {
  readonly responseCode: number;

  constructor(responseCode: number, text: string) {
    super(text);
    this.responseCode = responseCode;
  }
}

/**
 * A mail server on loopback (RFC 5321): AUTH PLAIN or LOGIN required, no TLS, every recipient accepted unless a fault says
 * otherwise. Faults by stage `CONNECT` (the greeting), `AUTH`, `MAIL`, `RCPT`, `DATA`; without a stage they strike at
 * DATA.
 */
export class Smtp {
  readonly #stage: Stage;
  readonly #server: SMTPServer;

  readonly #settings: Required<SmtpOptions>;

  constructor(stage: Stage, options: SmtpOptions = {}) {
    this.#stage = stage;
    const settings = { user: 'oncall@example.com', password: 'sandbox', ...options };
    this.#settings = settings;
    this.#server = new SMTPServer({
      logger: false,
      closeTimeout: 1,
      disableReverseLookup: true,
      disabledCommands: ['STARTTLS'],
      authMethods: ['PLAIN', 'LOGIN'],
      allowInsecureAuth: true,
      onConnect: (_session, done) => {
        this.#meet('CONNECT').then(() => {
          done();
        }, done);
      },
      onAuth: ({ username, password }, _session, done) => {
        if (username !== settings.user || password !== settings.password) {
          done(new Reply(535, '5.7.8 Authentication credentials invalid'));
          return;
        }
        this.#meet('AUTH').then(() => {
          done(null, { user: username });
        }, done);
      },
      onMailFrom: ({ address }, _session, done) => {
        this.#meet('MAIL FROM', address).then(() => {
          done();
        }, done);
      },
      onRcptTo: ({ address }, _session, done) => {
        this.#meet('RCPT TO', address).then(() => {
          done();
        }, done);
      },
      onData: (stream, session, done) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          this.#take(Buffer.concat(chunks), session).then((reply) => {
            if (reply !== undefined) done(null, reply);
          }, done);
        });
      },
    });
    // A client that hangs up in the middle of a command is no failure of the imitation.
    this.#server.on('error', () => undefined);
  }

  /** On a port of its own. @returns its address, with the credentials. */
  async listen(): Promise<string> {
    await new Promise<void>((resolve) => {
      this.#server.listen(0, '127.0.0.1', resolve);
    });
    const host = `127.0.0.1:${String((this.#server.server.address() as AddressInfo).port)}`;
    const { user, password } = this.#settings;
    const url = `smtp://${encodeURIComponent(user)}:${encodeURIComponent(password)}@${host}`;
    this.#stage.accounts.set('smtp.email', () => ({ url, from: 'oncall@example.com' }));
    this.#stage.accounts.set('aliyun.email', () => ({ address: user, password, baseUrl: `smtp://${host}` }));
    return url;
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server.close(resolve);
    });
  }

  /** Shows the mail; the reply, or nothing when the server is to fall silent after taking it. */
  async #take(raw: Buffer, session: SMTPServerSession): Promise<string | undefined> {
    const recipients = session.envelope.rcptTo.map(({ address }) => address);
    const falls = await this.#meet('DATA', recipients.join(', '));
    const { headers, text, html } = readMail(raw);
    for (const to of recipients) {
      this.#stage.world.mails.push({
        id: randomUUID(),
        to,
        from: addressOf(headers['from'] ?? ''),
        subject: headers['subject'] ?? '',
        messageId: headers['message-id'] ?? '',
        headers,
        text,
        html,
        at: Date.now(),
      });
    }
    this.#stage.world.changed('mails');
    return falls === 'silent' ? undefined : `2.0.0 Ok: queued as ${randomUUID().slice(0, 8)}`;
  }

  /** One stage: writes the arrival down, where there is an address, and does what was asked to go wrong there. */
  async #meet(
    stage: 'CONNECT' | 'AUTH' | 'MAIL FROM' | 'RCPT TO' | 'DATA',
    address?: string,
  ): Promise<'silent' | undefined> {
    const { faults } = this.#stage;
    const answered = address === undefined ? undefined : faults.arrive('smtp', stage, address);
    const effect = faults.take('smtp', stage, stage !== 'DATA');
    if ('delayMs' in effect) await sleep(effect.delayMs, undefined, { ref: false });
    const reply = replyOf(effect);
    answered?.('dropAnswer' in effect ? 'dropped' : reply === undefined ? 'ok' : String(reply.responseCode));
    if (reply !== undefined) throw reply;
    return 'dropAnswer' in effect ? 'silent' : undefined;
  }
}

function replyOf(effect: Effect): Reply | undefined {
  if ('rateLimitMs' in effect) return new Reply(451, '4.7.1 Too many messages, try again later');
  if ('refuse' in effect) {
    // `550` or `550 5.1.1 No such user`
    const [, code = '554', text = ''] = /^(\d{3})\s*(.*)$/.exec(effect.refuse) ?? [];
    return new Reply(effect.status ?? Number(code), effect.message ?? (text || NOT_TAKEN));
  }
  return 'status' in effect ? new Reply(effect.status, NOT_TAKEN) : undefined;
}
