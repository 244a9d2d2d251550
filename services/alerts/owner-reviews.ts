import { randomUUID } from 'node:crypto';
import { alertSwitchOf } from '../model/alert-levels.ts';
import type { EmailSettings } from '../model/environment.ts';
import type { OwnerReview } from '../model/owner-alert.ts';
import type { Outcome } from '../model/run.ts';
import { scopeOf } from '../model/fault.ts';
import { keyOf, type Change, type Store } from '../storage/store.ts';
import { allOpenIncidents } from './all-open-incidents.ts';

/** Mailboxes of one review: what one commit looks at. */
const most = 500;

/** Their owners, or what they were told, may have changed. */
export function mailboxReviews(
  environmentId: string,
  mailboxIds: readonly string[],
  succeeded: readonly string[] = [],
): Change[] {
  const changes: Change[] = [];
  for (let at = 0; at < mailboxIds.length; at += most) {
    const page = mailboxIds.slice(at, at + most);
    const review: OwnerReview = {
      environmentId,
      kind: 'mailboxes',
      mailboxIds: page,
      succeeded: succeeded.length === 0 ? [] : page.filter((id) => succeeded.includes(id)),
    };
    changes.push(put(keyOf(environmentId, 'mailboxes', randomUUID()), review));
  }
  return changes;
}

/** Somebody is known from now on by their address, or can be reached from now on, or cannot any more. */
export function personReview(environmentId: string, aadObjectId: string): Change {
  return put(keyOf(environmentId, 'person', aadObjectId), { environmentId, kind: 'person', aadObjectId });
}

/** What all owners are told was changed. */
export function everybodyReview(environmentId: string): Change {
  return put(keyOf(environmentId, 'everybody'), { environmentId, kind: 'everybody', after: null });
}

/** How many owners the incident of a cause reaches is to be counted. */
export function reachReview(environmentId: string, causeId: string): Change {
  return put(keyOf(environmentId, 'reach', causeId), { environmentId, kind: 'reach', causeId });
}

/**
 * What outcomes mean for the owners of their mailboxes: for the commit that folds them. Where owners hear of servers too, one
 * that goes or comes back concerns everybody.
 */
export async function outcomeReviews(
  store: Store,
  environmentId: string,
  outcomes: readonly Outcome[],
): Promise<Change[]> {
  const settings = (await store.get('environment', environmentId))?.value.settings;
  const tellsOfServers = settings?.notifyMailboxOwner === true;
  const tested = outcomes.filter(({ mailboxId }) => mailboxId !== '');
  const succeeded = tested.filter(({ phases, fault }) => phases.length > 0 && fault === null);
  const causes = outcomes.flatMap((outcome) => outcome.causes);
  const counted = new Set(
    causes.filter(({ fault }) => tellsOfServers || scopeOf(fault) === 'mailbox').map(({ causeId }) => causeId),
  );
  const isOfServer = tellsOfServers && outcomes.some(({ mailboxId, causes: [cause] }) => mailboxId === '' && cause);
  return [
    ...mailboxReviews(
      environmentId,
      [...new Set(tested.map(({ mailboxId }) => mailboxId))],
      succeeded.map(({ mailboxId }) => mailboxId),
    ),
    ...[...counted].map((causeId) => reachReview(environmentId, causeId)),
    ...(isOfServer ? [everybodyReview(environmentId)] : []),
  ];
}

/** What follows when the organization changes what owners hear of. */
export async function settingsReviews(
  store: Store,
  environmentId: string,
  before: EmailSettings,
  after: EmailSettings,
): Promise<Change[]> {
  const fields = ['notifyMailboxOwner', ...Object.values(alertSwitchOf)] as const;
  return fields.every((field) => before[field] === after[field]) ? [] : allReviews(store, environmentId);
}

/** Everybody, and whom each open incident reaches. */
export async function allReviews(store: Store, environmentId: string): Promise<Change[]> {
  const open = await allOpenIncidents(store, environmentId);
  return [everybodyReview(environmentId), ...open.map(({ causeId }) => reachReview(environmentId, causeId))];
}

const put = (key: string, value: OwnerReview): Change => ({ kind: 'put', collection: 'ownerReview', key, value });
