import type { Task } from '../model/run.ts';
import type { Stored } from '../storage/store.ts';

/** Whose turn a task takes: that of its environment, within it of its profile, and within that of its run. */
type Levels = readonly [environment: string, profile: string, run: string];

function levelsOf({ environmentId, profileId, runId }: Task): Levels {
  const profile = JSON.stringify([environmentId, profileId]);
  return [environmentId, profile, JSON.stringify([environmentId, profileId, runId])];
}

/** How many tasks are in hand of each environment, profile and run. */
export class InHand {
  readonly #counts = new Map<string, number>();
  readonly #lines = new Map<string, Levels>();
  total = 0;

  /** Counts a task; returns the way out. */
  enter(task: Task): () => void {
    const levels = levelsOf(task);
    this.#lines.set(levels[2], levels);
    this.#add(levels, 1);
    return () => {
      this.#add(levels, -1);
      if (this.of(levels[2]) === 0) this.#lines.delete(levels[2]);
    };
  }

  of(level: string): number {
    return this.#counts.get(level) ?? 0;
  }

  /** Those of which something is in hand, whether or not more of it waits. */
  get lines(): readonly Levels[] {
    return [...this.#lines.values()];
  }

  copy(): InHand {
    const copy = new InHand();
    copy.total = this.total;
    for (const [level, count] of this.#counts) copy.#counts.set(level, count);
    for (const [name, levels] of this.#lines) copy.#lines.set(name, levels);
    return copy;
  }

  #add(levels: Levels, by: number): void {
    this.total += by;
    for (const level of levels) {
      const count = this.of(level) + by;
      if (count === 0) this.#counts.delete(level);
      else this.#counts.set(level, count);
    }
  }
}

interface Line {
  readonly levels: Levels;
  /** What it may have in hand while all others have work too. */
  readonly share: number;
  readonly tasks: readonly Stored<Task>[];
  taken: number;
}

/**
 * Chooses from lines of due tasks (one line a run and profile) what is claimed next: each time the environment that has least
 * in hand, within it the profile, within that the run. Alone, a line fills the whole capacity. Where a server hangs, its
 * profile keeps what it has and gets no more than its share; whoever comes later does not wait for it, but gets the share at
 * once, beyond the capacity: so at worst it is exceeded by the logarithm of the number of lines. `atLeast`: fewer free places
 * than this wait for more, unless a line has not even half of its share.
 */
export function takeTurns(
  waiting: readonly (readonly Stored<Task>[])[],
  inHand: InHand,
  capacity: number,
  atLeast: number,
): Stored<Task>[] {
  const now = inHand.copy();
  const lines = linesOf(waiting, now, capacity);
  const free = capacity - now.total;
  const isWorthIt = free >= atLeast || lines.some(({ levels, share }) => now.of(levels[2]) <= share / 2);
  if (!isWorthIt) return [];

  const taken: Stored<Task>[] = [];
  for (;;) {
    const open = lines.filter(
      ({ levels, share, tasks, taken: count }) =>
        count < tasks.length && (now.total < capacity || now.of(levels[2]) < share),
    );
    const next = open.reduce<Line | null>(
      (best, line) => (best === null || isBefore(line, best, now) ? line : best),
      null,
    );
    const task = next?.tasks[next.taken];
    if (next === null || task === undefined) return taken;
    next.taken += 1;
    now.enter(task.value);
    taken.push(task);
  }
}

function linesOf(waiting: readonly (readonly Stored<Task>[])[], inHand: InHand, capacity: number): Line[] {
  const all = waiting.flatMap((tasks) => (tasks[0] === undefined ? [] : [{ levels: levelsOf(tasks[0].value), tasks }]));
  /** What each part shares with others of its kind: environments all, profiles an environment, runs a profile. */
  const parts = new Map<string, Set<string>>();
  const among = (whole: string): Set<string> => {
    const known = parts.get(whole) ?? new Set<string>();
    parts.set(whole, known);
    return known;
  };
  for (const [environment, profile, run] of [...inHand.lines, ...all.map(({ levels }) => levels)]) {
    among('').add(environment);
    among(environment).add(profile);
    among(profile).add(run);
  }
  return all.map(({ levels, tasks }) => {
    const [environment, profile] = levels;
    const share = capacity / among('').size / among(environment).size / among(profile).size;
    return { levels, tasks, share: Math.max(1, Math.floor(share)), taken: 0 };
  });
}

function isBefore(one: Line, other: Line, inHand: InHand): boolean {
  for (const [index, level] of one.levels.entries()) {
    const difference = inHand.of(level) - inHand.of(other.levels[index] ?? '');
    if (difference !== 0) return difference < 0;
  }
  return false;
}
