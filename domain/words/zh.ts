import { readShell } from '../incident/shell.ts';
import type { Named, PassReport } from '../incident/record.ts';
import type { IncidentWords, Speech } from './words.ts';

const because = (reason: string): string => `（${reason}）`;
const span = (minutes: number): string => (minutes % 60 === 0 ? `${minutes / 60} 小时` : `${minutes} 分钟`);
const severities = { Critical: '严重', Warning: '警告', Info: '提醒' } as const;
const media = { voice: '电话', sms: '短信', email: '邮件', push: '推送' } as const;
const outcomes = {
  pending: '进行中',
  accepted: '已发送',
  delivered: '已送达',
  answered: '已接听',
  unanswered: '未接听',
  failed: '失败',
  rejected: '被拒绝',
  unreachable: '无法触达',
  expired: '等待超时',
  unknown: '结果未知',
  suppressed: '已取消',
  late: '延迟发出',
} as const;

export const zh: IncidentWords = {
  severities,
  progress: { Triggered: '待处理', Processing: '处理中', Closed: '已关闭' },
  somebody: '某人',
  kinds: {
    opened: '触发',
    repaired: '修正',
    assigned: '分派',
    notified: '通知',
    acknowledged: '认领',
    unacknowledged: '取消认领',
    snoozed: '暂缓',
    woken: '结束暂缓',
    escalated: '升级',
    reassigned: '重新分派',
    'responder-added': '添加处理人',
    commented: '评论',
    revised: '变更',
    exhausted: '无人认领',
    missed: '错过',
    closed: '关闭',
    reopened: '重新打开',
  },
  outcomes,
  media,
  via(via) {
    const shell = readShell(via);
    if (!shell) return VIA[via] ?? via;
    return `来自 ${shell.login} 的命令行${shell.isChecked ? '' : '，成员未经核实'}`;
  },
  span,
  list,
  because,

  records: {
    opened: ({ severity, title }) => `[${severities[severity]}] ${title}`,
    repaired: ({ reason }, speech) => speech.reason(reason),
    assigned: (record, { name, reason }) =>
      'members' in record ? `给 ${list(record.members.map(name))}` : reason(record.reason),
    notified: (record, { name, reason }) => {
      const to = `${carried(record.medium)} → ${name(record.to)}`;
      if ('outcome' in record) {
        const { outcome, account, earlier = [] } = record;
        const through = account === undefined ? '' : because(account);
        const why = record.reason === undefined ? '' : `，${reason(record.reason)}`;
        const before = earlier.map((one) => {
          const cause = one.reason === undefined ? '' : because(reason(one.reason));
          return `${one.account} ${outcomes[one.outcome]}${cause}`;
        });
        return `${to}：${outcomes[outcome]}${through}${why}${before.length === 0 ? '' : `；此前 ${before.join('，')}`}`;
      }
      if (record.news === 'line-busy') return `${to}：线路占用中，同时改用其他方式通知`;
      return record.news === 'preset-words'
        ? `${to}：使用了默认文案，${reason(record.reason)}`
        : `${to}：卡片未更新，${reason(record.reason)}`;
    },
    acknowledged: ({ by, after, still }, { name }) =>
      still ? `${list(still.map(name))} 的认领继续有效` : `${done(by, name)}${after ? `，在 ${name(after)} 之后` : ''}`,
    unacknowledged: ({ by, forgotten }, { name }) =>
      forgotten ? `${list(forgotten.map(name))} 认领后无人按时关闭` : done(by, name),
    snoozed: ({ by, minutes }, { name }) => `${span(minutes)}，${done(by, name)}`,
    woken: ({ by, why }, { name }) => (why === 'snooze-over' ? '暂缓时间已到' : why ? '级别已调高' : done(by, name)),
    escalated: (record, speech) => {
      if ('lastResort' in record) {
        return `至最后联系人 ${list(record.lastResort.map(speech.name))}：${nobodyTold(record.pass, speech)}`;
      }
      const { by, level, why, takesBack = [] } = record;
      const back = takesBack.length === 0 ? '' : `，${list(takesBack.map(speech.name))} 的认领已取消`;
      return why ? `至第 ${level} 环节：${ESCALATED[why]}` : `至第 ${level} 环节，${done(by, speech.name)}${back}`;
    },
    reassigned: (record, speech) => `给 ${named(record, speech)}，${done(record.by, speech.name)}`,
    'responder-added': (record, speech) => `${named(record, speech)}，${done(record.by, speech.name)}`,
    commented: ({ by = {}, comment }, { name }) => `${name(by)}：${comment}`,
    revised: ({ by, changed, severity }, { name }) => {
      const what = changed.map((key) =>
        key === 'severity' && severity
          ? `级别由${severities[severity.from]}改为${severities[severity.to]}`
          : REVISED[key],
      );
      return `${list(what)}，${done(by, name)}`;
    },
    exhausted: ({ pass }, speech) => {
      const { told, groups, meansSomebody } = pass;
      if (told.length > 0) {
        const missed = notTold(pass, speech);
        const except = missed === '' ? '' : `，未通知到：${missed}`;
        return `已通知 ${list(told.map(speech.name))}${except}；无人认领，目前不再通知任何人，请管理员处理`;
      }
      if (meansSomebody) return `${nobodyTold(pass, speech)}，请管理员立即处理`;
      return `规则对此级别不通知任何人${groups.length === 0 ? '' : `，${posted(groups)}`}`;
    },
    missed: (missed) =>
      'lateSeconds' in missed
        ? `通知延迟 ${missed.lateSeconds} 秒：当时没有 worker 在运行`
        : `第 ${missed.round} 轮到期时无法发送`,
    closed: ({ by, source, resolution, why }, { name }) => {
      if (why) return '没有匹配的规则，按配置忽略此类故障';
      const how = source && source !== 'person' ? because(CLOSED[source]) : '';
      return `${done(by, name)}${how}${resolution ? `：${resolution}` : ''}`;
    },
    reopened: ({ by, comment }, { name }) => `${done(by, name)}${comment === undefined ? '' : `：${comment}`}`,
  },

  reasons: {
    'id-taken': ({ id }) => `id 缺失或无效，已采用工作流标识中的 ${id}`,
    'not-text': ({ field }) => `${field} 不是文本，已忽略`,
    cut: ({ field, from, to }) => `${field} 过长，已由 ${from} 个字符截短为 ${to} 个`,
    'no-title': () => '缺少标题',
    'unknown-severity': ({ given }) => `未知级别 ${given}，按严重处理`,
    'no-web-address': () => 'detailUrl 不是 2048 个字符以内的网址，已忽略',
    'no-time': () => 'startedAt 不是有效时间，已忽略',
    'labels-no-object': () => '标签格式不正确，已忽略',
    'labels-dropped': ({ count }) => `有 ${count} 个标签超出上限（50 个，共 16 KiB），已忽略`,
    'snooze-taken': ({ given, minutes }) => `要求暂缓 ${given} 分钟，实际为 ${minutes} 分钟`,
    'severity-kept': ({ given }) => `未知级别 ${given}，保持原级别`,
    'labels-kept': () => '标签格式不正确，保持原标签',
    'no-such-level': ({ given }) => `没有第 ${given} 环节，已升级至下一环节`,
    'nobody-named': () => '未写明操作人',

    'no-such-rule': ({ rule }) => `没有名为 ${rule} 的规则，采用首个匹配的规则`,
    'unusable-rule': ({ problem }) => `所给规则无法使用${because(problem)}，采用首个匹配的规则`,
    'no-such-channel': ({ channel }) => `没有名为 ${channel} 的协作空间，采用默认协作空间`,
    'file-refused': ({ since, configuration }) =>
      `配置文件自 ${since} 起无法使用，按此前的配置（${configuration}）执行`,
    'labels-switched-off': ({ channel }) => `协作空间 ${channel} 不接受改派标签，标签未生效`,
    'label-beyond-levels': ({ label, level }) => `标签 ${label}：规则没有第 ${level} 环节`,
    'label-redirects': ({ label, level, to }) => `标签 ${label}：第 ${level} 环节改为通知 ${list(to)}`,
    'label-names-nobody': ({ label, lost, of, kind, platform, partly }) => {
      const what = kind ? { member: '成员', team: '团队' }[kind] : `可发送群消息的 ${platform ?? ''} 账号`;
      const hint = kind ? '' : '；请填写账号名或“账号名/群”，不接受令牌和地址';
      return `标签 ${label}：${of} 个值中有 ${lost} 个不是${what}${partly ? '' : '，未产生变化'}${hint}`;
    },
    'no-such-member': ({ member }) => `没有名为 ${member} 的成员`,
    'no-such-team': ({ team }) => `没有名为 ${team} 的团队`,
    'no-such-schedule': ({ schedule }) => `没有名为 ${schedule} 的值班表`,
    'off-duty': ({ schedule, role }) => `值班表 ${schedule}（角色 ${role}）此时无人值班`,
    'duty-unknown': ({ told, error, rule }) => {
      const unknown = '无法查询值班人员';
      if (told === 'rule') return `${unknown}，已用所有方式通知 ${rule ?? '规则'} 中写明的成员`;
      const why = error === undefined ? '通讯录未响应' : `通讯录出错：${error}`;
      return `${unknown}${because(why)}${told ? `，${DUTY_UNKNOWN[told]}` : ''}`;
    },

    'no-phone': ({ member }) => `没有手机号，请填写 members.${member}.phone`,
    landline: () => '该号码为固定电话，无法接收短信',
    'no-email': ({ member }) => `没有邮箱，请填写 members.${member}.email`,
    'no-account-there': ({ medium, member }) =>
      `没有可服务 ${member} 所在国家或地区的${carried(medium)}账号，请在 media.${medium} 中添加`,
    overtaken: () => '后一轮通知将以同样方式送达',
    'no-carrier': () => '没有账号支持这种方式',
    'no-address': ({ member, account }) => `${member} 没有可供 ${account} 使用的地址`,
    'member-gone': ({ member }) => `成员 ${member} 已不存在`,
    'account-gone': ({ account }) => `账号 ${account} 已从配置中移除`,
    'directory-silent': ({ member }) => `通讯录未能给出 ${member} 的联系方式`,

    rings: ({ account, call, incidents = 1 }) => {
      const about = incidents > 1 ? `，含 ${incidents} 个故障` : '';
      const through = account === undefined ? '' : `由 ${account} 呼叫，`;
      return `${through}正在响铃${call === undefined ? '' : because(`通话 ${call}${about}`)}`;
    },
    'end-unknown': () => '厂商未告知通话如何结束',
    'call-unknown': () => '厂商未告知呼叫结果',
    'line-never-free': () => '线路一直占用，等待超时',
    'call-window-full': () => '厂商限制短时间内再次呼叫该号码，请提高上限或增加账号',
    'call-not-needed': () => '已不再需要，通话已结束',
    'no-longer-needed': () => '已不再需要',
    'odd-keys': ({ ended, keys }, { reason }) => `${reason(ended)}；按键 ${keys} 无效`,
    'no-worker': ({ account }) => `账号 ${account} 的 worker 未及时处理`,
    'not-taken-yet': ({ account }) => `账号 ${account} 的 worker 尚未处理`,
    'served-by-another': ({ account, planned, adapter }) =>
      `账号 ${account} 现由 ${adapter} 提供，而计划使用的是 ${planned}`,
    'worker-lost': () => '发送过程中 worker 中断',
    'worker-failed': () => 'worker 意外出错，请查看其日志',
    'adapter-failed': () => '适配器意外出错，请查看 worker 日志',
    'receiver-window-full': () => '厂商对该接收人的发送已达上限',
    'quota-kept': () => '当月额度的最后十分之一留给严重故障，每月 1 日恢复',
    'template-gone': ({ template }) => `模板 ${template} 已不存在`,
    'template-failed': ({ template, problem }) => `模板 ${template} 出错：${problem}`,
    'template-slow': ({ template, limitMs }) => `模板 ${template} 已中止：耗时超过 ${limitMs} 毫秒`,
    'told-to-fail': () => '按模拟设定失败',
  },

  coming: {
    reminder: () => '已认领但未关闭',
    'auto-close': () => '自动关闭',
    waking: () => '结束暂缓',
    start: () => '开始第 1 环节',
    'start-over': () => '从第 1 环节重新开始',
    level: ({ level }) => `升级至第 ${level} 环节`,
    round: ({ level, round }) => `第 ${level} 环节第 ${round} 轮`,
    exhaustion: () => '全部通知完毕',
    'last-resort': () => '通知最后联系人',
    call: ({ medium, to, isRinging }, { name }) =>
      `${carried(medium)} → ${name(to)}，${isRinging ? '正在响铃' : '等待线路'}`,
  },

  state: {
    nobodyYet: '尚未通知任何人',
    level: (level, levels, round) => `第 ${level}/${levels} 环节第 ${round} 轮`,
    acknowledged: (who) => `${who} 已认领`,
    acknowledgedAt: (time) => `已于 ${time} 认领`,
    snoozed: (until) => `已暂缓至 ${until}`,
    stuck: '其队列停滞，请运行 `escalations doctor`',
    tookBack: (who) => `${who} 的认领已取消`,
    waiting: (account, since) => `自 ${since} 起等待 ${account}`,
    nobodyNow: '无人认领，目前不再通知任何人',
    toldNobody: '未能通知到任何人：请管理员立即处理',
    lost: (how, at) => {
      const ended = { terminated: '被终止', 'timed out': '超时结束', failed: '异常结束', cancelled: '被取消' };
      return `其运行已于 ${at} ${ended[how]}，不再通知任何人；请重新触发该故障`;
    },
    closed: (who) => `${who} 已关闭`,
    noRule: '没有匹配的规则',
    next: (what, at) => `下一步：${at} ${what}`,
    lastTime: (time) => `最后一次 ${time}`,
  },
  labels: {
    workflow: '工作流',
    description: '描述',
    channel: '协作空间',
    source: '来源',
    details: '详情',
    label: '标签',
    rule: '规则',
    configuration: '配置',
    responder: '处理人',
    responders: '处理人',
    none: '（无）',
    notifications: '通知记录',
    timeline: '时间线',
    what: '事件',
  },
};

const ESCALATED = {
  'nobody-acknowledged': '无人认领',
  'nobody-reached': '该环节无人可触达',
  'told-regardless': '该环节设定为认领后仍通知',
} as const;

const DUTY_UNKNOWN = {
  named: '已通知规则中写明的成员',
  unmatched: '已通知 unmatched 中写明的成员',
  nobody: '此处和 unmatched 均未写明成员',
  'last-time': '已按上次名单通知',
} as const;

const VIA: Readonly<Record<string, string>> = {
  voice: '电话按键',
  sms: '短信回复',
  card: '卡片',
  chat: '聊天',
  page: '页面',
  link: '链接',
  cli: '命令行',
  api: '接口',
  webhook: 'webhook',
};
const REVISED = { title: '标题', severity: '级别', description: '描述', labels: '标签' } as const;
const CLOSED = { recovered: '已恢复', timeout: '超时', cancelled: '已取消' } as const;

function done(by: Parameters<Speech['name']>[0] = {}, name: Speech['name']): string {
  return `由 ${name(by)}`;
}

/** As in English: nobody was told, and in brackets why. */
function nobodyTold(pass: PassReport, speech: Speech): string {
  const { groups } = pass;
  const why = [notTold(pass, speech), ...(groups.length === 0 ? [] : [posted(groups)])].filter((part) => part !== '');
  return why.length === 0 ? '未通知到任何人' : `未通知到任何人${because(why.join('；'))}`;
}

function notTold({ untold, gaps }: PassReport, { name, reason }: Speech): string {
  const missed = untold.map(({ member, tries }) => {
    const how = tries.map(
      (one) => `${carried(one.medium)}：${one.reason === undefined ? outcomes[one.outcome] : reason(one.reason)}`,
    );
    return `${name(member)} ${how.join('，')}`;
  });
  return [...missed, ...gaps.map(reason)].join('；');
}

function posted(groups: readonly string[]): string {
  return `已发送至群 ${list(groups)}`;
}

function named({ members = [], teams = [], schedules = [] }: Named, { name }: Speech): string {
  return list([...members.map(name), ...teams, ...schedules]) || '无人';
}

function carried(medium: string): string {
  return (media as Readonly<Record<string, string>>)[medium] ?? medium;
}

function list(names: readonly string[]): string {
  return names.join('、');
}
