import type { Actor } from '../../domain/incident/view.ts';
import { SAMPLE_LINK, SAMPLE_NOW, sampleFace } from '../../templates/sample.ts';
import type { Occasion } from '../../templates/variables.ts';

export const names = (who: Actor | string): string => {
  const id = typeof who === 'string' ? who : who.member;
  return id === 'supervisor' ? 'Supervisor' : (id ?? (who as Actor).name ?? '');
};

export function occasion(changes: Partial<Occasion> = {}): Occasion {
  const event = changes.event ?? 'opened';
  return {
    face: sampleFace(event),
    event,
    locale: 'en',
    timeZone: 'Asia/Shanghai',
    names,
    link: SAMPLE_LINK,
    now: SAMPLE_NOW,
    ...changes,
  };
}
