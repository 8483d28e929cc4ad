import { z } from 'zod';
import type { Level } from '../../domain/incident/rule.ts';
import { listOfNames } from './instead.ts';
import { mediaSchema } from './media.ts';
import type { Names } from './names.ts';
import { memberName } from './recipients.ts';

const HALF_AN_HOUR_MS = 30 * 60_000;

/**
 * `lastResort:` of the file. It names members and no schedule, because a gap in a schedule may be why nobody was told,
 * and two media, because the outage of one may be.
 */
export function lastResortSchema(names: Names) {
  return z
    .strictObject({
      members: z.array(memberName(names), listOfNames).min(1).max(20),
      by: mediaSchema(names)
        .min(2, 'name at least two media: the outage of one may be why nobody was told')
        .describe('By all of these, whatever the severity'),
    })
    .transform(({ members, by }): Level => ({
      to: { members: [...new Set(members)], teams: [], schedules: [] },
      by: { default: by },
      groups: [],
      repeat: { everyMs: HALF_AN_HOUR_MS, times: 1 },
      escalateAfterMs: HALF_AN_HOUR_MS,
      evenIfAcknowledged: false,
      whenNobodyReached: 'wait',
    }))
    .exactOptional()
    .describe('Who is told when all levels of a rule have ended and nobody could be told');
}
