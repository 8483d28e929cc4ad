/** Search attributes of an incident's run: what lists and filters in the Web UI show. Never names, numbers or text. */
export const SEARCH_ATTRIBUTES = {
  IncidentNumber: 'Keyword',
  IncidentSeverity: 'Keyword',
  IncidentProgress: 'Keyword',
  IncidentChannel: 'Keyword',
  EscalationRule: 'Keyword',
  EscalationLevel: 'Int',
} as const;
