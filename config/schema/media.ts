import { z } from 'zod';
import type { CarriedMedium } from '../../domain/media.ts';
import { checked, unique } from './field.ts';
import { byForm, listOfNames } from './instead.ts';
import { carrierProblem, mediumProblem, type Names } from './names.ts';

/** `media:` of the file: the accounts behind voice, sms, email and push. */
export function carriersSchema(names: Names) {
  const carriers = (carried: CarriedMedium) =>
    z
      .array(
        checked((name) => carrierProblem(name, carried, names)),
        listOfNames,
      )
      .max(20)
      .superRefine(unique)
      .default([])
      .describe(`Accounts that carry ${carried}, in order of preference`);
  return z
    .strictObject({
      voice: carriers('voice'),
      sms: carriers('sms'),
      email: carriers('email'),
      push: carriers('push'),
    })
    .prefault({})
    .describe('Which accounts carry what');
}

/** `prefers:` of a member. */
export function preferenceSchema(names: Names) {
  return z.strictObject(bySeverity(names)).exactOptional().describe('Where a level says `by: preference`');
}

/** `by:` of a level. */
export function bySchema(names: Names) {
  return z
    .union(
      [
        z.literal('preference').describe('As each member prefers'),
        z
          .strictObject({ ...bySeverity(names), default: mediaSchema(names).exactOptional() })
          .superRefine((choice, context) => {
            if (choice.default) return;
            const missing = (['critical', 'warning', 'info'] as const).filter((severity) => !choice[severity]);
            if (missing.length === 0) return;
            const message = `nothing is said for ${missing.join(' and ')}; add it or \`default\` ([] tells nobody on purpose)`;
            context.addIssue({ code: 'custom', message });
          }),
      ],
      byForm,
    )
    .describe('`preference`, or lists of media under critical, warning, info or default');
}

function bySeverity(names: Names) {
  return {
    critical: mediaSchema(names).exactOptional(),
    warning: mediaSchema(names).exactOptional(),
    info: mediaSchema(names).exactOptional(),
  };
}

/** A list of media, the best first. */
export function mediaSchema(names: Names) {
  const medium = checked((name) => mediumProblem(name, names)).describe(
    '`voice`, `sms`, `email`, `push` or the name of an IM account',
  );
  return z.array(medium, listOfNames).max(10).superRefine(unique);
}
