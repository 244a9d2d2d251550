import {
  ConfidentialClientApplication,
  type INetworkModule,
  type NetworkRequestOptions,
  type NetworkResponse,
} from '@azure/msal-node';
import { ServiceClientCredentialsFactory } from 'botframework-connector';
import type { BotFrameworkEndpoints } from './config-bot-framework.ts';
import type { BotApp } from './config.ts';
import type { BotLog } from './log.ts';

/** Gives the bearer token for a scope; the port that tests replace. */
export interface AccessTokens {
  get(scope: string): Promise<string>;
}

interface CachedToken {
  readonly token: string;
  readonly expiresAt: number;
}

type Credentials = Awaited<ReturnType<ServiceClientCredentialsFactory['createCredentials']>>;

const deadlineMs = 10_000;
/** A token is renewed this long before its end, so that none ends on its way. */
const renewBeforeMs = 5 * 60_000;
/** After a refusal Entra is left alone for a moment: the outbox alone would ask it fifty times a second. */
const pauseAfterFailureMs = 5000;
const microsoftLogins = new Set([
  'login.microsoftonline.com',
  'login.microsoftonline.us',
  'login.partner.microsoftonline.cn',
]);

/**
 * Client credentials by @azure/msal-node 7. The SDK's own factory would use the msal-node 2 inside it, without a deadline,
 * and would ask Entra once for each of the turns that arrive together.
 */
export function createAccessTokens(app: BotApp, endpoints: BotFrameworkEndpoints, log: BotLog): AccessTokens {
  const { host } = new URL(endpoints.loginUrl);
  const client = new ConfidentialClientApplication({
    auth: {
      clientId: app.id,
      clientSecret: app.password.reveal(),
      authority: endpoints.loginUrl,
      // msal asks Microsoft which hosts are Entra; a stand-in on loopback is vouched for by the configuration instead.
      ...(microsoftLogins.has(host) ? {} : { knownAuthorities: [host] }),
    },
    system: { networkClient: fetchWithDeadline },
  });
  return cacheTokens(async (scope) => {
    try {
      const result = await client.acquireTokenByClientCredential({ scopes: [scope], skipCache: true });
      if (result === null || result.accessToken === '') throw new Error('Entra answered without a token');
      return { token: result.accessToken, expiresAt: result.expiresOn?.getTime() ?? Date.now() + renewBeforeMs };
    } catch (error) {
      const text = error instanceof Error ? error.message : '';
      log.error(
        { loginHost: host, aadsts: /AADSTS\d+/.exec(text)?.[0] ?? null, error },
        'no access token for the bot connector',
      );
      throw error;
    }
  });
}

/** One acquisition at a time for a scope; the old token serves on while a new one cannot be had. */
export function cacheTokens(
  acquire: (scope: string) => Promise<CachedToken>,
  now: () => number = Date.now,
): AccessTokens {
  const cached = new Map<string, CachedToken & { readonly takenAt: number }>();
  const underWay = new Map<string, Promise<string>>();
  const failedAt = new Map<string, { at: number; error: unknown }>();

  /** Not before its beginning either: a clock that was set back would keep a token long after its end. */
  const isWithin = (from: number, until: number): boolean => from <= now() && now() < until;

  async function renew(scope: string): Promise<string> {
    const old = cached.get(scope);
    const failure = failedAt.get(scope);
    const usable = old !== undefined && isWithin(old.takenAt, old.expiresAt) ? old.token : null;
    if (failure !== undefined && isWithin(failure.at, failure.at + pauseAfterFailureMs)) {
      if (usable !== null) return usable;
      throw failure.error;
    }
    try {
      const fresh = await acquire(scope);
      cached.set(scope, { ...fresh, takenAt: now() });
      failedAt.delete(scope);
      return fresh.token;
    } catch (error) {
      failedAt.set(scope, { at: now(), error });
      if (usable !== null) return usable;
      throw error;
    }
  }

  return {
    get(scope) {
      const old = cached.get(scope);
      if (old !== undefined && isWithin(old.takenAt, old.expiresAt - renewBeforeMs)) return Promise.resolve(old.token);
      const current = underWay.get(scope) ?? renew(scope).finally(() => underWay.delete(scope));
      underWay.set(scope, current);
      return current;
    },
  };
}

/** What the SDK asks for credentials: who we are, and what signs the calls to the connector. */
export class ConnectorCredentialsFactory extends ServiceClientCredentialsFactory {
  readonly #appId: string | null;
  readonly #tokens: AccessTokens | null;
  readonly #byScope = new Map<string, Credentials>();

  /** Both null: no authentication, calls go out unsigned. */
  constructor(appId: string | null, tokens: AccessTokens | null) {
    super();
    this.#appId = appId;
    this.#tokens = tokens;
  }

  override isValidAppId(appId: string): Promise<boolean> {
    return Promise.resolve(this.#appId !== null && appId.toLowerCase() === this.#appId);
  }

  override isAuthenticationDisabled(): Promise<boolean> {
    return Promise.resolve(this.#appId === null);
  }

  override createCredentials(_appId: string, audience: string): Promise<Credentials> {
    const scope = audience.endsWith('/.default') ? audience : `${audience}/.default`;
    const known = this.#byScope.get(scope) ?? this.#create(scope);
    this.#byScope.set(scope, known);
    return Promise.resolve(known);
  }

  #create(scope: string): Credentials {
    const tokens = this.#tokens;
    return {
      async signRequest(request) {
        if (tokens !== null) request.headers.set('Authorization', `Bearer ${await tokens.get(scope)}`);
        return request;
      },
    };
  }
}

/** msal's own network client has no deadline for POST. Certificates of `NODE_EXTRA_CA_CERTS` count here as well. */
const fetchWithDeadline: INetworkModule = {
  sendGetRequestAsync: (url, options) => readAnswer(fetch(url, requestOf(options))),
  sendPostRequestAsync: (url, options) =>
    readAnswer(fetch(url, { ...requestOf(options), method: 'POST', body: options?.body ?? '' })),
};

function requestOf(options: NetworkRequestOptions | undefined): RequestInit {
  return { headers: options?.headers ?? {}, redirect: 'error', signal: AbortSignal.timeout(deadlineMs) };
}

// T is msal's guess at the body; it checks what it got itself.
const readAnswer: <T>(answer: Promise<Response>) => Promise<NetworkResponse<T>> = async (answer) => {
  const response = await answer;
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    body: (await response.json()) as never,
  };
};
