/**
 * What others must know of an account. Its adapter reads it from the settings, so that nobody else looks into them; it
 * is light, and loads no code of the vendor.
 */
export interface Traits {
  /** Host and port its requests go to, for people who ask why nothing leaves. */
  host: string;
  /** Last part of the callback address; whoever does not name it is not heard. */
  callbackSecret?: string | undefined;
  /** Numbers that people see calling or writing: E.164, or of mainland China without the country code. */
  callerNumbers?: readonly string[];
  /** Calls: `false` when the callee is asked for no key, so that nobody can acknowledge by this call. */
  asksForKey?: boolean;
  /** People can answer its messages, which therefore carry a code to answer with. */
  takesReplies?: boolean;
  /** `false`: the link of its messages shows the incident to whoever opens it, and lets nobody act. */
  linksAct?: boolean;
  /** A word without which the vendor refuses a message; the adapter adds it where it is missing. */
  keyword?: string | undefined;
}

/** @param address a whole URL, of any protocol. */
export function hostOf(address: string): string {
  return new URL(address).host;
}
