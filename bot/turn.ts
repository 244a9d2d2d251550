import {
  CardFactory,
  MessageFactory,
  PrivateConversationState,
  type InvokeResponse,
  type StatePropertyAccessor,
  type TurnContext,
} from 'botbuilder';
import {
  DialogContextError,
  DialogSet,
  DialogTurnStatus,
  type DialogContext,
  type DialogState,
  type DialogTurnResult,
} from 'botbuilder-dialogs';
import { CreateProfileDialog, notForMe, type CreateProfileOptions } from '../dialogs/create-profile-dialog.ts';
import { setDialogTurn } from '../dialogs/dialog-turn.ts';
import { chooseLocale } from '../locales/choose-locale.ts';
import { fallbackLocale, hasText } from '../locales/translate.ts';
import { auditEntry } from '../services/model/audit.ts';
import { hasRight } from '../services/model/access.ts';
import { isMailroomError, MailroomError } from '../services/model/error.ts';
import { requireRight, rolesOf, rememberName } from '../services/access/roles.ts';
import { recordConversation } from '../services/conversations/record-conversation.ts';
import { rememberPerson } from '../services/people/known-people.ts';
import { languageOfPerson } from '../services/people/language.ts';
import { findProfileByName, getProfile } from '../services/profiles/profile-names.ts';
import type { ServiceContext } from '../services/service-context.ts';
import { keyOf } from '../services/storage/store.ts';
import { isSharedChannel, tenantOf, timeZoneOf } from './activity-schema.ts';
import { arrive } from './arrival.ts';
import { runCardAction } from './card-actions.ts';
import { readCardData, type CardData } from './card-data.ts';
import { commands, findCommand, suggestCommand, type Command } from './commands.ts';
import { plainText, withoutBotName } from './command-text.ts';
import { refreshApproval, showInOwnChat } from './handlers/approval-view.ts';
import type { CheckMembership } from './membership.ts';
import type { FindPerson } from './mentioned-person.ts';
import { mentionsOf } from './mentions.ts';
import { reference } from './log.ts';
import { sharedFilesOf } from './shared-files.ts';
import { chatText } from './chat-text.ts';
import { conversationOf, seenPerson } from './seen-activity.ts';
import { foundChoices, readSearchQuery, search, searchRefused, type SearchAnswer } from './search.ts';
import { isDialogInvoke, runDialog, taskResponse, type DialogInvoke } from './task-module.ts';
import type { RenderedCard, Reply, TurnInput } from './turn-input.ts';
import { TurnStateStorage } from './turn-state-storage.ts';

export interface TurnOptions {
  readonly services: ServiceContext;
  readonly environmentId: string;
  /** Entra tenants that are served, lower case; empty: any (only without authentication). */
  readonly tenants: readonly string[];
  readonly checkMembership: CheckMembership;
  readonly findPerson: FindPerson;
}

/**
 * One turn of the bot: who acts, what is meant, and the answer. Knows the SDK; everything it decides with is a value.
 */
export function createTurn(options: TurnOptions): (context: TurnContext) => Promise<void> {
  const { services, environmentId } = options;
  const state = new PersonInChannelState(
    new TurnStateStorage(services.store, environmentId, () => services.clock.now()),
  );
  const dialogState: StatePropertyAccessor<DialogState> = state.createProperty('dialogs');
  const dialogs = new DialogSet(dialogState).add(new CreateProfileDialog());
  /** When somebody without a role last left a trace of a search. */
  const refusedSearches = new Map<string, number>();

  return async (context) => {
    const type: string = context.activity.type;
    switch (type) {
      case 'message':
        await tell(context, () => message(context));
        return;
      case 'invoke':
        await context.sendActivity({ type: 'invokeResponse', value: await invoke(context) });
        return;
      case 'installationUpdate':
      case 'conversationUpdate':
        await arrive(options, context);
        return;
      default:
    }
  };

  async function message(context: TurnContext): Promise<void> {
    const input = await readInput(context);
    if (context.activity.value !== undefined && context.activity.value !== null) {
      const data = readCardData(context.activity.value);
      const words = await commandOf(input, data);
      if (words === null) await reply(context, await submit(input, data));
      else await text(context, input, words);
      return;
    }
    const { text: typed, recipient } = context.activity;
    await text(context, input, withoutBotName(plainText(typed ?? ''), recipient.name));
  }

  async function text(context: TurnContext, input: TurnInput, typed: string): Promise<void> {
    const dc = await dialogs.createContext(context);
    setDialogTurn(context, dialogTurnOf(input));
    try {
      const word = typed.toLowerCase();
      const navigates = word === 'back' || word === 'cancel';
      // Only a mention, or only a picture: whoever says nothing wants to know what can be said.
      const meant = typed === '' && dc.activeDialog === undefined ? 'help' : typed;
      // A file says what it is for by itself, unless the words beside it are a command.
      const said = navigates ? null : findCommand(typed);
      const bringsFiles = input.files.length > 0 && said === null && !navigates;
      const found = navigates ? null : (said ?? findCommand(bringsFiles ? 'import mailboxes' : meant));
      if (found !== null) {
        await requireCommand(input, found.command);
        if (found.command.dialog !== undefined) {
          const options = await dialogOptions(found.command, found.rest);
          await dc.cancelAllDialogs();
          await dc.beginDialog(CreateProfileDialog.id, options);
          return;
        }
        await reply(context, await carryOut(input, found.command, found.rest));
        return;
      }
      if (dc.activeDialog !== undefined) {
        // Dialogs read the words from the activity, where in a channel the mention of the bot stands before them.
        context.activity.text = typed;
        const result = await continueDialog(input, dc);
        if (result.status !== DialogTurnStatus.complete || result.result !== notForMe) return;
      }
      if (navigates) throw new MailroomError('command.nothing-to-leave');
      const suggestion = suggestCommand(typed);
      throw suggestion === null
        ? new MailroomError('command.unknown', { text: typed.slice(0, 60) })
        : new MailroomError('command.unknown-near', { text: typed.slice(0, 60), suggestion });
    } finally {
      await state.saveChanges(context);
    }
  }

  async function continueDialog(input: TurnInput, dc: DialogContext): Promise<DialogTurnResult> {
    try {
      return await dc.continueDialog();
    } catch (error) {
      // A role may be taken away in mid-dialog: that try leaves a trace like every other.
      if (isMailroomError(causeOf(error), 'access.denied')) await noteRefusal(input, dc.activeDialog?.id ?? 'dialog');
      throw error;
    }
  }

  async function dialogOptions({ words, dialog }: Command, name: string): Promise<CreateProfileOptions> {
    if (dialog === 'create-profile') return {};
    if (name === '') throw new MailroomError('command.argument-missing', { usage: `${words} NAME` });
    // A button names the id: two names may read alike, and a name may begin with what is taken off a command.
    const named = (await services.store.get('profile', keyOf(environmentId, name)))?.value;
    const { id } = named ?? (await findProfileByName(services.store, environmentId, name));
    return dialog === 'copy-profile' ? { copiesProfileId: id } : { editsProfileId: id };
  }

  async function requireCommand(input: TurnInput, command: Command): Promise<void> {
    if (command.right === null || command.isForOwners === true || hasRight(input.roles, command.right)) return;
    await noteRefusal(input, command.words);
    await requireRight(services, environmentId, input.actor, command.right);
  }

  /** Whom the use case itself refuses leaves a trace, too. */
  async function carryOut(input: TurnInput, { words, handle }: Command, rest: string): Promise<Reply[]> {
    try {
      return await handle(input, rest);
    } catch (error) {
      if (isMailroomError(error, 'access.denied') || isMailroomError(error, 'approval.own-mailbox-only'))
        await noteRefusal(input, words);
      throw error;
    }
  }

  /** A click that came as a message (Action.Submit): the answer is a message, since a Submit cannot return a card. */
  async function submit(input: TurnInput, data: CardData): Promise<Reply[]> {
    const isView = data.verb === 'approval.view' && input.conversation.kind !== 'personal';
    const answer = await traced(input, data, () => (isView ? showInOwnChat(input, data) : runCardAction(input, data)));
    if ('notice' in answer) return [{ text: answer.notice }];
    if ('below' in answer) return [answer.below];
    // Cards of the outbox are edited where they stand; only lists, details and questions need to be sent.
    return outboxVerb.test(data.verb) && !('asks' in answer) ? [] : [answer];
  }

  /** Whoever clicks on what they may not do leaves a trace. */
  async function traced<T>(input: TurnInput, data: CardData, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (isMailroomError(error, 'access.denied') || isMailroomError(error, 'approval.own-mailbox-only'))
        await noteRefusal(input, data.verb);
      throw error;
    }
  }

  /** The command that a button stands for, as if it were typed; null for every other button. */
  async function commandOf(input: TurnInput, data: CardData): Promise<string | null> {
    if (data.verb === 'profile.edit' || data.verb === 'profile.copy') {
      // Before anything is looked up: whether a profile exists is told to those only who may change it.
      const words = data.verb === 'profile.edit' ? 'edit profile' : 'copy profile';
      const command = commands.find((one) => one.words === words);
      if (command !== undefined) await requireCommand(input, command);
      return `${words} ${(await getProfile(services.store, environmentId, data.id)).value.id}`;
    }
    if (data.verb !== 'command.run') return null;
    if (!commands.some(({ words }) => words === data.id)) throw new MailroomError('card.unreadable');
    return data.id;
  }

  /** The contract: an invoke that was handled has HTTP status 200, and the outcome is in the body (facts, teams B3.1). */
  async function invoke(context: TurnContext): Promise<InvokeResponse> {
    const { activity } = context;
    if (activity.name === 'application/search') return typeahead(context);
    if (isDialogInvoke(activity.name)) return dialog(context, activity.name);
    if (activity.name !== 'adaptiveCard/action') return { status: 501 };
    try {
      const input = await readInput(context);
      const value = activity.value as { action?: { data?: unknown; verb?: unknown }; trigger?: unknown } | undefined;
      const data = readCardData({
        ...asRecord(value?.action?.data),
        verb: value?.action?.verb ?? asRecord(value?.action?.data)['verb'],
      });
      if (value?.trigger === 'automatic') return cardAnswer(await refreshed(input, data));
      const words = await commandOf(input, data);
      if (words !== null) {
        await text(context, input, words);
        return notice(chatText(input.locale, 'chat.done'));
      }
      const answer = await traced(input, data, () => runCardAction(input, data));
      if ('below' in answer) {
        await reply(context, [answer.below]);
        return notice(chatText(input.locale, 'chat.done'));
      }
      return 'notice' in answer ? notice(answer.notice) : cardAnswer(answer);
    } catch (error) {
      return notice(await sentenceFor(context, error));
    }
  }

  /** What a client does by itself, whoever looks: it changes nothing and leaves no trace, whatever the card says. */
  async function refreshed(input: TurnInput, data: CardData): Promise<RenderedCard> {
    if (data.verb !== 'approval.refresh') throw new MailroomError('card.unreadable');
    return refreshApproval(input, data);
  }

  /** A dialog of a card: opened, or sent off. */
  async function dialog(context: TurnContext, invoked: DialogInvoke): Promise<InvokeResponse> {
    try {
      const input = await readInput(context);
      const data = readCardData(asRecord(context.activity.value)['data']);
      const answer = await traced(input, data, () => runDialog(input, invoked, data));
      return { status: 200, body: taskResponse(answer) };
    } catch (error) {
      return { status: 200, body: taskResponse({ message: await sentenceFor(context, error) }) };
    }
  }

  /** The choices for an input, while somebody types into it. */
  async function typeahead(context: TurnContext): Promise<InvokeResponse> {
    const answer = await answerSearch(context);
    return { status: answer.statusCode, body: answer };
  }

  async function answerSearch(context: TurnContext): Promise<SearchAnswer> {
    try {
      const input = await readInput(context);
      const query = readSearchQuery(context.activity.value);
      if (!hasRight(input.roles, 'read')) await noteRefusedSearch(input, query.dataset);
      return foundChoices(await search(input, query));
    } catch (error) {
      return searchRefused(error, await sentenceFor(context, error));
    }
  }

  async function readInput(context: TurnContext): Promise<TurnInput> {
    const { activity } = context;
    const tenantId = tenantOf(activity) ?? '';
    const person = activity.from.aadObjectId?.toLowerCase();
    if (person === undefined) throw new MailroomError('access.unverified');
    if (options.tenants.length > 0 && !options.tenants.includes(tenantId)) throw new MailroomError('access.tenant');
    const { account } = await options.checkMembership(context, person);
    const seen = conversationOf(activity, environmentId);
    const conversation = await recordConversation(services.store, seen, services.clock.now());
    const from = conversation.conversationId;
    const language = await languageOfPerson(services.store, environmentId, person);
    const locale = chooseLocale(language, activity.locale ?? fallbackLocale);
    context.turnState.set(localeKey, locale);
    const actor = { tenantId, aadObjectId: person, name: activity.from.name, from };
    await rememberName(services, environmentId, actor);
    await rememberPerson(services.store, seenPerson(activity, environmentId, person, account, services.clock.now()));
    return {
      services,
      environmentId,
      actor,
      roles: await rolesOf(services, environmentId, person),
      account,
      conversation,
      inSharedChannel: isSharedChannel(activity),
      locale,
      timeZone: timeZoneOf(activity) ?? conversation.timeZone,
      mentions: mentionsOf(activity),
      files: sharedFilesOf(activity),
      findPerson: (mention) => options.findPerson(context, mention),
    };
  }

  /** Whoever tries what they may not do leaves a trace. */
  async function noteRefusal(input: TurnInput, what: string): Promise<void> {
    await services.store.commit([
      {
        kind: 'append',
        log: 'audit',
        entry: auditEntry(environmentId, services.clock.now(), input.actor, 'access.refused', [what]),
      },
    ]);
  }

  /** A letter that somebody types is a search: a trace each would drown the others, so a person leaves one in some minutes. */
  async function noteRefusedSearch(input: TurnInput, dataset: string): Promise<void> {
    const { aadObjectId } = input.actor;
    const now = services.clock.now();
    // In both directions: the clock may have been set back since.
    if (Math.abs(now - (refusedSearches.get(aadObjectId) ?? Number.NEGATIVE_INFINITY)) < sameSearchMs) return;
    if (refusedSearches.size >= mostRefusedSearches) refusedSearches.clear();
    refusedSearches.set(aadObjectId, now);
    await noteRefusal(input, `search ${dataset}`);
  }

  async function tell(context: TurnContext, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      await context.sendActivity(await sentenceFor(context, error));
    }
  }

  /** One friendly sentence. What nobody foresaw gets a reference that is in the log. */
  async function sentenceFor(context: TurnContext, thrown: unknown): Promise<string> {
    const error = causeOf(thrown);
    const locale = context.turnState.get<string | undefined>(localeKey) ?? context.activity.locale ?? fallbackLocale;
    if (isMailroomError(error) && hasText(`error.${error.code}`))
      return chatText(locale, `error.${error.code}`, error.params);
    const ref = reference();
    services.log.error({ err: error, reference: ref }, 'a turn failed');
    return chatText(locale, 'chat.unexpected', { reference: ref });
  }
}

/** Refused searches of one person in this time are one try. */
const sameSearchMs = 10 * 60 * 1000;
const mostRefusedSearches = 1000;

/** Where a turn keeps the locale of whoever acts, for the sentence of an error. */
const localeKey = Symbol('mailroom locale');

/** The SDK wraps what a dialog throws together with the whole turn, which must not get into the log. */
function causeOf(thrown: unknown): unknown {
  return thrown instanceof DialogContextError ? thrown.error : thrown;
}

/**
 * Dialog state by person and conversation. In a channel each new post is a thread with an id of its own; cards stand in the
 * channel, and so does what is under way: the next message may come in any thread.
 */
class PersonInChannelState extends PrivateConversationState {
  override getStorageKey(context: TurnContext): string {
    return super.getStorageKey(context)?.replace(/;messageid=[^/]*/, '') ?? '';
  }
}

/** Verbs whose card the outbox edits. */
const outboxVerb =
  /^(profile\.(answer|advanced|back|cancel|new-link|check|confirm-code|save)|import\.|lookup\.|proposal\.|maintenance\.(extend|close)|run\.(pause|resume)|approval\.(?!view|show|choose|approve-pending))/;

function notice(text: string): InvokeResponse {
  return { status: 200, body: { statusCode: 200, type: 'application/vnd.microsoft.activity.message', value: text } };
}

function cardAnswer({ card }: RenderedCard): InvokeResponse {
  return { status: 200, body: { statusCode: 200, type: 'application/vnd.microsoft.card.adaptive', value: card } };
}

async function reply(context: TurnContext, replies: readonly Reply[]): Promise<void> {
  for (const answer of replies) {
    if ('text' in answer) await context.sendActivity(answer.text);
    else
      await context.sendActivity({
        ...MessageFactory.attachment(CardFactory.adaptiveCard(answer.card)),
        summary: answer.summary,
      });
  }
}

function dialogTurnOf(input: TurnInput) {
  const { services, environmentId, actor, conversation, locale } = input;
  return { services, environmentId, actor, conversationId: conversation.conversationId, locale };
}

function asRecord(value: unknown): Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}
