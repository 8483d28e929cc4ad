import type { Why } from '../../reason.ts';
import { quoted, type Action, type Actions } from '../action.ts';
import { isWorse, LIMITS, repairIncident, repairLabels, toSeverity, type Incident } from '../incident.ts';
import { startOver, wakeUp } from '../levels.ts';
import { REVISABLE } from '../record.ts';
import { note, type Step } from '../step.ts';
import { askOnce, tellGroups } from '../telling.ts';

export const revise: Action<Actions['revise']> = {
  read(given) {
    const { fields, notes } = given;
    const texts = { ...given.text('title', LIMITS.title), ...given.text('description', LIMITS.description) };
    const { labels } = fields;
    const severity = toSeverity(fields['severity']);
    if (!severity && fields['severity'] !== undefined) {
      notes.push({ key: 'severity-kept', given: quoted(fields['severity']) });
    }
    const areLabels = typeof labels === 'object' && labels !== null && !Array.isArray(labels);
    if (!areLabels && labels !== undefined) notes.push({ key: 'labels-kept' });
    return {
      ...texts,
      ...(severity && { severity }),
      ...(areLabels && { labels: repairLabels(labels, notes) }),
      ...(fields['onlyRaise'] === true && { onlyRaise: true }),
    };
  },
  refuseArgument: ({ severity }) =>
    severity === undefined || toSeverity(severity) ? undefined : 'severity must be Critical, Warning or Info',
  perform(step, { say }, changes) {
    const { state } = step;
    const before = state.incident;
    const { after, repairs } = revised(before, changes);
    const changed = REVISABLE.filter((key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]));
    for (const reason of repairs) note(step, { kind: 'repaired', reason });
    if (changed.length === 0) return;
    state.incident = after;
    state.look += 1;
    const severity = changed.includes('severity') && { severity: { from: before.severity, to: after.severity } };
    say({ kind: 'revised', changed, ...severity });
    tellGroups(step, 'revised');
    if (isWorse(after.severity, before.severity)) raiseAlarm(step);
  },
};

/**
 * The severity was raised: a snooze ends, and the level of a Triggered incident starts over. While somebody works on it,
 * the responders are told once.
 */
function raiseAlarm(step: Step): void {
  const { state } = step;
  if (state.snoozedUntil !== undefined) wakeUp(step, 'severity-raised');
  else if (state.progress === 'Triggered') startOver(step);
  else
    askOnce(step, {
      to: { members: state.responders.map(({ member }) => member), teams: [], schedules: [] },
      who: 'everybody',
    });
}

function revised(before: Incident, changes: Actions['revise']): { after: Incident; repairs: Why[] } {
  const { severity = before.severity, onlyRaise, labels } = changes;
  const repaired = repairIncident({
    ...before,
    ...changes,
    severity: onlyRaise && !isWorse(severity, before.severity) ? before.severity : severity,
    labels: { ...before.labels, ...labels },
  });
  return typeof repaired === 'string'
    ? { after: before, repairs: [] }
    : { after: repaired.incident, repairs: repaired.repairs };
}
