import type { CardReaders } from '../services/model/card-readers.ts';
import type { Button } from './card-action-buttons.ts';
import type { CardView } from './card-context.ts';
import type { Say } from './card-text.ts';

/**
 * Makes a shared card one that Teams asks about again for each of its readers, so that they see their own view. The data is an
 * id alone: after an edit clients may still send that of the card before.
 */
export function withRefresh({ card, summary }: CardView, requestId: string, readers: CardReaders | null): CardView {
  if (readers === null) return { card, summary };
  const verb = 'approval.refresh';
  const action = { type: 'Action.Execute', verb, data: { verb, id: requestId } } as const;
  return { card: { ...card, refresh: { action, userIds: [...readers.userIds] } }, summary };
}

/** For whom Teams asks nothing by itself: seen for the first time, or one more than it does that for. */
export const viewButton = (say: Say, { id, revision }: { id: string; revision: number }): Button => ({
  verb: 'approval.view',
  title: say('button.view'),
  id,
  revision,
  inputs: 'none',
});
