import { quoted, type Action, type Actions } from '../action.ts';
import { currentLevel, type Acknowledgment, type Escalation } from '../escalation.ts';
import { startDirect, startLevel } from '../levels.ts';
import type { Named } from '../record.ts';
import type { Level, Targets } from '../rule.ts';
import { progressTo, type Step } from '../step.ts';
import { askOnce, tellGroups, withdraw } from '../telling.ts';

/** A later level is told now; what was acknowledged or snoozed no longer counts. */
export const escalate: Action<Actions['escalate']> = {
  needsRule: true,
  read({ fields, notes }) {
    const { level } = fields;
    if (isLevel(level)) return { level };
    if (level !== undefined) notes.push({ key: 'no-such-level', given: quoted(level) });
    return {};
  },
  refuseArgument: ({ level }) =>
    level === undefined || isLevel(level) ? undefined : 'level must be a whole number from 1',
  refuse: (state, { level }) => refuseLevel(state, level),
  perform(step, { say }, { level = step.state.level + 1 }) {
    const takesBack = step.state.acknowledgments.map(({ by }) => by);
    say({ kind: 'escalated', level, ...(takesBack.length > 0 && { takesBack }) });
    takeBack(step);
    startLevel(step, level);
    tellGroups(step, 'escalated');
  },
};

/** These people instead of the level's; no level follows. */
export const reassign: Action<Actions['reassign']> = {
  needsRule: true,
  read: ({ fields }) => readTargets(fields),
  refuseArgument: (fields) => refuseNobody('reassign', fields),
  perform(step, { say }, targets) {
    const { state } = step;
    const to = readTargets(targets);
    const acknowledged = state.acknowledgments;
    say({ kind: 'reassigned', ...namedIn(to) });
    takeBack(
      step,
      acknowledged.filter(({ by: { member = '' } }) => to.members.includes(member)),
    );
    withdraw(step);
    state.responders = [];
    startDirect(step, { level: directLevel(to, currentLevel(state)), acknowledged });
    tellGroups(step, 'reassigned');
  },
};

/** These people besides; nothing else changes. */
export const addResponders: Action<Actions['addResponders']> = {
  needsRule: true,
  read: ({ fields }) => readTargets(fields),
  refuseArgument: (fields) => refuseNobody('addResponders', fields),
  perform(step, { say }, targets) {
    const to = readTargets(targets);
    say({ kind: 'responder-added', ...namedIn(to) });
    askOnce(step, { to, by: 'preference', who: 'newcomers' });
  },
};

/** Reads names only, at most 100 of each kind; anything else that was sent names nobody. */
function readTargets(given: Record<string, unknown> | Partial<Targets>): Targets {
  const names = (list: unknown): string[] =>
    Array.isArray(list)
      ? list.filter((name): name is string => typeof name === 'string' && name !== '').slice(0, 100)
      : [];
  return { members: names(given.members), teams: names(given.teams), schedules: names(given.schedules) };
}

function refuseNobody(name: string, fields: Record<string, unknown>): string | undefined {
  const named = Object.values(readTargets(fields)).flat();
  return named.length === 0 ? `${name} needs members, teams or schedules` : undefined;
}

function isLevel(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1;
}

function refuseLevel({ rule, level, levelStartedAt }: Escalation, wanted = level + 1): string | undefined {
  const levels = rule?.levels.length ?? 0;
  if (wanted > levels) return `there is no level ${wanted}: the rule has ${levels}`;
  if (wanted > level) return undefined;
  const at = wanted === level ? ` at ${new Date(levelStartedAt).toISOString()}` : '';
  return `level ${wanted} was already started${at}`;
}

/** Ends a snooze and drops all acknowledgments but these. */
function takeBack(step: Step, kept: Acknowledgment[] = []): void {
  delete step.state.snoozedUntil;
  step.state.acknowledgments = kept;
  progressTo(step, kept.length > 0 ? 'Processing' : 'Triggered');
}

/**
 * A level for people named by hand: as many rounds as the level it replaces, by each person's own preferences, and no
 * level after it.
 */
function directLevel(to: Targets, replaced: Level | undefined): Level {
  return {
    to,
    by: 'preference',
    groups: [],
    repeat: replaced?.repeat ?? { everyMs: 10 * 60_000, times: 1 },
    escalateAfterMs: replaced?.escalateAfterMs ?? 30 * 60_000,
    evenIfAcknowledged: false,
    whenNobodyReached: 'wait',
  };
}

function namedIn(targets: Targets): Named {
  return Object.fromEntries(Object.entries(targets).filter(([, names]) => (names as string[]).length > 0));
}
