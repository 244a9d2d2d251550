import { z } from 'zod';
import type { RetryRule } from '../services/model/test-outcome.ts';
import { Secret } from '../services/secrets/secret.ts';
import { botFrameworkVariables, readBotFramework, type BotFrameworkEndpoints } from './config-bot-framework.ts';
import { ConfigError } from './config-error.ts';
import { exchangeVariables, readExchange, type ExchangeConfig } from './config-exchange.ts';
import { fileVariables } from './config-files.ts';
import { readStore, storeVariables, type StoreConfig } from './config-store.ts';
import { choice, guid, list, number, portOrOff, readVariables, secureUrl, word } from './config-values.ts';
import { isLoopbackHost } from './loopback.ts';

/** The bot's registration in Entra. `MicrosoftAppType` is always SingleTenant: new multi-tenant bots cannot be made. */
export interface BotApp {
  readonly id: string;
  readonly password: Secret;
  readonly tenantId: string;
}

/** Everything that `npm start` reads from its environment, checked (INTERFACES.md, "Environment of npm start"). */
export interface Config extends StoreConfig {
  readonly host: string;
  readonly port: number;
  /** Of `GET /metrics`, on 127.0.0.1 whatever HOST is. Null: none. */
  readonly metricsPort: number | null;
  /** Null: no authentication, for development on this machine only. */
  readonly app: BotApp | null;
  readonly botFramework: BotFrameworkEndpoints;
  /** Origin and path of the one-time form, without a slash at the end. */
  readonly publicUrl: string;
  readonly admins: readonly string[];
  readonly approvers: readonly string[];
  readonly auditors: readonly string[];
  /** Entra tenants whose people may talk to the bot; empty (only without an app) means any. */
  readonly tenants: readonly string[];
  readonly exchange: ExchangeConfig;
  /** Origin of a stand-in for SharePoint on this machine, where files of chats are fetched from besides; null: none. */
  readonly fileStandIn: string | null;
  readonly retry: RetryRule;
  /** Overrides the polling interval of every profile; null: as the profiles say. */
  readonly pollIntervalMs: number | null;
  readonly logLevel: LogLevel;
}

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

const variables = z.object({
  PORT: number('must be a whole number from 0 to 65535', { least: 0, most: 65_535, whole: true }).default(3978),
  METRICS_PORT: portOrOff('must be a whole number from 0 to 65535, or off').default(9464),
  HOST: word('must be a host name or an address without spaces').default('127.0.0.1'),
  MicrosoftAppType: choice(['SingleTenant'], 'must be SingleTenant: Mailroom serves one tenant').default(
    'SingleTenant',
  ),
  MicrosoftAppId: guid('must be the GUID of the bot registration').optional(),
  MicrosoftAppPassword: z.string().optional(),
  MicrosoftAppTenantId: guid('must be the GUID of the Entra tenant').optional(),
  ...botFrameworkVariables,
  ...storeVariables,
  MAILROOM_PUBLIC_URL: secureUrl('must be an https address (http only on this machine), without a query').optional(),
  MAILROOM_ADMINS: list(guid('must be Entra object ids (GUIDs), separated by commas')).default([]),
  MAILROOM_APPROVERS: list(guid('must be Entra object ids (GUIDs), separated by commas')).default([]),
  MAILROOM_AUDITORS: list(guid('must be Entra object ids (GUIDs), separated by commas')).default([]),
  MAILROOM_TENANTS: list(guid('must be Entra tenant ids (GUIDs), separated by commas')).optional(),
  ...exchangeVariables,
  ...fileVariables,
  MAILROOM_RETRY_ATTEMPTS: number('must be a whole number from 1 to 1000', {
    least: 1,
    most: 1000,
    whole: true,
  }).default(10),
  MAILROOM_RETRY_MINUTES: number('must be a number of minutes from 0 to 10080; fractions are allowed', {
    least: 0,
    most: 10_080,
    whole: false,
  }).default(5),
  MAILROOM_POLL_MINUTES: number('must be a number of minutes from 0.01 to 1440; fractions are allowed', {
    least: 0.01,
    most: 1440,
    whole: false,
  }).optional(),
  MAILROOM_UNAUTHENTICATED: choice(['0', '1'], 'must be 1 or unset').default('0'),
  LOG_LEVEL: choice(logLevels, `must be one of ${logLevels.join(', ')}`).default('info'),
});

type Variables = z.infer<typeof variables>;

/**
 * Reads and checks the settings. Fails closed: without an app id only with an explicit flag and only on loopback
 * (DESIGN.md, law 10). Never prints the value of a secret.
 * @throws ConfigError
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const values = readVariables(variables, env);
  const app = readApp(values);
  const botFramework = readBotFramework(values, app?.tenantId ?? null);
  return {
    host: values.HOST,
    port: values.PORT,
    metricsPort: values.METRICS_PORT,
    app,
    botFramework,
    ...readStore(values),
    publicUrl: readPublicUrl(values, app),
    admins: values.MAILROOM_ADMINS,
    approvers: values.MAILROOM_APPROVERS,
    auditors: values.MAILROOM_AUDITORS,
    tenants: values.MAILROOM_TENANTS ?? (app === null ? [] : [app.tenantId]),
    exchange: readExchange(values, botFramework.loginUrl),
    fileStandIn: values.MAILROOM_FILES ?? null,
    retry: { attempts: values.MAILROOM_RETRY_ATTEMPTS, delayMs: Math.round(values.MAILROOM_RETRY_MINUTES * 60_000) },
    pollIntervalMs:
      values.MAILROOM_POLL_MINUTES === undefined ? null : Math.round(values.MAILROOM_POLL_MINUTES * 60_000),
    logLevel: values.LOG_LEVEL,
  };
}

function readApp(values: Variables): BotApp | null {
  const unauthenticated = values.MAILROOM_UNAUTHENTICATED === '1';
  if (values.MicrosoftAppId === undefined) {
    if (!unauthenticated) {
      throw new ConfigError(
        'MicrosoftAppId',
        'is missing: set it to the GUID of the bot registration (or, only for development on this machine, MAILROOM_UNAUTHENTICATED=1)',
      );
    }
    if (!isLoopbackHost(values.HOST)) {
      throw new ConfigError('HOST', 'must be a loopback address such as 127.0.0.1 while MAILROOM_UNAUTHENTICATED is 1');
    }
    return null;
  }
  if (unauthenticated) {
    throw new ConfigError('MAILROOM_UNAUTHENTICATED', 'must be unset when MicrosoftAppId is set');
  }
  if (values.MicrosoftAppPassword === undefined) {
    throw new ConfigError('MicrosoftAppPassword', 'is missing: set it to a client secret of the bot registration');
  }
  if (values.MicrosoftAppTenantId === undefined) {
    throw new ConfigError('MicrosoftAppTenantId', 'is missing: set it to the GUID of the Entra tenant of the bot');
  }
  return {
    id: values.MicrosoftAppId,
    password: new Secret(values.MicrosoftAppPassword),
    tenantId: values.MicrosoftAppTenantId,
  };
}

/** Links to the form are sent to people, so with an app id nobody guesses them; without one they are for this machine. */
function readPublicUrl(values: Variables, app: BotApp | null): string {
  if (values.MAILROOM_PUBLIC_URL !== undefined) return values.MAILROOM_PUBLIC_URL;
  if (app !== null || values.PORT === 0) {
    throw new ConfigError(
      'MAILROOM_PUBLIC_URL',
      'is missing: set it to the https address under which people reach the one-time form',
    );
  }
  return `http://${values.HOST.includes(':') ? `[${values.HOST}]` : values.HOST}:${values.PORT}`;
}
