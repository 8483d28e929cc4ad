// What somebody is told who pressed a key during a call or answered a text message.

import type { KeyAction } from '../domain/phone/keys.ts';
import { faceOf } from '../domain/incident/face.ts';
import type { IncidentView } from '../domain/incident/view.ts';
import { overText, takenText } from './press.ts';
import type { Reader } from './wording.ts';
import { wordsFor } from './words.ts';

interface KeyTaken {
  action: KeyAction['do'];
  member: string;
  level?: number;
  view?: IncidentView;
  /** The number of what has followed: the key was about an earlier occurrence, and changes nothing. */
  newer?: string;
}

/** What came of a key or an answer by text, for whoever gave it. Without `view` there was no time to ask. */
export function keyActionText({ action, member, level, view, newer }: KeyTaken, reader: Reader): string {
  const { voice, page, press } = wordsFor(reader.locale);
  if (newer !== undefined) return overText(view && faceOf(view), reader, newer);
  if (view && action === 'escalate' && view.progress !== 'Closed' && level !== undefined && level > view.levels) {
    return voice.noFurtherLevel;
  }
  const taken = { action, member, ...(level !== undefined && { level }) };
  const text = takenText({ ...taken, ...(view && { face: faceOf(view), timeline: view.timeline }) }, reader);
  // `press.recorded` promises that the message will show the new state, which a call and a text cannot.
  return text === press.recorded ? page.recorded : text;
}
