/** An answer of the connector that is not a success: HTTP status and the code that Teams puts in the body. */
export class ConnectorError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.name = 'ConnectorError';
    this.status = status;
    this.code = code;
  }
}

/** A driver asked for something that nobody could do in Teams: an unknown person, a message that is gone. */
export class ActError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ActError';
  }
}
