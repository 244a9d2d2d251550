import { keyOf } from '../../services/storage/store.ts';
import { environmentId, type Wish } from './wish-plan.ts';

/** What the process to kill writes down of its own deeds, in the commits that do them. */
export const ledgerKey = {
  /** How many wishes it made. */
  cursor: (): string => keyOf(environmentId, 'cursor'),
  /** When it made one. */
  wish: ({ subjectId, version }: Pick<Wish, 'subjectId' | 'version'>): string =>
    keyOf(environmentId, 'wish', `${subjectId} ${version}`),
} as const;
