import { waitingRequests } from '../approvals/waiting-requests.ts';
import { approverSetOf, changedSets } from '../model/approver-set.ts';
import { isLive } from '../model/approval-request.ts';
import type { EmailSettings } from '../model/environment.ts';
import { approvalStatus } from '../model/mailbox.ts';
import type { SettingsEffect } from '../model/settings-effect.ts';
import { whoDecides } from '../model/who-decides.ts';
import { approverIds } from '../conversations/approval-audience.ts';
import { keyOf, type Store } from '../storage/store.ts';

const pageSize = 1000;

/** What a change of approver sets would do now. Mailboxes are read a page at a time. */
export async function approverSetEffects(
  store: Store,
  environmentId: string,
  before: EmailSettings,
  after: EmailSettings,
): Promise<SettingsEffect[]> {
  const changed = changedSets(before.approverSets, after.approverSets);
  if (changed.length === 0) return [];
  const prefix = keyOf(environmentId, '');
  const requests = await waitingRequests(store, environmentId);
  const people = await approverIds(store, environmentId);
  const deciding = (settings: EmailSettings, request: (typeof requests)[number]): string =>
    whoDecides(settings, request, people).deciding.join();
  const moving = requests.filter(
    (request) => isLive(request) && deciding(before, request) !== deciding(after, request),
  );
  const askedSet = new Map(requests.map(({ id, approverSetId }) => [id, approverSetId]));
  const counts = new Map(changed.map((id) => [id, { covers: 0, keeping: 0 }]));
  for (let last: string | undefined; ;) {
    const page = await store.query('mailbox', {
      prefix,
      ...(last === undefined ? {} : { after: last }),
      limit: pageSize,
    });
    for (const { value } of page) {
      const set = approverSetOf(after.approverSets, value)?.id;
      const count = set === undefined ? undefined : counts.get(set);
      if (count === undefined) continue;
      count.covers += 1;
      if (value.approval === approvalStatus.pending && askedSet.get(value.approvalRequestId ?? '') !== set)
        count.keeping += 1;
    }
    last = page.at(-1)?.key;
    if (page.length < pageSize) break;
  }
  return [
    ...changed.map((id): SettingsEffect => {
      const then = before.approverSets.find((set) => set.id === id);
      const next = after.approverSets.find((set) => set.id === id);
      const deed = then === undefined ? 'added' : next === undefined ? 'deleted' : 'changed';
      return {
        kind: 'approver-set',
        name: (next ?? then)?.name ?? '',
        deed,
        ...(counts.get(id) ?? { covers: 0, keeping: 0 }),
      };
    }),
    {
      kind: 'change-hands',
      requests: moving.length,
      mailboxes: moving.reduce((sum, { pending }) => sum + pending, 0),
    },
  ];
}
