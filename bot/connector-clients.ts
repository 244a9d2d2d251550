import {
  ConnectorFactory,
  type ConnectorClient,
  type BotFrameworkAuthentication,
  type ClaimsIdentity,
} from 'botframework-connector';

/** The connector's own calls: 10 s each, retries of the SDK included. Its default is none at all (facts B3.5). */
export const connectorDeadlineMs = 10_000;

/** Teams has a handful of service addresses; more only come from a mistake. */
const maxClients = 32;

/**
 * Connector clients, kept by service address: the SDK builds one with its whole HTTP pipeline for every turn, which is
 * most of what a turn costs (facts, stack §4).
 */
export class ConnectorClients extends ConnectorFactory {
  readonly #authentication: BotFrameworkAuthentication;
  readonly #identity: ClaimsIdentity;
  readonly #retries: boolean;
  readonly #clients = new Map<string, Promise<ConnectorClient>>();

  /** `retries` false: a failure comes back at once, for callers that pace and count their own tries. */
  constructor(authentication: BotFrameworkAuthentication, identity: ClaimsIdentity, options: { retries: boolean }) {
    super();
    this.#authentication = authentication;
    this.#identity = identity;
    this.#retries = options.retries;
  }

  override create(serviceUrl: string, audience?: string): Promise<ConnectorClient> {
    const key = JSON.stringify([serviceUrl, audience]);
    const known = this.#clients.get(key);
    if (known !== undefined) return known;
    const [oldest] = this.#clients.keys();
    if (this.#clients.size >= maxClients && oldest !== undefined) this.#clients.delete(oldest);
    const client = this.#make(serviceUrl, audience);
    this.#clients.set(key, client);
    client.catch(() => this.#clients.delete(key));
    return client;
  }

  async #make(serviceUrl: string, audience: string | undefined): Promise<ConnectorClient> {
    const client = await this.#authentication.createConnectorFactory(this.#identity).create(serviceUrl, audience);
    if (!this.#retries) removeRetries(client);
    const send = client.sendOperationRequest.bind(client);
    client.sendOperationRequest = (operation, spec, callback) =>
      send(
        { ...operation, options: { abortSignal: AbortSignal.timeout(connectorDeadlineMs), ...operation.options } },
        spec,
        callback,
      );
    return client;
  }
}

/**
 * The SDK repeats a POST after a 5xx by itself, which can post twice (facts B3.6), and offers no switch for it: the policy
 * has to be taken out of the pipeline of its private client. A test counts the calls.
 */
function removeRetries(client: ConnectorClient): void {
  const inner = Reflect.get(client, 'client') as { pipeline: { removePolicy(options: { name: string }): unknown } };
  inner.pipeline.removePolicy({ name: 'defaultRetryPolicy' });
}
