import type { Actor } from '../model/access.ts';
import { serverOfCause } from '../model/alert.ts';
import { MailroomError } from '../model/error.ts';
import { testStatus, type Mailbox } from '../model/mailbox.ts';
import { requireRight } from '../access/roles.ts';
import type { ServiceContext } from '../service-context.ts';
import { keyOf, type Store } from '../storage/store.ts';
import { failedInRun, getRunWithResults } from './run-results.ts';
import { startRun, type StartedRun } from './start-run.ts';

type Context = Pick<ServiceContext, 'store' | 'clock'>;

/** Mailboxes that a "retest" takes at once. */
const retestLimit = 100_000;

/**
 * Tests those mailboxes again that failed in a run and still do not work.
 * @throws MailroomError `access.denied`, `run.unknown`, `run.results-gone`, `run.nothing-to-test`
 */
export async function retestRun(
  context: Context,
  environmentId: string,
  actor: Actor,
  runId: string,
  conversationId: string,
): Promise<StartedRun> {
  await requireRight(context, environmentId, actor, 'test');
  const run = await getRunWithResults(context.store, environmentId, runId);
  const failed = await failedInRun(context.store, environmentId, run.id);
  const mailboxes = await stillFailing(context.store, environmentId, failed);
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
 * @throws MailroomError `access.denied`, `incident.unknown`, `incident.resolved`, `incident.outage` {host}, `run.nothing-to-test`
 */
export async function retestIncident(
  context: Context,
  environmentId: string,
  actor: Actor,
  incidentId: string,
  conversationId: string,
): Promise<StartedRun> {
  await requireRight(context, environmentId, actor, 'test');
  const incident = (await context.store.get('incident', keyOf(environmentId, incidentId)))?.value;
  if (incident === undefined) throw new MailroomError('incident.unknown');
  if (incident.state === 'resolved') throw new MailroomError('incident.resolved');
  if (incident.waiting > 0) throw new MailroomError('incident.outage', { host: serverOfCause(incident.causeId) ?? '' });
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

async function stillFailing(store: Store, environmentId: string, ids: Iterable<string>): Promise<Mailbox[]> {
  const found: Mailbox[] = [];
  for (const id of new Set(ids)) {
    const mailbox = (await store.get('mailbox', keyOf(environmentId, id)))?.value;
    if (mailbox !== undefined && mailbox.status === testStatus.failure) found.push(mailbox);
  }
  return found;
}
