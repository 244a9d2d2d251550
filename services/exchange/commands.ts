import type { Clock } from '../model/clock.ts';
import type { Check } from '../model/draft.ts';
import type { Fault } from '../model/fault.ts';
import { Secret } from '../secrets/secret.ts';
import type { DiscoveryResult } from './autodiscover/search-state.ts';
import type {
  ConnectionReport,
  DirectoryReport,
  DirectoryRequest,
  FindServerRequest,
  MailboxTestReport,
  MailboxTestRequest,
  ServerAccess,
  TokenAuthentication,
} from './exchange-port.ts';
import type { TokenResult } from './oauth/token-request.ts';
import type { TokenSources } from './oauth/token-sources.ts';
import { useToken } from './oauth/use-token.ts';
import type { WorkerAccess, WorkerClient } from './worker-client.ts';

/** What is done behind the gate. Rejects only when the signal ends it, or after the worker was closed. */
export interface Commands {
  test(access: ServerAccess, request: MailboxTestRequest, signal: AbortSignal): Promise<MailboxTestReport>;
  check(
    access: ServerAccess,
    probeAddress: string,
    onCheck: (checks: readonly Check[]) => void,
    signal: AbortSignal,
  ): Promise<ConnectionReport>;
  find(request: FindServerRequest, signal: AbortSignal): Promise<DiscoveryResult>;
  askDirectory(access: ServerAccess, request: DirectoryRequest, signal: AbortSignal): Promise<DirectoryReport>;
}

/** The worker's commands; where a profile signs in with a token, it is taken here and goes with the command. */
export function createCommands(worker: WorkerClient, tokensOf: TokenSources, clock: Clock): Commands {
  return {
    test(access, request, signal) {
      const { authentication } = access;
      if (authentication.scheme !== 'oauth') return worker.testMailbox({ ...access, authentication }, request, signal);
      let calls = 0;
      return useToken(tokensOf({ ...access, authentication }), {
        async run({ token, fault }) {
          if (fault !== null) return { ...untested(request, fault), calls };
          const report = await worker.testMailbox(bearing(access, token.token), request, signal);
          calls += report.calls;
          return { ...report, calls };
        },
        // Nothing was done before the first call; before a later one the test message may have been sent.
        isRefused: (report) => report.calls === 1 && report.phases.some(({ fault }) => isTokenRefused(fault)),
      });
    },
    check(access, probeAddress, onCheck, signal) {
      const { authentication } = access;
      if (authentication.scheme !== 'oauth') {
        return worker.checkConnection({ ...access, authentication }, probeAddress, null, onCheck, signal);
      }
      const tokens = tokensOf({ ...access, authentication });
      // A person asks, perhaps after a repair.
      tokens.retryNow();
      const startedAt = performance.now();
      return useToken(tokens, {
        run(result) {
          const durationMs = Math.round(performance.now() - startedAt);
          const step = { ...tokenCheck(authentication, result, clock.now()), durationMs };
          // Without a token the worker ends at that step.
          const bearer = bearing(access, result.token?.token ?? new Secret(''));
          return worker.checkConnection(bearer, probeAddress, step, onCheck, signal);
        },
        isRefused: ({ fault }) => isTokenRefused(fault),
      });
    },
    find: (request, signal) => worker.findServer(request, signal),
    askDirectory(access, request, signal) {
      const { authentication } = access;
      if (authentication.scheme !== 'oauth') return worker.askDirectory({ ...access, authentication }, request, signal);
      return useToken(tokensOf({ ...access, authentication }), {
        run: async ({ token, fault }) =>
          fault === null ? worker.askDirectory(bearing(access, token.token), request, signal) : unanswered(fault),
        isRefused: ({ fault }) => isTokenRefused(fault),
      });
    },
  };
}

/** The report of a mailbox whose server was not asked. */
export function untested({ directions }: MailboxTestRequest, fault: Fault): MailboxTestReport {
  const phases = directions.map((direction) => ({ direction, fault, durationMs: 0 }));
  return { phases, markerFound: false, calls: 0, circuitOpen: false };
}

/** The report of a directory that was not asked, or did not answer. */
export const unanswered = (fault: Fault): DirectoryReport => ({ entries: [], isComplete: true, fault });

const bearing = (access: ServerAccess, token: Secret): WorkerAccess => ({
  ...access,
  authentication: { scheme: 'bearer', token },
});

const isTokenRefused = (fault: Fault | null): boolean => fault?.code === 'OAuthTokenRefused';

function tokenCheck({ app }: TokenAuthentication, { token, fault }: TokenResult, nowMs: number) {
  const lives = token === null ? {} : { expiresInMinutes: Math.round((token.expiresAt - nowMs) / 60_000) };
  return { name: 'token', fault, seen: { tenant: app.tenant, app: app.clientId, ...lives } } as const;
}
