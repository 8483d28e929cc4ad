import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { INCIDENT_NUMBER, incidentNumber } from '../../../domain/incident/number.ts';
import { openEscalation, readReopened, takeOver } from '../../../domain/incident/escalation.ts';
import { describe as viewOf } from '../../../domain/incident/describe.ts';
import { advance, refuse, type Happened } from '../../../domain/incident/timeline.ts';

const incident = { id: '1', title: 'db-7 is down', severity: 'Critical', description: '', labels: {} } as const;
const ref = { workflowId: 'incident-1', occurrence: 'run-of-today' };
const today = openEscalation(ref, incident, [], 0);
const match = { configuration: 'c', attributes: [], carriers: {}, notes: [] };
const by = { member: 'alice' };

describe('the number of an incident', () => {
  it('is six characters that people can say, of the id and of the run that the server chose', () => {
    fc.assert(
      fc.property(fc.string(), fc.uuid(), fc.uuid(), (workflowId, one, other) => {
        expect(incidentNumber({ workflowId, occurrence: one })).toMatch(INCIDENT_NUMBER);
        if (one === other) return;
        // One in a thousand million is the same by chance.
        expect(incidentNumber({ workflowId, occurrence: one })).not.toBe(
          incidentNumber({ workflowId, occurrence: other }),
        );
      }),
      { numRuns: 1000 },
    );
  });

  it('is spread evenly: 20,000 occurrences share hardly any', () => {
    const numbers = new Set(
      Array.from({ length: 20_000 }, (_, n) =>
        incidentNumber({ workflowId: 'incident-1', occurrence: `run-${String(n)}` }),
      ),
    );
    // By chance 0.2 pairs are expected among them.
    expect(numbers.size).toBeGreaterThan(19_990);
  });

  it('stays that of planning in a history of 0.1.0, whose keys name no occurrence', () => {
    const { state } = advance(today, { type: 'matched', match: { ...match, number: '7QK2MD' } }, 0);
    expect(viewOf(state)).toMatchObject({ number: '7QK2MD' });
    expect(viewOf(state).occurrence).toBeUndefined();
    const { number: _, occurrence: __, ...carried } = state;
    expect(viewOf(takeOver(carried as typeof state)).number).toBe('7QK2MD');
  });

  it('and the occurrence are those of the incident that is opened again', () => {
    const left = { by, timeline: [], responders: [], lastId: 3, occurrence: 'run-of-then', number: '7QK2MD' };
    const again = openEscalation(ref, incident, [], 0, readReopened(JSON.parse(JSON.stringify(left))));
    expect(viewOf(again)).toMatchObject({ occurrence: 'run-of-then', number: '7QK2MD' });
    expect(readReopened({ ...left, number: 'anything', occurrence: 'x'.repeat(2000) })).toEqual({
      ...{ by, timeline: [], responders: [], lastId: 3 },
    });
  });
});

describe('whatever means an earlier occurrence', () => {
  const yesterday = { occurrence: 'run-of-yesterday' };
  const meant: [string, (which: { occurrence?: string }) => Happened][] = [
    ['a press', (which) => ({ type: 'acted', name: 'acknowledge', argument: { by, ...which } })],
    [
      'a word of the phone',
      (which) => ({ type: 'called', word: { notification: 'n1', phase: 'over', attempts: [], ...which } }),
    ],
    [
      'a receipt',
      (which) => ({ type: 'receipt', receipt: { notification: 'n1', account: 'sms', outcome: 'failed', ...which } }),
    ],
  ];

  it.each(meant)('changes nothing: %s', (_, happened) => {
    const { state } = advance(today, { type: 'matched', match }, 0);
    expect(advance(state, happened(yesterday), 1)).toEqual({ state, commands: [] });
  });

  it('is refused where somebody waits for the answer, with the number of what is open', () => {
    expect(refuse(today, 'acknowledge', { by, ...yesterday })).toBe(
      `this means an earlier occurrence, which is over; what is open now is number ${today.number}`,
    );
    expect(refuse(today, 'acknowledge', { by })).toBeUndefined();
    expect(refuse(today, 'acknowledge', { by, occurrence: 'run-of-today' })).toBeUndefined();
  });

  it('is not what names none, as buttons of 0.1.0 do', () => {
    const acted = advance(today, { type: 'acted', name: 'acknowledge', argument: { by } }, 1);
    expect(acted.state.progress).toBe('Processing');
  });
});
