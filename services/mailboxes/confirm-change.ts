import type { Actor } from '../model/access.ts';
import { auditEntry, type AuditEventKind } from '../model/audit.ts';
import { MailroomError } from '../model/error.ts';
import {
  changeSampleSize,
  type ChangeKind,
  type ChangeResult,
  type MailboxChange,
  type UndoImage,
  type UndoStep,
} from '../model/mailbox-change.ts';
import {
  applyEdit,
  configurationOf,
  hasConfiguration,
  isSameMailbox,
  Shared,
  type MailboxConfiguration,
} from '../model/mailbox-edit.ts';
import { directions, type Mailbox } from '../model/mailbox.ts';
import { requireRight } from '../access/roles.ts';
import { getEnvironment } from '../platform/environments.ts';
import type { ServiceContext } from '../service-context.ts';
import { retryConflict } from '../storage/retry-conflict.ts';
import { keyOf, type Change, type Store } from '../storage/store.ts';
import { prepareRun, type AlsoCommitted } from '../testing/start-run.ts';
import { prepareChanges, type PreparedChange } from './mailbox-changes.ts';
import { loadChange } from './plan-change.ts';
import type { ChangedMailbox } from './settle-approvals.ts';

type Context = Pick<ServiceContext, 'store' | 'clock'>;

/** A commit of thousands meets tests that end meanwhile: it is made again from what is true then. */
const tries = 20;

/**
 * Does what was asked, to exactly the mailboxes that were counted, in one commit with the way back. A second yes, and a yes
 * to a question of before, get the change as it is now. `test`: of the defaults, which the platform tests unless told not to.
 * @throws MailroomError `access.denied`, `bulk.unknown`, `bulk.not-yours`, `bulk.profile-gone`
 */
export async function confirmMailboxChange(
  context: Context,
  environmentId: string,
  actor: Actor,
  id: string,
  revision: number,
  conversationId: string,
  test = true,
): Promise<MailboxChange> {
  await requireRight(context, environmentId, actor, 'manage');
  const { store, clock } = context;
  return retryConflict(async () => {
    const stored = await loadChange(store, environmentId, actor, id);
    const { value: change } = stored;
    if (change.state !== 'waiting' || change.revision !== revision) return change;
    const { profileId } = change.edit;
    // The commit expects that it is there still.
    if (typeof profileId === 'string' && (await store.get('profile', keyOf(environmentId, profileId))) === undefined)
      throw new MailroomError('bulk.profile-gone');
    const environment = await getEnvironment(store, environmentId);
    const now = clock.now();
    const sorted = await sortOut(store, change);
    const prepared = await prepareChanges(context, environment, actor, id, sorted.changed, conversationId, now);
    const run =
      change.kind === 'apply-defaults' && test
        ? await prepareRun(
            context,
            environmentId,
            actor,
            conversationId,
            { kind: 'selection', text: 'apply defaults' },
            // As the platform does: all of them, also those that had the defaults already.
            [...prepared.after, ...sorted.unchanged],
          )
        : null;
    const result: ChangeResult = {
      changed: sorted.changed.length,
      unchanged: sorted.unchanged.length,
      changedSince: sorted.changedSince.length,
      gone: sorted.gone.length,
      left: [...sorted.changedSince, ...sorted.gone].slice(0, changeSampleSize),
      stopped: prepared.stopped,
      asked: prepared.asked,
      withdrawn: prepared.withdrawn,
      runId: run?.run?.id ?? null,
      tested: run?.run?.total ?? 0,
    };
    const value: MailboxChange = {
      ...change,
      state: 'done',
      result,
      // The test that is offered next is of those that changed.
      items: sorted.changed.map(({ after }) => [after.id, 0]),
      seen: [],
      revision: change.revision + 1,
    };
    const more: AlsoCommitted = run ?? { changes: [], expected: [] };
    await store.commit(
      [
        ...prepared.changes,
        ...more.changes,
        { kind: 'put', collection: 'mailboxChange', key: stored.key, value },
        ...undoStep(value, sorted.changed, prepared, now),
        { kind: 'append', log: 'audit', entry: entryOf(value, actor, prepared.after, now) },
      ],
      [
        ...prepared.expected,
        ...more.expected,
        { collection: 'mailboxChange', key: stored.key, version: stored.version },
      ],
    );
    return value;
  }, tries);
}

interface SortedOut {
  readonly changed: ChangedMailbox[];
  readonly unchanged: Mailbox[];
  readonly changedSince: string[];
  readonly gone: string[];
}

/** Whoever is not as it was counted is somebody else's later word, and stays. */
async function sortOut(store: Store, { environmentId, items, seen, edit }: MailboxChange): Promise<SortedOut> {
  const sorted: SortedOut = { changed: [], unchanged: [], changedSince: [], gone: [] };
  const found = await Promise.all(items.map(([id]) => store.get('mailbox', keyOf(environmentId, id))));
  for (const [index, [id, place]] of items.entries()) {
    const before = found[index];
    const counted = seen[place];
    if (before === undefined) sorted.gone.push(id);
    else if (counted === undefined || !hasConfiguration(before.value, counted)) sorted.changedSince.push(id);
    else {
      const after = applyEdit(before.value, edit);
      if (isSameMailbox(before.value, after)) sorted.unchanged.push(before.value);
      else sorted.changed.push({ before, after });
    }
  }
  return sorted;
}

/** The way back replaces the one of the change before. Nothing was changed: that one stays. */
function undoStep(
  { environmentId, id, actorId, kind, filter, result }: MailboxChange,
  changed: readonly ChangedMailbox[],
  { after }: PreparedChange,
  now: number,
): Change[] {
  if (changed.length === 0) return [];
  const was = new Shared<UndoImage>();
  const became = new Shared<MailboxConfiguration>();
  const items = changed.map(({ before: { value } }, index): UndoStep['items'][number] => {
    const enabled = directions.filter((direction) => value[direction].enabled && value[direction].fault === null);
    return [
      value.id,
      was.place({ configuration: configurationOf(value), enabled }),
      became.place(configurationOf(after[index] ?? value)),
    ];
  });
  const step: UndoStep = {
    environmentId,
    id,
    actorId,
    kind,
    filter,
    doneAt: now,
    was: was.values,
    became: became.values,
    items,
    runId: result?.runId ?? null,
    state: 'open',
    result: null,
    revision: 1,
  };
  return [{ kind: 'put', collection: 'undoStep', key: keyOf(environmentId, actorId), value: step }];
}

const auditKinds: Readonly<Record<ChangeKind, AuditEventKind>> = {
  edit: 'mailboxes.changed',
  'apply-defaults': 'mailboxes.defaults-applied',
  activate: 'mailboxes.activated',
  deactivate: 'mailboxes.deactivated',
};

function entryOf(
  { environmentId, kind, edit, result }: MailboxChange,
  actor: Actor,
  after: readonly Mailbox[],
  now: number,
) {
  const addresses = after.map(({ address }) => address);
  const details = {
    count: addresses.length,
    stopped: result?.stopped ?? 0,
    ...(kind === 'edit' || kind === 'apply-defaults' ? edit : {}),
    ...(kind === 'deactivate' ? { code: 'InactiveMailbox' } : {}),
  };
  return auditEntry(environmentId, now, actor, auditKinds[kind], addresses, details);
}
