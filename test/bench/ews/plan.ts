/** Calls of one whole test; the stand-in's own count of a round says whether it is true. */
export const callsPerMailbox = 4;

/** What a client process of the benchmark is told, and what it answers in one line. */
export interface Plan {
  readonly ews: string;
  readonly ca: string;
  readonly userName: string;
  readonly password: string;
  readonly connections: number;
  readonly mailboxes: number;
  /** Profiles of Mailroom on the one account, each of which would allow this many connections by itself; else one. */
  readonly profiles?: { readonly count: number; readonly connections: number };
  /** Part of the markers, so that no round finds the messages of another. */
  readonly round: string;
}

export interface Figures {
  readonly mailboxes: number;
  readonly calls: number;
  readonly ms: number;
  /** User and system time of the whole process, threads included. */
  readonly cpuMs: number;
  /** Delay of the main thread's event loop, where the bot would be. */
  readonly loopDelayP99Ms: number;
  readonly failed: number;
}

export const readPlan = (): Plan => JSON.parse(process.argv[2] ?? '{}') as Plan;

export const addressOf = (index: number): string => `user${index + 1}@contoso.test`;

/** Measures what `run` does after the warm-up, and prints it. `callsEach`: calls a mailbox of this client. */
export async function measure(
  calls: (from: number, to: number) => Promise<number>,
  plan: Plan,
  callsEach = callsPerMailbox,
): Promise<void> {
  const { monitorEventLoopDelay } = await import('node:perf_hooks');
  // Each connection has signed in, and the code is compiled.
  const warm = Math.min(plan.mailboxes, 4 * plan.connections);
  await calls(0, warm);
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  const failed = await calls(warm, warm + plan.mailboxes);
  const ms = performance.now() - startedAt;
  const { user, system } = process.cpuUsage(cpu);
  const figures: Figures = {
    mailboxes: plan.mailboxes,
    calls: callsEach * plan.mailboxes,
    ms,
    cpuMs: (user + system) / 1000,
    loopDelayP99Ms: delay.percentile(99) / 1e6 - 5,
    failed,
  };
  process.stdout.write(`${JSON.stringify(figures)}\n`);
}

/** Runs `work` for each index with so many beside each other; counts those that were not well. */
export async function spread(
  from: number,
  to: number,
  width: number,
  work: (index: number, lane: number) => Promise<boolean>,
): Promise<number> {
  let next = from;
  let failed = 0;
  const lane = async (number: number): Promise<void> => {
    while (next < to) {
      const index = next;
      next += 1;
      if (!(await work(index, number))) failed += 1;
    }
  };
  await Promise.all(Array.from({ length: width }, (_unused, number) => lane(number)));
  return failed;
}
