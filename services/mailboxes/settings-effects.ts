import { hasRight, type Actor } from '../model/access.ts';
import { alertLevels, alertSwitchOf } from '../model/alert-levels.ts';
import { fileTypesMissing } from '../model/blocked-attachments.ts';
import type { EmailSettings } from '../model/environment.ts';
import { approvalStatus, directions, methodOf, type Mailbox, type MailboxType } from '../model/mailbox.ts';
import type { SettingsEffect } from '../model/settings-effect.ts';
import { weakenedControls } from '../model/weakened-controls.ts';
import { keyOf, type Store } from '../storage/store.ts';
import { alertsOpen } from '../alerts/count-alerts.ts';
import { reachOfAll } from '../alerts/owner-reach.ts';
import { waitingRequests } from '../approvals/waiting-requests.ts';
import { approverSetEffects } from './approver-set-effects.ts';
import { actMethodFor } from './default-methods.ts';
import { peopleToAsk } from './settings-proposals.ts';

/** What a change of settings would do now, in the order in which it matters. Mailboxes are read a page at a time. */
export async function effectsOf(
  store: Store,
  environmentId: string,
  actor: Pick<Actor, 'aadObjectId'>,
  before: EmailSettings,
  after: EmailSettings,
): Promise<SettingsEffect[]> {
  const prefix = keyOf(environmentId, '');
  const changed = (field: keyof EmailSettings): boolean => before[field] !== after[field];
  const count = await countMailboxes(store, environmentId, after);
  const effects: SettingsEffect[] = [];

  const weakened = weakenedControls(before, after);
  if (weakened.length > 0) {
    const others = await peopleToAsk(store, environmentId, actor);
    effects.push({ kind: 'second-person', controls: weakened, alone: others.length === 0 });
  }
  if (changed('emailConnectionChannel')) {
    const { enabled } = count;
    const runs = await store.count('run', { prefix, where: { state: ['running', 'paused'] } });
    effects.push(
      after.emailConnectionChannel === 1 ? { kind: 'router-on', enabled, runs } : { kind: 'router-off', enabled },
    );
  }
  for (const [field, type] of [
    ['requireApprovalForUsers', 'user'],
    ['requireApprovalForQueues', 'queue'],
  ] as const) {
    if (!changed(field)) continue;
    const { asked, stopped, waiting } = count.approval[type];
    effects.push(
      after[field] ? { kind: 'approval-on', type, asked, stopped } : { kind: 'approval-off', type, waiting },
    );
  }
  if (changed('fourEyes')) {
    const waiting = await askedByApprovers(store, environmentId);
    effects.push({ kind: after.fourEyes ? 'four-eyes-on' : 'four-eyes-off', waiting });
  }
  if (changed('selfApproval')) {
    const { waiting } = count.approval.user;
    effects.push({ kind: after.selfApproval ? 'self-approval-on' : 'self-approval-off', waiting });
  }
  effects.push(...(await approverSetEffects(store, environmentId, before, after)));
  if (changed('defaultProfileId'))
    effects.push(
      after.defaultProfileId === null
        ? { kind: 'no-default-profile', without: count.withoutProfile }
        : { kind: 'default-profile', same: count.withDefault, others: count.total - count.withDefault },
    );
  for (const [field, direction] of [
    ['incomingMethod', 'incoming'],
    ['outgoingMethod', 'outgoing'],
    ['actMethod', 'act'],
  ] as const)
    if (changed(field)) effects.push({ kind: 'method', direction, others: count.otherMethod[direction] });
  for (const level of alertLevels) {
    if (!changed(alertSwitchOf[level])) continue;
    const open = await alertsOpen(store, environmentId, level);
    effects.push({ kind: after[alertSwitchOf[level]] ? 'alerts-on' : 'alerts-off', level, open });
  }
  if (changed('notifyMailboxOwner')) {
    const { reached, unreached } = await reachOfAll(store, environmentId);
    effects.push({ kind: after.notifyMailboxOwner ? 'owners-on' : 'owners-off', reached, unreached });
  }
  if (changed('blockedAttachments'))
    effects.push({
      kind: 'file-types',
      more: fileTypesMissing(after.blockedAttachments, before.blockedAttachments),
      fewer: fileTypesMissing(before.blockedAttachments, after.blockedAttachments),
    });
  if (changed('maxUploadFileSizeKb')) effects.push({ kind: 'attachment-size' });
  if (changed('allowAdBasedAuthenticationProtocols'))
    effects.push(after.allowAdBasedAuthenticationProtocols ? { kind: 'ntlm-on' } : await ntlmOff(store, environmentId));
  if (changed('organizationStamp'))
    effects.push(after.organizationStamp ? { kind: 'stamp-on', mailboxes: count.act } : { kind: 'stamp-off' });
  return effects;
}

/** Mailboxes that wait for the answer to what an approver has asked. */
async function askedByApprovers(store: Store, environmentId: string): Promise<number> {
  const prefix = keyOf(environmentId, '');
  const people = await store.query('role', { prefix, limit: 1000 });
  const approvers = new Set(people.flatMap(({ value }) => (hasRight(value.roles, 'decide') ? value.aadObjectId : [])));
  const waiting = await waitingRequests(store, environmentId);
  return waiting.filter(({ requestedBy }) => approvers.has(requestedBy)).reduce((sum, { pending }) => sum + pending, 0);
}

/** Profiles that sign in by NTLM (`incomingauthenticationprotocol` 2), and their mailboxes. */
async function ntlmOff(store: Store, environmentId: string): Promise<SettingsEffect> {
  const prefix = keyOf(environmentId, '');
  const found = await store.query('profile', { prefix, where: { authenticationProtocol: 2 }, limit: 1000 });
  const profileId = found.map(({ value }) => value.id);
  const mailboxes = profileId.length === 0 ? 0 : await store.count('mailbox', { prefix, where: { profileId } });
  return { kind: 'ntlm-off', profiles: profileId.length, mailboxes };
}

interface Approvals {
  asked: number;
  stopped: number;
  waiting: number;
}

interface MailboxCounts {
  total: number;
  enabled: number;
  withDefault: number;
  withoutProfile: number;
  /** With appointments, contacts and tasks by server-side synchronization. */
  act: number;
  readonly otherMethod: Record<'incoming' | 'outgoing' | 'act', number>;
  readonly approval: Readonly<Record<MailboxType, Approvals>>;
}

const pageSize = 1000;

async function countMailboxes(store: Store, environmentId: string, after: EmailSettings): Promise<MailboxCounts> {
  const counts: MailboxCounts = {
    total: 0,
    enabled: 0,
    withDefault: 0,
    withoutProfile: 0,
    act: 0,
    otherMethod: { incoming: 0, outgoing: 0, act: 0 },
    approval: { user: { asked: 0, stopped: 0, waiting: 0 }, queue: { asked: 0, stopped: 0, waiting: 0 } },
  };
  for (let last: string | undefined; ;) {
    const page = await store.query('mailbox', {
      prefix: keyOf(environmentId, ''),
      ...(last === undefined ? {} : { after: last }),
      limit: pageSize,
    });
    for (const { value } of page) countOne(counts, value, after);
    last = page.at(-1)?.key;
    if (page.length < pageSize) return counts;
  }
}

function countOne(counts: MailboxCounts, mailbox: Mailbox, after: EmailSettings): void {
  const works = directions.some((direction) => mailbox[direction].enabled);
  counts.total += 1;
  if (works) counts.enabled += 1;
  if (mailbox.profileId === null) counts.withoutProfile += 1;
  else if (mailbox.profileId === after.defaultProfileId) counts.withDefault += 1;
  if (mailbox.actMethod === 1) counts.act += 1;
  if (methodOf(mailbox, 'incoming') !== after.incomingMethod) counts.otherMethod.incoming += 1;
  if (methodOf(mailbox, 'outgoing') !== after.outgoingMethod) counts.otherMethod.outgoing += 1;
  if (methodOf(mailbox, 'act') !== actMethodFor(after, mailbox.type)) counts.otherMethod.act += 1;
  const approval = counts.approval[mailbox.type];
  if (mailbox.approval === approvalStatus.empty) approval.asked += 1;
  if (mailbox.approval === approvalStatus.pending) approval.waiting += 1;
  if (works && mailbox.approval !== approvalStatus.approved) approval.stopped += 1;
}
