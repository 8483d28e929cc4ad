export { account } from './account.ts';
export { escalateIncident } from './incident.ts';
export { member } from './member.ts';
export { phone } from './phone.ts';
