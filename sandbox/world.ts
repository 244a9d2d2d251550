import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, startBotProcess, type BotProcess } from './bot-process.ts';
import { startEntra, type Entra } from './entra/start-entra.ts';
import { makeHybridApps, startHybridModernAuth, type HybridModernAuth } from './entra/start-hybrid-modern-auth.ts';
import {
  demoDirectory,
  demoFaults,
  demoMailboxes,
  startExchange,
  type DemoMailbox,
  type ExchangeOptions,
  type ExchangeStandIn,
} from './exchange/index.ts';
import { DEMO_LIST } from './exchange/demo/demo-directory.ts';
import { CONTOSO_TENANT_ID, MAILROOM_APP_ID, OBJECT_IDS } from './teams/people.ts';
import type { PageOptions } from './teams/page-files.ts';
import { startTeams, type Teams } from './teams/start-teams.ts';

export interface World {
  readonly entra: Entra;
  readonly exchange: ExchangeStandIn;
  readonly teams: Teams;
  /** The apps, the certificate and the vault of Hybrid Modern Authentication; the Exchange here takes its tokens. */
  readonly hybrid: HybridModernAuth;
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
  /** Short names of the approvers; Ben alone, unless more are named. */
  readonly approvers?: readonly (keyof typeof OBJECT_IDS)[];
  readonly retryMinutes?: number;
  readonly retryAttempts?: number;
}

/** The stand-ins around one bot, all on loopback, wired as in production: real tokens, real TLS, one private authority a server. */
export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'mailroom-'));
  const appPassword = randomBytes(24).toString('base64url');
  const mailboxes = options.mailboxes ?? demoMailboxes();
  const approvers = options.approvers ?? ['ben'];
  const apps = await makeHybridApps();
  const entra = await startEntra({
    tenantId: CONTOSO_TENANT_ID,
    applications: [{ clientId: MAILROOM_APP_ID, secret: appPassword }, apps.app, apps.reader],
  });
  const hybrid = await startHybridModernAuth(apps, entra);
  const exchangePort = await freePort();
  const exchange = await startExchange({
    mailboxes,
    faults: demoFaults(mailboxes),
    ...demoDirectory(mailboxes),
    schemes: { ews: ['Negotiate', 'NTLM', 'Basic'] },
    issuer: `${entra.url}/${CONTOSO_TENANT_ID}/v2.0`,
    issuerCa: entra.caPem,
    port: exchangePort,
    // What Mailroom asks a token for when no resource is typed.
    audience: `https://127.0.0.1:${exchangePort}`,
    ...options.exchange,
  });
  const ewsUrl = exchange.ews;
  const botPort = await freePort();
  const teams = await startTeams({
    appId: MAILROOM_APP_ID,
    tenantId: CONTOSO_TENANT_ID,
    entra,
    botUrl: `http://127.0.0.1:${botPort}/api/messages`,
    port: options.port ?? 0,
    ...(options.page === true
      ? { page: { ...pageOf(exchange, hybrid, mailboxes), about: aboutPeople(approvers) } }
      : {}),
  });
  const caFile = join(folder, 'authorities.pem');
  await writeFile(caFile, `${entra.caPem}\n${exchange.caCertificate}\n`);

  const environment: Record<string, string> = {
    ...entra.botEnvironment(MAILROOM_APP_ID),
    MicrosoftAppPassword: appPassword,
    HOST: '127.0.0.1',
    // Worlds run side by side.
    METRICS_PORT: '0',
    MAILROOM_DATA_DIR: join(folder, 'data'),
    MAILROOM_KEY: randomBytes(32).toString('base64'),
    MAILROOM_PUBLIC_URL: `http://127.0.0.1:${botPort}`,
    MAILROOM_ADMINS: OBJECT_IDS.ada,
    MAILROOM_APPROVERS: approvers.map((who) => OBJECT_IDS[who]).join(','),
    MAILROOM_EXCHANGE_HOSTS: '127.0.0.1/32',
    MAILROOM_AUTODISCOVER: `contoso.test=https://localhost:${exchange.port}/autodiscover/autodiscover.xml`,
    MAILROOM_KEY_VAULT: hybrid.vault.host,
    MAILROOM_FILES: teams.url,
    MAILROOM_RETRY_MINUTES: String(options.retryMinutes ?? 0.05),
    MAILROOM_RETRY_ATTEMPTS: String(options.retryAttempts ?? 10),
    NODE_EXTRA_CA_CERTS: caFile,
  };
  return {
    entra,
    exchange,
    teams,
    hybrid,
    mailboxes,
    folder,
    ewsUrl,
    environment,
    botPort,
    startBot: (more = {}) => startBotProcess({ ...environment, ...more }, botPort),
    async close() {
      await teams.close();
      await exchange.close();
      await hybrid.vault.close();
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

/** As they are when the demo begins; roles can be granted and revoked in the chat. */
function aboutPeople(approvers: readonly string[]): Record<string, string> {
  return {
    ada: 'Admin',
    cleo: 'No role',
    dora: 'No role',
    gus: 'Guest',
    fay: 'Another tenant',
    greta: 'Mailbox owner, no role',
    ...Object.fromEntries(approvers.map((who) => [who, 'Approver'])),
  };
}

/** What the demo's visitor types, chooses and hands in, one way of signing in after the other. */
function pageOf(
  exchange: ExchangeStandIn,
  { app, certificate, reader, vault, certificateName }: HybridModernAuth,
  mailboxes: readonly DemoMailbox[],
): PageOptions {
  const first = mailboxes.find((mailbox) => mailbox.trouble === undefined);
  return {
    hints: [
      { label: 'Server address (EWS)', value: exchange.ews },
      { label: 'Service account', value: exchange.serviceAccount.principalName },
      { label: 'Password', value: exchange.serviceAccount.password },
      { label: 'A mailbox to try', value: first?.address ?? '' },
      { label: 'A distribution list to import', value: DEMO_LIST },
    ],
    ways: [
      {
        title: 'With Autodiscover',
        text: 'Choose Autodiscover: Active and leave the server address empty. Account, password and mailbox are the same.',
      },
      {
        title: 'With NTLM',
        text: 'Switch it on first: type “email settings”. Address, account, password and mailbox are the same.',
      },
      {
        title: 'With Hybrid Modern Authentication (OAuth)',
        text: 'Choose OAuth and leave the service account empty; address and mailbox are the same. The second card asks for:',
        hints: [
          { label: 'Tenant', value: CONTOSO_TENANT_ID },
          { label: 'App (client) ID', value: app.clientId },
        ],
      },
      {
        title: 'Its certificate as a file',
        text: 'Download one of the two and hand it in with the form; the PEM file has no password.',
        files: [
          { name: 'mailroom-hma.pfx', content: certificate.pfx },
          { name: 'mailroom-hma.pem', content: Buffer.from(certificate.pem) },
        ],
        hints: [{ label: 'Password of the PFX file', value: certificate.password }],
      },
      {
        title: 'Or its certificate in Key Vault',
        text: 'The form then asks for the client secret of the app that reads the vault.',
        hints: [
          { label: 'Vault', value: vault.url },
          { label: 'Certificate name', value: certificateName },
          { label: 'App that reads the vault', value: reader.clientId },
          { label: 'Client secret', value: reader.secret },
        ],
      },
    ],
    sampleCsv: `import mailboxes\n${csvOf(mailboxes)}`,
  };
}
