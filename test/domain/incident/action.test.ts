import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { ACTION_NAMES, type ActionName } from '../../../domain/incident/action.ts';
import { readAction, refuseArguments } from '../../../domain/incident/actions/table.ts';
import { english } from '../english.ts';

describe('what a client sends with an action', () => {
  it.each<[ActionName, unknown, object, string[]]>([
    [
      'acknowledge',
      { by: { member: 'alice' }, via: 'card', key: 'k' },
      { by: { member: 'alice' }, via: 'card', key: 'k' },
      [],
    ],
    ['acknowledge', { by: { name: 'Grafana' } }, { by: { name: 'Grafana' } }, []],
    ['acknowledge', { by: 'alice' }, { by: { name: 'alice' } }, []],
    ['acknowledge', { by: { member: 7, name: 'x' } }, { by: { name: 'x' } }, []],
    ['acknowledge', null, { by: { name: 'somebody' } }, ['nobody was named as the one who did it']],
    ['acknowledge', [], { by: { name: 'somebody' } }, ['nobody was named as the one who did it']],
    ['acknowledge', { by: { member: '' } }, { by: { name: 'somebody' } }, ['nobody was named as the one who did it']],
    ['acknowledge', { by: 'a', via: 7, key: {} }, { by: { name: 'a' } }, []],
    ['snooze', { by: 'a', minutes: 30 }, { by: { name: 'a' }, minutes: 30 }, []],
    [
      'snooze',
      { by: 'a', minutes: 30.4 },
      { by: { name: 'a' }, minutes: 30 },
      ['snooze asked for 30.4 minutes: took 30'],
    ],
    [
      'close',
      { by: 'a', source: 'recovered', resolution: 'ok' },
      { by: { name: 'a' }, source: 'recovered', resolution: 'ok' },
      [],
    ],
    ['close', { by: 'a', source: 'fate' }, { by: { name: 'a' } }, []],
    ['comment', { by: 'a', text: 7 }, { by: { name: 'a' } }, []],
    ['revise', { by: 'a', severity: 'critical' }, { by: { name: 'a' }, severity: 'Critical' }, []],
    ['revise', { by: 'a', onlyRaise: 'yes' }, { by: { name: 'a' } }, []],
  ])('%s %j', (name, raw, action, notes) => {
    const read = readAction(name, raw);
    expect({ ...read, notes: read.notes.map(english) }).toEqual({ action, notes });
  });

  it('is cut where it is too long', () => {
    const { action, notes } = readAction('comment', {
      by: 'a'.repeat(300),
      text: 'x'.repeat(2000),
      key: 'k'.repeat(300),
    });
    expect(action.text).toHaveLength(1024);
    expect(action.by?.name).toHaveLength(128);
    expect(action.key).toHaveLength(200);
    expect(notes.map(english)).toEqual(['text was cut from 2000 to 1024 characters']);
  });

  it('is read, whatever it is', () => {
    fc.assert(
      fc.property(fc.constantFrom(...ACTION_NAMES), fc.anything(), (name, raw) => {
        expect(readAction(name, raw).action.by).toBeDefined();
        refuseArguments(name, raw);
      }),
      { numRuns: 500, interruptAfterTimeLimit: 2000 },
    );
  });
});

describe('an update is refused', () => {
  it.each<[ActionName, unknown, string | undefined]>([
    ['snooze', { minutes: 1 }, undefined],
    ['snooze', { minutes: 1440 }, undefined],
    ['snooze', { minutes: 0 }, 'snooze needs minutes, a whole number from 1 to 1440'],
    ['snooze', { minutes: '5' }, 'snooze needs minutes, a whole number from 1 to 1440'],
    ['snooze', undefined, 'snooze needs minutes, a whole number from 1 to 1440'],
    ['comment', { text: ' ' }, 'comment needs text of 1 to 1024 characters'],
    ['comment', { text: 'x'.repeat(1025) }, 'comment needs text of 1 to 1024 characters'],
    ['revise', { severity: 'worst' }, 'severity must be Critical, Warning or Info'],
    ['revise', {}, undefined],
    ['acknowledge', null, undefined],
  ])('%s %j: %s', (name, raw, reason) => {
    expect(refuseArguments(name, raw)).toBe(reason);
  });
});
