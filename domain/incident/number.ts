/** Crockford's base32, which leaves out `I L O U`: no two characters sound or look alike. https://www.crockford.com/base32.html */
export const NUMBER_ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** The six characters that people say aloud for an incident. */
export const INCIDENT_NUMBER = new RegExp(`^[${NUMBER_ALPHABET}]{6}$`);
