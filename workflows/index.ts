export { escalateIncident } from './incident.ts';
export { phone } from './phone.ts';
