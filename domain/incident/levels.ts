import { acknowledgmentEndsAt } from './due.ts';
import { currentLevel, hasNextLevel, isAwake, isOfFirstPolicy, tellingEndsBy, type Escalation } from './escalation.ts';
import { lastResortAt, reportPass } from './pass.ts';
import type { Level } from './rule.ts';
import { reachedNobody } from './pursuit.ts';
import type { EscalationCause, Recorded } from './record.ts';
import { note, progressTo, type Step } from './step.ts';
import { tellGroups } from './telling.ts';

/** Does the one thing that is due: the end of a snooze goes before the next level, and that before the latest round. */
export function keepTime(step: Step): void {
  const { state, now } = step;
  if (state.progress === 'Closed') return;
  if (state.snoozedUntil !== undefined) {
    if (state.snoozedUntil <= now) wakeUp(step, 'snooze-over');
  } else if (state.progress === 'Triggered' && state.startsAt !== undefined) {
    if (state.startsAt <= now) startRule(step);
  } else {
    climb(step);
  }
}

function climb(step: Step): void {
  const { state, now } = step;
  const level = currentLevel(state);
  if (!level) {
    remind(step);
    return;
  }
  const isEscalationDue = hasNextLevel(state) && state.levelStartedAt + level.escalateAfterMs <= now;
  if (state.progress === 'Triggered') {
    const lastDue = Math.floor((now - state.levelStartedAt) / level.repeat.everyMs) + 1;
    const round = Math.min(lastDue, level.repeat.times);
    if (isEscalationDue) {
      // When a round and the next level are due in the same instant, the level wins, so only the rounds before it were
      // missed.
      const roundsBefore = Math.ceil(level.escalateAfterMs / level.repeat.everyMs);
      missRounds(step, Math.min(roundsBefore, level.repeat.times));
      escalate(step, 'nobody-acknowledged');
    } else if (round > state.round) startRound(step, round);
  } else if (isEscalationDue && level.evenIfAcknowledged) {
    escalate(step, 'told-regardless');
  } else {
    remind(step);
  }
}

/** Acknowledged, and then forgotten. */
function remind(step: Step): void {
  const { state, now } = step;
  const endsAt = acknowledgmentEndsAt(state);
  if (endsAt === undefined || endsAt > now) return;
  note(step, { kind: 'unacknowledged', forgotten: state.acknowledgments.map(({ by }) => by) });
  state.acknowledgments = [];
  progressTo(step, 'Triggered');
  tellGroups(step, 'unacknowledged');
  startOver(step);
}

/** The delay is over, or everybody has been told in vain and it begins again. */
function startRule(step: Step): void {
  if (step.state.level > 0) step.state.startOversUsed += 1;
  delete step.state.pass;
  startLevel(step, 1);
}

function escalate(step: Step, why: EscalationCause): void {
  const { state } = step;
  const regardless = currentLevel(state)?.evenIfAcknowledged ?? false;
  note(step, { kind: 'escalated', level: state.level + 1, why });
  startLevel(step, state.level + 1, regardless);
  tellGroups(step, 'escalated');
}

/** @param regardless its first round is told even if somebody has acknowledged. */
export function startLevel(step: Step, level: number, regardless = false): void {
  const { state, now } = step;
  delete state.startsAt;
  delete state.direct;
  state.starts += 1;
  state.start = state.starts;
  state.pass ??= { start: state.start, meansSomebody: false, gaps: [] };
  state.level = level;
  state.levelStartedAt = now;
  state.regardless = regardless;
  state.exhausted = false;
  // Cards say which level is being told, and whether anybody is.
  if (!isOfFirstPolicy(state)) state.look += 1;
  askForRound(step, 1);
}

function startRound(step: Step, round: number): void {
  missRounds(step, round - 1);
  askForRound(step, round);
}

/** The rounds up to `last` that have not begun. */
function missRounds(step: Step, last: number): void {
  for (let missed = step.state.round + 1; missed <= last; missed += 1) {
    note(step, { kind: 'missed', round: missed });
  }
}

function askForRound({ state, commands }: Step, round: number): void {
  const { start, level } = state;
  state.round = round;
  state.revision += 1;
  state.resolving = true;
  commands.push({ do: 'resolve', start, level, round });
}

/** The level starts over, as if it had just been reached; before the first one the delay still counts. */
export function startOver(step: Step): void {
  const { level, startsAt, direct } = step.state;
  if (direct) startDirect(step, { level: direct.level, ...(direct.lastResort && { lastResort: true }) });
  else if (level > 0) startLevel(step, level);
  else if (startsAt !== undefined && startsAt <= step.now) startLevel(step, 1);
}

/** Tells these people in place of the present level's. */
export function startDirect(step: Step, direct: NonNullable<Escalation['direct']>): void {
  startLevel(step, Math.max(step.state.level, 1));
  step.state.direct = direct;
}

/** Ends a snooze: the level starts over as if nobody had ever acknowledged. */
export function wakeUp(step: Step, why?: Recorded<'woken'>['why']): void {
  const { state } = step;
  if (why !== undefined) note(step, { kind: 'woken', why });
  delete state.snoozedUntil;
  state.updatedAt = step.now;
  state.acknowledgments = [];
  progressTo(step, 'Triggered');
  tellGroups(step, 'woken');
  startOver(step);
}

/** What follows from how the telling stands: the next level at once when nobody was reached, the end of all levels. */
export function drawConclusions(step: Step): void {
  const { state, now } = step;
  const level = currentLevel(state);
  if (!level || !isAwake(state) || state.resolving) return;
  if (hasNextLevel(state)) {
    if (level.whenNobodyReached === 'escalate' && reachedNobody(state)) {
      escalate(step, 'nobody-reached');
    }
  } else if (state.round >= level.repeat.times && !state.exhausted && (tellingEndsBy(state) ?? now) <= now) {
    const resortAt = lastResortAt(state);
    if (resortAt === undefined) exhaust(step);
    else if (resortAt <= now && state.match?.lastResort) turnToLastResort(step, state.match.lastResort);
  }
}

/** All levels have ended, and none of the people they name could be told. */
function turnToLastResort(step: Step, level: Level): void {
  note(step, { kind: 'escalated', lastResort: level.to.members, pass: reportPass(step.state) });
  startDirect(step, { level, lastResort: true });
  tellGroups(step, 'escalated');
}

function exhaust(step: Step): void {
  const { state, now } = step;
  const isByHand = state.direct && !state.direct.lastResort;
  const again = isByHand ? undefined : state.rule?.startOver;
  state.exhausted = true;
  if (!isOfFirstPolicy(state)) state.look += 1;
  note(step, { kind: 'exhausted', pass: reportPass(state) });
  tellGroups(step, 'exhausted');
  if (again && state.startOversUsed < again.times) state.startsAt = now + again.everyMs;
}
