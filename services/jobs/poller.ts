import type { Mailbox } from '../model/mailbox.ts';
import { maintenanceHostOf, restingHosts } from '../model/maintenance.ts';
import { ownPlaceOf, serverOf } from '../model/outage.ts';
import { firstPollAt, nextPollAt, pollIntervalOf, probeMsOf, type Poll } from '../model/poll.ts';
import type { EmailServerProfile } from '../model/profile.ts';
import { isMailroomError } from '../model/error.ts';
import { backOffMsOf, refusals, throttles, tokenFaults } from '../exchange/gate-faults.ts';
import { getEnvironment } from '../platform/environments.ts';
import type { ServiceContext } from '../service-context.ts';
import { keyOf, type Change, type ExpectedVersion, type Stored } from '../storage/store.ts';
import { askForPoll, isQuiet, pollTarget, recordPoll } from '../testing/poll-mailbox.ts';
import { openWindows, restUntil } from '../profiles/maintenance-windows.ts';
import { pollChanges } from '../testing/poll-changes.ts';
import { recordOutage, resolveOutage } from '../testing/server-outage.ts';
import { keepRefusal } from '../testing/refuse-credential.ts';
import type { Findings } from '../testing/run-phases.ts';
import { isOfServer, placeOf, ServerWatch } from '../testing/server-watch.ts';

export interface Poller {
  /** False once it was stopped, and while its rounds fail. */
  readonly alive: boolean;
  /** Stops checking; what is under way is let go, and is due again at the next start. */
  stop(): Promise<void>;
  /** Resolves when the round under way is over. */
  idle(): Promise<void>;
}

/** Checks under way at once, in all: few, so that a run that begins finds next to nobody before it at the gate. */
const width = 16;
/** Due rows that are looked at, and settled, together. */
const batchSize = 500;
/** Rows of mailboxes that a start looks through at once. */
const pageSize = 500;
const longestTickMs = 5_000;
/** A gate that is closed for minutes, since a server asked for time, must not hold up the checks of others. */
const patienceMs = 60_000;
/** A process that slept for hours need not catch up with them in one go. */
const longestElapsedMs = 60_000;
/** After a stop, an outage or a long run all are due; they are taken at twice their normal rate and not all at once. */
const catchUp = 2;

/**
 * Checks enabled mailboxes when they are due, after everything that somebody waits for: while a task of a run or of a person
 * is in hand, nobody is checked. A check that finds nothing new moves its due time, many in one commit; nothing else is
 * written, and nothing is kept in memory for a mailbox.
 */
export function startPoller(
  context: Pick<ServiceContext, 'store' | 'clock' | 'log' | 'keys' | 'exchange' | 'retry' | 'pollIntervalMs'>,
  environmentId: string,
): Poller {
  const { store, clock, log, retry, pollIntervalMs } = context;
  const prefix = keyOf(environmentId, '');
  const tickMs = Math.max(50, Math.min(longestTickMs, (pollIntervalMs ?? longestTickMs * 10) / 10));
  const watch = new ServerWatch({ silenceMs: retry.delayMs, probeMs: probeMsOf(pollIntervalMs) });
  const abort = new AbortController();
  const { signal } = abort;
  let cursor: string | undefined;
  let lastRoundAt = clock.now();
  let canCheck = true;
  /** By server, and by what each profile may wait for alone. */
  let places = new Map<string, Place>();
  let cancelTimer = (): void => undefined;
  let outages = Promise.resolve();
  let working = run(begin);

  function run(work: () => Promise<void>): Promise<void> {
    return work()
      .then(() => {
        canCheck = true;
      })
      .catch((error: unknown) => {
        canCheck = false;
        if (!signal.aborted && store.alive) log.error({ err: error }, 'mailboxes could not be checked');
      })
      .finally(() => {
        if (!signal.aborted) cancelTimer = clock.after(tickMs, () => void (working = run(round)));
      });
  }

  /** Takes in whoever is enabled and has no due time (data of an earlier version), and outages that are still open. */
  async function begin(): Promise<void> {
    for (const { value } of await store.query('outage', { prefix, limit: 10_000 }))
      watch.restore(value.host, value.since);
    for (let after: string | undefined; !signal.aborted;) {
      const page = await store.query('mailbox', {
        prefix,
        ...(after === undefined ? {} : { after }),
        limit: pageSize,
      });
      const changes: Change[] = [];
      for (const { value } of page) {
        if (!value.incoming.enabled || value.profileId === null) continue;
        if ((await store.get('poll', keyOf(environmentId, value.id))) !== undefined) continue;
        const profile = (await store.get('profile', keyOf(environmentId, value.profileId)))?.value;
        changes.push(...(await pollChanges(context, value, profile, clock.now())));
      }
      if (changes.length > 0) await store.commit(changes);
      after = page.at(-1)?.key;
      if (page.length < pageSize) return;
    }
  }

  async function round(): Promise<void> {
    const now = clock.now();
    const elapsedMs = Math.min(now - lastRoundAt, longestElapsedMs);
    lastRoundAt = now;
    const polled = await profilesPolled();
    await restServers(polled, now);
    places = placesOf(polled);
    for (const place of watch.out) {
      if (places.has(place)) continue;
      watch.end(place, now);
      await resolveOutage(context, environmentId, place);
    }
    const perMs = polled.reduce((sum, { profile, count }) => sum + count / pollIntervalOf(profile, pollIntervalMs), 0);
    let allowed = Math.max(width, Math.ceil(catchUp * perMs * elapsedMs));
    while (allowed > 0 && !signal.aborted && !(await isBusy())) {
      const due = await store.query('poll', {
        prefix,
        atMost: { dueAt: now },
        ...(cursor === undefined ? {} : { after: cursor }),
        limit: Math.min(batchSize, allowed),
      });
      // Round and round by key: where time is short, nobody waits for ever behind the same others.
      const wasAtStart = cursor === undefined;
      cursor = due.at(-1)?.key;
      if (due.length === 0 && wasAtStart) return;
      allowed -= due.length;
      await checkAll(due);
    }
  }

  /** While a window lasts its servers are forgotten, so that the first check after it begins with nothing known. */
  async function restServers(polled: readonly PolledProfile[], now: number): Promise<void> {
    const resting = restingHosts(await openWindows(store, environmentId, now), now);
    for (const { profile } of polled)
      // Of another server for outgoing that rests, this one knows nothing.
      if (resting.has(maintenanceHostOf(profile)))
        for (const place of [serverOf(profile), ownPlaceOf(profile)]) watch.rest(place, now);
  }

  async function isResting(profile: EmailServerProfile): Promise<boolean> {
    return (await restUntil(store, profile, clock.now())) !== null;
  }

  /**
   * Nobody is checked now. Somebody waits: a run, or a person; later tries of a test are nobody's hurry. Or the Email Router
   * has the mailboxes: they stay enabled, stay due, and are checked again when synchronization is chosen again.
   */
  async function isBusy(): Promise<boolean> {
    if ((await getEnvironment(store, environmentId)).value.settings.emailConnectionChannel === 1) return true;
    const claimed = await store.query('task', { prefix, where: { state: 'claimed' }, limit: 1000 });
    return claimed.some(({ value }) => value.runId !== null || value.priority === 0);
  }

  async function profilesPolled(): Promise<PolledProfile[]> {
    const found: PolledProfile[] = [];
    const profiles = await store.query('profile', { prefix, where: { state: 'active' }, limit: 1000 });
    for (const { value: profile } of profiles) {
      const count = await store.count('poll', { prefix, where: { profileId: profile.id } });
      if (count > 0) found.push({ profile, count });
    }
    return found;
  }

  async function checkAll(due: readonly Stored<Poll>[]): Promise<void> {
    const settled: Settled[] = [];
    const rows = due.values();
    const worker = async (): Promise<void> => {
      for (const row of rows) {
        // Whoever is left stays due.
        if (signal.aborted || (await isBusy())) return;
        const change = await check(row).catch((error: unknown): Settled | null => {
          if (signal.aborted) return null;
          log.error({ err: error, mailbox: row.value.mailboxId }, 'a mailbox could not be checked');
          return { row, change: put(row, { dueAt: clock.now() + retry.delayMs }) };
        });
        if (change !== null) settled.push(change);
      }
    };
    await Promise.all(Array.from({ length: Math.min(width, due.length) }, worker));
    if (store.alive) await settle(settled);
  }

  /** Checks one, and says what becomes of its row; null when that is written already. */
  async function check(row: Stored<Poll>): Promise<Settled | null> {
    const target = await pollTarget(context, row.value);
    if (target.kind === 'left') return { row, change: { kind: 'delete', collection: 'poll', key: row.key } };
    if (target.kind === 'resting') return { row, change: put(row, { dueAt: later(null) }) };
    const { profile } = target;
    const profileId = profile.id;
    const wait = (): Settled => ({ row, change: put(row, { profileId, dueAt: waiting(profile) }) });
    if (target.kind === 'refused') return wait();
    const { mailbox } = target;
    // An announced outage: nobody asks, and what was not answered before it is forgotten.
    const rest = (): Settled => ({
      row,
      change: put(row, { profileId, unansweredSince: null, dueAt: waiting(profile) }),
    });
    if (await isResting(profile)) return rest();
    const [host, own] = [serverOf(profile), ownPlaceOf(profile)];
    if (![host, own].every((place) => watch.mayAsk(place, mailbox.id, clock.now()))) return wait();

    const findings = await ask(mailbox);
    if (signal.aborted) {
      if (findings !== 'no-turn') await keepRefusal(context, environmentId, findings);
      return null;
    }
    if (findings === 'no-turn') return { row, change: put(row, { profileId, dueAt: soon(profile) }) };
    const fault = findings.phases[0]?.fault ?? null;
    // What Mailroom itself finds (a key that is missing) is nothing that Exchange said of the mailbox.
    if (findings.credentialId === null && fault?.code === 'CredentialMissing')
      return { row, change: put(row, { profileId, dueAt: later(profile) }) };
    if (fault !== null && refusals.has(fault.code)) {
      await keepRefusal(context, environmentId, findings);
      return wait();
    }
    // The window began while this check was under way.
    if (fault !== null && (await isResting(profile))) return rest();
    if (fault !== null && throttles.has(fault.code)) watch.backOff(host, backOffMsOf(fault), clock.now());
    if (fault !== null && isOfServer(fault)) {
      const place = placeOf(profile, fault);
      // What says no to this profile is there all the same; without a token nobody asked it.
      if (place === own && !tokenFaults.has(fault.code)) await answered([host]);
      const silence = watch.unanswered(
        place,
        {
          mailboxId: mailbox.id,
          circuitOpen: findings.unasked.length > 0,
          since: row.value.unansweredSince,
          isOnlyOne: places.get(place)?.count === 1,
        },
        clock.now(),
      );
      if (silence.kind !== 'mailbox') {
        if (silence.kind === 'outage' && silence.isNews)
          await inTurn(() =>
            recordOutage(context, environmentId, place, places.get(place)?.profiles ?? [profile], fault),
          );
        return { row, change: put(row, { profileId, unansweredSince: silence.since, dueAt: soon(profile) }) };
      }
    } else await answered([host, own]);
    if (isQuiet(mailbox, findings)) {
      const checkedAt = clock.now();
      return { row, change: put(row, { profileId, checkedAt, unansweredSince: null, dueAt: later(profile) }) };
    }
    await recordPoll(context, row, findings, fault !== null && isOfServer(fault) ? 'passing' : 'counted');
    return null;
  }

  async function answered(at: readonly string[]): Promise<void> {
    for (const place of at)
      if (watch.answered(place, clock.now())) await inTurn(() => resolveOutage(context, environmentId, place));
  }

  /** 'no-turn': the gate did not let it in, and it asks another time. */
  async function ask(mailbox: Mailbox): Promise<Findings | 'no-turn'> {
    const own = new AbortController();
    const end = (): void => own.abort();
    const cancel = clock.after(patienceMs, end);
    signal.addEventListener('abort', end);
    try {
      return await askForPoll(context, mailbox, own.signal);
    } catch (error) {
      if (own.signal.aborted && !signal.aborted) return 'no-turn';
      throw error;
    } finally {
      cancel();
      signal.removeEventListener('abort', end);
    }
  }

  /** Beginning and end of outages are written one after the other, so that neither overtakes the other. */
  function inTurn(work: () => Promise<void>): Promise<void> {
    const next = outages.then(work);
    outages = next.catch(() => undefined);
    return next;
  }

  function later(profile: EmailServerProfile | null): number {
    const intervalMs = pollIntervalOf(profile ?? { minPollingIntervalMinutes: 0 }, pollIntervalMs);
    return nextPollAt(clock.now(), intervalMs, Math.random());
  }

  /** It went unanswered: looked at again as soon as a failure would be. */
  function soon(profile: EmailServerProfile): number {
    return nextPollAt(clock.now(), Math.min(retry.delayMs, pollIntervalOf(profile, pollIntervalMs)), Math.random());
  }

  /** Nobody asks now. Each time anew anywhere in the second half of the interval, so that they stay spread. */
  function waiting(profile: EmailServerProfile): number {
    const half = pollIntervalOf(profile, pollIntervalMs) / 2;
    return firstPollAt(clock.now() + half, half, Math.random());
  }

  /** Many rows in one commit. A row that a test has changed in between is left as it is now. */
  async function settle(settled: readonly Settled[]): Promise<void> {
    let left = settled;
    while (left.length > 0) {
      const expected = left.map(({ row: { key, version } }): ExpectedVersion => ({ collection: 'poll', key, version }));
      try {
        await store.commit(
          left.map(({ change }) => change),
          expected,
        );
        return;
      } catch (error) {
        if (!isMailroomError(error, 'store.conflict')) throw error;
        const now = await Promise.all(left.map(({ row }) => store.get('poll', row.key)));
        left = left.filter(({ row }, index) => now[index]?.version === row.version);
      }
    }
  }

  return {
    get alive() {
      return canCheck && !signal.aborted;
    },
    async stop() {
      abort.abort();
      cancelTimer();
      await working;
    },
    idle: () => working,
  };
}

interface PolledProfile {
  readonly profile: EmailServerProfile;
  /** Its mailboxes that are checked. */
  readonly count: number;
}

/** Who waits where. */
interface Place {
  readonly profiles: readonly EmailServerProfile[];
  readonly count: number;
}

function placesOf(polled: readonly PolledProfile[]): Map<string, Place> {
  const found = new Map<string, Place>();
  for (const { profile, count } of polled) {
    for (const name of [serverOf(profile), ownPlaceOf(profile)]) {
      const { profiles, count: others } = found.get(name) ?? { profiles: [], count: 0 };
      found.set(name, { profiles: [...profiles, profile], count: others + count });
    }
  }
  return found;
}

interface Settled {
  readonly row: Stored<Poll>;
  readonly change: Change;
}

function put({ key, value }: Stored<Poll>, changes: Partial<Poll>): Change {
  return { kind: 'put', collection: 'poll', key, value: { ...value, ...changes } };
}
