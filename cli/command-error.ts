/** Said on stderr as it is; the process ends with `exitCode`: 1 refused or failed, 2 the configuration is wrong. */
export class CommandError extends Error {
  override name = 'CommandError';
  readonly exitCode: number;
  constructor(message: string, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}
