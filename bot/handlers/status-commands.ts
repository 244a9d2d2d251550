import type { CardContext } from '../../cards/card-context.ts';
import { statusCard } from '../../cards/status-card.ts';
import type { Verb } from '../../cards/verbs.ts';
import { MailroomError } from '../../services/model/error.ts';
import type { ServiceContext } from '../../services/service-context.ts';
import { readStatus } from '../../services/status/read-status.ts';
import { setWeeklyStatus } from '../../services/status/weekly-status.ts';
import { keyOf } from '../../services/storage/store.ts';
import { cardContext } from '../card-context.ts';
import { chatText } from '../chat-text.ts';
import type { CardAction, RenderedCard, Reply, TurnInput } from '../turn-input.ts';

/** `status`: the environment now. `status weekly [off]`: whether it comes here every week. */
export async function showStatus(input: TurnInput, rest: string): Promise<Reply[]> {
  const wish = rest.toLowerCase().replaceAll(/\s+/g, ' ');
  if (wish === 'weekly' || wish === 'weekly off') {
    const weekly = wish === 'weekly';
    await wantWeekly(input, weekly);
    return [{ text: chatText(input.locale, 'chat.status.weekly', { weekly }) }];
  }
  if (wish !== '') throw new MailroomError('command.argument-unknown', { usage: 'status [weekly [off]]' });
  return [await statusOf(input)];
}

export const statusActions = {
  'status.weekly': (input) => changeWeekly(input, true),
  'status.weekly-off': (input) => changeWeekly(input, false),
} satisfies Partial<Record<Verb, CardAction>>;

async function changeWeekly(input: TurnInput, weekly: boolean): Promise<RenderedCard> {
  await wantWeekly(input, weekly);
  return statusOf(input);
}

/** It names servers and profiles: the members of a shared channel are not the team's alone. To end it is fine everywhere. */
async function wantWeekly(input: TurnInput, weekly: boolean): Promise<unknown> {
  const { services, environmentId, actor, conversation } = input;
  if (weekly && input.inSharedChannel) throw new MailroomError('subscription.shared-channel');
  return setWeeklyStatus(services, environmentId, actor, conversation.conversationId, weekly);
}

const statusOf = (input: TurnInput): Promise<RenderedCard> =>
  renderStatus(input.services, input.environmentId, input.conversation.conversationId, cardContext(input));

/** The status as of now, for a conversation that may get it weekly. */
export async function renderStatus(
  services: ServiceContext,
  environmentId: string,
  conversationId: string,
  context: CardContext,
): Promise<RenderedCard> {
  const weekly = (await services.store.get('weeklyStatus', keyOf(environmentId, conversationId))) !== undefined;
  return statusCard(await readStatus(services, environmentId), { weekly }, context);
}
