import type { IncidentRef } from './occurrence.ts';

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** The six characters that people say aloud for one occurrence of an incident. */
export const INCIDENT_NUMBER = new RegExp(`^[${ALPHABET}]{6}$`);

/**
 * Six characters of Crockford base32, the same for the same occurrence wherever they are made. Whoever chooses an id
 * cannot choose the number as well, because the server chooses the occurrence; two may still share one by chance, so
 * whoever is given a number has to count its bearers.
 */
export function incidentNumber({ workflowId, occurrence = '' }: IncidentRef): string {
  const bits = scramble(`${workflowId}/${occurrence}`);
  return Array.from({ length: 6 }, (_, index) => ALPHABET[(bits >>> (27 - 5 * index)) & 31]).join('');
}

/** Of the number as people hear and type it. */
export function spoken(written: string): string {
  return written.replace(/^#/, '').toUpperCase().replace(/O/g, '0').replace(/[IL]/g, '1');
}

/**
 * FNV-1a and the last steps of MurmurHash3, in 32 bits: workflows may not use Node's hashes, and nobody can look for a
 * collision of what the server has chosen.
 */
function scramble(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
