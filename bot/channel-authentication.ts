import {
  AuthenticationConstants,
  AuthenticationError,
  BotFrameworkAuthentication,
  type AuthenticateRequestResult,
  type ClaimsIdentity,
  type ConnectorFactory,
  type UserTokenClient,
} from 'botframework-connector';
import { StatusCodes, type Activity } from 'botbuilder';

/** What a token must say to be one of the channel's, meant for this bot. */
export interface ChannelTokenRules {
  readonly issuer: string;
  readonly appId: string;
}

/**
 * Lets only tokens of the Teams channel pass. The SDK also accepts tokens of the emulator (any Entra app token of the
 * bot itself) and of skills (other bots), and compares `serviceUrl` on the channel's path alone; we have no skills, and
 * replies carry our own token to whatever `serviceUrl` says. So the claims are looked at before the SDK (which would
 * otherwise choose its path by unverified claims) and again on the verified identity, whichever path it came from.
 */
export class ChannelAuthentication extends BotFrameworkAuthentication {
  readonly #inner: BotFrameworkAuthentication;
  readonly #rules: ChannelTokenRules | null;
  readonly #connectors: ConnectorFactory;
  #userTokenClient: Promise<UserTokenClient> | null = null;

  /** `rules` null: authentication is switched off (development on this machine). */
  constructor(inner: BotFrameworkAuthentication, rules: ChannelTokenRules | null, connectors: ConnectorFactory) {
    super();
    this.#inner = inner;
    this.#rules = rules;
    this.#connectors = connectors;
  }

  override async authenticateRequest(activity: Activity, authHeader: string): Promise<AuthenticateRequestResult> {
    if (activity.channelId !== 'msteams') throw refused('the activity is not of the channel msteams');
    if (this.#rules !== null) checkClaims(unverifiedClaims(authHeader), activity, this.#rules);
    const result = await this.#inner.authenticateRequest(activity, authHeader);
    if (this.#rules !== null) checkClaims(verifiedClaims(result.claimsIdentity), activity, this.#rules);
    return { ...result, connectorFactory: this.#connectors };
  }

  override authenticateStreamingRequest(): Promise<AuthenticateRequestResult> {
    return Promise.reject(refused('streaming is not served'));
  }

  override authenticateChannelRequest(): Promise<ClaimsIdentity> {
    return Promise.reject(refused('skills are not served'));
  }

  override createConnectorFactory(): ConnectorFactory {
    return this.#connectors;
  }

  /** The SDK makes one for every turn although nothing here signs users in; one serves all. */
  override createUserTokenClient(identity: ClaimsIdentity): Promise<UserTokenClient> {
    this.#userTokenClient ??= this.#inner.createUserTokenClient(identity);
    return this.#userTokenClient;
  }

  override getOriginatingAudience(): string {
    return this.#inner.getOriginatingAudience();
  }
}

type Claims = (name: string) => unknown;

function checkClaims(claims: Claims, activity: Activity, rules: ChannelTokenRules): void {
  if (claims(AuthenticationConstants.IssuerClaim) !== rules.issuer) throw refused('the token is not of the channel');
  const audience = claims(AuthenticationConstants.AudienceClaim);
  if (typeof audience !== 'string' || audience.toLowerCase() !== rules.appId) {
    throw refused('the token is meant for another bot');
  }
  if (claims(AuthenticationConstants.ServiceUrlClaim) !== activity.serviceUrl) {
    throw refused('the serviceUrl is not the one of the token');
  }
}

function verifiedClaims(identity: ClaimsIdentity): Claims {
  if (!identity.isAuthenticated) throw refused('the token is not authenticated');
  return (name) => identity.getClaimValue(name);
}

function unverifiedClaims(authHeader: string): Claims {
  const payload = /^Bearer [\w-]+\.([\w-]+)\.[\w-]+$/.exec(authHeader)?.[1];
  if (payload === undefined) throw refused('there is no bearer token');
  let claims: unknown;
  try {
    claims = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
  } catch {
    throw refused('the token is not readable');
  }
  if (typeof claims !== 'object' || claims === null) throw refused('the token is not readable');
  const found = new Map<string, unknown>(Object.entries(claims));
  return (name) => found.get(name);
}

function refused(reason: string): AuthenticationError {
  return new AuthenticationError(reason, StatusCodes.UNAUTHORIZED);
}
