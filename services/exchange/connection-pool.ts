import type { buildConnector } from 'undici';
import { Connection, ConnectionSpent, type ConnectionLimits } from './connection.ts';
import { NtlmIdentity } from './ntlm/identity.ts';

/** A connection that was answered for nothing this often is a server that does not keep them. */
const mostConnections = 3;

/**
 * The connections to one origin for one credential. A request has one for itself; how many there are is the gate's
 * business. Signed in by NTLM, a connection speaks for its account, so no other credential ever gets it.
 */
export class ConnectionPool {
  readonly #origin: string;
  readonly #connect: buildConnector.connector;
  readonly #limits: ConnectionLimits;
  readonly #open = new Set<Connection>();
  /** The last one back goes out first: few stay warm instead of many half warm. */
  readonly #idle: Connection[] = [];
  readonly identity = new NtlmIdentity();

  constructor(origin: string, connect: buildConnector.connector, limits: ConnectionLimits) {
    this.#origin = origin;
    this.#connect = connect;
    this.#limits = limits;
  }

  /** Runs `use` with a connection of its own, and again with another if the first was gone before anything was sent. */
  async withConnection<Result>(use: (connection: Connection) => Promise<Result>): Promise<Result> {
    for (let count = 1; ; count += 1) {
      const connection = this.#take();
      try {
        return await use(connection);
      } catch (error) {
        if (!(error instanceof ConnectionSpent) || count === mostConnections) throw error;
      } finally {
        if (connection.isOpen) this.#idle.push(connection);
      }
    }
  }

  close(): void {
    for (const connection of this.#open) connection.end();
  }

  #take(): Connection {
    const idle = this.#idle.pop();
    if (idle !== undefined) return idle;
    const connection = new Connection(this.#origin, this.#connect, this.#limits);
    this.#open.add(connection);
    connection.whenEnded(() => {
      this.#open.delete(connection);
      const index = this.#idle.indexOf(connection);
      if (index !== -1) this.#idle.splice(index, 1);
    });
    return connection;
  }
}
