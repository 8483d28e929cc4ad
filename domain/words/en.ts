import { readShell } from '../incident/shell.ts';
import type { Named, PassReport } from '../incident/record.ts';
import type { IncidentWords, Speech } from './words.ts';

const because = (reason: string): string => ` (${reason})`;

export const en: IncidentWords = {
  severities: { Critical: 'Critical', Warning: 'Warning', Info: 'Info' },
  progress: { Triggered: 'Triggered', Processing: 'Processing', Closed: 'Closed' },
  somebody: 'somebody',
  kinds: {
    opened: 'Opened',
    repaired: 'Repaired',
    assigned: 'Assigned',
    notified: 'Notified',
    acknowledged: 'Acknowledged',
    unacknowledged: 'Acknowledgment withdrawn',
    snoozed: 'Snoozed',
    woken: 'Snooze ended',
    escalated: 'Escalated',
    reassigned: 'Reassigned',
    'responder-added': 'Responder added',
    commented: 'Comment',
    revised: 'Revised',
    exhausted: 'Exhausted',
    missed: 'Missed',
    closed: 'Closed',
    reopened: 'Reopened',
  },
  outcomes: {
    pending: 'under way',
    accepted: 'sent',
    delivered: 'delivered',
    answered: 'answered',
    unanswered: 'no answer',
    failed: 'failed',
    rejected: 'rejected',
    unreachable: 'unreachable',
    expired: 'waited too long',
    unknown: 'unknown',
    suppressed: 'cancelled',
    late: 'sent late',
  },
  media: { voice: 'Phone call', sms: 'SMS', email: 'E-mail', push: 'App push' },
  via(via) {
    const shell = readShell(via);
    if (!shell) return via;
    return `from the shell of ${shell.login}${shell.isChecked ? '' : ', the member was not checked'}`;
  },
  span: (minutes) => (minutes % 60 === 0 ? `${minutes / 60} h` : `${minutes} min`),
  list,
  because,

  records: {
    opened: ({ severity, title }) => `[${severity}] ${title}`,
    repaired: ({ reason }, speech) => speech.reason(reason),
    assigned: (record, { name, reason }) =>
      'members' in record ? `to ${list(record.members.map(name))}` : reason(record.reason),
    notified: (record, { name, reason }) => {
      const to = `${record.medium} → ${name(record.to)}`;
      if ('outcome' in record) {
        const { outcome, account, earlier = [] } = record;
        const through = account === undefined ? '' : ` by ${account}`;
        const why = record.reason === undefined ? '' : `, ${reason(record.reason)}`;
        const before = earlier.map((one) => {
          const cause = one.reason === undefined ? '' : because(reason(one.reason));
          return `${one.account}: ${one.outcome}${cause}`;
        });
        return `${to}: ${outcome}${through}${why}${before.length === 0 ? '' : `; before that ${list(before)}`}`;
      }
      if (record.news === 'line-busy') return `${to}: the line is busy, another medium goes out too`;
      return record.news === 'preset-words'
        ? `${to}: in the preset's words, ${reason(record.reason)}`
        : `${to}: not redrawn, ${reason(record.reason)}`;
    },
    acknowledged: ({ by, after, still }, { name }) =>
      still ? `still, by ${list(still.map(name))}` : `${done(by, name)}${after ? ` too, after ${name(after)}` : ''}`,
    unacknowledged: ({ by, forgotten }, { name }) =>
      forgotten ? `acknowledged by ${list(forgotten.map(name))}, but nobody closed it in time` : done(by, name),
    snoozed: ({ by, minutes }, { name }) => `for ${minutes} minutes ${done(by, name)}`,
    woken: ({ by, why }, { name }) =>
      why === 'snooze-over' ? 'the snooze is over' : why ? 'the severity was raised' : done(by, name),
    escalated: (record, speech) => {
      if ('lastResort' in record) {
        return `to the last resort (${list(record.lastResort.map(speech.name))}): ${nobodyTold(record.pass, speech)}`;
      }
      const { by, level, why, takesBack = [] } = record;
      const back =
        takesBack.length === 0 ? '' : `, taking back the acknowledgment of ${list(takesBack.map(speech.name))}`;
      return why ? `to level ${level}: ${ESCALATED[why]}` : `to level ${level} ${done(by, speech.name)}${back}`;
    },
    reassigned: (record, speech) => `to ${named(record, speech)} ${done(record.by, speech.name)}`,
    'responder-added': (record, speech) => `${named(record, speech)} ${done(record.by, speech.name)}`,
    commented: ({ by = {}, comment }, { name }) => `${name(by)}: ${comment}`,
    revised: ({ by, changed, severity }, { name }) => {
      const what = changed.map((key) =>
        key === 'severity' && severity ? `severity ${severity.from} → ${severity.to}` : key,
      );
      return `${list(what)} ${done(by, name)}`;
    },
    exhausted: ({ pass }, speech) => {
      const { told, groups, meansSomebody } = pass;
      if (told.length > 0) {
        const missed = notTold(pass, speech);
        const except = missed === '' ? '' : `, not told: ${missed}`;
        const whom = list(told.map(speech.name));
        return `told ${whom}${except}: nobody acknowledged and nobody is being told now, an operator must act`;
      }
      if (meansSomebody) return `${nobodyTold(pass, speech)}: an operator must act`;
      return `the rule tells nobody of this severity${groups.length === 0 ? '' : `, ${posted(groups)}`}`;
    },
    missed: (missed) =>
      'lateSeconds' in missed
        ? `told ${missed.lateSeconds} s late: no worker was up`
        : `round ${missed.round} was due while nobody could send it`,
    closed: ({ by, source, resolution, why }, { name }) => {
      if (why) return 'no rule matches and the configuration ignores such incidents';
      const how = source && source !== 'person' ? because(source) : '';
      return `${done(by, name)}${how}${resolution ? `: ${resolution}` : ''}`;
    },
    reopened: ({ by, comment }, { name }) => `${done(by, name)}${comment === undefined ? '' : `: ${comment}`}`,
  },

  reasons: {
    'id-taken': ({ id }) => `id was missing or unusable: took ${id} from the workflow id`,
    'not-text': ({ field }) => `${field} was not text: dropped`,
    cut: ({ field, from, to }) => `${field} was cut from ${from} to ${to} characters`,
    'no-title': () => 'title was missing',
    'unknown-severity': ({ given }) => `severity ${given} is unknown: treated as Critical`,
    'no-web-address': () => 'detailUrl was not an http(s) address of at most 2048 characters: dropped',
    'no-time': () => 'startedAt was not a time: dropped',
    'labels-no-object': () => 'labels were not an object: dropped',
    'labels-dropped': ({ count }) => `${count} labels over the limit of 50 and 16 KiB were dropped`,
    'snooze-taken': ({ given, minutes }) => `snooze asked for ${given} minutes: took ${minutes}`,
    'severity-kept': ({ given }) => `severity ${given} is unknown: left as it is`,
    'labels-kept': () => 'labels were not an object: left as they are',
    'no-such-level': ({ given }) => `there is no level ${given}: took the next`,
    'nobody-named': () => 'nobody was named as the one who did it',

    'no-such-rule': ({ rule }) => `no rule is called ${rule}: took the first that matches`,
    'unusable-rule': ({ problem }) => `the rule given cannot be used (${problem}): took the first that matches`,
    'no-such-channel': ({ channel }) => `no channel is called ${channel}: took the default`,
    'file-refused': ({ since, configuration }) =>
      `the configuration file has been refused since ${since}: planned by the one before it (${configuration})`,
    'labels-switched-off': ({ channel }) => `labels that redirect a level: the channel ${channel} takes none`,
    'label-beyond-levels': ({ label, level }) => `label ${label}: the rule has no level ${level}`,
    'label-redirects': ({ label, level, to }) => `label ${label}: level ${level} tells ${list(to)} instead`,
    'label-names-nobody': ({ label, lost, of, kind, platform, partly }) => {
      const what = kind ?? `${platform ?? ''} account that posts there`;
      const hint = kind ? '' : '; write `account` or `account/chat`, tokens and addresses are not taken';
      return `label ${label}: ${lost} of ${of} values name no ${what}${partly ? '' : ': it changes nothing'}${hint}`;
    },
    'no-such-member': ({ member }) => `no member is called ${member}`,
    'no-such-team': ({ team }) => `no team is called ${team}`,
    'no-such-schedule': ({ schedule }) => `no schedule is called ${schedule}`,
    'off-duty': ({ schedule, role }) => `nobody is on duty in ${schedule} (role ${role})`,
    'duty-unknown': ({ told, error, rule }) => {
      const unknown = 'who is on duty could not be found out';
      if (told === 'rule') return `${unknown}: told the members that ${rule ?? 'the rule'} names, by every medium`;
      const why = error === undefined ? 'the directory does not answer' : `the directory failed: ${error}`;
      return `${unknown}${because(why)}${told ? `: ${DUTY_UNKNOWN[told]}` : ''}`;
    },

    'no-phone': ({ member }) => `no phone: set members.${member}.phone`,
    landline: () => 'the phone is a landline and takes no SMS',
    'no-email': ({ member }) => `no e-mail address: set members.${member}.email`,
    'no-account-there': ({ medium, member }) =>
      `no account of ${medium} serves the country of ${member}: add one to media.${medium}`,
    overtaken: () => 'a later round tells it by the same medium',
    'no-carrier': () => 'no account carries this medium',
    'no-address': ({ member, account }) => `${member} has no address for ${account}`,
    'member-gone': ({ member }) => `no member is called ${member} any more`,
    'account-gone': ({ account }) => `the account ${account} is no longer configured`,
    'directory-silent': ({ member }) => `the directory does not say how to reach ${member}`,

    rings: ({ account = 'the phone', call, incidents = 1 }) => {
      const about = incidents > 1 ? `, about ${incidents} incidents` : '';
      return `${account} rings${call === undefined ? '' : because(`call ${call}${about}`)}`;
    },
    'end-unknown': () => 'the provider never said how the call ended',
    'call-unknown': () => 'the provider never said what became of the call',
    'line-never-free': () => 'the line was not free in time',
    'call-window-full': () =>
      'the vendor would refuse another call to this number so soon; raise its limit or add an account',
    'call-not-needed': () => 'ended, it was no longer needed',
    'no-longer-needed': () => 'no longer needed',
    'odd-keys': ({ ended, keys }, { reason }) => `${reason(ended)}; the keys ${keys} mean nothing`,
    'no-worker': ({ account }) => `no worker of ${account} took it in time`,
    'not-taken-yet': ({ account }) => `no worker of ${account} has taken it yet`,
    'served-by-another': ({ account, planned, adapter }) =>
      `the account ${account} is served by ${adapter}; this was planned for ${planned}`,
    'worker-lost': () => 'the worker was lost while sending',
    'worker-failed': () => 'the worker failed in an unexpected way; see its log',
    'adapter-failed': () => 'the adapter failed in an unexpected way; see the log of the worker',
    'receiver-window-full': () => 'the vendor takes no more for this receiver now',
    'quota-kept': () => 'the last tenth of the monthly quota is kept for Critical; it returns on the 1st',
    'template-gone': ({ template }) => `no templates are called ${template} any more`,
    'template-failed': ({ template, problem }) => `the template ${template} failed: ${problem}`,
    'template-slow': ({ template, limitMs }) =>
      `the template ${template} was stopped: it takes longer than ${limitMs} ms`,
    'told-to-fail': () => 'it is told to fail',
  },

  coming: {
    reminder: () => 'acknowledged but not closed',
    'auto-close': () => 'auto-close',
    waking: () => 'snoozed',
    start: () => 'delay before L1',
    'start-over': () => 'start over at L1',
    level: ({ level }) => `escalate to L${level}`,
    round: ({ level, round }) => `L${level} r${round}`,
    exhaustion: () => 'everybody has been told',
    'last-resort': () => 'tell the last resort',
    call: ({ level, round, medium, to, isRinging }, { name }) =>
      `L${level} r${round} ${medium} → ${name(to)}, ${isRinging ? 'ringing' : 'waiting for the line'}`,
  },

  state: {
    nobodyYet: 'nobody told yet',
    level: (level, levels, round) => `level ${level} of ${levels}, round ${round}`,
    acknowledged: (who) => `acknowledged by ${who}`,
    acknowledgedAt: (time) => `acknowledged at ${time}`,
    snoozed: (until) => `snoozed until ${until}`,
    stuck: 'its queue is stuck, see `escalations doctor`',
    tookBack: (who) => `the acknowledgment of ${who} no longer counts`,
    waiting: (account, since) => `waits for ${account} since ${since}`,
    nobodyNow: 'nobody acknowledged, nobody is being told now',
    toldNobody: 'nobody could be told: an operator must act',
    lost: (how, at) => {
      const ended = {
        terminated: 'was terminated',
        'timed out': 'timed out',
        failed: 'failed',
        cancelled: 'was cancelled',
      };
      return `its run ${ended[how]} at ${at}: nobody is being told any more; open the incident again`;
    },
    closed: (who) => `closed by ${who}`,
    noRule: 'no rule matches',
    next: (what, at) => `next: ${what} at ${at}`,
    lastTime: (time) => `last at ${time}`,
  },
  labels: {
    workflow: 'workflow',
    description: 'description',
    channel: 'channel',
    source: 'source',
    details: 'details',
    label: 'label',
    rule: 'rule',
    configuration: 'configuration',
    responder: 'responder',
    responders: 'responders',
    none: '(none)',
    notifications: 'Notifications',
    timeline: 'Timeline',
    what: 'what',
  },
};

const ESCALATED = {
  'nobody-acknowledged': 'nobody acknowledged',
  'nobody-reached': 'nobody of the level could be reached',
  'told-regardless': 'it is told even if acknowledged',
} as const;

const DUTY_UNKNOWN = {
  named: 'told the members named',
  unmatched: 'told whom unmatched names',
  nobody: 'nobody is named here, nor in unmatched',
  'last-time': 'told as last time',
} as const;

function done(by: Parameters<Speech['name']>[0] = {}, name: Speech['name']): string {
  return `by ${name(by)}`;
}

/** Such as `nobody was told (carol by sms: no phone; nobody is on duty in db-primary)`. */
function nobodyTold(pass: PassReport, speech: Speech): string {
  const { groups } = pass;
  const why = [notTold(pass, speech), ...(groups.length === 0 ? [] : [posted(groups)])].filter((part) => part !== '');
  return why.length === 0 ? 'nobody was told' : `nobody was told${because(why.join('; '))}`;
}

function notTold({ untold, gaps }: PassReport, { name, reason }: Speech): string {
  const missed = untold.map(({ member, tries }) => {
    const how = tries.map((one) => `${one.medium}: ${one.reason === undefined ? one.outcome : reason(one.reason)}`);
    return `${name(member)} by ${how.join(' and by ')}`;
  });
  return [...missed, ...gaps.map(reason)].join('; ');
}

function posted(groups: readonly string[]): string {
  return `it was posted to ${list(groups)}`;
}

function named({ members = [], teams = [], schedules = [] }: Named, { name }: Speech): string {
  return list([...members.map(name), ...teams, ...schedules]) || 'nobody';
}

function list(names: readonly string[]): string {
  return names.join(', ');
}
