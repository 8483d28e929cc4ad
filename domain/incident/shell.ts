/** From whose shell somebody acted. `isChecked` is false where the member could not be looked up. */
export interface Shell {
  login: string;
  isChecked: boolean;
}

/** What stands as `via` in a record of what was done from the command line: `cli:alice`. */
export function writeShell({ login, isChecked }: Shell): string {
  return `cli${isChecked ? '' : '-unchecked'}:${login}`;
}

/** @returns undefined for another way than the command line; older versions wrote `cli` without the login. */
export function readShell(via: string): Shell | undefined {
  const [, unchecked, login] = /^cli(-unchecked)?:(.+)$/.exec(via) ?? [];
  return login === undefined ? undefined : { login, isChecked: unchecked === undefined };
}
