import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startExchange } from '../../sandbox/exchange/index.ts';
import type { Authentication, PasswordAuthentication, ServerAccess } from '../../services/exchange/exchange-port.ts';
import type { Fault } from '../../services/model/fault.ts';
import { detailErrors, emptyValues } from '../../services/model/draft-values.ts';
import { Secret } from '../../services/secrets/secret.ts';
import { problemsOf } from './fault-problems.ts';
import { allCells, expectedEnd, impossible, type Cell } from './matrix-cells.ts';
import { authentications, products, type End } from './matrix-faults.ts';
import {
  addressOf,
  clientIdOf,
  deadlineMs,
  otherResource,
  resource,
  startMatrixStage,
  strangerApp,
  tenantId,
  vaultApp,
  vaultSecret,
  type MatrixStage,
} from './matrix-stage.ts';

/** Address, connection, TLS, offer (asked twice at most) and the call; a search has as many requests again. */
const longestMs = 12 * deadlineMs;
/** Entra and Key Vault have a deadline of their own, one after the other. */
const longestTokenMs = 30_000;
/** Cells at a time: enough to wait for the slow ones together, few enough for two cores. */
const lanes = 24;

interface Outcome {
  readonly end: End;
  readonly fault: Fault | null;
  readonly ms: number;
}

const played = allCells.filter((cell) => impossible(cell) === null);
const outcomes = new Map<Cell, Outcome>();
const unhandled: unknown[] = [];
const onUnhandled = (reason: unknown): void => void unhandled.push(reason);
let stage: MatrixStage;
let handlesBefore: string[] = [];
let handlesAfter: string[] = [];
let mostHandles = 0;
let playedMs = 0;

/** Sockets of the stand-ins, whose other ends are Mailroom's, and the channels to its threads. */
const handles = (): string[] =>
  process
    .getActiveResourcesInfo()
    .filter((name) => /Socket|TLS|MessagePort|Worker/.test(name))
    .sort();

beforeAll(async () => {
  process.on('unhandledRejection', onUnhandled);
  stage = await startMatrixStage(played);
  handlesBefore = handles();
  await lockAccounts();
  const startedAt = performance.now();
  const waiting = played.values();
  await Promise.all(
    Array.from({ length: lanes }, async () => {
      for (const cell of waiting) {
        outcomes.set(cell, await play(cell));
        mostHandles = Math.max(mostHandles, handles().length);
      }
    }),
  );
  playedMs = performance.now() - startedAt;
  await stage.closeClients();
  handlesAfter = await settledHandles();
}, 120_000);
afterAll(async () => {
  await stage.close();
  process.off('unhandledRejection', onUnhandled);
});

/** The stand-ins hear of closed sockets a moment later. */
async function settledHandles(): Promise<string[]> {
  for (let turns = 0; handles().length > handlesBefore.length && turns < 500; turns += 1) {
    await new Promise((resolve) => void setImmediate(resolve));
  }
  return handles();
}

/** One wrong password each, which is what the account of such a server bears. */
async function lockAccounts(): Promise<void> {
  const locked = played.filter(({ fault }) => fault.at === 'server' && fault.isLocked === true);
  for (const { standIn } of new Set(locked.map(stage.serverOf))) {
    const cell = locked.find((one) => stage.serverOf(one).standIn === standIn);
    if (cell === undefined) continue;
    const access = accessOf(cell, standIn.ews);
    const authentication = { ...passwordOf(cell), scheme: 'basic', password: new Secret('wrong') } as const;
    const wrong = { ...access, authentication, credentialId: `lock-${standIn.port}` };
    await stage.exchangeOf(cell.fault).checkConnection(wrong, addressOf(cell, stage.serverOf(cell)), () => undefined);
    expect(standIn.isLocked()).toBe(true);
  }
}

async function play(cell: Cell): Promise<Outcome> {
  const startedAt = performance.now();
  const server = stage.serverOf(cell);
  const exchange = stage.exchangeOf(cell.fault);
  const address = addressOf(cell, server);
  const outcome = (end: End, fault: Fault | null): Outcome => ({ end, fault, ms: performance.now() - startedAt });
  let location = server.standIn.ews;
  if (cell.usesAutodiscover) {
    const report = await exchange.findServer({
      address,
      authentication: passwordOf(cell),
      credentialId: cell.id,
      confirmedHosts: [],
      declinedHosts: [],
    });
    if (report.kind === 'confirm-host') return outcome('confirm-host', null);
    if (report.kind === 'fault') return outcome(report.fault.code, report.fault);
    location = report.found.serverLocation;
  }
  const { fault } = await exchange.checkConnection(accessOf(cell, location), address, () => undefined);
  return outcome(fault?.code ?? null, fault);
}

function accessOf(cell: Cell, serverLocation: string): ServerAccess {
  return {
    serverLocation,
    // The gate keeps accounts apart, and so the cells: a server that is busy for one is not for the next.
    account: cell.id,
    authentication: authenticationOf(cell),
    access: 'impersonation',
    credentialId: cell.id,
    maxConnections: 10,
  };
}

function passwordOf(cell: Cell): PasswordAuthentication {
  const { userName, password } = stage.serverOf(cell).standIn.serviceAccount;
  const scheme = cell.authentication === 'ntlm' ? 'ntlm' : 'basic';
  return { scheme, userName, password: new Secret(cell.fault.at === 'password' ? 'Hush-77-Wrong' : password) };
}

function authenticationOf(cell: Cell): Authentication {
  if (cell.authentication !== 'oauth') return passwordOf(cell);
  const { fault } = cell;
  const change = fault.at === 'app' ? fault.change : undefined;
  const app = {
    tenant: tenantId,
    clientId: clientIdOf(cell),
    resource: change === 'other audience' ? otherResource : resource,
  };
  if (fault.at === 'vault') {
    const certificate = {
      source: 'key-vault',
      vaultUrl: stage.vaultOf(fault).url,
      certificateName: fault.secret ?? 'hma',
      clientId: fault.isStranger === true ? strangerApp : vaultApp,
    } as const;
    return { scheme: 'oauth', app: { ...app, certificate }, secret: new Secret(vaultSecret) };
  }
  const own = change === 'ended certificate' ? stage.endedCertificate : stage.certificate;
  const secret = new Secret(change === 'no certificate' ? 'no PEM' : own.withKey);
  return { scheme: 'oauth', app: { ...app, certificate: { source: 'file' } }, secret };
}

describe.each(products)('Exchange %s', (product) => {
  test.each(authentications)('with %s ends every cell in its code', (authentication) => {
    const cells = played.filter((cell) => cell.product === product && cell.authentication === authentication);
    expect(cells.length).toBeGreaterThan(0);
    const ends = Object.fromEntries(cells.map((cell) => [cell.name, outcomes.get(cell)?.end]));
    expect(ends).toEqual(Object.fromEntries(cells.map((cell) => [cell.name, expectedEnd(cell)])));
  });
});

test('no cell takes longer than its deadlines', () => {
  const late = played.filter((cell) => {
    const limit = longestMs + (cell.authentication === 'oauth' ? longestTokenMs : 0);
    return (outcomes.get(cell)?.ms ?? Infinity) > limit;
  });
  expect(late.map(({ name }) => name)).toEqual([]);
});

test('every fault has what its sentence needs, and no secret', () => {
  const problems = played.flatMap((cell) => {
    const fault = outcomes.get(cell)?.fault ?? null;
    const { password } = stage.serverOf(cell).standIn.serviceAccount;
    const secrets = [password, 'Hush-77-Wrong', vaultSecret, stage.certificate.withKey.slice(40, 100)];
    return fault === null ? [] : problemsOf(fault, secrets).map((problem) => `${cell.name}: ${problem}`);
  });
  expect(problems).toEqual([]);
});

test('nothing is left: no rejection, no handle, and what hung was hung up on', () => {
  expect(unhandled).toEqual([]);
  expect(handlesAfter).toEqual(handlesBefore);
  // They can be seen at all.
  expect(mostHandles).toBeGreaterThan(20);
  const hung = played.filter((cell) => cell.fault.at === 'ews' && cell.fault.action === 'hang');
  const open = hung.filter((cell) => {
    const server = stage.serverOf(cell);
    const address = addressOf(cell, server);
    const entries = server.standIn.requests().filter(({ mailbox }) => mailbox === address);
    return expectedEnd(cell) === 'DeadlineExceeded' && !entries.some(({ status }) => status === 0);
  });
  expect(open.map(({ name }) => name)).toEqual([]);
});

describe('impossible cells', () => {
  test('of OAuth with Autodiscover are refused by the rules of a draft', () => {
    const values = { ...emptyValues, authentication: 'oauth', autodiscover: 'active' } as const;
    const rules = {
      nameTaken: () => false,
      checkServerLocation: () => null,
      checkVaultUrl: () => null,
      ntlmAllowed: true,
    };
    expect(detailErrors(values, rules).autodiscover).toBe('profile.oauth-no-autodiscover');
  });

  test('of 2013 SP1 with tokens have no server: the stand-in refuses to be one', async () => {
    const asked = { product: '2013sp1', verifyBearer: () => Promise.resolve() } as const;
    await expect(startExchange(asked)).rejects.toThrow('no Hybrid Modern Authentication');
  });

  test('of an address that was typed ask nobody about it', () => {
    const typed = played.filter(({ usesAutodiscover }) => !usesAutodiscover);
    const asked = new Set(
      stage.servers.flatMap(({ standIn }) => standIn.autodiscoverRequests().map(({ address }) => address)),
    );
    expect(typed.filter((cell) => asked.has(addressOf(cell, stage.serverOf(cell)))).map(({ name }) => name)).toEqual(
      [],
    );
  });
});

test('the matrix is whole', () => {
  const reasons = Map.groupBy(
    allCells.map(impossible).filter((reason) => reason !== null),
    (reason) => reason,
  );
  const marked = [...reasons].map(([reason, cells]) => `${cells.length} ${reason}`).join(', ');
  const ends = new Set([...outcomes.values()].map(({ end }) => end));
  console.log(
    `${allCells.length} cells: ${played.length} played in ${(playedMs / 1000).toFixed(1)} s with ${ends.size} different ends; impossible: ${marked}`,
  );
  expect(outcomes.size).toBe(played.length);
});
