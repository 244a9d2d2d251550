import type {
  ConnectionReport,
  Exchange,
  MailboxTestReport,
  MailboxTestRequest,
  ServerAccess,
} from '../../services/exchange/exchange-port.ts';
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

/** The password that a call came with. */
export function passwordOf(access: ServerAccess | undefined): string | undefined {
  const authentication = access?.authentication;
  return authentication === undefined || authentication.scheme === 'bearer'
    ? undefined
    : authentication.password.reveal();
}

/** Exchange as a test writes it: answers by address, and calls that wait until they are let go. */
export class ScriptedExchange implements Exchange {
  readonly tests: TestCall[] = [];
  readonly connections: { readonly access: ServerAccess; readonly probeAddress: string }[] = [];
  /** Asked for each test; a throw is a bug of the wire, not a fault. */
  answer: (address: string) => Answer | Promise<Answer> = () => null;
  /** What the next checks of a connection end with. */
  connection: Fault | null = null;
  /** Runs while a check is under way, after its first step was heard of. */
  duringCheck: () => Promise<void> = () => Promise.resolve();

  async testMailbox(
    access: ServerAccess,
    request: MailboxTestRequest,
    signal?: AbortSignal,
  ): Promise<MailboxTestReport> {
    this.tests.push({ ...request, access, signal });
    const answer = await this.answer(request.address);
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
    const all = [...checks, { name: 'authentication', fault: this.connection, seen: {}, durationMs: 2 } as const];
    onCheck(all);
    return {
      checks: all,
      server: this.connection === null ? identifyServer('15.2.1118.7') : null,
      fault: this.connection,
    };
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

export const storeUnavailable: Fault = { code: 'ErrorMailboxStoreUnavailable', params: {} };
export const noSuchMailbox: Fault = { code: 'ErrorNonExistentMailbox', params: {} };
export const sendAsDenied: Fault = { code: 'ErrorSendAsDenied', params: {} };
export const refusedPassword: Fault = { code: 'CredentialRefused', params: {} };
