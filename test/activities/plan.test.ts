import { describe, expect, it } from 'vitest';
import { createPlanning } from '../../activities/plan.ts';
import type { RoundRequest } from '../../activities/contract.ts';
import type { Configuration } from '../../config/configuration.ts';
import { yamlDirectory, type Directory } from '../../config/duty/directory.ts';
import { mailboxId } from '../../config/duty/mailbox.ts';
import type { Resolution } from '../../domain/incident/plan.ts';
import { parse, sample } from '../config/sample.ts';
import { english } from '../domain/english.ts';

const ADDRESS = 'archive@example.com';
const MAILBOX = mailboxId(ADDRESS);
const configuration = parse(
  sample({
    22: `          - { to: { teams: [db], emails: [${ADDRESS}] }, by: preference }`,
    23: 'unmatched: { to: { members: [backup] }, by: { default: [email] } }',
  }) +
    `
schedules:
  db-primary:
    timeZone: UTC
    layers: [{ members: [primary, backup], start: 2026-01-05, every: 1d, handOver: '09:00' }]`,
);
const source = { current: configuration };
const MORNING = Date.parse('2026-01-06T08:59:59.999Z');

function planningWith(changes: Partial<Directory>, current: Configuration = configuration) {
  const directory = { ...yamlDirectory({ current }), ...changes };
  return createPlanning({ source: { current }, directory, attributes: () => [] });
}

function request(to: Partial<RoundRequest['to']>, changes: Partial<RoundRequest> = {}): RoundRequest {
  return {
    severity: 'Critical',
    to: { members: [], teams: [], schedules: [], ...to },
    by: { default: ['email'] },
    groups: [],
    ...changes,
  };
}

const told = ({ people }: Resolution): string[] => people.map(({ member }) => member);
const never = (): Promise<never> => new Promise(() => undefined);
const broken = (): never => {
  throw new TypeError('connecting to ldap://user:password@10.0.0.1 failed');
};

describe('a round', () => {
  const { resolveRound, matchRule } = planningWith({});

  it('tells whoever is on duty at its time', async () => {
    const schedules = ['db-primary'];
    expect(told(await resolveRound(request({ schedules }, { at: MORNING })))).toEqual(['primary']);
    expect(told(await resolveRound(request({ schedules }, { at: MORNING + 1 })))).toEqual(['backup']);
  });

  it('knows of a group that did not choose to hear of the page: it hears what it chose', async () => {
    const group = { account: 'feishu-cn', chat: 'oc_1', severities: [], events: ['closed' as const], mention: false };
    const { groups } = await resolveRound(request({}, { groups: [group] }));
    expect(groups).toMatchObject([{ account: 'feishu-cn', events: ['closed'] }]);
  });

  it('says which group it cannot post to because the file has dropped its account', async () => {
    const group = { account: 'gone', severities: [], events: [], mention: false };
    const { groups, notes } = await resolveRound(request({}, { groups: [group] }));
    expect(groups).toEqual([]);
    expect(notes).toEqual([{ key: 'account-gone', account: 'gone' }]);
  });

  it('says when nobody is on duty', async () => {
    const { people, notes } = await resolveRound(request({ schedules: ['db-primary'] }, { at: 0 }));
    expect(people).toEqual([]);
    expect(notes.map(english)).toEqual(['nobody is on duty in db-primary (role primary)']);
  });

  it('tells a mailbox by e-mail and nothing else, whatever the level says', async () => {
    for (const by of ['preference', { default: ['feishu-cn', 'voice'] }, { default: [] }] as const) {
      const choice = by === 'preference' ? by : { default: [...by.default] };
      const { people } = await resolveRound(request({ members: [MAILBOX] }, { by: choice }));
      expect(people).toEqual([
        {
          member: MAILBOX,
          media: [{ medium: 'email', routes: [{ account: 'mail', adapter: 'smtp.email' }] }],
          fallback: {},
        },
      ]);
    }
  });

  it('leaves no address in what the workflow remembers', async () => {
    const incident = { id: 'i1', title: 't', severity: 'Critical', description: '', channel: 'payments', labels: {} };
    const match = await matchRule({ incident: { ...incident, severity: 'Critical' } });
    const second = await resolveRound(request({ members: [MAILBOX] }));
    expect(JSON.stringify(match)).toContain(MAILBOX);
    expect(JSON.stringify([match, second])).not.toContain('@');
  });
});

describe('a directory of somebody else', () => {
  it('that fails leaves the members named, with the reason but not its words', async () => {
    const { resolveRound } = planningWith({ resolve: broken });
    const answer = await resolveRound(request({ members: ['primary', MAILBOX], schedules: ['db-primary'] }));
    expect(told(answer)).toEqual(['primary', MAILBOX]);
    expect(answer).toMatchObject({
      guessed: { key: 'duty-unknown', error: 'TypeError' },
      notes: [{ key: 'duty-unknown', error: 'TypeError', told: 'named' }],
    });
    expect(JSON.stringify(answer)).not.toContain('password');
  });

  it('that hangs is not waited for; where nobody is named, those of unmatched are told', async () => {
    const { resolveRound } = planningWith({ resolve: never, member: never });
    const answer = await resolveRound(request({ schedules: ['db-primary'] }, { by: { default: ['feishu-cn'] } }));
    expect(answer.people).toMatchObject([{ member: 'backup', media: [{ medium: 'email' }] }]);
    expect(answer.notes.map(english)).toEqual([
      'who is on duty could not be found out (the directory does not answer): told whom unmatched names',
    ]);
  });

  it('that fails where nobody is named says so', async () => {
    const { resolveRound } = planningWith({ resolve: broken }, { ...configuration, unmatched: 'ignore' });
    expect(await resolveRound(request({ teams: ['db'] }))).toMatchObject({
      people: [],
      notes: [{ key: 'duty-unknown', told: 'nobody' }],
    });
  });

  it('that names people it does not know tells the others', async () => {
    const { resolveRound } = planningWith({
      resolve: async () => ({ members: ['ghost', 'primary'], notes: ['x'.repeat(1000)] }),
    });
    const answer = await resolveRound(request({ teams: ['db'] }));
    expect(told(answer)).toEqual(['primary']);
    expect(answer.notes.map(english)).toEqual([`${'x'.repeat(299)}…`, 'no member is called ghost']);
    expect(answer).not.toHaveProperty('guessed');
  });

  it('that cannot say how to reach somebody new has them told by every account of the media', async () => {
    const { resolveRound } = planningWith({
      resolve: async () => ({ members: ['ghost'], notes: [] }),
      member: broken,
    });
    const { people } = await resolveRound(request({ teams: ['db'] }));
    expect(people).toMatchObject([{ member: 'ghost', media: [{ medium: 'email', routes: [{ account: 'mail' }] }] }]);
  });

  it('that is away for a while has left its people behind', async () => {
    let isAway = false;
    const { resolveRound } = planningWith({
      resolve: async () => ({ members: ['ghost'], notes: [] }),
      member: async (id) => {
        if (isAway) throw new Error('away');
        return { id, name: id, locale: 'en', timeZone: 'UTC', identities: {} };
      },
    });
    const before = await resolveRound(request({ teams: ['db'] }));
    isAway = true;
    expect(await resolveRound(request({ teams: ['db'] }))).toEqual(before);
    expect(english(before.people[0]?.media[0]?.reason)).toBe('no e-mail address: set members.ghost.email');
  });

  it.each([undefined, null, 7, {}, { members: 'primary' }, { members: [7], notes: [] }, { members: [], notes: [7] }])(
    'that answers %j breaks nothing',
    async (answer: unknown) => {
      const { resolveRound } = planningWith({ resolve: async () => answer as never });
      expect((await resolveRound(request({ members: ['primary'], teams: ['db'] }))).notes.length).toBeGreaterThan(0);
    },
  );

  it('is never asked about a mailbox', async () => {
    const asked: unknown[] = [];
    const { resolveRound } = planningWith({
      resolve: async (targets) => {
        asked.push(targets.members);
        return { members: [...targets.members], notes: [] };
      },
      member: async (id) => {
        asked.push(id);
        return source.current.members.get(id);
      },
    });
    expect(told(await resolveRound(request({ members: [MAILBOX, 'primary'] })))).toEqual(['primary', MAILBOX]);
    expect(told(await resolveRound(request({ members: [MAILBOX] })))).toEqual([MAILBOX]);
    expect(asked).toEqual([['primary'], 'primary']);
  });
});

describe('the list of what a call announces', () => {
  const { listRoutes } = planningWith({});

  it('goes by mail where no account carries text messages, and besides when it is long', async () => {
    const mail = [{ account: 'mail', adapter: 'smtp.email' }];
    expect(await listRoutes({ member: 'primary', incidents: 3 })).toEqual([mail]);
    expect(await listRoutes({ member: 'primary', incidents: 4 })).toEqual([[], mail]);
  });

  it('goes nowhere when nobody knows the person any more', async () => {
    expect(await listRoutes({ member: 'nobody', incidents: 2 })).toEqual([]);
  });
});
