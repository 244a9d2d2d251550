import type { CardContext } from '../../cards/card-context.ts';
import { mailboxesCard, readSearch } from '../../cards/mailboxes-card.ts';
import type { Verb } from '../../cards/verbs.ts';
import { translate } from '../../locales/translate.ts';
import { fileToken, openLinkOf } from '../../services/access/file-links.ts';
import { requireRight } from '../../services/access/roles.ts';
import { planBulkAction } from '../../services/mailboxes/bulk-actions.ts';
import {
  changeMailboxList,
  currentMailboxList,
  openMailboxList,
  selectionOf,
  type ListChange,
  type MailboxList,
} from '../../services/mailboxes/change-mailbox-list.ts';
import { offerMailboxes } from '../../services/mailboxes/export-mailboxes.ts';
import { countMailboxes } from '../../services/mailboxes/find-mailboxes.ts';
import { intentChange } from '../../services/conversations/intents.ts';
import { personalConversation } from '../../services/conversations/record-conversation.ts';
import type { ConversationReference } from '../../services/model/conversation.ts';
import { isMailroomError, MailroomError } from '../../services/model/error.ts';
import { formatFilter, parseFilter } from '../../services/model/filter.ts';
import type { ChangeKind } from '../../services/model/mailbox-change.ts';
import { testStatus } from '../../services/model/mailbox.ts';
import type { MailboxView } from '../../services/model/mailbox-view.ts';
import { keyOf } from '../../services/storage/store.ts';
import type { ServiceContext } from '../../services/service-context.ts';
import { cardContext, ownView } from '../card-context.ts';
import type { CardData } from '../card-data.ts';
import type { ActionAnswer, CardAction, RenderedCard, Reply, TurnInput } from '../turn-input.ts';
import { askForChange } from './bulk-changes.ts';
import { profileNamesById, renderBulkAction } from './mailbox-commands.ts';

/** `mailboxes [FILTER]` */
export async function showMailboxes(input: TurnInput, filter: string): Promise<Reply[]> {
  return [await render(input, await openMailboxList(input.services, input.environmentId, input.actor, filter))];
}

/** `export mailboxes [FILTER]`: the list, with a link that works once, in the reader's own chat. */
export async function exportMailboxes(input: TurnInput, filter: string): Promise<Reply[]> {
  const { services, environmentId, actor, conversation } = input;
  requirePersonal(input);
  const list = await openMailboxList(services, environmentId, actor, filter);
  await offerMailboxes(services, actor, list.view, [], conversation.conversationId);
  return [await render(input, list)];
}

/** The list of a profile's mailboxes, by its id: a name may hold what reads like a filter. */
export async function mailboxesOfProfileList(input: TurnInput, profileId: string, filter = ''): Promise<RenderedCard> {
  const text = formatFilter({ ...parseFilter(filter), profile: profileId });
  return render(input, await openMailboxList(input.services, input.environmentId, input.actor, text));
}

/** The filter of what waits for the decision of whoever looks. */
export const waitsForMe = 'approval:pending decider:me';

/**
 * What waits for a decision, as a list in the own chat of whoever asked, wherever they did: it is theirs alone, no edit of a
 * shared card takes away what they ticked, and after each decision it shows what is left. Only whoever has no chat gets it in the
 * place of the card, as their view.
 */
export async function listOfWaiting(input: TurnInput, filter: string): Promise<ActionAnswer> {
  const { services, environmentId, actor, conversation, locale } = input;
  const list = await openMailboxList(services, environmentId, actor, filter);
  const chat = (await personalConversation(services.store, environmentId, actor.aadObjectId))?.value;
  if (chat === undefined || chat.deadReason !== null) return render(input, list, ownView(input));
  const now = services.clock.now();
  await services.store.commit([intentChange(environmentId, 'mailbox-list', list.view.id, chat.conversationId, now)]);
  const isHere = chat.conversationId === conversation.conversationId;
  return { notice: translate(locale, isHere ? 'chat.list-below' : 'chat.list-in-own-chat') };
}

/** The same list by the outbox, as it is now; 'gone' where it is not that person's, or they may not read any more. */
export async function renderListOf(
  services: ServiceContext,
  environmentId: string,
  listId: string,
  { kind, aadObjectId, tenantId }: Pick<ConversationReference, 'kind' | 'aadObjectId' | 'tenantId'>,
  context: CardContext,
): Promise<RenderedCard | 'gone'> {
  if (kind !== 'personal' || aadObjectId === null) return 'gone';
  const reader = { tenantId, aadObjectId, name: '' };
  try {
    return mailboxesCard(await currentMailboxList(services, environmentId, reader, listId), context);
  } catch (error) {
    if (isMailroomError(error, 'view.unknown') || isMailroomError(error, 'access.denied')) return 'gone';
    throw error;
  }
}

const change =
  (what: ListChange): CardAction =>
  async (input, data) =>
    render(input, await changeMailboxList(input.services, input.environmentId, input.actor, data, what));

/** What is done with a selection: its question comes below, and the list stays for whoever reads it. */
const act =
  (plan: (input: TurnInput, mailboxIds: readonly string[]) => Promise<RenderedCard>): CardAction =>
  async (input, data): Promise<ActionAnswer> => {
    const { list, mailboxIds } = await selectionOf(input.services, input.environmentId, input.actor, data);
    if (mailboxIds === null) return render(input, list);
    if (mailboxIds.length === 0) throw new MailroomError('mailboxes.none-selected');
    return { below: await plan(input, mailboxIds) };
  };

const changeOf = (kind: ChangeKind): CardAction =>
  act((input, ids) => askForChange(input, kind, { text: selectionText(input, ids), ids }));

/** Clicks on a list of mailboxes. */
export const mailboxListActions = {
  'mailboxes.filter': (input, data) =>
    change({ kind: 'search', search: (view, names) => readSearch(view, names, data.inputs) })(input, data),
  'mailboxes.next': change({ kind: 'turn', step: 1 }),
  'mailboxes.previous': change({ kind: 'turn', step: -1 }),
  'mailboxes.select-all': change({ kind: 'select-all' }),
  'mailboxes.clear': change({ kind: 'clear' }),
  'mailboxes.test': act(async (input, ids) => {
    const { services, environmentId, actor } = input;
    const text = selectionText(input, ids);
    return renderBulkAction(input, await planBulkAction(services, environmentId, actor, 'test', text, null, { ids }));
  }),
  'mailboxes.approve': async (input, data) => {
    const { services, environmentId, actor } = input;
    return act(async (_, ids) => {
      const text = selectionText(input, ids);
      const selection = { ids, listId: data.id };
      return renderBulkAction(
        input,
        await planBulkAction(services, environmentId, actor, 'approve', text, null, selection),
        undefined,
        await profileNamesById(input),
      );
    })(input, data);
  },
  'mailboxes.edit': changeOf('edit'),
  'mailboxes.activate': changeOf('activate'),
  'mailboxes.deactivate': changeOf('deactivate'),
  'mailboxes.apply-defaults': changeOf('apply-defaults'),
  'mailboxes.export': exportList,
} satisfies Partial<Record<Verb, CardAction>>;

/** The button for the file, on the card of the list. */
async function exportList(input: TurnInput, data: CardData): Promise<ActionAnswer> {
  const { services, environmentId, actor, conversation } = input;
  requirePersonal(input);
  await requireRight(services, environmentId, actor, 'audit');
  const { list, mailboxIds } = await selectionOf(services, environmentId, actor, data);
  if (mailboxIds !== null) await offerMailboxes(services, actor, list.view, mailboxIds, conversation.conversationId);
  return render(input, list);
}

function requirePersonal({ conversation }: TurnInput): void {
  if (conversation.kind !== 'personal') throw new MailroomError('mailboxes.personal-only');
}

/** What stands where a filter would stand in a question. */
export function selectionText(input: TurnInput, ids: readonly string[]): string {
  return translate(cardContext(input).locale, 'chat.bulk.selection', { count: ids.length });
}

async function render(
  input: TurnInput,
  list: MailboxList,
  context: CardContext = cardContext(input),
): Promise<RenderedCard> {
  const { services, environmentId, actor, conversation } = input;
  const { id } = list.view;
  const link =
    conversation.kind === 'personal'
      ? await openLinkOf(services, environmentId, { kind: 'mailboxes', subjectId: id }, actor.aadObjectId)
      : null;
  const download =
    link === null
      ? null
      : {
          url: `${services.publicUrl}/files/${fileToken(services.keys, link)}`,
          count: link.content?.count ?? 0,
        };
  const ofRun = await failuresOf(input, list.view);
  return mailboxesCard({ ...list, download, ...(ofRun === null ? {} : { ofRun }) }, context);
}

/** Of the list behind See failures: how many failed in that run, and whether they work now. Null for every other list. */
async function failuresOf({ services, environmentId }: TurnInput, { filter, total }: MailboxView) {
  const { run: id, status, words, ...others } = parseFilter(filter);
  const isPlain = words.length === 0 && Object.keys(others).length === 0;
  if (id === undefined || status !== testStatus.failure || !isPlain) return null;
  const run = (await services.store.get('run', keyOf(environmentId, id)))?.value;
  if (run === undefined || run.failed === 0) return null;
  const succeeding = total > 0 ? 0 : await countMailboxes(services.store, environmentId, `status:success run:${id}`);
  return { id, failed: run.failed, works: succeeding === run.failed };
}
