import type { Intent } from '../../services/model/intent.ts';
import type { Stored } from '../../services/storage/store.ts';
import { SendLimits, type Pace } from './pace.ts';

/** An intent that waits: enough to choose the next one, never its subject. */
export interface WaitingIntent {
  readonly key: string;
  /** Its place in the line. A newer wish about the same subject keeps it: a run that changes each second still gets on. */
  readonly since: number;
  readonly notBefore: number;
  /** The card of something that goes on (`isProgress`). */
  readonly progress: boolean;
  readonly version: number;
  /** One of the wishes was to post anew; a later refresh does not take that back. */
  readonly repost: boolean;
}

/** One conversation: its line of intents, its pace, and whether something is on its way. */
export class Lane {
  readonly environmentId: string;
  readonly conversationId: string;
  readonly limits: SendLimits;
  busy = false;
  failures = 0;
  /** The connector said to wait; that holds for everything in this conversation. */
  pausedUntil = 0;
  /** Answers to people go one after the other, too, beside the line and not in it. */
  answering: Promise<unknown> = Promise.resolve();
  readonly #yieldMs: number;
  readonly #waiting = new Map<string, WaitingIntent>();

  constructor(environmentId: string, conversationId: string, pace: Pace) {
    this.environmentId = environmentId;
    this.conversationId = conversationId;
    this.limits = new SendLimits(pace.conversation, pace.answers, pace.sharedAnswers);
    this.#yieldMs = pace.yieldMs;
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** True for a record that is not noted as it is now. A new version may be urgent (a finished run), so it is looked at again. */
  isNews({ key, version }: Stored<Intent>): boolean {
    return this.#waiting.get(key)?.version !== version;
  }

  note(stored: Stored<Intent>, progress: boolean): void {
    this.#put({
      key: stored.key,
      since: stored.value.createdAt,
      notBefore: stored.value.notBefore,
      progress,
      version: stored.version,
      repost: stored.value.placement === 'repost',
    });
  }

  /** Puts an intent back that is not done yet. */
  putBack(intent: WaitingIntent, notBefore: number): void {
    const newer = this.#waiting.get(intent.key);
    this.#put(newer === undefined || newer.version <= intent.version ? { ...intent, notBefore } : newer, intent);
  }

  /** The next intent to send, oldest first, or when there will be one. */
  next(now: number): { readonly intent: WaitingIntent } | { readonly at: number } {
    const short = this.limits.isShort(now);
    const place = (intent: WaitingIntent): number => intent.since + (short && intent.progress ? this.#yieldMs : 0);
    let oldest: WaitingIntent | undefined;
    let soonest = Infinity;
    for (const intent of this.#waiting.values()) {
      soonest = Math.min(soonest, intent.notBefore);
      if (intent.notBefore <= now && (oldest === undefined || place(intent) < place(oldest))) oldest = intent;
    }
    const open = Math.max(this.pausedUntil, soonest, this.limits.readyAt(now));
    return oldest !== undefined && open <= now ? { intent: oldest } : { at: Math.max(open, now + 1) };
  }

  take(intent: WaitingIntent): void {
    this.#waiting.delete(intent.key);
    this.limits.begin();
    this.busy = true;
  }

  clear(): void {
    this.#waiting.clear();
  }

  /** The clock was set back: waits that were written down before are over. What still has to wait says so when it is looked at. */
  endWaits(now: number): void {
    this.pausedUntil = Math.min(this.pausedUntil, now);
    for (const [key, intent] of this.#waiting)
      this.#waiting.set(key, { ...intent, notBefore: Math.min(intent.notBefore, now) });
  }

  /** Nothing waits, and forgetting it would not give it more than the limits. */
  isForgettable(now: number): boolean {
    return this.size === 0 && !this.busy && this.pausedUntil <= now && this.limits.isUnused(now);
  }

  #put(intent: WaitingIntent, also = this.#waiting.get(intent.key)): void {
    this.#waiting.set(intent.key, {
      ...intent,
      since: Math.min(intent.since, also?.since ?? intent.since),
      repost: intent.repost || (also?.repost ?? false),
    });
  }
}
