import type { Actor } from '../model/access.ts';
import { MailroomError } from '../model/error.ts';
import { testStatus, type Mailbox } from '../model/mailbox.ts';
import { requireRight } from '../access/roles.ts';
import type { ServiceContext } from '../service-context.ts';
import { keyOf, type Store } from '../storage/store.ts';
import { getRun } from './cancel-run.ts';
import { startRun, type PreparedRun } from './start-run.ts';

type Context = Pick<ServiceContext, 'store' | 'clock'>;

/** Mailboxes that a "retest" takes at once. */
const retestLimit = 100_000;

/**
 * Tests those mailboxes again that failed in a run and still do not work.
 * @throws MailroomError `access.denied`, `run.unknown`, `run.nothing-to-test`
 */
export async function retestRun(
  context: Context,
  environmentId: string,
  actor: Actor,
  runId: string,
  conversationId: string,
): Promise<PreparedRun> {
  await requireRight(context, environmentId, actor, 'test');
  const run = (await getRun(context.store, environmentId, runId)).value;
  const outcomes = await context.store.query('outcome', {
    prefix: keyOf(environmentId, run.id, ''),
    limit: retestLimit,
  });
  const mailboxes = await stillFailing(
    context.store,
    environmentId,
    outcomes.map((stored) => stored.value.mailboxId),
  );
  return startRun(
    context,
    environmentId,
    actor,
    conversationId,
    { kind: 'selection', text: `failed in ${run.id}` },
    mailboxes,
  );
}

/**
 * Tests the mailboxes again that an incident hits now.
 * @throws MailroomError `access.denied`, `incident.unknown`, `incident.resolved`, `run.nothing-to-test`
 */
export async function retestIncident(
  context: Context,
  environmentId: string,
  actor: Actor,
  incidentId: string,
  conversationId: string,
): Promise<PreparedRun> {
  await requireRight(context, environmentId, actor, 'test');
  const incident = (await context.store.get('incident', keyOf(environmentId, incidentId)))?.value;
  if (incident === undefined) throw new MailroomError('incident.unknown');
  if (incident.state === 'resolved') throw new MailroomError('incident.resolved');
  const alerts = await context.store.query('alert', {
    prefix: keyOf(environmentId, ''),
    where: { causeId: incident.causeId },
    limit: retestLimit,
  });
  const mailboxes = await stillFailing(
    context.store,
    environmentId,
    alerts.map((stored) => stored.value.mailboxId),
  );
  return startRun(context, environmentId, actor, conversationId, { kind: 'incident', code: incident.code }, mailboxes);
}

async function stillFailing(store: Store, environmentId: string, ids: readonly string[]): Promise<Mailbox[]> {
  const found: Mailbox[] = [];
  for (const id of new Set(ids)) {
    const mailbox = (await store.get('mailbox', keyOf(environmentId, id)))?.value;
    if (mailbox !== undefined && mailbox.status === testStatus.failure) found.push(mailbox);
  }
  return found;
}
