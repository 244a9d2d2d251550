import { CallerIdConstants, CloudAdapter, type Activity, type TurnContext } from 'botbuilder';
import {
  AuthenticationConstants,
  AuthenticationError,
  BotFrameworkAuthenticationFactory,
  ClaimsIdentity,
  type AuthenticateRequestResult,
  type ConnectorClient,
} from 'botframework-connector';
import { tenantOf } from './activity-schema.ts';
import { ChannelAuthentication } from './channel-authentication.ts';
import type { Config } from './config.ts';
import { ConnectorClients } from './connector-clients.ts';
import { ConnectorCredentialsFactory, createAccessTokens } from './connector-credentials.ts';
import { reference, type BotLog } from './log.ts';

/** What goes back over HTTP; a body only for invokes. */
export interface TurnAnswer {
  readonly status: number;
  readonly body?: unknown;
}

/** The SDK's adapter, with answers as values: its own `process` tells the caller the text of every error. */
export class MailroomAdapter extends CloudAdapter {
  readonly #log: BotLog;
  readonly #tenants: readonly string[];
  readonly #deliveryClients: ConnectorClients;
  readonly #authenticationDeadlineMs: number;

  constructor(options: {
    authentication: ChannelAuthentication;
    deliveryClients: ConnectorClients;
    tenants: readonly string[];
    log: BotLog;
    authenticationDeadlineMs?: number;
  }) {
    super(options.authentication);
    this.#log = options.log;
    this.#tenants = options.tenants;
    this.#deliveryClients = options.deliveryClients;
    this.#authenticationDeadlineMs = options.authenticationDeadlineMs ?? 8000;
  }

  /**
   * Authenticates a checked activity and runs the turn. Answers 401 for a token that is not the channel's, 403 for a
   * tenant that is not served, 503 when the keys to check it with cannot be had. Never rejects.
   */
  async receive(
    activity: Activity,
    authorization: string,
    logic: (context: TurnContext) => Promise<void>,
  ): Promise<TurnAnswer> {
    let caller: AuthenticateRequestResult;
    try {
      caller = await within(
        this.#authenticationDeadlineMs,
        this.botFrameworkAuthentication.authenticateRequest(activity, authorization),
      );
    } catch (error) {
      return this.#refuse(error, activity);
    }
    const tenant = tenantOf(activity);
    if (this.#tenants.length > 0 && (tenant === null || !this.#tenants.includes(tenant))) {
      this.#log.warn({ tenant, conversationId: activity.conversation.id }, 'activity of a tenant that is not served');
      return { status: 403 };
    }
    try {
      const answer = await this.processActivity(caller, readDates(activity), logic);
      return answer === undefined ? { status: 200 } : { status: answer.status, body: answer.body as unknown };
    } catch (error) {
      this.#log.error({ reference: reference(), activity, error }, 'turn failed');
      return { status: 500 };
    }
  }

  /** For deliveries outside a turn: the client repeats nothing by itself. */
  connectorFor(serviceUrl: string): Promise<ConnectorClient> {
    return this.#deliveryClients.create(serviceUrl);
  }

  #refuse(error: unknown, activity: Activity): TurnAnswer {
    const reason = error instanceof Error ? `${error.name}: ${error.message}` : 'unknown';
    // Keys that cannot be fetched are our trouble, not the caller's: the channel then tries again.
    if (!isRefusal(error)) {
      this.#log.error({ reference: reference(), reason }, 'the token of an activity cannot be checked');
      return { status: 503 };
    }
    this.#log.warn({ reason, conversationId: activity.conversation.id }, 'activity refused');
    return { status: 401 };
  }
}

/** The adapter over the configured Entra, JWT checks on; without an app no checks and unsigned calls. */
export function createAdapter(config: Pick<Config, 'app' | 'botFramework' | 'tenants'>, log: BotLog): MailroomAdapter {
  const { app, botFramework } = config;
  const tokens = app === null ? null : createAccessTokens(app, botFramework, log);
  const inner = BotFrameworkAuthenticationFactory.create(
    '',
    botFramework.validateAuthority,
    botFramework.loginUrl,
    botFramework.oauthScope,
    botFramework.channelTokenIssuer,
    botFramework.oauthUrl,
    botFramework.channelOpenIdMetadataUrl,
    botFramework.emulatorOpenIdMetadataUrl,
    CallerIdConstants.PublicAzureChannel,
    new ConnectorCredentialsFactory(app?.id ?? null, tokens),
    { requiredEndorsements: [] },
  );
  const identity = new ClaimsIdentity([
    { type: AuthenticationConstants.AudienceClaim, value: app?.id ?? '' },
    { type: AuthenticationConstants.AppIdClaim, value: app?.id ?? '' },
  ]);
  const rules = app === null ? null : { issuer: botFramework.channelTokenIssuer, appId: app.id };
  return new MailroomAdapter({
    authentication: new ChannelAuthentication(inner, rules, new ConnectorClients(inner, identity, { retries: true })),
    deliveryClients: new ConnectorClients(inner, identity, { retries: false }),
    tenants: config.tenants,
    log,
  });
}

/** The SDK fetches the channel's keys without a deadline, and the service gives up on us after 10 to 15 s (facts C4). */
async function within<T>(deadlineMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('no answer in time')), deadlineMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** True when the token is at fault; jsonwebtoken's errors pass through the SDK as they are. */
function isRefusal(error: unknown): boolean {
  if (error instanceof AuthenticationError) return error.statusCode === 401;
  return error instanceof Error && /^(JsonWebToken|TokenExpired|NotBefore)Error$/.test(error.name);
}

/** As the SDK's own entry does it (botbuilder, activityValidator): times of the wire become dates. */
function readDates(activity: Activity): Activity {
  const copy = { ...activity };
  for (const name of ['timestamp', 'localTimestamp', 'expiration'] as const) {
    const text: unknown = copy[name];
    if (typeof text === 'string') copy[name] = new Date(text);
  }
  return copy;
}
