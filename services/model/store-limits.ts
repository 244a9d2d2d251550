/**
 * What the embedded store was measured for on one machine. Beyond it nothing breaks at once, but nobody has tried it: it is
 * said as soon as one comes near, while there is time to act.
 */
export const storeLimits = { mailboxes: 50_000, writesPerSecond: 500 } as const;

/** From this share on a limit is near. */
export const nearShare = 0.8;

/** What is measured: the load of the last minute, and the memory of the process beside what it may have. */
export interface StoreLoad {
  readonly mailboxes: number;
  readonly writesPerSecond: number;
  readonly memoryBytes: number;
  /** Of the machine or the container. */
  readonly memoryLimitBytes: number;
}

/** A limit that is near or reached. */
export interface StoreLimit {
  readonly kind: 'mailboxes' | 'writes' | 'memory';
  readonly value: number;
  readonly limit: number;
  /** Whole per cent. */
  readonly percent: number;
}

/** The limits that come near, the nearest first. */
export function nearLimits({ mailboxes, writesPerSecond, memoryBytes, memoryLimitBytes }: StoreLoad): StoreLimit[] {
  const all = [
    limitOf('mailboxes', mailboxes, storeLimits.mailboxes),
    limitOf('writes', writesPerSecond, storeLimits.writesPerSecond),
    limitOf('memory', memoryBytes, memoryLimitBytes),
  ];
  return all
    .filter(({ value, limit }) => limit > 0 && value >= nearShare * limit)
    .sort((a, b) => b.value / b.limit - a.value / a.limit);
}

function limitOf(kind: StoreLimit['kind'], value: number, limit: number): StoreLimit {
  return { kind, value, limit, percent: limit > 0 ? Math.floor((value / limit) * 100) : 0 };
}
