import type { WireAnswer } from '../wire-answer.ts';

/** A success says this long that the password is still the right one. */
const proofLifetimeMs = 10_000;

/**
 * What all connections of one credential know together. Each connection signs in anew, so a password that stopped
 * working would be tried once by each of 27, and that locks the account (DESIGN law 6). Hence one goes ahead whenever
 * nobody has signed in for a while, and what it finds holds for those who waited.
 */
export class NtlmIdentity {
  #provenAt = -Infinity;
  #ahead: Promise<unknown> | null = null;
  #refusal: WireAnswer | null = null;
  /** What the type 1 message is labelled with; `Negotiate` once the server turned out to offer nothing else. */
  label: 'NTLM' | 'Negotiate' = 'NTLM';

  /** Runs a sign-in in its turn; the server's no to an earlier one is the answer to all later ones. */
  async signIn(run: () => Promise<WireAnswer>, signal: AbortSignal): Promise<WireAnswer> {
    while (this.#ahead !== null && !this.#isProven()) await untilAborted(this.#ahead, signal);
    if (this.#refusal !== null) return this.#refusal;
    if (this.#isProven()) return run();
    const ahead = run();
    this.#ahead = ahead
      .catch(() => undefined)
      .finally(() => {
        this.#ahead = null;
      });
    return ahead;
  }

  accepted(): void {
    this.#provenAt = performance.now();
  }

  refused(answer: WireAnswer): void {
    this.#refusal = answer;
  }

  #isProven(): boolean {
    return performance.now() - this.#provenAt < proofLifetimeMs;
  }
}

function untilAborted(promise: Promise<unknown>, signal: AbortSignal): Promise<unknown> {
  const aborted = Promise.withResolvers<never>();
  const onAbort = (): void => aborted.reject(signal.reason as Error);
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  return Promise.race([promise, aborted.promise]).finally(() => signal.removeEventListener('abort', onAbort));
}
