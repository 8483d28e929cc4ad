import type { GroupEvent } from '../domain/incident/rule.ts';
import type { Locale } from '../domain/locale.ts';
import type { Part } from './engine.ts';
import { wordsFor } from './words.ts';

/**
 * The preset as a template to start from. Rendered, it gives the words of {@link wordingFor}, which is plain code, so
 * that the words for a failed template cannot fail themselves.
 */
export function presetTemplate(event: GroupEvent, locale: Locale): Record<Part, string> {
  const { events, reminder, facts } = wordsFor(locale);
  const lead =
    event === 'opened' ? `{% if isReminder %}${reminder}{% else %}${events.opened}{% endif %}` : events[event];
  return {
    subject: '[{{ severity }}] {{ incident.title }}',
    text: `${lead}\n{{ incident.description }}\n`,
    status: '{{ status }}',
    facts: `${[
      `${facts.severity}: {{ severity }}`,
      `${facts.number}: {{ incident.number }}`,
      `${facts.channel}: {{ incident.channel }}`,
      `${facts.source}: {{ incident.source }}`,
      `${facts.started}: {{ incident.startedAt | date_time }}`,
      `${facts.responders}: {{ responders | map: "name" | join: ", " }}`,
      '{% for label in labels %}',
      '{{ label.name }}: {{ label.value }}',
      '{% endfor %}',
    ].join('\n')}\n`,
  };
}
