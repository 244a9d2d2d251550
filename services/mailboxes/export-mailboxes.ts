import { offerFile } from '../access/file-links.ts';
import { filterReader } from '../approvals/requests-to-decide.ts';
import type { Actor } from '../model/access.ts';
import { MailroomError } from '../model/error.ts';
import type { ExportedMailboxes, FileLink } from '../model/file-link.ts';
import type { Mailbox } from '../model/mailbox.ts';
import type { MailboxView } from '../model/mailbox-view.ts';
import type { ServiceContext } from '../service-context.ts';
import type { Store } from '../storage/store.ts';
import { listMatching } from './find-mailboxes.ts';
import { mailboxKey } from './mailbox-key.ts';

/**
 * A link to the mailboxes that are selected in a list, or where none is, to those that match its filter. They are counted
 * now: the file has these and no others, each as it is when it is downloaded.
 * @throws MailroomError `access.denied`, `bulk.nothing`
 */
export async function offerMailboxes(
  context: Pick<ServiceContext, 'store' | 'clock' | 'keys'>,
  actor: Actor,
  { environmentId, id, filter }: Pick<MailboxView, 'environmentId' | 'id' | 'filter'>,
  selected: readonly string[],
  conversationId: string,
): Promise<FileLink> {
  const isSelection = selected.length > 0;
  const reader = filterReader(context, environmentId, actor);
  const mailboxIds = isSelection
    ? selected
    : (await listMatching(context.store, environmentId, filter, 'address', reader)).ids;
  if (mailboxIds.length === 0) throw new MailroomError('bulk.nothing', { filter: filter.slice(0, 100) || 'all' });
  const content: ExportedMailboxes = {
    filter: isSelection ? '' : filter || 'all',
    count: mailboxIds.length,
    mailboxIds,
  };
  return offerFile(context, environmentId, actor, { kind: 'mailboxes', subjectId: id, content }, conversationId);
}

/** Mailboxes by their ids, as they are now; those that are gone are left out. Memory does not grow with their number. */
export async function* streamByIds(
  store: Store,
  environmentId: string,
  mailboxIds: readonly string[],
): AsyncGenerator<readonly Mailbox[]> {
  for (let from = 0; from < mailboxIds.length; from += pageSize) {
    const page = await Promise.all(
      mailboxIds.slice(from, from + pageSize).map((id) => store.get('mailbox', mailboxKey(environmentId, id))),
    );
    yield page.flatMap((stored) => stored?.value ?? []);
  }
}

const pageSize = 200;
