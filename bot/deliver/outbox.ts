import type { Clock } from '../../services/model/clock.ts';
import type { Intent } from '../../services/model/intent.ts';
import type { Log } from '../../services/service-context.ts';
import { keyOf, type Store } from '../../services/storage/store.ts';
import type { TeamsConnector } from './connector.ts';
import { Lane, type WaitingIntent } from './lane.ts';
import { SendLimits, teamsPace, type Pace } from './pace.ts';
import { isProgress } from './progress.ts';
import { sendIntent, spentChange, type Render, type SendContext, type SendOutcome } from './send-intent.ts';

export interface OutboxOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly connector: TeamsConnector;
  readonly render: Render;
  readonly log: Log;
  readonly pace?: Partial<Pace>;
  readonly random?: () => number;
}

/** Where an answer goes. `isShared`: many read there, and wait for what the outbox has for them. */
export interface AnswerPlace {
  readonly environmentId: string;
  readonly conversationId: string;
  readonly isShared: boolean;
}

/** To be called when the answer has been taken by Teams, or has failed; `called` false: it was not sent. */
export type AnswerEnd = (called: boolean) => void;

export interface Outbox {
  /**
   * An answer to a person, sent outside this line, counts for it. Resolves as soon as Teams takes it, which is at once unless
   * somebody is in a great hurry, however long the line is or waits; null: not within `waitMs`, so it must not go.
   */
  admitAnswer(place: AnswerPlace, waitMs: number): Promise<AnswerEnd | null>;
  /** Starts nothing more and waits for what is under way (at most one deadline) to be written down. */
  stop(): Promise<void>;
  /** Resolves when nothing can be done before time moves on: all is sent, or the rest waits for its turn. */
  idle(): Promise<void>;
}

const pageSize = 500;
/** Above this many waiting intents the store is read again at most once a `rereadMs`, not after each commit. */
const smallBacklog = 500;
const rereadMs = 1000;

/**
 * Drains the intents of the store into Teams: a paced line for each conversation, all of them together below the limit of
 * the app. It wakes by commits and timers, holds keys and times only, and starts from the store after a restart.
 */
export function startOutbox(options: OutboxOptions): Outbox {
  const { store, clock, log } = options;
  const pace: Pace = { ...teamsPace, ...options.pace };
  const context: SendContext = { ...options, pace, random: options.random ?? Math.random, changedAt: new Map() };
  const lanes = new Map<string, Lane>();
  const everything = new SendLimits(
    [{ count: pace.perSecond, spanMs: 1000 }],
    [{ count: pace.answersPerSecond, spanMs: 1000 }],
  );
  const idleWaiters: (() => void)[] = [];
  let stopped = false;
  let stale = true;
  let restoring: Promise<void> | null = null;
  let reading = false;
  let readAt = -Infinity;
  let lastAt = -Infinity;
  let inFlight = 0;
  let callOff: (() => void) | null = null;

  const stopListening = store.onCommit((collections) => {
    if (!collections.has('intent')) return;
    stale = true;
    work();
  });

  function work(): void {
    if (stopped) return settle();
    noticeSetBack();
    const backlog = waitingCount() > smallBacklog;
    if (stale && !reading && (!backlog || clock.now() - readAt >= rereadMs)) void read();
    let wakeAt = startWhatMay();
    if (stale && backlog) wakeAt = Math.min(wakeAt, readAt + rereadMs);
    callOff?.();
    callOff = wakeAt === Infinity ? null : clock.after(Math.max(1, wakeAt - clock.now()), work);
    settle();
  }

  /** Waits are times of day: set back by a day, the clock would make all of them a day long. */
  function noticeSetBack(): void {
    const now = clock.now();
    if (now < lastAt) {
      for (const lane of lanes.values()) lane.endWaits(now);
      context.changedAt.clear();
      readAt = Math.min(readAt, now - rereadMs);
    }
    lastAt = now;
  }

  /** Notes every intent there is, page by page; the records themselves are let go again. */
  async function read(): Promise<void> {
    reading = true;
    stale = false;
    readAt = clock.now();
    try {
      await everythingRestored();
      for (let after: string | undefined; ;) {
        const page = await store.query('intent', { limit: pageSize, ...(after === undefined ? {} : { after }) });
        for (const stored of page) {
          const lane = await laneOf(stored.value);
          if (lane.isNews(stored)) lane.note(stored, await isProgress(store, stored.value));
        }
        after = page.at(-1)?.key;
        if (page.length < pageSize) break;
      }
    } catch (error) {
      failedToWork(error);
    } finally {
      reading = false;
      work();
    }
  }

  /** Once; a store that failed is asked again. */
  function everythingRestored(): Promise<void> {
    restoring ??= restoreEverything().catch((error: unknown) => {
      restoring = null;
      throw error;
    });
    return restoring;
  }

  /**
   * The limit of the app holds over a restart as well. Nobody wrote down what a kill cut off, and a process that is killed
   * again and again might send nothing else: so each begins as one that has just sent all it may.
   */
  async function restoreEverything(): Promise<void> {
    const hasSent = (await store.query('recentSends', { limit: 1 })).length > 0;
    if (hasSent) everything.restore([[clock.now(), pace.answersPerSecond]]);
  }

  function startWhatMay(): number {
    const now = clock.now();
    let wakeAt = Infinity;
    for (const [key, lane] of lanes) {
      if (lane.busy) continue;
      if (lane.size === 0) {
        if (lane.isForgettable(now)) lanes.delete(key);
        continue;
      }
      const next = lane.next(now);
      if ('at' in next) {
        wakeAt = Math.min(wakeAt, next.at);
        continue;
      }
      // The end of a call comes back here by itself.
      if (inFlight >= pace.inFlight) break;
      const openAt = everything.readyAt(now);
      if (openAt > now) return Math.min(wakeAt, openAt);
      // To the end of the line of lanes, so that the global limit is shared fairly.
      lanes.delete(key);
      lanes.set(key, lane);
      void run(lane, next.intent);
    }
    return wakeAt;
  }

  async function run(lane: Lane, intent: WaitingIntent): Promise<void> {
    lane.take(intent);
    everything.begin();
    inFlight += 1;
    // What fails in between may have been sent.
    let called = true;
    try {
      const { key, repost } = intent;
      const outcome = await sendIntent(context, {
        key,
        repost,
        failures: lane.failures,
        sends: () => lane.limits.recent(clock.now()),
      });
      called = outcome.called;
      conclude(lane, intent, outcome);
    } catch (error) {
      lane.putBack(intent, clock.now() + rereadMs);
      failedToWork(error);
    } finally {
      for (const limits of [lane.limits, everything]) limits.end(clock.now(), called);
      lane.busy = false;
      inFlight -= 1;
      work();
    }
  }

  function conclude(lane: Lane, intent: WaitingIntent, outcome: SendOutcome): void {
    switch (outcome.kind) {
      case 'done':
        lane.failures = 0;
        break;
      case 'again':
        lane.failures = 0;
        // What it asked for anew is done with the step that took the old message away.
        lane.putBack({ ...intent, repost: false }, clock.now());
        break;
      case 'held':
        lane.putBack(intent, outcome.at);
        break;
      case 'retry':
        lane.failures += 1;
        lane.pausedUntil = outcome.at;
        lane.putBack(intent, outcome.at);
        break;
      case 'dead':
        lane.clear();
        break;
    }
  }

  /** A store that lives but failed once is asked again a little later, not at once and for ever. */
  function failedToWork(error: unknown): void {
    log.error({ error, storeAlive: store.alive }, 'the outbox cannot use the store');
    stopped ||= !store.alive;
    if (stopped) return;
    clock.after(rereadMs, () => {
      stale = true;
      work();
    });
  }

  /** A lane begins with what the conversation was sent before a restart. */
  async function laneOf({
    environmentId,
    conversationId,
  }: Pick<Intent, 'environmentId' | 'conversationId'>): Promise<Lane> {
    const key = keyOf(environmentId, conversationId);
    const known = lanes.get(key);
    if (known !== undefined) return known;
    const before = (await store.get('recentSends', key))?.value;
    // An answer may have opened it meanwhile.
    const opened = lanes.get(key);
    if (opened !== undefined) return opened;
    const lane = new Lane(environmentId, conversationId, pace);
    if (before !== undefined) {
      lane.limits.restore(before.sends);
      lane.pausedUntil = before.pausedUntil;
    }
    lanes.set(key, lane);
    return lane;
  }

  async function admitAnswer({ isShared, ...place }: AnswerPlace, waitMs: number): Promise<AnswerEnd | null> {
    const lane = await laneOf(place);
    await everythingRestored();
    const until = clock.now() + waitMs;
    const admitted = lane.answering.then(async () => {
      for (;;) {
        const now = clock.now();
        const at = Math.max(lane.limits.answerAt(now, isShared), everything.answerAt(now));
        if (at <= now) {
          lane.limits.beginAnswer(now, isShared);
          everything.begin();
          const end = (called: boolean): void => {
            for (const limits of [lane.limits, everything]) limits.end(clock.now(), called);
          };
          // Where it is close a restart must not forget it; the answers of a quiet chat are worth no write.
          try {
            if (lane.limits.isShort(now))
              await store.commit([spentChange(lane, lane.limits.recent(now), lane.pausedUntil)]);
          } catch (error) {
            end(false);
            throw error;
          }
          return end;
        }
        if (at > until) return null;
        await new Promise<void>((resolve) => void clock.after(at - now, resolve));
      }
    });
    // What fails for one of them must not fail for all that come after it.
    lane.answering = admitted.catch(() => undefined);
    return admitted;
  }

  function waitingCount(): number {
    let count = 0;
    for (const lane of lanes.values()) count += lane.size;
    return count;
  }

  function isQuiet(): boolean {
    return inFlight === 0 && !reading && (stopped || !stale || waitingCount() > smallBacklog);
  }

  function settle(): void {
    if (isQuiet()) for (const waiter of idleWaiters.splice(0)) waiter();
  }

  const idle = (): Promise<void> =>
    new Promise((resolve) => {
      idleWaiters.push(resolve);
      settle();
    });

  work();
  return {
    admitAnswer,
    idle,
    async stop() {
      stopped = true;
      stopListening();
      callOff?.();
      await idle();
    },
  };
}
