import { profileOfAlarm, serverOfCause, type Incident, type IncidentEnd } from '../model/alert.ts';
import { notHandled } from '../model/incident-handling.ts';
import { natureOf, scopeOf, type Fault } from '../model/fault.ts';
import type { FaultCode } from '../model/fault-catalogue.ts';
import { isOver, withSample, type LeftOut, type Outcome, type Run } from '../model/run.ts';
import { runEvent } from '../alerts/alert-events.ts';
import { incidentIntents } from '../alerts/incident-intents.ts';
import { outcomeReviews } from '../alerts/owner-reviews.ts';
import { alarmCause, alarmsToLookAt } from '../alerts/profile-alarm.ts';
import { intentChange } from '../conversations/intents.ts';
import type { ServiceContext } from '../service-context.ts';
import { shortId } from '../short-id.ts';
import { keyOf, type Change, type ExpectedVersion, type Store, type Stored } from '../storage/store.ts';
import { timeSlices } from '../time-slices.ts';
import { incidentSize } from './incident-size.ts';

/** Outcomes that one commit folds. */
const batchSize = 500;

/**
 * Folds new outcomes into the rows that cards show: the run's counters and the incidents. The only writer of their numbers,
 * so five thousand testers never meet at one counter. Returns how many outcomes it folded.
 */
export async function projectOutcomes(
  context: Pick<ServiceContext, 'store' | 'clock'>,
  environmentId: string,
): Promise<number> {
  const { store, clock } = context;
  const waiting = await store.query('outcome', {
    prefix: keyOf(environmentId, ''),
    where: { folded: false },
    limit: batchSize + 1,
  });
  const outcomes = waiting.slice(0, batchSize);
  if (outcomes.length === 0) return 0;
  const now = clock.now();
  const changes: Change[] = outcomes.map(folded);
  const expected: ExpectedVersion[] = outcomes.map(({ key, version }) => ({ collection: 'outcome', key, version }));
  for (const runId of new Set(outcomes.flatMap(({ value }) => value.runId ?? []))) {
    const mine = outcomes.map(({ value }) => value).filter((outcome) => outcome.runId === runId);
    const folding = await foldRun(store, environmentId, runId, mine, now);
    changes.push(...folding.changes);
    expected.push(...folding.expected);
  }
  const causes = new Map(
    outcomes.flatMap(({ value }) =>
      value.causes.map(({ causeId, fault }) => [causeId, { fault, profileId: value.profileId }] as const),
    ),
  );
  const alarms = await alarmsToLookAt(store, environmentId, outcomes, waiting.length === outcomes.length, now);
  changes.push(...alarms.changes);
  for (const profileId of alarms.profileIds) {
    const { causeId, fault } = alarmCause(profileId);
    causes.set(causeId, { fault, profileId });
  }
  const pause = timeSlices();
  for (const [causeId, { fault, profileId }] of causes) {
    await pause();
    const folding = await foldIncident(
      store,
      environmentId,
      causeId,
      profileId,
      fault,
      endingOf(outcomes, causeId),
      now,
    );
    changes.push(...folding.changes);
    expected.push(...folding.expected);
  }
  changes.push(
    ...(await outcomeReviews(
      store,
      environmentId,
      outcomes.map(({ value }) => value),
    )),
  );
  await store.commit(changes, expected);
  return outcomes.length;
}

/** What a run gave is kept for its report and for "retest"; a later try has done its duty, and so has who was not tested. */
function folded({ key, value }: Stored<Outcome>): Change {
  return value.runId !== null && value.leftOut === undefined
    ? { kind: 'put', collection: 'outcome', key, value: { ...value, folded: true } }
    : { kind: 'delete', collection: 'outcome', key };
}

interface Folding {
  readonly changes: Change[];
  readonly expected: ExpectedVersion[];
}

async function foldRun(
  store: Store,
  environmentId: string,
  runId: string,
  all: readonly Outcome[],
  now: number,
): Promise<Folding> {
  const stored = await store.get('run', keyOf(environmentId, runId));
  if (stored === undefined) return { changes: [], expected: [] };
  const before = stored.value;
  const outcomes = all.filter(({ leftOut }) => leftOut === undefined);
  const total = before.total - (all.length - outcomes.length);
  const failures = outcomes.filter((outcome) => outcome.fault !== null);
  const causes: Partial<Record<FaultCode, number>> = { ...before.causes };
  for (const { fault } of failures) if (fault !== null) causes[fault.code] = (causes[fault.code] ?? 0) + 1;
  const done = before.done + outcomes.length;
  const over = done >= total && !isOver(before);
  const run: Run = {
    ...before,
    total,
    leftOut: withLeftOut(before.leftOut, all),
    done,
    succeeded: before.succeeded + outcomes.length - failures.length,
    failed: before.failed + failures.length,
    retrying: before.retrying + failures.filter((outcome) => outcome.willRetry).length,
    stillEnabled: (before.stillEnabled ?? 0) + failures.filter((outcome) => outcome.staysEnabled === true).length,
    causes,
    samples: withSample(before.samples, now, done),
    state: over ? 'completed' : before.state,
    finishedAt: over ? now : before.finishedAt,
    revision: before.revision + 1,
  };
  const changes: Change[] = [
    { kind: 'put', collection: 'run', key: stored.key, value: run },
    intentChange(environmentId, 'run', runId, run.conversationId, now),
  ];
  if (over) changes.push(runEvent(environmentId, runId, now));
  return { changes, expected: [{ collection: 'run', key: stored.key, version: stored.version }] };
}

function withLeftOut(before: LeftOut, outcomes: readonly Outcome[]): LeftOut {
  const counts: { -readonly [Reason in keyof LeftOut]: LeftOut[Reason] } = { ...before };
  for (const { leftOut } of outcomes) if (leftOut !== undefined) counts[leftOut] = (counts[leftOut] ?? 0) + 1;
  return counts;
}

/** Counts the mailboxes of a cause anew, and opens, updates or resolves its incident. */
async function foldIncident(
  store: Store,
  environmentId: string,
  causeId: string,
  profileId: string,
  fault: Fault,
  ending: IncidentEnd | null,
  now: number,
): Promise<Folding> {
  const size = await incidentSize(store, environmentId, causeId, now);
  const { open, waiting, sample, level, outage } = size;
  const [current] = await store.query('incident', {
    prefix: keyOf(environmentId, ''),
    where: { causeId, state: 'open' },
    limit: 1,
  });
  if (current === undefined && open === 0) return { changes: [], expected: [] };
  const typical = size.fault ?? current?.value.fault ?? fault;
  const profile = (await store.get('profile', keyOf(environmentId, profileId)))?.value;
  // An outage keeps the names of all its profiles to its end.
  const kept = serverOfCause(causeId) === null ? undefined : current?.value.profileName;
  const id = current?.value.id ?? shortId();
  const key = keyOf(environmentId, id);
  const incident: Incident = {
    environmentId,
    id,
    causeId,
    profileId,
    profileIds: outage?.profileIds ?? current?.value.profileIds ?? [profileId],
    profileName: outage?.profileName ?? kept ?? profile?.name ?? current?.value.profileName ?? '',
    code: typical.code,
    fault: typical,
    nature: natureOf(typical),
    scope: scopeOf(typical),
    level: level ?? current?.value.level ?? 'warning',
    open,
    waiting,
    peak: Math.max(open, current?.value.peak ?? 0),
    sample,
    state: open === 0 ? 'resolved' : 'open',
    firstAt: current?.value.firstAt ?? now,
    lastAt: open === 0 ? (current?.value.lastAt ?? now) : now,
    resolvedAt: open === 0 ? now : null,
    ending: open === 0 ? ending : null,
    handling: handlingOf(current?.value, open),
    wakeAt: open === 0 ? null : (current?.value.wakeAt ?? null),
    revision: (current?.value.revision ?? 0) + 1,
  };
  const changes: Change[] = [
    { kind: 'put', collection: 'incident', key, value: incident },
    ...(await incidentIntents(store, incident, now)),
  ];
  return { changes, expected: [{ collection: 'incident', key, version: current?.version ?? 0 }] };
}

/** By what the last of these outcomes that speaks of a cause came about. An alarm has none of its own: what its profile came to. */
function endingOf(outcomes: readonly Stored<Outcome>[], causeId: string): IncidentEnd | null {
  const profileId = profileOfAlarm(causeId);
  const last = outcomes.findLast(({ value }) =>
    profileId === null
      ? value.causes.some((cause) => cause.causeId === causeId)
      : value.profileId === profileId && value.causes.length > 0,
  );
  if (last === undefined) return null;
  const { runId } = last.value;
  if (runId !== null) return { by: 'run', runId };
  const by = endings[last.key.split('/')[1] ?? ''];
  return by === undefined ? null : { by, runId };
}

/** By the kind that the keys of outcomes without a run begin with. */
const endings: Readonly<Partial<Record<string, IncidentEnd['by']>>> = {
  retry: 'retry',
  poll: 'check',
  outage: 'server',
  account: 'secret',
  change: 'change',
};

/** What people said about it holds until it is over; then who took care of it stays to be read. */
function handlingOf(current: Incident | undefined, open: number): Incident['handling'] {
  const handling = current?.handling ?? notHandled;
  return open === 0 ? { ...handling, quiet: null, muteAsked: null } : handling;
}
