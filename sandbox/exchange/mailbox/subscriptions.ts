import { randomUUID } from 'node:crypto';
import type { Change, SyncPosition } from './change-journal.ts';
import type { Mailbox } from './mailbox.ts';

export type SubscriptionKind = 'pull' | 'streaming';

/** What a client wants to be told of. */
export interface Wish {
  readonly kind: SubscriptionKind;
  readonly mailbox: Mailbox;
  /** Internal names; all folders, those to come too, without it. */
  readonly folders: readonly string[] | undefined;
  readonly events: ReadonlySet<string>;
  readonly timeoutMs: number;
}

/** Something that happened in a folder. */
export interface FolderChange extends Change {
  readonly folder: string;
}

export interface News {
  readonly changes: readonly FolderChange[];
  /** Where the client stands with them. */
  readonly watermark: string;
}

type Positions = ReadonlyMap<string, SyncPosition>;

/** A client may come back with one of its last watermarks; older ones are forgotten. */
const WATERMARKS_KEPT = 16;
const START: SyncPosition = { base: 0, cursor: 0 };

/** One client's subscription to changes in a mailbox. */
export class Subscription {
  readonly id: string;
  readonly wish: Wish;
  #watermarks = new Map<string, Positions>();
  #lastAsked: number;

  constructor(wish: Wish, now: number) {
    this.id = Buffer.from(`\u0011\u0000EX${wish.mailbox.number}/${randomUUID()}`).toString('base64');
    this.wish = wish;
    this.#lastAsked = now;
    this.#mark(new Map(this.#folders().map((folder) => [folder, wish.mailbox.journal(folder).end])));
  }

  /** Where the client stands that has asked last. */
  get watermark(): string {
    return [...this.#watermarks.keys()].at(-1) ?? '';
  }

  isExpired(now: number): boolean {
    return now - this.#lastAsked > this.wish.timeoutMs;
  }

  /** Resolves once there is news since the last watermark, at once if there is some, or when the signal ends it. */
  async news(signal: AbortSignal): Promise<void> {
    const { mailbox } = this.wish;
    while (!this.#hasNews() && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const settle = (): void => {
          stop();
          signal.removeEventListener('abort', settle);
          resolve();
        };
        const stop = mailbox.onChange(settle);
        signal.addEventListener('abort', settle);
      });
    }
  }

  /** What happened since a watermark; undefined for one that was never given out, or too long ago. */
  since(watermark: string, now: number): News | undefined {
    const positions = this.#watermarks.get(watermark);
    if (!positions) return undefined;
    this.#lastAsked = now;
    const { mailbox } = this.wish;
    const changes = this.#changesSince(positions);
    if (changes.length === 0) return { changes, watermark };
    this.#mark(new Map(this.#folders().map((folder) => [folder, mailbox.journal(folder).end])));
    return { changes, watermark: this.watermark };
  }

  #hasNews(): boolean {
    const positions = this.#watermarks.get(this.watermark);
    return positions !== undefined && this.#changesSince(positions).length > 0;
  }

  #changesSince(positions: Positions): readonly FolderChange[] {
    return this.#folders().flatMap((folder) =>
      this.wish.mailbox
        .journal(folder)
        .since(positions.get(folder) ?? START, Number.MAX_SAFE_INTEGER)
        .changes.map((change) => ({ ...change, folder })),
    );
  }

  #folders(): readonly string[] {
    const { folders, mailbox } = this.wish;
    const root = mailbox.folders.named('root');
    return folders ?? (root ? mailbox.folders.descendants(root).map(({ name }) => name) : []);
  }

  #mark(positions: Positions): void {
    this.#watermarks.set(Buffer.from(randomUUID()).toString('base64'), positions);
    for (const old of [...this.#watermarks.keys()].slice(0, -WATERMARKS_KEPT)) this.#watermarks.delete(old);
  }
}

/** All subscriptions of a server. */
export class Subscriptions {
  readonly #all = new Map<string, Subscription>();

  add(wish: Wish, now: number): Subscription {
    for (const [id, old] of this.#all) if (old.isExpired(now)) this.#all.delete(id);
    const subscription = new Subscription(wish, now);
    this.#all.set(subscription.id, subscription);
    return subscription;
  }

  find(id: string): Subscription | undefined {
    return this.#all.get(id);
  }

  remove(id: string): void {
    this.#all.delete(id);
  }
}
