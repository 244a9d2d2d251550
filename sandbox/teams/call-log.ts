/** A request of the bot to the connector, or an activity delivered to the bot. */
export type LogEntry = ConnectorCall | Delivery;

export interface ConnectorCall {
  kind: 'call';
  at: number;
  tookMs: number;
  method: string;
  path: string;
  /** As the bot wrote it, with the thread. */
  conversation?: string;
  status: number;
  /** Code of the error body. */
  code?: string;
  /** The activity or parameters sent, as JSON. */
  body?: unknown;
}

export interface Delivery {
  kind: 'delivery';
  at: number;
  tookMs: number;
  activityId: string;
  type: string;
  name?: string;
  trigger?: string;
  personId: string;
  conversation: string;
  /** 0 when the bot could not be reached or did not answer in time. */
  status: number;
}

/** What a conversation may bear from one bot (rate-limit.md): at most `sends` in any `windowMs`. */
export const SEND_LIMITS: readonly { windowMs: number; sends: number }[] = [
  { windowMs: 1_000, sends: 7 },
  { windowMs: 2_000, sends: 8 },
  { windowMs: 30_000, sends: 60 },
  { windowMs: 3_600_000, sends: 1_800 },
];

/** The newest entries, and the times of sends per conversation. */
export class CallLog {
  readonly entries: LogEntry[] = [];
  private readonly sends = new Map<string, number[]>();
  private readonly capacity: number;

  constructor(capacity = 20_000) {
    this.capacity = capacity;
  }

  add(entry: LogEntry): void {
    this.entries.push(entry);
    if (this.entries.length > this.capacity) this.entries.splice(0, this.entries.length - this.capacity);
  }

  /** Counts a send (a create or an edit of an activity) towards the limits of its conversation. */
  addSend(conversationId: string, at: number): void {
    const times = this.sends.get(conversationId) ?? [];
    times.push(at);
    this.sends.set(conversationId, times);
  }

  sendTimes(conversationId: string): readonly number[] {
    return this.sends.get(conversationId) ?? [];
  }

  /** The most sends that fell in any window of this length. */
  peak(conversationId: string, windowMs: number): number {
    const times = this.sendTimes(conversationId);
    let first = 0;
    let peak = 0;
    for (const [index, at] of times.entries()) {
      while ((times[first] ?? at) <= at - windowMs) first += 1;
      peak = Math.max(peak, index - first + 1);
    }
    return peak;
  }

  /** Whether one more send now would break a limit of Teams. */
  wouldExceed(conversationId: string, at: number): boolean {
    const times = this.sendTimes(conversationId);
    return SEND_LIMITS.some(({ windowMs, sends }) => {
      const oldest = times.at(-sends);
      return oldest !== undefined && oldest > at - windowMs;
    });
  }

  calls(filter: { method?: string; path?: string } = {}): ConnectorCall[] {
    return this.entries.filter(
      (entry): entry is ConnectorCall =>
        entry.kind === 'call' &&
        (filter.method === undefined || filter.method === entry.method) &&
        (filter.path === undefined || entry.path.includes(filter.path)),
    );
  }

  deliveries(): Delivery[] {
    return this.entries.filter((entry): entry is Delivery => entry.kind === 'delivery');
  }
}
