import { randomUUID } from 'node:crypto';
import type { Actor } from '../model/access.ts';
import { approverSetsText, changedSets } from '../model/approver-set.ts';
import { auditEntry } from '../model/audit.ts';
import { changedSettings, type EmailSettings, type Environment } from '../model/environment.ts';
import { redrawApprovalSetup } from '../approvals/approval-setup.ts';
import { decidersChanged } from '../approvals/deciders-changed.ts';
import { approverIds } from '../conversations/approval-audience.ts';
import { alertsSwitchedOn } from '../alerts/alerts-switched-on.ts';
import { settingsReviews } from '../alerts/owner-reviews.ts';
import type { ServiceContext } from '../service-context.ts';
import { approvalStatus } from '../model/mailbox.ts';
import { ownMailboxCards, redrawOwnMailboxCards } from '../approvals/own-mailbox-cards.ts';
import { keyOf, type Change, type ExpectedVersion, type Store, type Stored } from '../storage/store.ts';
import { requireApprovalChanges } from './approval-switched-on.ts';

/**
 * Stores settings with their audit entry. In the same commit, a requirement that is switched on makes its mailboxes Pending,
 * and a level of alerts that is switched on shows its open incidents in the channels that want it. `asker`: who wanted it, where
 * `actor` has agreed to it as the second person; approvals are asked for in their name.
 */
export async function commitSettings(
  context: Pick<ServiceContext, 'store' | 'clock'>,
  stored: Stored<Environment>,
  actor: Actor,
  settings: EmailSettings,
  more: readonly Change[] = [],
  moreExpected: readonly ExpectedVersion[] = [],
  asker: Pick<Actor, 'aadObjectId' | 'name'> = actor,
): Promise<Environment> {
  const { store, clock } = context;
  const { environmentId, settings: before } = stored.value;
  const changed = changedSettings(before, settings);
  if (changed.length === 0 && more.length === 0) return stored.value;
  const now = clock.now();
  const environment: Environment = {
    ...stored.value,
    organizationId: stored.value.organizationId ?? (settings.organizationStamp ? randomUUID() : null),
    settings,
    revision: stored.value.revision + 1,
  };
  const waiting = await requireApprovalChanges(store, environmentId, actor, before, settings, now, asker);
  await store.commit(
    [
      { kind: 'put', collection: 'environment', key: stored.key, value: environment },
      {
        kind: 'append',
        log: 'audit',
        entry: auditEntry(environmentId, now, actor, 'settings.changed', changed, {
          ...Object.fromEntries(
            changed.flatMap((field) => [
              [field, traced(settings, before, field)],
              [`${field}.before`, traced(before, settings, field)],
            ]),
          ),
          ...(asker.aadObjectId === actor.aadObjectId ? {} : { askedBy: asker.name }),
        }),
      },
      ...waiting.changes,
      ...(await decidersAfter(store, environmentId, before, settings, now)),
      ...(await selfApprovalChanges(store, environmentId, before, settings, now)),
      ...(await alertsSwitchedOn(store, environmentId, before, settings, now)),
      ...(await settingsReviews(store, environmentId, before, settings)),
      ...more,
    ],
    [{ collection: 'environment', key: stored.key, version: stored.version }, ...waiting.expected, ...moreExpected],
  );
  return environment;
}

/** What says whether, and by whom, mailboxes are approved. */
const approvalFields: ReadonlySet<keyof EmailSettings> = new Set([
  'fourEyes',
  'approverSets',
  'requireApprovalForUsers',
  'requireApprovalForQueues',
]);

async function decidersAfter(
  store: Store,
  environmentId: string,
  before: EmailSettings,
  after: EmailSettings,
  now: number,
): Promise<Change[]> {
  const changed = changedSettings(before, after);
  const setup = changed.some((field) => approvalFields.has(field))
    ? await redrawApprovalSetup(store, environmentId, now)
    : [];
  if (!changed.includes('fourEyes') && !changed.includes('approverSets')) return setup;
  const approvers = await approverIds(store, environmentId);
  return [
    ...setup,
    ...(await decidersChanged(
      store,
      environmentId,
      { settings: before, approvers },
      { settings: after, approvers },
      now,
    )),
  ];
}

/** Switched on, it is told to whoever waits already; switched off, their cards offer it no more. */
async function selfApprovalChanges(
  store: Store,
  environmentId: string,
  before: EmailSettings,
  after: EmailSettings,
  now: number,
): Promise<Change[]> {
  if (before.selfApproval === after.selfApproval) return [];
  const prefix = keyOf(environmentId, '');
  const pending = await store.query('mailbox', {
    prefix,
    where: { type: 'user', approval: approvalStatus.pending },
    limit: 100_000,
  });
  const requests = new Map(
    (await store.query('approvalRequest', { prefix, limit: 100_000 })).map(({ value }) => [
      value.id,
      value.requestedBy,
    ]),
  );
  const byAsker = Map.groupBy(
    pending.map(({ value }) => value),
    ({ approvalRequestId: id }) => requests.get(id ?? '') ?? '',
  );
  const changes: Change[] = [];
  for (const [aadObjectId, mailboxes] of byAsker) {
    const ids = mailboxes.map(({ id }) => id);
    for (const change of await redrawOwnMailboxCards(store, environmentId, ids, now)) changes.push(change);
    for (const change of await ownMailboxCards(store, environmentId, after, { aadObjectId }, mailboxes, now))
      changes.push(change);
  }
  return changes;
}

/** A value as the trail keeps it: of approver sets who decides about what, where that is another than in `other`. */
function traced(
  settings: EmailSettings,
  other: EmailSettings,
  field: keyof EmailSettings,
): string | number | boolean | null {
  if (field !== 'approverSets') return settings[field];
  return approverSetsText(settings.approverSets, changedSets(settings.approverSets, other.approverSets));
}
