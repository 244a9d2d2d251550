import type { TurnContext } from 'botbuilder';
import { chooseLocale } from '../locales/choose-locale.ts';
import { fallbackLocale } from '../locales/translate.ts';
import { rolesOf } from '../services/access/roles.ts';
import { offerOwnMailbox } from '../services/approvals/approve-own-mailbox.ts';
import { closeConversation } from '../services/conversations/close-conversation.ts';
import { recordConversation } from '../services/conversations/record-conversation.ts';
import { isMailroomError } from '../services/model/error.ts';
import { rememberPerson } from '../services/people/known-people.ts';
import { languageOfPerson } from '../services/people/language.ts';
import type { ServiceContext } from '../services/service-context.ts';
import { keyOf } from '../services/storage/store.ts';
import { tenantOf } from './activity-schema.ts';
import { chatText } from './chat-text.ts';
import { ownMailboxHint } from './handlers/own-mailbox.ts';
import type { CheckMembership } from './membership.ts';
import { conversationOf, isFarewell, seenPerson } from './seen-activity.ts';

export interface ArrivalOptions {
  readonly services: ServiceContext;
  readonly environmentId: string;
  /** Entra tenants that are served, lower case; empty: any (only without authentication). */
  readonly tenants: readonly string[];
  readonly checkMembership: CheckMembership;
}

/** Installed, or somebody came: remembered, and greeted once in a 1:1 chat. Taken away: what matters of it goes elsewhere. */
export async function arrive(options: ArrivalOptions, context: TurnContext): Promise<void> {
  const { services, environmentId, tenants } = options;
  const { activity } = context;
  if (tenants.length > 0 && !tenants.includes(tenantOf(activity) ?? '')) return;
  if (isFarewell(activity)) {
    const { conversationId } = conversationOf(activity, environmentId);
    const known = await services.store.get('conversation', keyOf(environmentId, conversationId));
    if (known !== undefined) await closeConversation(services, known, 'BotNotInConversationRoster');
    return;
  }
  await recordConversation(services.store, conversationOf(activity, environmentId), services.clock.now());
  const greets = activity.type === 'installationUpdate' && activity.conversation.conversationType === 'personal';
  if (!greets) return;
  const person = activity.from.aadObjectId?.toLowerCase() ?? '';
  await meet(options, context, person);
  const language = await languageOfPerson(services.store, environmentId, person);
  const locale = chooseLocale(language, activity.locale ?? fallbackLocale);
  await context.sendActivity(await welcome(options, person, locale));
}

/** Whoever has no role learns what they may do all the same, and gets the card of their own mailbox if it waits. */
async function welcome({ services, environmentId }: ArrivalOptions, person: string, locale: string): Promise<string> {
  const greeting = chatText(locale, 'chat.welcome');
  if ((await rolesOf(services, environmentId, person)).length > 0) return greeting;
  const account = (await services.store.get('person', keyOf(environmentId, person)))?.value.account ?? null;
  const own = await ownMailboxHint({ services, environmentId, account });
  if (own === null) return greeting;
  if (own.waits) await offerOwnMailbox(services, environmentId, own.account);
  return `${greeting} ${chatText(locale, 'chat.welcome-own', { address: own.account })}`;
}

/** An installation is the first that is heard of somebody, whose mailbox may be in trouble already. */
async function meet(options: ArrivalOptions, context: TurnContext, person: string): Promise<void> {
  const { services, environmentId } = options;
  const { activity } = context;
  if (person === '') return;
  try {
    const { account } = await options.checkMembership(context, person);
    await rememberPerson(services.store, seenPerson(activity, environmentId, person, account, services.clock.now()));
  } catch (error) {
    // A guest, or no answer: whoever it is says something later, or nothing.
    if (!isMailroomError(error, 'access.guest') && !isMailroomError(error, 'access.unverified')) throw error;
  }
}
