import { randomUUID } from 'node:crypto';
import { confirmCard } from '../../cards/confirm-card.ts';
import { mailboxCard } from '../../cards/mailbox-card.ts';
import { mailboxesCard } from '../../cards/mailboxes-card.ts';
import { translate } from '../../locales/translate.ts';
import type { BulkAction } from '../../services/model/bulk-action.ts';
import { MailroomError } from '../../services/model/error.ts';
import { parseFilter } from '../../services/model/filter.ts';
import { listPageSize, type ListView } from '../../services/model/list-view.ts';
import { testStatus, type Mailbox } from '../../services/model/mailbox.ts';
import { planBulkAction } from '../../services/mailboxes/bulk-actions.ts';
import { countMailboxes, getMailbox, pageOfMailboxes } from '../../services/mailboxes/find-mailboxes.ts';
import { planImport } from '../../services/mailboxes/plan-import.ts';
import { listProfiles } from '../../services/profiles/profile-names.ts';
import { keyOf } from '../../services/storage/store.ts';
import { checksOf } from '../../services/testing/mailbox-checks.ts';
import { isAccountRefused } from '../../services/testing/refused-account.ts';
import { cardContext } from '../card-context.ts';
import type { RenderedCard, Reply, TurnInput } from '../turn-input.ts';

/** `import mailboxes` with pasted rows; its dry-run card comes through the outbox. Without rows it says how. */
export async function importMailboxes(input: TurnInput, rows: string): Promise<Reply[]> {
  if (rows.trim() === '') return [{ text: translate(input.locale, 'chat.import.how') }];
  // Lines are counted from the first row, as in the sheet that the rows come from.
  const pasted = rows.replace(/^[^\S\t]*\n/, '');
  await planImport(input.services, input.environmentId, input.actor, input.conversation.conversationId, pasted);
  return [];
}

/** `mailboxes [FILTER]` */
export async function showMailboxes(input: TurnInput, filter: string): Promise<Reply[]> {
  const view: ListView = {
    environmentId: input.environmentId,
    id: randomUUID(),
    actorId: input.actor.aadObjectId,
    filter: filter.slice(0, 500),
    page: 0,
    createdAt: input.services.clock.now(),
    revision: 1,
  };
  // Rendered before it is stored: a filter that cannot be read is refused without leaving a view behind.
  const card = await renderMailboxes(input, view);
  await input.services.store.commit([
    { kind: 'put', collection: 'listView', key: keyOf(input.environmentId, view.id), value: view },
  ]);
  return [card];
}

/** The list as the view says. */
export async function renderMailboxes(input: TurnInput, view: ListView): Promise<RenderedCard> {
  const { store } = input.services;
  const { rows, total, page } = await pageOfMailboxes(store, input.environmentId, view.filter, view.page, listPageSize);
  const ofRun = await failuresOf(input, view.filter, total);
  return mailboxesCard(
    {
      view: { ...view, page },
      rows,
      total,
      profileNames: await profileNamesById(input),
      ...(ofRun === null ? {} : { ofRun }),
    },
    cardContext(input),
  );
}

/** Of the list behind See failures: how many failed in that run, and whether they work now. Null for every other list. */
async function failuresOf({ services, environmentId }: TurnInput, filter: string, total: number) {
  const { run: id, status, words, ...others } = parseFilter(filter);
  const isPlain = words.length === 0 && Object.keys(others).length === 0;
  if (id === undefined || status !== testStatus.failure || !isPlain) return null;
  const run = (await services.store.get('run', keyOf(environmentId, id)))?.value;
  if (run === undefined || run.failed === 0) return null;
  const succeeding = total > 0 ? 0 : await countMailboxes(services.store, environmentId, `status:success run:${id}`);
  return { id, failed: run.failed, works: succeeding === run.failed };
}

/** `mailbox ADDRESS` */
export async function showMailbox(input: TurnInput, address: string): Promise<Reply[]> {
  if (address === '') throw new MailroomError('command.argument-missing', { usage: 'mailbox ADDRESS' });
  return [await renderMailbox(input, (await getMailbox(input.services.store, input.environmentId, address)).value)];
}

export async function renderMailbox(input: TurnInput, mailbox: Mailbox): Promise<RenderedCard> {
  const { profileId } = mailbox;
  const profile =
    profileId === null
      ? undefined
      : (await input.services.store.get('profile', keyOf(input.environmentId, profileId)))?.value;
  return mailboxCard(
    mailbox,
    {
      profileName: profile?.name ?? null,
      profileInactive: profile?.state === 'inactive',
      secretRefused: profile !== undefined && (await isAccountRefused(input.services.store, profile)),
      attempts: input.services.retry.attempts,
      ...(await checksOf(input.services, mailbox)),
    },
    cardContext(input),
  );
}

/** `apply defaults [FILTER]`: says what it would do, in numbers, and asks. */
export async function applyDefaults(input: TurnInput, filter: string): Promise<Reply[]> {
  return [
    renderBulkAction(
      input,
      await planBulkAction(
        input.services,
        input.environmentId,
        input.actor,
        'apply-defaults',
        filter === '' ? 'all' : filter,
      ),
    ),
  ];
}

/** The question, or what became of it. */
export function renderBulkAction(
  input: TurnInput,
  action: BulkAction,
  result?: { readonly text: string; readonly runId?: string },
): RenderedCard {
  const matching = action.mailboxIds.length;
  const leftOut = Object.entries(action.leftOut ?? {}).filter(([, left]) => left > 0);
  // The question is about those that would be tested, not about all that match.
  const count = leftOut.reduce((rest, [, left]) => rest - left, matching);
  const text = (part: string, number: number): string =>
    translate(input.locale, `chat.bulk.${action.kind}.${part}`, {
      count: number,
      filter: action.filter,
      reason: action.reason ?? '',
    });
  return confirmCard(
    {
      id: action.id,
      revision: action.revision,
      verb: 'bulk.confirm',
      cancelVerb: 'bulk.cancel',
      title: text('title', count),
      text: [
        text('text', matching),
        ...leftOut.map(([reason, left]) => translate(input.locale, `chat.not-tested.${reason}`, { count: left })),
      ].join(' '),
      count,
      sample: action.mailboxIds.slice(0, 5),
      mayTakeOver: action.mayTakeOver ?? false,
      state: action.kind === 'test' && action.state === 'done' ? 'started' : action.state,
      ...(result === undefined ? {} : { resultText: result.text }),
      ...(result?.runId === undefined ? {} : { runId: result.runId }),
    },
    cardContext(input),
  );
}

export async function profileNamesById(input: TurnInput): Promise<Record<string, string>> {
  return Object.fromEntries(
    (await listProfiles(input.services.store, input.environmentId)).map((profile) => [profile.id, profile.name]),
  );
}
