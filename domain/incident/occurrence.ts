/**
 * What everything outside names an incident by: buttons, links, calls, codes, receipts and keys. The same id may be
 * opened again, so it names the occurrence too, which is one chain of runs from the opening to the close. A card of
 * yesterday must not acknowledge what is open today.
 */
export interface IncidentRef {
  workflowId: string;
  /**
   * The id of the first run, which the server chose; an incident that is opened again keeps it. Absent: whichever is
   * open, which is what clients mean that know an id only, and tokens and runs of 0.1.0.
   */
  occurrence?: string | undefined;
}

/** Without what else the given thing says of the incident. */
export function refOf({ workflowId, occurrence }: IncidentRef): { workflowId: string; occurrence?: string } {
  return { workflowId, ...(occurrence !== undefined && { occurrence }) };
}

/** Stands for it in keys. That of an incident without an occurrence is what it was in 0.1.0. */
export function refKey({ workflowId, occurrence }: IncidentRef): string {
  return occurrence === undefined ? workflowId : `${workflowId}/${occurrence}`;
}

export function isSameIncident(one: IncidentRef, other: IncidentRef): boolean {
  return one.workflowId === other.workflowId && one.occurrence === other.occurrence;
}

/** Somebody means an occurrence that is not this one. Whoever names none means this one. */
export function isOfAnother(own: Pick<IncidentRef, 'occurrence'>, meant: Pick<IncidentRef, 'occurrence'>): boolean {
  return meant.occurrence !== undefined && meant.occurrence !== own.occurrence;
}

/** The occurrence that an argument from outside names. */
export function readMeant(argument: unknown): { occurrence?: string } {
  return readOccurrence(((argument ?? {}) as Partial<Record<'occurrence', unknown>>).occurrence);
}

/** An occurrence as somebody wrote it, where it can be one. */
export function readOccurrence(raw: unknown): { occurrence?: string } {
  return typeof raw === 'string' && /^[\w-]{1,64}$/.test(raw) ? { occurrence: raw } : {};
}
