import type { GroupEvent } from '../../domain/incident/rule.ts';
import type { RecordKind } from '../../domain/incident/record.ts';
import type { Locale } from '../../domain/locale.ts';
import { incidentWords } from '../../domain/words/index.ts';
import type { CallMade } from './phones.ts';

/** A message or call that leaves, in the reader's words. */
export interface Leaving {
  event: GroupEvent;
  medium: string;
  to: string;
  account: string;
  /** Accounts that would follow. */
  then: readonly string[];
  /** As plain text, because the card was refused. */
  plain: boolean;
  /** The account that failed before, and why. */
  failed?: { account: string; why: string };
}

/** What only a simulation says, in one language; the words about an incident are those of `domain/words`. */
export interface SimulationWords {
  heading(incident: string, opens: string): string;
  follows(rule: string): string;
  followsNone: string;
  stopped: string;
  next(what: string, offset: string): string;
  nothingFurther: string;
  stormHeading(incidents: number, member: string): string;

  level(level: number, round: number): string;
  /** Some sentences of records say the whole of it, others what comes after their kind. */
  record(kind: RecordKind, sentence: string): string;
  opened: string;
  leaves(leaving: Leaving): string;
  waits(medium: string, member: string): string;
  listed(incidents: number, medium: string, member: string, account: string): string;
  silent(member: string): string;

  callBegins(number: number, call: CallMade): string;
  callEnds(number: number, outcome: NonNullable<CallMade['outcome']>): string;
  incidents(count: number, what: string): string;
  span(from: string, to: string): string;

  /** What is still to come when a simulation stops. */
  opens: string;
  acknowledges: string;
  presses: string;
  rings(account: string): string;
}

const zh = incidentWords('zh');

const WORDS: Record<Locale, SimulationWords> = {
  en: {
    heading: (incident, opens) => `${incident}, opens ${opens}`,
    follows: (rule) => `follows ${rule}`,
    followsNone: 'follows no rule: nobody is told',
    stopped: 'stopped after 7 days; ',
    next: (what, offset) => `next: ${what} at ${offset}`,
    nothingFurther: 'nothing further happens by itself',
    stormHeading: (incidents, member) => `${incidents} incidents within a minute for the phone of ${member}`,

    level: (level, round) => (round > 1 ? `level ${level}, round ${round}` : `level ${level}`),
    record: (kind, sentence) =>
      /^(to|by|for|still) /.test(sentence) ? `${kind.replaceAll('-', ' ')} ${sentence}` : sentence,
    opened: 'opened',
    leaves: ({ event, medium, to, account, then, plain, failed }) =>
      [
        event === 'opened' ? '' : `${event} by `,
        `${medium} → ${to}`,
        medium === account ? '' : ` by ${account}`,
        then.length === 0 ? '' : ` (then ${then.join(', ')})`,
        plain ? ' as plain text' : '',
        failed ? `, because of ${failed.account}: ${failed.why}` : '',
      ].join(''),
    waits: (medium, member) => `${medium} → ${member} waits: the phone rings already`,
    listed: (incidents, medium, member, account) =>
      `the ${incidents} incidents of the call: ${medium} → ${member} by ${account}`,
    silent: (member) => `the phone of ${member} does not ring: no key is pressed`,

    callBegins: (number, { account, then, announces }) => {
      const next = then.length === 0 ? '' : ` (then ${then.join(', ')})`;
      return `call ${number} by ${account}${next} announces ${announces.length}`;
    },
    callEnds: (number, outcome) => `call ${number} ${outcome}`,
    incidents: (count, what) => `${count === 1 ? '1 incident' : `${count} incidents`}: ${what}`,
    span: (from, to) => `${from} to ${to}`,

    opens: 'an incident opens',
    acknowledges: 'acknowledge',
    presses: 'a key is pressed',
    rings: (account) => `${account} rings`,
  },
  zh: {
    heading: (incident, opens) => `${incident}，触发于 ${opens}`,
    follows: (rule) => `采用规则 ${rule}`,
    followsNone: '没有匹配的规则：不通知任何人',
    stopped: '模拟到第 7 天为止；',
    next: (what, offset) => `下一步：${offset} ${what}`,
    nothingFurther: '此后没有自动进行的步骤',
    stormHeading: (incidents, member) => `一分钟内触发 ${incidents} 个故障，均需拨打 ${member} 的电话`,

    level: (level, round) => (round > 1 ? `第 ${level} 环节第 ${round} 轮` : `第 ${level} 环节`),
    record: (kind, sentence) => {
      if (/^[给至]/.test(sentence)) return `${zh.kinds[kind]}${sentence}`;
      const [, who, more = ''] = /^(由 [^，]+)(，.*)?$/s.exec(sentence) ?? [];
      if (who === undefined) return sentence;
      return `${who}${who.endsWith('）') ? '' : ' '}${zh.kinds[kind]}${more}`;
    },
    opened: zh.kinds.opened,
    leaves: ({ event, medium, to, account, then, plain, failed }) => {
      const next = then.length === 0 ? [] : [`备用 ${zh.list(then)}`];
      const through = [...(medium === account ? [] : [account]), ...next, ...(plain ? ['纯文本'] : [])];
      return [
        event === 'opened' ? '' : `${zh.kinds[event]}：`,
        `${inChinese(medium)} → ${to}`,
        through.length === 0 ? '' : zh.because(through.join('，')),
        failed ? `，此前 ${failed.account} 未成功：${failed.why}` : '',
      ].join('');
    },
    waits: (medium, member) => `${inChinese(medium)} → ${member}：等待，电话正在响铃`,
    listed: (incidents, medium, member, account) =>
      `通话所含 ${incidents} 个故障的清单：${inChinese(medium)} → ${member}${zh.because(account)}`,
    silent: (member) => `${member} 的电话没有响铃，无法按键`,

    callBegins: (number, { account, then, announces }) => {
      const next = then.length === 0 ? '' : zh.because(`备用 ${zh.list(then)}`);
      return `第 ${number} 通电话由 ${account} 拨出${next}，播报 ${announces.length} 个故障`;
    },
    callEnds: (number, outcome) => `第 ${number} 通电话${zh.outcomes[outcome]}`,
    incidents: (count, what) => `${count} 个故障：${what}`,
    span: (from, to) => `${from} 至 ${to}`,

    opens: '故障触发',
    acknowledges: '认领',
    presses: '按键',
    rings: (account) => `${account} 正在响铃`,
  },
};

export function simulationWords(locale: Locale): SimulationWords {
  return WORDS[locale];
}

function inChinese(medium: string): string {
  return (zh.media as Readonly<Record<string, string>>)[medium] ?? medium;
}
