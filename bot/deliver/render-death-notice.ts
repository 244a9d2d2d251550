import type { CardContext } from '../../cards/card-context.ts';
import { deadConversationsCard } from '../../cards/dead-conversations-card.ts';
import { readDeathNotice } from '../../services/conversations/read-death-notice.ts';
import { hasRight } from '../../services/model/access.ts';
import type { ServiceContext } from '../../services/service-context.ts';
import type { RenderedCard } from '../turn-input.ts';

/** The card of a notice of dead conversations as it stands now; for admins only, who may have become something else meanwhile. */
export async function renderDeathNotice(
  { store }: Pick<ServiceContext, 'store'>,
  environmentId: string,
  deathNotice: string,
  context: CardContext,
): Promise<RenderedCard | 'gone'> {
  if (!hasRight(context.roles, 'manage')) return 'gone';
  const notice = await readDeathNotice(store, environmentId, deathNotice);
  return notice === null ? 'gone' : deadConversationsCard(notice, context);
}
