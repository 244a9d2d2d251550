import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Acts } from './acts.ts';
import { BotEndpoint } from './bot-endpoint.ts';
import type { IssueToken } from './bot-endpoint.ts';
import { CallLog } from './call-log.ts';
import type { Envelope } from './compose-activity.ts';
import { serveConnector } from './connector-server.ts';
import { serveControl } from './control.ts';
import { Dialogs } from './dialogs.ts';
import { FaultQueue } from './faults.ts';
import { FileShare } from './file-share.ts';
import { sendJson } from './http-body.ts';
import { Installs } from './installs.ts';
import type { PageOptions } from './page-files.ts';
import { defaultPeople, defaultTeam } from './people.ts';
import type { GroupChat, Person, Team } from './people.ts';
import { FIRST_REGION, TeamsState } from './state.ts';
import { ViewRefresh } from './view-refresh.ts';
import { waitForChange } from './wait-for-change.ts';

/** The part of Entra that a channel needs; `startEntra` returns it. */
export interface ChannelIdentity {
  issueConnectorToken: IssueToken;
  verifyBotToken: (token: string) => Promise<{ appId: string }>;
}

export interface TeamsOptions {
  /** The bot's messaging endpoint. May be set later through `endpoint.url`. */
  botUrl?: string;
  appId: string;
  tenantId: string;
  botName?: string;
  /** Without it nothing is signed and nothing checked, for a bot without an app id. */
  entra?: ChannelIdentity;
  people?: Person[];
  team?: Team;
  groups?: readonly GroupChat[];
  /** 0 (the default) takes any free port. */
  port?: number;
  /** Milliseconds since 1970. */
  now?: () => number;
  /** How long Teams waits for the bot; 15 s. */
  answerTimeoutMs?: number;
  /** Fetch user-specific views by itself when messages appear (default), as open clients do. */
  autoRefresh?: boolean;
  /** Answer 429 where Teams' own limits would be exceeded; otherwise they are only recorded. */
  enforceRateLimits?: boolean;
  page?: PageOptions;
}

export interface Teams {
  /** The demo page and the control API, `http://127.0.0.1:PORT`. */
  url: string;
  serviceUrl: string;
  bot: Envelope['bot'];
  state: TeamsState;
  acts: Acts;
  dialogs: Dialogs;
  installs: Installs;
  views: ViewRefresh;
  files: FileShare;
  faults: FaultQueue;
  log: CallLog;
  endpoint: BotEndpoint;
  /** Resolves with the first truthy result of `look`, which runs now and after every change; rejects after `timeoutMs`. */
  waitFor: <T>(look: () => T | undefined | null | false, options?: { timeoutMs?: number; what?: string }) => Promise<T>;
  close: () => Promise<void>;
}

/** Teams and the Bot Connector on loopback: routes for the bot, acts for people, a control API and a page. */
export async function startTeams(options: TeamsOptions): Promise<Teams> {
  const now = options.now ?? Date.now;
  const state = new TeamsState({
    people: options.people ?? defaultPeople(options.tenantId),
    team: options.team ?? defaultTeam(),
    groups: options.groups ?? [],
    tenantId: options.tenantId,
    now,
  });
  const log = new CallLog();
  const faults = new FaultQueue();
  const { entra, appId } = options;

  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const serviceUrl = `${url}/${FIRST_REGION}/`;

  const bot = { id: `28:${appId}`, name: options.botName ?? 'Mailroom' };
  const context: Envelope = { bot, serviceUrl, tenantId: options.tenantId, team: state.team, now };
  const endpoint = new BotEndpoint(options.botUrl, {
    appId,
    serviceUrl,
    issueToken: entra === undefined ? undefined : (request) => entra.issueConnectorToken(request),
    timeoutMs: options.answerTimeoutMs ?? 15_000,
    log,
    now,
  });
  const dialogs = new Dialogs(state, endpoint, context);
  const acts = new Acts(state, endpoint, context, dialogs);
  const installs = new Installs(state, endpoint, context);
  const views = new ViewRefresh(state, acts, now);
  const files = new FileShare(url);

  const connector = {
    state,
    log,
    now,
    faults,
    enforceRateLimits: options.enforceRateLimits ?? false,
    verifyBearer: entra === undefined ? undefined : checkBot(entra, appId),
    shown: (message: Parameters<ViewRefresh['shown']>[0]) => {
      if (options.autoRefresh !== false) views.shown(message);
    },
  };
  const teams: Teams = {
    url,
    serviceUrl,
    bot,
    state,
    acts,
    dialogs,
    installs,
    views,
    files,
    faults,
    log,
    endpoint,
    waitFor: (look, wait) => waitForChange(state, look, wait),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };

  server.on('request', (request, response) => {
    const path = request.url ?? '/';
    const work = /^\/\w+\/v3\//.test(path)
      ? serveConnector(connector, request, response)
      : serveControl(teams, options.page ?? {}, request, response);
    work.catch((error: unknown) => {
      if (response.headersSent) response.end();
      else sendJson(response, 500, { error: { message: error instanceof Error ? error.message : 'failed' } });
    });
  });
  return teams;
}

/** A token of another application must not pass, however well it is signed. */
function checkBot(entra: ChannelIdentity, appId: string): (token: string) => Promise<void> {
  return async (token) => {
    const verified = await entra.verifyBotToken(token);
    if (verified.appId !== appId) throw new Error('the token belongs to another application');
  };
}
