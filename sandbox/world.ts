import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, startBotProcess, type BotProcess } from './bot-process.ts';
import { startEntra, type Entra } from './entra/start-entra.ts';
import {
  demoFaults,
  demoMailboxes,
  startExchange,
  type DemoMailbox,
  type ExchangeOptions,
  type ExchangeStandIn,
} from './exchange/index.ts';
import { CONTOSO_TENANT_ID, MAILROOM_APP_ID, OBJECT_IDS } from './teams/people.ts';
import { startTeams, type Teams } from './teams/start-teams.ts';

export interface World {
  readonly entra: Entra;
  readonly exchange: ExchangeStandIn;
  readonly teams: Teams;
  readonly mailboxes: readonly DemoMailbox[];
  /** Folder of this world: data of the bot and certificates. */
  readonly folder: string;
  /** The EWS address as a person types it. */
  readonly ewsUrl: string;
  /** What the bot's process gets. */
  readonly environment: Readonly<Record<string, string>>;
  readonly botPort: number;
  startBot(more?: Readonly<Record<string, string>>): Promise<BotProcess>;
  close(): Promise<void>;
}

export interface WorldOptions {
  /** Port of the demo page; 0 takes any. */
  readonly port?: number;
  readonly exchange?: ExchangeOptions;
  /** The demo's 200 mailboxes with their faults, or others. */
  readonly mailboxes?: readonly DemoMailbox[];
  /** Shown on the page. */
  readonly page?: boolean;
  readonly retryMinutes?: number;
  readonly retryAttempts?: number;
}

/** The stand-ins around one bot, all on loopback, wired as in production: real tokens, real TLS, one private authority a server. */
export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'mailroom-'));
  const appPassword = randomBytes(24).toString('base64url');
  const mailboxes = options.mailboxes ?? demoMailboxes();
  const entra = await startEntra({
    tenantId: CONTOSO_TENANT_ID,
    applications: [{ clientId: MAILROOM_APP_ID, secret: appPassword }],
  });
  const exchange = await startExchange({ mailboxes, faults: demoFaults(mailboxes), ...options.exchange });
  const ewsUrl = exchange.ews;
  const botPort = await freePort();
  const teams = await startTeams({
    appId: MAILROOM_APP_ID,
    tenantId: CONTOSO_TENANT_ID,
    entra,
    botUrl: `http://127.0.0.1:${botPort}/api/messages`,
    port: options.port ?? 0,
    ...(options.page === true ? { page: pageOf(exchange, mailboxes) } : {}),
  });
  const caFile = join(folder, 'authorities.pem');
  await writeFile(caFile, `${entra.caPem}\n${exchange.caCertificate}\n`);

  const environment: Record<string, string> = {
    ...entra.botEnvironment(MAILROOM_APP_ID),
    MicrosoftAppPassword: appPassword,
    HOST: '127.0.0.1',
    MAILROOM_DATA_DIR: join(folder, 'data'),
    MAILROOM_KEY: randomBytes(32).toString('base64'),
    MAILROOM_PUBLIC_URL: `http://127.0.0.1:${botPort}`,
    MAILROOM_ADMINS: OBJECT_IDS.ada,
    MAILROOM_APPROVERS: OBJECT_IDS.ben,
    MAILROOM_EXCHANGE_HOSTS: '127.0.0.1/32',
    MAILROOM_RETRY_MINUTES: String(options.retryMinutes ?? 0.05),
    MAILROOM_RETRY_ATTEMPTS: String(options.retryAttempts ?? 10),
    NODE_EXTRA_CA_CERTS: caFile,
  };
  return {
    entra,
    exchange,
    teams,
    mailboxes,
    folder,
    ewsUrl,
    environment,
    botPort,
    startBot: (more = {}) => startBotProcess({ ...environment, ...more }, botPort),
    async close() {
      await teams.close();
      await exchange.close();
      await entra.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Rows as an admin pastes them from a spreadsheet. */
export function csvOf(mailboxes: readonly DemoMailbox[]): string {
  return ['address,type,owner', ...mailboxes.map(({ address, type, owner }) => `${address},${type},${owner}`)].join(
    '\n',
  );
}

function pageOf(exchange: ExchangeStandIn, mailboxes: readonly DemoMailbox[]) {
  const first = mailboxes.find((mailbox) => mailbox.trouble === undefined);
  return {
    hints: [
      { label: 'EWS address', value: exchange.ews },
      { label: 'Service account', value: exchange.serviceAccount.principalName },
      { label: 'Password', value: exchange.serviceAccount.password },
      { label: 'A mailbox to try', value: first?.address ?? '' },
    ],
    sampleCsv: `import mailboxes\n${csvOf(mailboxes)}`,
  };
}
