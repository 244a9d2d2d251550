import type { Actor } from '../model/access.ts';
import type { ApprovalRequest } from '../model/approval-request.ts';
import { isLive } from '../model/approval-request.ts';
import { MailroomError } from '../model/error.ts';
import { approvalStatus, normalizeAddress, type Mailbox } from '../model/mailbox.ts';
import { requireRight } from '../access/roles.ts';
import type { ServiceContext } from '../service-context.ts';
import { retryConflict } from '../storage/retry-conflict.ts';
import { keyOf, type Change, type Stored } from '../storage/store.ts';
import type { AlsoCommitted } from '../testing/start-run.ts';
import { mailboxKey } from '../mailboxes/mailbox-key.ts';
import { getEnvironment } from '../platform/environments.ts';
import { redrawOwnMailboxCards } from './own-mailbox-cards.ts';
import { requestApprovals } from './request-approval.ts';
import { getRequest, pendingOf } from './decide-mailboxes.ts';
import { mailboxEntries } from './mailbox-entries.ts';
import { settleRequests } from './settle-requests.ts';

type Context = Pick<ServiceContext, 'store' | 'clock'>;

/** As decisions by address do, it meets others at the same request. */
const mostTries = 100;

export interface Withdrawn {
  readonly withdrawn: string[];
  /** Named mailboxes for which nobody is asked (any more). */
  readonly notPending: string[];
}

/**
 * Takes back the request for mailboxes: an admin's right, be it their own request or another's. The platform knows no such
 * act, so they get the state that says what is true: Empty, nobody is asked. Pending would promise an answer that nobody can
 * give, and Rejected one that nobody gave. While approval is required, an Empty mailbox is not tested or enabled either
 * (DESIGN, law 2); importing it again asks again.
 * @throws MailroomError `access.denied`, `mailbox.unknown` {address}
 */
export async function withdrawMailboxes(
  context: Context,
  environmentId: string,
  actor: Actor,
  addresses: readonly string[],
  also: AlsoCommitted = { changes: [], expected: [] },
): Promise<Withdrawn> {
  await requireRight(context, environmentId, actor, 'manage');
  return retryConflict(async () => {
    const pending: Stored<Mailbox>[] = [];
    const notPending: string[] = [];
    for (const address of new Set(addresses.map(normalizeAddress))) {
      const stored = await context.store.get('mailbox', mailboxKey(environmentId, address));
      if (stored === undefined) throw new MailroomError('mailbox.unknown', { address: address.slice(0, 100) });
      if (stored.value.approval === approvalStatus.pending) pending.push(stored);
      else notPending.push(stored.value.address);
    }
    await withdraw(context, environmentId, actor, pending, also);
    return { withdrawn: pending.map(({ value }) => value.address), notPending };
  }, mostTries);
}

/**
 * The same for all that still waits of one request. `revision`: of the card that was clicked; another one changes nothing.
 * @throws MailroomError `access.denied`, `approval.unknown`
 */
export async function withdrawRequest(
  context: Context,
  environmentId: string,
  actor: Actor,
  requestId: string,
  revision: number,
): Promise<{ request: ApprovalRequest; stale: boolean }> {
  await requireRight(context, environmentId, actor, 'manage');
  const { store } = context;
  return retryConflict(async () => {
    const stored = await getRequest(store, environmentId, requestId);
    if (stored.value.revision !== revision || stored.value.pending === 0) return { request: stored.value, stale: true };
    await withdraw(context, environmentId, actor, await pendingOf(store, environmentId, requestId), {
      changes: [],
      expected: [{ collection: 'approvalRequest', key: stored.key, version: stored.version }],
    });
    return { request: (await getRequest(store, environmentId, requestId)).value, stale: false };
  });
}

/**
 * Asks anew about what still waits of a request that expired, as the actor's own request.
 * @throws MailroomError `access.denied`, `approval.unknown`
 */
export async function askAgain(
  context: Context,
  environmentId: string,
  actor: Actor,
  requestId: string,
  revision: number,
  conversationId: string,
): Promise<{ request: ApprovalRequest; stale: boolean }> {
  await requireRight(context, environmentId, actor, 'manage');
  const { store, clock } = context;
  return retryConflict(async () => {
    const old = await getRequest(store, environmentId, requestId);
    if (old.value.revision !== revision || old.value.pending === 0 || isLive(old.value))
      return { request: old.value, stale: true };
    const now = clock.now();
    const pending = await pendingOf(store, environmentId, requestId);
    const { testWhenApproved } = old.value;
    const environment = await getEnvironment(store, environmentId);
    const { settings } = environment.value;
    const fresh = await requestApprovals(
      store,
      { environmentId, actor, conversationId, settings, testWhenApproved, now },
      pending.map(({ value }) => value),
    );
    const settled = await settleRequests(store, environmentId, new Map([[requestId, pending.length]]), now);
    await store.commit(
      [
        ...fresh.changes,
        ...settled.changes,
        ...pending.map(({ key, value }): Change => ({
          kind: 'put',
          collection: 'mailbox',
          key,
          value: {
            ...value,
            approvalRequestId: fresh.requestIds.get(value.id) ?? requestId,
            revision: value.revision + 1,
          },
        })),
      ],
      [
        ...settled.expected,
        // The sets by which they were asked about.
        { collection: 'environment', key: environment.key, version: environment.version },
        ...pending.map(({ key, version }) => ({ collection: 'mailbox', key, version }) as const),
      ],
    );
    return { request: (await getRequest(store, environmentId, requestId)).value, stale: false };
  });
}

async function withdraw(
  { store, clock }: Context,
  environmentId: string,
  actor: Actor,
  mailboxes: readonly Stored<Mailbox>[],
  also: AlsoCommitted,
): Promise<void> {
  if (mailboxes.length === 0) {
    await store.commit(also.changes, also.expected);
    return;
  }
  const now = clock.now();
  const leaving = new Map<string, number>();
  for (const { value } of mailboxes)
    if (value.approvalRequestId !== null)
      leaving.set(value.approvalRequestId, (leaving.get(value.approvalRequestId) ?? 0) + 1);
  const settled = await settleRequests(store, environmentId, leaving, now, actor);
  const entries: Change[] = [];
  for (const [requestId, mine] of Map.groupBy(mailboxes, ({ value }) => value.approvalRequestId)) {
    const request =
      requestId === null
        ? null
        : ((await store.get('approvalRequest', keyOf(environmentId, requestId)))?.value ?? null);
    const act = { environmentId, now, actor, kind: 'approval.withdrawn', request } as const;
    for (const entry of mailboxEntries(
      act,
      mine.map(({ value: { address } }) => ({ address })),
    ))
      entries.push(entry);
  }
  // One expectation a record: the request of the card that was clicked is among those that are settled.
  const expected = new Map(
    [...settled.expected, ...also.expected].map((one) => [`${one.collection} ${one.key}`, one] as const),
  );
  await store.commit(
    [
      ...mailboxes.map(({ key, value }): Change => ({
        kind: 'put',
        collection: 'mailbox',
        key,
        value: { ...value, approval: approvalStatus.empty, approvalRequestId: null, revision: value.revision + 1 },
      })),
      ...settled.changes,
      ...(await redrawOwnMailboxCards(
        store,
        environmentId,
        mailboxes.map(({ value }) => value.id),
        now,
      )),
      ...entries,
      ...also.changes,
    ],
    [...expected.values(), ...mailboxes.map(({ key, version }) => ({ collection: 'mailbox', key, version }) as const)],
  );
}
