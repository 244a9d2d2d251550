import type { TokenResult } from './token-request.ts';
import type { TokenSource } from './token-source.ts';

export interface TokenCommand<Report> {
  /** Does the work with a token, or reports why there is none. */
  readonly run: (result: TokenResult) => Promise<Report>;
  /** The resource refused the token, and nothing was done before. */
  readonly isRefused: (report: Report) => boolean;
}

/**
 * Does work with the token of a source, and once more with a fresh one when the first was refused: its key may have been
 * rolled over, or the app's rights changed, while it was kept.
 */
export async function useToken<Report>(source: TokenSource, { run, isRefused }: TokenCommand<Report>): Promise<Report> {
  const first = await source.get();
  const report = await run(first);
  if (first.fault !== null || !isRefused(report)) return report;
  source.discard(first.token.token);
  const second = await source.get();
  const isSame = second.fault === null && second.token.token === first.token.token;
  return isSame ? report : run(second);
}
