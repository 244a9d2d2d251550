import type { Actor } from '../model/access.ts';
import { profileOfAccountCause, serverOfCause, type Incident } from '../model/alert.ts';
import { MailroomError } from '../model/error.ts';
import { testStatus, type Mailbox } from '../model/mailbox.ts';
import { isOver, type Run, type StillFailing } from '../model/run.ts';
import { hostOfPlace } from '../model/outage.ts';
import { requireRight } from '../access/roles.ts';
import type { ServiceContext } from '../service-context.ts';
import { keyOf, type Store } from '../storage/store.ts';
import { getProfile } from '../profiles/profile-names.ts';
import { mailboxesOfIncident } from './incident-mailboxes.ts';
import { isAccountRefused, refusedProfiles } from './refused-account.ts';
import { failedInRun, getRunWithResults } from './run-results.ts';
import { startRun, type StartedRun } from './start-run.ts';

type Context = Pick<ServiceContext, 'store' | 'clock'>;

/** Mailboxes that a "retest" takes at once. */
const retestLimit = 100_000;

/**
 * Tests those mailboxes again that failed in a run and still do not work.
 * @throws MailroomError `access.denied`, `run.unknown`, `run.results-gone`, `run.nothing-to-test`, `run.nothing-fails` {id, again}
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
  if (mailboxes.length === 0) {
    const again = await latestRunOf(context.store, environmentId, failed, run.id);
    throw new MailroomError('run.nothing-fails', { id: run.id, again });
  }
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
 * @throws MailroomError `access.denied`, `incident.unknown`, `incident.resolved`, `incident.secret-refused` {profile},
 *   `incident.outage` {host}, `run.nothing-to-test`
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
  if (await waitsForSecret(context.store, incident))
    throw new MailroomError('incident.secret-refused', { profile: incident.profileName });
  if (incident.waiting > 0)
    throw new MailroomError('incident.outage', { host: hostOfPlace(serverOfCause(incident.causeId) ?? '') });
  const hit = await mailboxesOfIncident(context.store, incident);
  const mailboxes = await stillFailing(context.store, environmentId, hit);
  return startRun(context, environmentId, actor, conversationId, { kind: 'incident', code: incident.code }, mailboxes);
}

/** A test could only fail until the profile has another password. */
export async function waitsForSecret(store: Store, { environmentId, causeId }: Incident): Promise<boolean> {
  const profileId = profileOfAccountCause(causeId);
  const profile = profileId === null ? undefined : (await store.get('profile', keyOf(environmentId, profileId)))?.value;
  return profile !== undefined && isAccountRefused(store, profile);
}

/** What became of those that failed in a run, as of now. Null: nothing is known of them any more, or none did. */
export async function stillFailingOf(store: Store, run: Run): Promise<StillFailing | null> {
  const { environmentId, id, failed, results } = run;
  if (failed === 0 || results === 'gone' || !isOver(run)) return null;
  const mailboxes = await stillFailing(store, environmentId, await failedInRun(store, environmentId, id));
  const refused = await refusedProfiles(store, environmentId);
  const testable = mailboxes.filter(({ profileId }) => profileId === null || !refused.has(profileId));
  return { failing: mailboxes.length, testable: testable.length };
}

/** The run that tested one of them last, where that was another one; `none`. */
async function latestRunOf(store: Store, environmentId: string, ids: Iterable<string>, runId: string): Promise<string> {
  let latest = { at: 0, runId: 'none' };
  for (const id of ids) {
    const mailbox = (await store.get('mailbox', keyOf(environmentId, id)))?.value;
    const tested = { at: mailbox?.lastTestedAt ?? 0, runId: mailbox?.lastTest?.runId ?? runId };
    if (tested.runId !== runId && tested.at >= latest.at) latest = tested;
  }
  return latest.runId;
}

/**
 * Tests the mailboxes of a profile again whose test failed.
 * @throws MailroomError `access.denied`, `profile.unknown`, `run.nothing-to-test`
 */
export async function retestProfile(
  context: Context,
  environmentId: string,
  actor: Actor,
  profileId: string,
  conversationId: string,
): Promise<StartedRun> {
  await requireRight(context, environmentId, actor, 'test');
  const { name } = (await getProfile(context.store, environmentId, profileId)).value;
  const failed = await context.store.query('mailbox', {
    prefix: keyOf(environmentId, ''),
    where: { profileId, status: testStatus.failure },
    limit: retestLimit,
  });
  const mailboxes = failed.map(({ value }) => value);
  return startRun(context, environmentId, actor, conversationId, { kind: 'profile', name }, mailboxes);
}

async function stillFailing(store: Store, environmentId: string, ids: Iterable<string>): Promise<Mailbox[]> {
  const found: Mailbox[] = [];
  for (const id of new Set(ids)) {
    const mailbox = (await store.get('mailbox', keyOf(environmentId, id)))?.value;
    if (mailbox !== undefined && mailbox.status === testStatus.failure) found.push(mailbox);
  }
  return found;
}
