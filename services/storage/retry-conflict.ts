import { isMailroomError } from '../model/error.ts';

/**
 * Runs a read-decide-commit again when somebody else changed a record in between. Decisions are made anew from fresh
 * values each time, so nothing stale is written.
 */
export async function retryConflict<T>(attempt: () => Promise<T>, times = 5): Promise<T> {
  for (let left = times; ; left -= 1) {
    try {
      return await attempt();
    } catch (error) {
      if (left <= 1 || !isMailroomError(error, 'store.conflict')) throw error;
    }
  }
}
