import type { TeamsState } from './state.ts';

/** Runs `look` now and after every change of the state, until it finds something. */
export function waitForChange<T>(
  state: TeamsState,
  look: () => T | undefined | null | false,
  options: { timeoutMs?: number; what?: string } = {},
): Promise<T> {
  const { timeoutMs = 10_000, what = 'a change' } = options;
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    const finish = (settle: () => void): void => {
      stop();
      clearTimeout(timer);
      settle();
    };
    const attempt = (): void => {
      try {
        const found = look();
        if (found !== undefined && found !== null && found !== false) finish(() => resolve(found));
      } catch (error) {
        finish(() => reject(error instanceof Error ? error : new Error('the search failed', { cause: error })));
      }
    };
    const stop = state.onChange(attempt);
    timer = setTimeout(() => {
      finish(() => reject(new Error(`waited ${timeoutMs} ms for ${what}`)));
    }, timeoutMs);
    attempt();
  });
}
