import type {
  ConnectionReport,
  DirectoryReport,
  DirectoryRequest,
  Exchange,
  FindServerRequest,
  MailboxTestReport,
  MailboxTestRequest,
  ServerAccess,
} from '../../services/exchange/exchange-port.ts';
import type { DiscoveryReport, DiscoveryStep } from '../../services/model/discovery.ts';
import type { Check } from '../../services/model/draft.ts';
import type { Fault } from '../../services/model/fault.ts';
import type { Direction } from '../../services/model/mailbox.ts';
import { identifyServer } from '../../services/model/profile.ts';

/** What a mailbox answers: one fault for every direction, or one a direction. */
export type Answer = Fault | null | Readonly<Partial<Record<Direction, Fault>>>;

export interface TestCall extends MailboxTestRequest {
  readonly access: ServerAccess;
  readonly signal: AbortSignal | undefined;
}

/** The password that a call came with; none where a token signs in. */
export function passwordOf(access: Pick<ServerAccess, 'authentication'> | undefined): string | undefined {
  const authentication = access?.authentication;
  return authentication === undefined || authentication.scheme === 'oauth'
    ? undefined
    : authentication.password.reveal();
}

/** Whatever secret a call came with. */
export function secretOf({ authentication }: Pick<ServerAccess, 'authentication'>): string {
  return (authentication.scheme === 'oauth' ? authentication.secret : authentication.password).reveal();
}

/** Exchange as a test writes it: answers by address, and calls that wait until they are let go. */
export class ScriptedExchange implements Exchange {
  readonly tests: TestCall[] = [];
  readonly connections: { readonly access: ServerAccess; readonly probeAddress: string }[] = [];
  /** Asked for each test; a throw is a bug of the wire, not a fault. */
  answer: (address: string, access: ServerAccess) => Answer | Promise<Answer> = () => null;
  /** The server is known to be out of reach: everybody has this fault, and nobody is asked. */
  circuit: Fault | null = null;
  /** Of which server that is said; null: of every one. */
  circuitAt: string | null = null;
  readonly searches: FindServerRequest[] = [];
  /** What a search comes to: unless a test says otherwise, the domain's own Autodiscover names `mail.DOMAIN`. */
  search: (request: FindServerRequest) => DiscoveryReport | Promise<DiscoveryReport> = ({ address }) =>
    foundAt(`https://mail.${domainOf(address)}/EWS/Exchange.asmx`, `autodiscover.${domainOf(address)}`);
  readonly questions: (DirectoryRequest & { readonly access: ServerAccess })[] = [];
  /** What the address book says: unless a test says otherwise, that it knows nobody. */
  directory: (request: DirectoryRequest) => DirectoryReport | Promise<DirectoryReport> = () => ({
    entries: [],
    isComplete: true,
    fault: null,
  });
  /** What the next checks of a connection end with. */
  connection: Fault | null = null;
  /** The same by server. */
  connectionAt: (access: ServerAccess) => Fault | null = () => this.connection;
  /** Runs while a check is under way, after its first step was heard of. */
  duringCheck: () => Promise<void> = () => Promise.resolve();

  async testMailbox(
    access: ServerAccess,
    request: MailboxTestRequest,
    signal?: AbortSignal,
  ): Promise<MailboxTestReport> {
    const { circuit, circuitAt } = this;
    if (circuit !== null && (circuitAt === null || circuitAt === access.serverLocation)) {
      const phases = request.directions.map((direction) => ({ direction, fault: circuit, durationMs: 0 }));
      return { phases, markerFound: false, calls: 0, circuitOpen: true };
    }
    this.tests.push({ ...request, access, signal });
    const answer = await this.answer(request.address, access);
    return {
      phases: request.directions.map((direction) => ({
        direction,
        fault: isFault(answer) ? answer : (answer?.[direction] ?? null),
        durationMs: 5,
      })),
      markerFound: request.lookForMarker,
      calls: 8,
      circuitOpen: false,
    };
  }

  async checkConnection(
    access: ServerAccess,
    probeAddress: string,
    onCheck: (checks: readonly Check[]) => void,
  ): Promise<ConnectionReport> {
    this.connections.push({ access, probeAddress });
    const checks: Check[] = [{ name: 'address', fault: null, seen: {}, durationMs: 1 }];
    onCheck(checks);
    await this.duringCheck();
    const fault = this.connectionAt(access);
    const all = [...checks, { name: 'authentication', fault, seen: {}, durationMs: 2 } as const];
    onCheck(all);
    return { checks: all, server: fault === null ? identifyServer('15.2.1118.7') : null, fault };
  }

  async findServer(request: FindServerRequest): Promise<DiscoveryReport> {
    this.searches.push(request);
    return this.search(request);
  }

  async askDirectory(access: ServerAccess, request: DirectoryRequest): Promise<DirectoryReport> {
    this.questions.push({ ...request, access });
    return this.directory(request);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** Makes every test wait; the returned function lets them all go with this answer. */
  hold(): { readonly waiting: () => number; release(answer?: Answer): void } {
    let letGo: ((answer: Answer) => void)[] = [];
    this.answer = () => new Promise((resolve) => void letGo.push(resolve));
    return {
      waiting: () => letGo.length,
      release: (answer = null) => {
        for (const resolve of letGo) resolve(answer);
        letGo = [];
        this.answer = () => answer;
      },
    };
  }
}

function isFault(answer: Answer): answer is Fault {
  return answer !== null && 'code' in answer;
}

const domainOf = (address: string): string => address.split('@')[1] ?? '';

const step = (host: string, note: DiscoveryStep['note'], fault: Fault | null = null): DiscoveryStep => ({
  at: 0,
  url: `https://${host}/autodiscover/autodiscover.svc`,
  what: 'soap',
  status: fault === null ? 200 : null,
  fault,
  note,
});

/** A search that found an address, named by a host. */
export const foundAt = (serverLocation: string, host: string): DiscoveryReport => ({
  kind: 'found',
  found: { serverLocation, source: 'soap', host, foundAt: 0 },
  trace: [step(host, { code: 'found', params: { host: URL.parse(serverLocation)?.host ?? '' } })],
});

/** A search that stopped at a host outside the domain that asks for the credential. */
export const askedBy = (host: string): DiscoveryReport => ({
  kind: 'confirm-host',
  host,
  trace: [step(host, { code: 'confirmation-needed', params: { host } })],
});

/** A search that came to nothing. */
export const notFound = (fault: Fault, host = 'autodiscover.contoso.test'): DiscoveryReport => ({
  kind: 'fault',
  fault,
  trace: [step(host, { code: 'failed', params: {} }, fault)],
});

export const storeUnavailable: Fault = { code: 'ErrorMailboxStoreUnavailable', params: {} };
export const noSuchMailbox: Fault = { code: 'ErrorNonExistentMailbox', params: {} };
export const sendAsDenied: Fault = { code: 'ErrorSendAsDenied', params: {} };
export const refusedPassword: Fault = { code: 'CredentialRefused', params: {} };
