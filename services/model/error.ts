/** Values that go with an error or a fault: small, printable, never a secret. */
export type Params = Readonly<Record<string, string | number | boolean>>;

/**
 * The one error class of the house. `code` is stable and is what decisions and sentences use (`locales`, key
 * `error.CODE`); the message repeats the code because a stack trace is for developers, not for readers.
 */
export class MailroomError extends Error {
  readonly code: string;
  readonly params: Params;

  constructor(code: string, params: Params = {}, cause?: unknown) {
    super(code, cause === undefined ? undefined : { cause });
    this.name = 'MailroomError';
    this.code = code;
    this.params = params;
  }
}

/** True for a MailroomError that carries this code (or any code when none is given). */
export function isMailroomError(error: unknown, code?: string): error is MailroomError {
  return error instanceof MailroomError && (code === undefined || error.code === code);
}
