import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEntra, type Entra } from '../../sandbox/entra/start-entra.ts';
import { startKeyVault, type KeyVault, type VaultSecret } from '../../sandbox/entra/key-vault.ts';
import type { Application } from '../../sandbox/entra/token-endpoint.ts';
import {
  startExchange,
  type ExchangeOptions as StandInOptions,
  type ExchangeStandIn,
} from '../../sandbox/exchange/index.ts';
import { createExchange, type ExchangeOptions, type GatedExchange } from '../../services/exchange/exchange.ts';
import { makeCertificate, type OwnCertificate } from '../exchange/oauth/certificate-samples.ts';
import type { Cell } from './matrix-cells.ts';
import { anotherServer, faults, itself, products, type MatrixFault, type MatrixProduct } from './matrix-faults.ts';

export const deadlineMs = 4000;
export const tenantId = '5f1b2c3d-0000-4c0a-9a7e-c0470500a001';
export const resource = 'https://mail.contoso.test';
export const otherResource = 'https://other.contoso.test';
export const strangerApp = '3a11f00a-0000-4b07-8b07-3a1120030009';
export const vaultApp = '3a11f00a-0000-4b07-8b07-3a1120030003';
export const vaultSecret = 'Hush-77-Vault';
const day = 86_400_000;

/** One server: its Autodiscover is asked for the addresses of a domain of its own. */
export interface MatrixServer {
  readonly standIn: ExchangeStandIn;
  readonly domain: string;
}

export interface MatrixStage {
  readonly serverOf: (cell: Cell) => MatrixServer;
  readonly exchangeOf: (fault: MatrixFault) => GatedExchange;
  readonly vaultOf: (fault: MatrixFault) => KeyVault;
  readonly servers: readonly MatrixServer[];
  readonly certificate: OwnCertificate;
  readonly endedCertificate: OwnCertificate;
  /** Ends what Mailroom has; the stand-ins stay, so that what it left open can be seen. */
  readonly closeClients: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** The application of a cell: each has one of its own, since a refusal is of an application. */
export const clientIdOf = ({ id }: Cell): string => `app-${id}`;
export const addressOf = ({ id }: Cell, { domain }: MatrixServer): string => `${id}@${domain}`;

const keyOf = (product: MatrixProduct, fault: MatrixFault): string =>
  fault.at === 'server' ? `${product}-${faults.indexOf(fault)}` : product;

/** Every server, sign-in service and vault that the cells need, with all that is wrong in place. */
export async function startMatrixStage(cells: readonly Cell[]): Promise<MatrixStage> {
  const [certificate, endedCertificate] = await Promise.all([
    makeCertificate(new Date(Date.now() - day), new Date(Date.now() + 30 * day)),
    makeCertificate(new Date(Date.now() - 20 * day), new Date(Date.now() - day)),
  ]);
  const entra = await startEntra({
    tenantId,
    applications: applicationsOf(cells, certificate),
    resources: [resource, otherResource, 'https://vault.azure.net'],
  });
  const vaults = await startVaults(entra, certificate);
  const tlsDir = await mkdtemp(join(tmpdir(), 'mailroom-matrix-'));
  const servers = new Map<string, MatrixServer>();
  for (const product of products) {
    for (const fault of [null, ...faults]) {
      if (fault !== null && fault.at !== 'server') continue;
      const key = fault === null ? product : keyOf(product, fault);
      servers.set(key, await startServer(product, fault, entra, tlsDir, key));
    }
  }
  const serverOf = ({ product, fault }: Cell): MatrixServer => found(servers.get(keyOf(product, fault)));
  prepareServers(cells, serverOf, found([...servers.values()].at(-1)));

  const authorities = new Set([...servers.values()].map(({ standIn }) => standIn.caCertificate));
  const vaultOf = (fault: MatrixFault): KeyVault =>
    found(vaults.get(fault.at === 'vault' ? (fault.misbehaviour ?? 'well') : 'well'));
  const options: ExchangeOptions = {
    allowList: ['127.0.0.0/8'],
    extraCa: [entra.caPem, ...authorities].join('\n'),
    deadlineMs,
    proxy: null,
    loginUrl: entra.url,
    autodiscoverAddresses: new Map([...servers.values()].map(({ standIn, domain }) => [domain, standIn.autodiscover])),
  };
  const withVault = ({ host, resource: vaultResource }: KeyVault): ExchangeOptions => ({
    ...options,
    vaultStandIn: { host, resource: vaultResource },
  });
  const exchanges = new Map([...vaults].map(([name, vault]) => [name, createExchange(withVault(vault))]));
  // Nobody listens on the port of the discard service.
  exchanges.set('login', createExchange({ ...options, loginUrl: 'https://127.0.0.1:9' }));

  return {
    serverOf,
    vaultOf,
    exchangeOf: (fault) => {
      const name = fault.at === 'login' ? 'login' : fault.at === 'vault' ? (fault.misbehaviour ?? 'well') : 'well';
      return found(exchanges.get(name));
    },
    servers: [...servers.values()],
    certificate,
    endedCertificate,
    closeClients: async () => {
      await Promise.all([...exchanges.values()].map((exchange) => exchange.close()));
    },
    close: async () => {
      await Promise.all([...servers.values()].map(({ standIn }) => standIn.close()));
      await Promise.all([...vaults.values()].map((vault) => vault.close()));
      await entra.close();
      await rm(tlsDir, { recursive: true });
    },
  };
}

function found<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('the stage lacks a part');
  return value;
}

function applicationsOf(cells: readonly Cell[], certificate: OwnCertificate): Application[] {
  const own = cells.map((cell): Application => {
    const { fault } = cell;
    const isApp = fault.at === 'app';
    return {
      clientId: clientIdOf(cell),
      certificatePem: certificate.pem,
      roles: isApp && fault.change === 'no role' ? [] : ['full_access_as_app'],
      ...(isApp && fault.refusal !== undefined ? { refusal: fault.refusal } : {}),
    };
  });
  return [...own, ...[vaultApp, strangerApp].map((clientId) => ({ clientId, secret: vaultSecret }))];
}

/** One that works, and one for each way not to. */
async function startVaults(entra: Entra, { withKey }: OwnCertificate): Promise<ReadonlyMap<string, KeyVault>> {
  const secrets = new Map<string, VaultSecret>([
    ['hma', { value: withKey, contentType: 'application/x-pem-file' }],
    ['disabled', { value: withKey, contentType: 'application/x-pem-file', disabled: true }],
  ]);
  const start = (): Promise<KeyVault> => startKeyVault({ entra, secrets, readers: [vaultApp] });
  const vaults = new Map([['well', await start()]]);
  for (const fault of faults) {
    if (fault.at !== 'vault' || fault.misbehaviour === undefined) continue;
    const vault = await start();
    vault.misbehave(fault.misbehaviour);
    vaults.set(fault.misbehaviour, vault);
  }
  return vaults;
}

async function startServer(
  product: MatrixProduct,
  fault: (MatrixFault & { readonly at: 'server' }) | null,
  entra: Entra,
  tlsDir: string,
  key: string,
): Promise<MatrixServer> {
  const takesTokens = product !== '2013sp1' && fault?.takesTokens !== false;
  const tokens: StandInOptions = {
    audience: resource,
    verifyBearer: (token) => entra.verifyToken(token, resource),
  };
  const standIn = await startExchange({
    product,
    tlsDir,
    schemes: ['Negotiate', 'NTLM', 'Basic'],
    // The cells of one account run side by side, and none is about that.
    concurrency: 10_000,
    ...(takesTokens ? tokens : {}),
    ...fault?.options,
  });
  return { standIn, domain: `${key}.test` };
}

/** The mailbox of each cell, and what happens to whoever asks for it. `spare` serves no cell of Autodiscover's faults. */
function prepareServers(cells: readonly Cell[], serverOf: (cell: Cell) => MatrixServer, spare: MatrixServer): void {
  const byServer = Map.groupBy(cells, serverOf);
  for (const [server, own] of byServer) {
    const { standIn } = server;
    const known = own.filter(({ fault }) => fault.at !== 'mailbox');
    standIn.addMailboxes(known.map((cell) => ({ address: addressOf(cell, server), displayName: cell.id })));
    standIn.setFaults(
      own.flatMap((cell) =>
        cell.fault.at === 'ews' ? [{ mailbox: addressOf(cell, server), then: cell.fault.action }] : [],
      ),
    );
    standIn.setAutodiscoverRules(
      own.flatMap((cell) => {
        if (cell.fault.at !== 'autodiscover') return [];
        const address = addressOf(cell, server);
        return [{ address, then: filledIn(cell.fault.action, address, spare.standIn.autodiscover) }];
      }),
    );
  }
}

type AutodiscoverAction = Extract<MatrixFault, { readonly at: 'autodiscover' }>['action'];

function filledIn(action: AutodiscoverAction, address: string, elsewhere: string): AutodiscoverAction {
  if (typeof action !== 'object') return action;
  if ('redirectAddress' in action && action.redirectAddress === itself) return { redirectAddress: address };
  return 'redirectUrl' in action && action.redirectUrl === anotherServer ? { redirectUrl: elsewhere } : action;
}
