import { describe, expect, it } from 'vitest';
import type { CallEvent, CallRequest } from '../../../domain/phone/call.ts';
import type { ErrorKind, Route } from '../../../domain/delivery.ts';
import {
  advanceLine,
  idleLine,
  lineDue,
  lineIdleUntil,
  type Line,
  type LineCommand,
  type LineHappened,
} from '../../../domain/phone/line.ts';
import { codesOf } from '../../../domain/phone/wrong-code.ts';
import { clock, ms } from '../incident/clockwork.ts';
import { english } from '../english.ts';

const aliyun: Route = { account: 'aliyun', adapter: 'aliyun.voice' };
const twilio: Route = { account: 'twilio', adapter: 'twilio.voice' };
const tencent: Route = { account: 'tencent', adapter: 'tencent.voice' };
const answered = { outcome: 'answered', reason: 'hung up' } as const;

/** One telephone in virtual time; `heard` is what calls and incidents notice of it. */
class Phone {
  line: Line = idleLine('escalations.phone-0123456789abcdef');
  now = 0;
  readonly heard: string[] = [];
  readonly commands: LineCommand[] = [];

  at(time: string): this {
    this.now = ms(time);
    for (let due = lineDue(this.line); due && due.at <= this.now; due = lineDue(this.line)) {
      const { now } = this;
      this.now = due.at;
      this.feed({ type: 'due' });
      this.now = now;
    }
    return this;
  }

  feed(happened: LineHappened): this {
    const { line, commands } = advanceLine(this.line, happened, this.now);
    this.line = line;
    for (const command of commands) {
      this.commands.push(command);
      this.heard.push(`${clock(this.now)} ${say(command)}`);
    }
    return this;
  }

  request(incident: string, more: Partial<CallRequest> = {}): this {
    const request: CallRequest = {
      workflowId: incident,
      notification: 'n1',
      member: 'alice',
      number: incident.toUpperCase(),
      title: 'down',
      severity: 'Warning',
      routes: [aliyun, tencent],
      ...more,
    };
    return this.feed({ type: 'requested', request });
  }

  drop(incident: string): this {
    return this.feed({ type: 'dropped', drop: { workflowId: incident, notification: 'n1' } });
  }

  get token(): string {
    return this.line.current?.token ?? '';
  }

  placed(callId: string, token = this.token): this {
    return this.feed({ type: 'placed', token, callId });
  }

  refused(kind: ErrorKind | 'cancelled', token = this.token): this {
    const route = this.line.current?.route ?? aliyun;
    return this.feed({ type: 'refused', token, result: { route, outcome: 'rejected', kind, reason: kind } });
  }

  callback(event: Partial<CallEvent>): this {
    const account = this.line.current?.route.account ?? 'aliyun';
    return this.feed({ type: 'callback', event: { account, ...event } });
  }

  /** What was heard so far is of no interest. */
  hush(): this {
    this.heard.length = 0;
    return this;
  }

  /** What was heard since the last time this was asked. */
  get news(): string[] {
    return this.heard.splice(0);
  }
}

function say(command: LineCommand): string {
  switch (command.do) {
    case 'place':
      return `${command.order.account} calls about ${command.order.items.map(({ workflowId }) => workflowId).join(' ')}`;
    case 'list':
      return `${command.list.member} reads about ${command.list.items.map(({ workflowId }) => workflowId).join(' ')}`;
    case 'cancel':
      return 'the call is taken back';
    case 'end':
      return `${command.call.account} is asked to end ${command.call.callId}`;
    case 'acknowledge':
      return `${command.member} acknowledges ${command.workflowId}`;
    case 'escalate':
      return `${command.member} escalates ${command.workflowId} to ${String(command.level)}`;
    case 'tell': {
      const { phase, attempts } = command.word;
      return `${command.workflowId} hears ${phase}: ${attempts.map((one) => `${one.account} ${one.outcome}`).join(', ')}`;
    }
  }
}

describe('one call at a time', () => {
  it('calls at once when the phone is free, and tells the incident that it rings and how it ended', () => {
    const phone = new Phone().request('a').placed('c1').at('0:10').callback({ callId: 'c1', ended: answered });
    expect(phone.heard).toEqual([
      '0:00 aliyun calls about a',
      '0:00 a hears calling: aliyun accepted',
      '0:10 a hears over: aliyun answered',
    ]);
  });

  it('announces those who waited together in one call, the worst first', () => {
    const phone = new Phone().request('a').placed('c1').request('b').request('c', { severity: 'Critical' });
    phone.request('d', { severity: 'Info' });
    phone.hush();
    phone.at('1:10').callback({ callId: 'c1', ended: answered });
    expect(phone.news).toEqual(['1:10 a hears over: aliyun answered', '1:10 aliyun calls about c b d']);
  });

  it('lists what a joined call announces once, when it rings, and not what came meanwhile', () => {
    const phone = new Phone().request('a').placed('c1').request('b').request('c').at('1:10').hush();
    phone.callback({ callId: 'c1', ended: answered }).request('d');
    expect(phone.news).toEqual(['1:10 a hears over: aliyun answered', '1:10 aliyun calls about b c']);
    phone.placed('c2').callback({ callId: 'c2', keys: '1' });
    expect(phone.news).toEqual([
      '1:10 alice reads about b c',
      '1:10 b hears calling: aliyun accepted',
      '1:10 c hears calling: aliyun accepted',
      '1:10 alice acknowledges b',
      '1:10 alice acknowledges c',
    ]);
  });

  it('lists nothing for a call about one incident, or one that no account took', () => {
    const phone = new Phone().request('a').placed('c1').request('b').request('c');
    phone.at('1:10').callback({ callId: 'c1', ended: answered }).refused('unavailable').refused('unavailable');
    expect(phone.heard.join()).not.toContain('reads');
  });

  it('says to each incident which call tells it, with how many others', () => {
    const phone = new Phone().request('a').placed('c1').request('b').request('c');
    const { token } = phone;
    phone.at('1:10').callback({ callId: 'c1', ended: answered }).placed('c2');
    const calls = phone.commands.flatMap((command) => (command.do === 'tell' ? [command.word.call] : []));
    const second = { token: phone.token, incidents: 2 };
    expect(calls).toEqual([{ token, incidents: 1 }, undefined, second, second]);
  });

  it('calls once for a request that arrives twice', () => {
    const phone = new Phone().request('a').request('a').placed('c1').request('a');
    phone.callback({ callId: 'c1', ended: answered }).request('a');
    expect(phone.heard.filter((text) => text.includes('calls'))).toHaveLength(1);
  });

  it('tells the channel worker neither more nor less than it needs', () => {
    const [place] = new Phone().request('a', { channel: 'payments' }).commands;
    expect(place).toMatchObject({
      do: 'place',
      order: { account: 'aliyun', adapter: 'aliyun.voice', member: 'alice' },
    });
    expect(place?.do === 'place' && place.order.token).toMatch(/^[0-9a-z]{15}$/);
    expect(place?.do === 'place' && place.order.items).toEqual([
      { workflowId: 'a', notification: 'n1', number: 'A', title: 'down', severity: 'Warning', channel: 'payments' },
    ]);
  });
});

describe('accounts', () => {
  it.each<ErrorKind>(['unauthorized', 'exhausted', 'rate-limited', 'unavailable', 'not-sent', 'refused'])(
    'takes the next one when the first says %s',
    (kind) => {
      const phone = new Phone().request('a').refused(kind).placed('c1');
      expect(phone.heard).toEqual([
        '0:00 aliyun calls about a',
        '0:00 tencent calls about a',
        '0:00 a hears calling: aliyun rejected, tencent accepted',
      ]);
    },
  );

  it.each<ErrorKind>(['rejected', 'unreachable'])('gives up when the number itself is %s', (kind) => {
    expect(new Phone().request('a').refused(kind).news).toEqual([
      '0:00 aliyun calls about a',
      '0:00 a hears over: aliyun rejected',
    ]);
  });

  it('gives up when no account takes it', () => {
    const phone = new Phone().request('a').refused('exhausted').refused('exhausted');
    expect(phone.heard.at(-1)).toBe('0:00 a hears over: aliyun rejected, tencent rejected');
    expect(phone.line.current).toBeUndefined();
  });

  it('passes by an account whose vendor would refuse another call so soon', () => {
    const phone = new Phone().request('a').placed('c1').at('0:30').callback({ callId: 'c1', ended: answered });
    phone.hush();
    expect(phone.request('b').news).toEqual(['0:30 tencent calls about b']);
    phone.placed('c2').callback({ callId: 'c2', ended: answered });
    expect(phone.at('0:40').request('c').news.at(-1)).toBe('0:40 c hears over: aliyun rejected, tencent rejected');
    expect(phone.at('1:00').request('d').news).toEqual(['1:00 aliyun calls about d']);
  });

  it('does not count a call that the vendor did not take', () => {
    const phone = new Phone().request('a').refused('unavailable').refused('unavailable');
    phone.hush();
    expect(phone.at('0:05').request('b').news).toEqual(['0:05 aliyun calls about b']);
  });

  it('honours the windows of a contract before those of the vendor', () => {
    const generous = { ...aliyun, perReceiver: [{ sends: 2, perMs: 60_000 }] };
    const phone = new Phone();
    for (const incident of ['a', 'b']) {
      phone
        .request(incident, { routes: [generous] })
        .placed(incident)
        .callback({ callId: incident, ended: answered });
    }
    expect(phone.heard.filter((text) => text.includes('calls'))).toHaveLength(2);
    expect(phone.request('c', { routes: [generous] }).news.at(-1)).toBe('0:00 c hears over: aliyun rejected');
  });
});

describe('keys', () => {
  it('acknowledge exactly what the call announced, not what came later', () => {
    const phone = new Phone().request('a').placed('c1').request('b').at('0:10').callback({ callId: 'c1', keys: '1' });
    expect(phone.heard.filter((text) => text.includes('acknowledges'))).toEqual(['0:10 alice acknowledges a']);
  });

  it('acknowledge everything that was announced together', () => {
    const phone = new Phone().request('a').placed('c1').request('b').request('c', { member: 'shared' });
    phone.at('1:10').callback({ callId: 'c1', ended: answered }).placed('c2').callback({ callId: 'c2', keys: '1' });
    expect(phone.heard.slice(-2)).toEqual(['1:10 alice acknowledges b', '1:10 shared acknowledges c']);
  });

  it.each(['1', '11', '111'])('%s is one acknowledgment, however often it is reported', (keys) => {
    const phone = new Phone().request('a').placed('c1').callback({ callId: 'c1', keys });
    phone.callback({ callId: 'c1', keys }).callback({ callId: 'c1', keys, ended: answered });
    const told = phone.commands.flatMap((command) => (command.do === 'acknowledge' ? [command.key] : []));
    expect(new Set(told)).toHaveLength(1);
  });

  it('do what the account of the call says, where it says so', () => {
    const own = { ...aliyun, keys: { '5': 'acknowledge', '9': 'escalate' } } as const;
    const phone = new Phone()
      .request('a', { routes: [own], level: 1 })
      .placed('c1')
      .hush();
    expect(phone.callback({ callId: 'c1', keys: '1' }).news).toEqual([]);
    const other = new Phone()
      .request('a', { routes: [own], level: 1 })
      .placed('c1')
      .hush();
    expect(other.callback({ callId: 'c1', keys: '5' }).news).toEqual(['0:00 alice acknowledges a']);
  });

  it('escalate what the call announced to the level after the one it was about, however far that is by now', () => {
    const phone = new Phone().request('z').placed('c0').request('a', { level: 1 }).request('b', { level: 2 });
    phone.at('1:10').callback({ callId: 'c0', ended: answered }).placed('c1').hush();
    phone.callback({ callId: 'c1', keys: '2' }).callback({ callId: 'c1', keys: '22' });
    expect(new Set(phone.news)).toEqual(new Set(['1:10 alice escalates a to 2', '1:10 alice escalates b to 3']));
    const keys = phone.commands.flatMap((command) => (command.do === 'escalate' ? [command.key] : []));
    expect(keys).toHaveLength(4);
    expect(new Set(keys)).toHaveLength(1);
  });

  it('escalate to the next level when nobody said which it was about', () => {
    const phone = new Phone().request('a').placed('c1').callback({ callId: 'c1', keys: '2' });
    expect(phone.heard.at(-1)).toBe('0:00 alice escalates a to undefined');
  });

  it.each(['12', '3', '21', '*'])('%s means nothing, and that is said', (keys) => {
    const phone = new Phone().request('a').placed('c1').callback({ callId: 'c1', keys });
    phone.callback({ callId: 'c1', ended: answered });
    expect(phone.heard.join()).not.toContain('acknowledges');
    const [, , over] = phone.commands;
    expect(over?.do === 'tell' && english(over.word.attempts[0]?.reason)).toBe(
      `hung up; the keys ${keys} mean nothing`,
    );
  });

  it('still count when they come after the call was over', () => {
    const phone = new Phone().request('a').placed('c1').callback({ callId: 'c1', ended: answered });
    phone.at('1:10').request('b').placed('c2').at('16:00').callback({ callId: 'c1', keys: '1' });
    expect(phone.heard.at(-1)).toBe('16:00 alice acknowledges a');
  });

  it('of another day are other keys, although the phone counts its calls anew', () => {
    const key = (notification: string) => {
      const phone = new Phone().request('a', { notification }).placed('c1').callback({ callId: 'c1', keys: '1' });
      return phone.commands.flatMap((command) => (command.do === 'acknowledge' ? [command.key] : []));
    };
    expect(key('n1')).not.toEqual(key('n9'));
  });
});

describe('whose call it is', () => {
  it('is known by our token, also before the answer to the placing', () => {
    const phone = new Phone().request('a');
    phone.callback({ token: phone.token, keys: '1' }).placed('c1').callback({ callId: 'c1', ended: answered });
    expect(phone.heard).toEqual([
      '0:00 aliyun calls about a',
      '0:00 a hears calling: aliyun accepted',
      '0:00 alice acknowledges a',
      '0:00 a hears over: aliyun answered',
    ]);
  });

  it('is not guessed when a token is wrong', () => {
    const phone = new Phone().request('a').placed('c1');
    phone.hush();
    expect(phone.callback({ token: 'x'.repeat(15), callId: 'c1', keys: '1' }).news).toEqual([]);
  });

  it('is the only call of the account whose id was never learnt, when the answer was lost', () => {
    const phone = new Phone().request('a', { routes: [tencent] }).refused('unknown-outcome');
    phone
      .at('0:20')
      .callback({ callId: 'theirs', keys: '1' })
      .at('0:30')
      .callback({ callId: 'theirs', ended: answered });
    expect(phone.heard).toEqual([
      '0:00 tencent calls about a',
      '0:20 a hears calling: tencent accepted',
      '0:20 alice acknowledges a',
      '0:30 a hears over: tencent answered',
    ]);
  });

  it('is nobody’s when two calls of the account have no name', () => {
    const phone = new Phone()
      .request('a', { routes: [tencent] })
      .refused('unknown-outcome')
      .at('1:00');
    phone.request('b', { routes: [tencent] });
    expect(phone.line.current?.state).toBe('placing');
    phone.hush();
    expect(phone.callback({ callId: 'theirs', keys: '1' }).news).toEqual([]);
  });

  it('is nobody’s when it belongs to another account, or comes long after the ringing', () => {
    const phone = new Phone()
      .request('a', { routes: [tencent] })
      .refused('unknown-outcome')
      .at('0:10');
    phone.hush();
    expect(phone.callback({ account: 'aliyun', callId: 'x', keys: '1' }).news).toEqual([]);
    phone.at('3:01').hush();
    expect(phone.callback({ account: 'tencent', callId: 'x', keys: '1' }).news).toEqual([]);
  });
});

describe('an unknown outcome', () => {
  it('keeps the phone for the ring time, then the next account calls', () => {
    const phone = new Phone().request('a').refused('unknown-outcome').at('0:59');
    expect(phone.news).toEqual(['0:00 aliyun calls about a']);
    expect(phone.at('1:00').news).toEqual(['1:00 tencent calls about a']);
    phone.placed('c2');
    expect(phone.news).toEqual(['1:00 a hears calling: aliyun unknown, tencent accepted']);
  });

  it('is cleared up by a late word, without ending the call that is on by now', () => {
    const phone = new Phone().request('a').refused('unknown-outcome');
    const first = phone.token;
    phone.at('1:00').placed('c2');
    phone.hush();
    phone.at('1:20').callback({ token: first, ended: { outcome: 'unanswered', reason: 'busy' } });
    expect(phone.news).toEqual([]);
    expect(phone.at('1:30').callback({ callId: 'c2', ended: answered }).news).toEqual([
      '1:30 a hears over: aliyun unanswered, tencent answered',
    ]);
  });

  it('is cleared up by a word that comes after everything was over, keeping the later attempts', () => {
    const phone = new Phone().request('a').refused('unknown-outcome');
    const first = phone.token;
    phone.at('1:00').placed('c2').callback({ callId: 'c2', ended: answered });
    phone.hush();
    phone.at('2:00').callback({ token: first, ended: { outcome: 'unanswered', reason: 'busy' } });
    expect(phone.news).toEqual(['2:00 a hears over: aliyun unanswered, tencent answered']);
  });

  it('ends a call whose end is never told', () => {
    const phone = new Phone().request('a').placed('c1').at('3:00');
    expect(phone.heard.at(-1)).toBe('3:00 a hears over: aliyun unknown');
    expect(lineDue(phone.line)).toBeUndefined();
  });
});

describe('a call that the provider can end', () => {
  const ringing = (incident = 'a') => new Phone().request(incident, { routes: [twilio] }).placed('c1');
  const unanswered = { outcome: 'unanswered', reason: 'ended before it was answered' } as const;

  it('is ended when nobody needs it any more, once, and that is why nobody answered', () => {
    const phone = ringing().hush();
    phone.drop('a').drop('a');
    expect(phone.news).toEqual(['0:00 twilio is asked to end c1']);
    phone.callback({ callId: 'c1', ended: unanswered });
    expect(phone.news).toEqual(['0:00 a hears over: twilio unanswered']);
    const [over] = phone.commands.slice(-1);
    expect(over?.do === 'tell' && english(over.word.attempts[0]?.reason)).toBe('ended, it was no longer needed');
  });

  it('goes on while anything it announces is still wanted', () => {
    const phone = ringing('z')
      .request('a', { routes: [twilio] })
      .request('b', { routes: [twilio] });
    phone.callback({ callId: 'c1', ended: answered }).placed('c2').hush();
    expect(phone.drop('a').news).toEqual([]);
    expect(phone.drop('b').news).toEqual(['0:00 twilio is asked to end c2']);
  });

  it('goes on when somebody has taken it', () => {
    const phone = ringing().callback({ callId: 'c1', keys: '1' }).hush();
    expect(phone.drop('a').news).toEqual([]);
  });

  it('is ended as soon as its id is known, when it was dropped before', () => {
    const phone = new Phone()
      .request('a', { routes: [twilio] })
      .drop('a')
      .hush();
    expect(phone.placed('c1').news).toEqual([
      '0:00 a hears calling: twilio accepted',
      '0:00 twilio is asked to end c1',
    ]);
    const lost = new Phone()
      .request('a', { routes: [twilio] })
      .refused('unknown-outcome')
      .drop('a')
      .hush();
    expect(lost.callback({ token: lost.token, callId: 'c1' }).news).toEqual([
      '0:00 a hears calling: twilio accepted',
      '0:00 twilio is asked to end c1',
    ]);
  });

  it('rings on where the provider cannot end it', () => {
    const phone = new Phone().request('a').placed('c1').hush();
    expect(phone.drop('a').news).toEqual([]);
  });
});

describe('answers to texts', () => {
  const text = (phone: Phone, workflowId: string, wish = 0, level = 1) => {
    phone.feed({ type: 'texted', request: { workflowId, member: 'alice', level, wish } });
    return phone.line.codes?.find((one) => one.workflowId === workflowId)?.code ?? '';
  };
  const reply = (code: string, action: 'acknowledge' | 'escalate' = 'acknowledge') =>
    ({ type: 'replied', reply: { code, action, key: 'm1' } }) as const;

  it('act on the incident whose code they name', () => {
    const phone = new Phone();
    const code = text(phone, 'a', 3821);
    expect(code).toBe('4821');
    phone.feed(reply(code)).feed(reply(code, 'escalate'));
    expect(phone.news).toEqual(['0:00 alice acknowledges a', '0:00 alice escalates a to 2']);
    expect(phone.commands).toMatchObject([{ via: 'sms', key: 'text m1' }, { via: 'sms' }]);
  });

  it('count no more when ten wrong codes came from the number in a day, right ones neither', () => {
    const phone = new Phone();
    const code = text(phone, 'a', 3821);
    const write = (written: string) =>
      phone.feed({ ...reply(written), reply: { ...reply(written).reply, written: true } });
    for (let n = 0; n < 9; n += 1) write('4711');
    expect(write(code).news).toEqual(['0:00 alice acknowledges a']);
    expect(codesOf(phone.line, phone.now)).toMatchObject([{ code }]);
    write('4711');
    expect(codesOf(phone.line, phone.now)).toMatchObject([{ code, refused: true }]);
    expect(write(code).news).toEqual([]);
    expect(phone.feed(reply(code)).news).toEqual(['0:00 alice acknowledges a']);
    text(phone.at('23:59:00'), 'a');
    expect(write(code).news).toEqual([]);
    expect(phone.at('24:00:00')).toMatchObject({ news: [] });
    expect(write(code).news).toEqual(['24:00:00 alice acknowledges a']);
  });

  it('are counted for a number in bounded memory, and not where an older gateway tells them', () => {
    const phone = new Phone();
    const code = text(phone, 'a');
    for (let n = 0; n < 1000; n += 1) phone.feed(reply('4711'));
    expect(phone.line.wrongCodes).toBeUndefined();
    for (let n = 0; n < 1000; n += 1) phone.feed({ type: 'replied', reply: { ...reply('4711').reply, written: true } });
    expect(phone.line.wrongCodes).toHaveLength(10);
    expect(phone.feed(reply(code)).news).toHaveLength(1);
  });

  it('never find two incidents under one code, and the same one under the same', () => {
    const phone = new Phone();
    const codes = ['a', 'b', 'c'].map((incident) => text(phone, incident, 8999));
    expect(codes).toEqual(['9999', '1000', '1001']);
    expect(text(phone, 'b', 5)).toBe('1000');
  });

  it('ask for the level after the one of the latest text', () => {
    const phone = new Phone();
    text(phone, 'a', 0, 1);
    const code = text(phone, 'a', 0, 2);
    expect(phone.feed(reply(code, 'escalate')).news).toEqual(['0:00 alice escalates a to 3']);
  });

  it('do nothing without such a code, or a day after the last text that carried it', () => {
    const phone = new Phone();
    const code = text(phone, 'a');
    expect(phone.feed(reply('4711')).news).toEqual([]);
    text(phone.at('23:00:00'), 'a');
    expect(lineIdleUntil(phone.line)).toBe(ms('47:00:00'));
    expect(phone.at('46:59:00').feed(reply(code)).news).toHaveLength(1);
    expect(phone.at('47:00:00').feed({ type: 'due' }).feed(reply(code)).news).toEqual([]);
  });

  it('are remembered for a bounded number of incidents, the latest', () => {
    const phone = new Phone();
    for (let n = 0; n < 300; n += 1) text(phone, `i${String(n)}`, n);
    expect(phone.line.codes).toHaveLength(200);
    expect(phone.line.codes?.at(-1)?.workflowId).toBe('i299');
  });
});

describe('a request that is dropped', () => {
  it('while it waits is never called', () => {
    const phone = new Phone().request('a').placed('c1').request('b').drop('b');
    phone.at('1:10').callback({ callId: 'c1', ended: answered });
    expect(phone.heard.filter((text) => text.includes('calls'))).toEqual(['0:00 aliyun calls about a']);
  });

  it('while the call is being placed takes it back, and the phone is free', () => {
    const phone = new Phone().request('a').drop('a').refused('cancelled').request('b');
    expect(phone.heard).toEqual([
      '0:00 aliyun calls about a',
      '0:00 the call is taken back',
      '0:00 aliyun calls about b',
    ]);
  });

  it('does not take back a call that others still want; the next account does not speak of it', () => {
    const phone = new Phone().request('z').placed('c0').request('a').request('b');
    phone.at('1:10').callback({ callId: 'c0', ended: answered }).drop('a');
    phone.hush();
    expect(phone.refused('unavailable').news).toEqual(['1:10 tencent calls about b']);
  });

  it('while the phone rings cannot be helped', () => {
    const phone = new Phone()
      .request('a')
      .placed('c1')
      .drop('a')
      .at('0:20')
      .callback({ callId: 'c1', ended: answered });
    expect(phone.heard.slice(1)).toEqual([
      '0:00 a hears calling: aliyun accepted',
      '0:20 a hears over: aliyun answered',
    ]);
  });

  it('is not called again when the outcome is unknown', () => {
    const phone = new Phone().request('a').refused('unknown-outcome').drop('a').at('5:00');
    expect(phone.heard).toEqual(['0:00 aliyun calls about a']);
  });
});

it('looks again when a call should be over, and is forgotten a day after its last call', () => {
  const phone = new Phone().request('a');
  expect(lineDue(phone.line)).toBeUndefined();
  phone.at('0:05').placed('c1');
  expect(lineDue(phone.line)).toEqual({ at: ms('3:05'), what: 'rings through aliyun' });
  phone.at('0:10').callback({ callId: 'c1', ended: answered });
  expect(lineIdleUntil(phone.line)).toBe(ms('24:00:00'));
  expect(phone.line.recent).toHaveLength(1);
  phone.at('30:00').callback({ callId: 'other', keys: '1' });
  expect(phone.line.recent).toEqual([]);
});
