import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { CONTOSO_TENANT_ID, MAILROOM_APP_ID } from '../../sandbox/teams/people.ts';
import { startTeams, type Teams } from '../../sandbox/teams/start-teams.ts';
import { openJournalStore } from '../../services/storage/journal-store.ts';
import { makeTempFolder } from '../storage/open-temp-store.ts';
import { chaosPlaces } from './chaos-places.ts';
import { drawFates, letHappen, type Happenings, type Progress } from './happenings.ts';
import { ledgerKey } from './ledger.ts';
import { randomFrom } from './random.ts';
import { letFail } from './teams-failures.ts';
import { judge, type Verdict } from './what-people-see.ts';
import { planWishes } from './wish-plan.ts';

/*
 * Many messages to a Teams of which every fifth call goes wrong, in which conversations die, live again and move, by a process
 * that is killed again and again. Limits are Teams' own and in real time; what is scaled is the hour, which no conversation
 * here reaches: `outbox.test.ts` measures it on a clock that is moved. Faults, fates and kills are drawn from the seed.
 */

const outboxScript = fileURLToPath(new URL('outbox-process.ts', import.meta.url));
const endWithinMs = 30 * 60_000;

export interface ConnectorChaosOptions {
  readonly seed: number;
  readonly messages: number;
  readonly conversations: number;
  readonly kills: number;
  readonly retryMs: number;
  readonly wishesPerSecond: number;
  /** Answers that come after the deadline of 10 s are among the faults. */
  readonly timeouts: boolean;
  readonly note?: (line: string) => void;
}

export interface ConnectorChaosFigures extends Verdict {
  readonly seed: number;
  readonly messages: number;
  readonly conversations: Readonly<Record<string, number>>;
  readonly kills: number;
  readonly calls: number;
  readonly faults: Readonly<Record<string, number>>;
  /** Conversations that Teams refused for good, and for a while; and whose service address changed. */
  readonly diedForGood: number;
  readonly livedAgain: number;
  readonly moved: number;
  readonly ms: number;
}

/** Plays it and looks at what people see in the end. */
export async function runConnectorChaos(options: ConnectorChaosOptions): Promise<ConnectorChaosFigures> {
  const startedAt = Date.now();
  const folder = await makeTempFolder();
  const { homes, admins, people, team, groups } = chaosPlaces(options.conversations);
  const given = { appId: MAILROOM_APP_ID, tenantId: CONTOSO_TENANT_ID, people, team, groups, autoRefresh: false };
  const teams = await startTeams(given);
  try {
    teams.installs.presetInstalled();
    const fates = drawFates(options.seed, homes, admins);
    const { seed, messages, retryMs, wishesPerSecond } = options;
    const late = [...fates.diesForGood, ...fates.diesForAWhile, ...fates.moves].map(({ id }) => id);
    const wanted = {
      seed,
      messages,
      conversations: homes.map(({ id }) => id),
      late: late.filter((id) => homes.some((home) => home.id === id)),
    };
    const plan = planWishes(wanted);
    const progress: Progress = { calls: 0, halfway: false, wished: false, drained: false };
    const watch = new ProcessWatch(teams, progress);
    const failures = letFail(teams, { ...options, progress, called: () => watch.changed() });
    const happenings = letHappen(teams, fates, {
      seed,
      messages,
      homes,
      progress,
      refusedAt: failures.refusedAt,
      ready: () => watch.ready(),
    });
    watch.happenings = happenings;
    const start = JSON.stringify({ messages, seed, late: wanted.late, count: homes.length, retryMs, wishesPerSecond });
    const points = killPoints(options);
    const killedAt = await watch.runAndKill([outboxScript, folder, teams.serviceUrl, start], points, options.note);
    await happenings.over;
    const store = await openJournalStore({ folder });
    const ledger = new Map(
      (await store.query('turnState', { limit: 1_000_000 })).map(({ key, value }) => [key, value.at]),
    );
    const known = (await store.query('message', { limit: 1_000_000 })).map(({ value }) => value);
    const conversations = (await store.query('conversation', { limit: 1_000_000 })).map(({ value }) => value);
    const intents = await store.count('intent', {});
    await store.close();
    const wishedAt: Parameters<typeof judge>[0]['wishedAt'] = (wish) => ledger.get(ledgerKey.wish(wish)) ?? NaN;
    const verdict = judge({
      teams,
      plan,
      homes,
      admins,
      fates,
      failures,
      happenings,
      killedAt,
      known,
      conversations,
      intents,
      wishedAt,
    });
    return {
      seed,
      messages,
      conversations: Object.fromEntries(
        [...Map.groupBy(homes, ({ kind }) => kind)].map(([kind, places]) => [kind, places.length]),
      ),
      kills: killedAt.length,
      calls: progress.calls,
      faults: failures.faults,
      diedForGood: fates.diesForGood.length,
      livedAgain: happenings.revivals.size,
      moved: happenings.moved.size,
      ms: Date.now() - startedAt,
      ...verdict,
    };
  } finally {
    await teams.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** The process is killed after so many calls, each time with the next message that appears. */
function killPoints({ seed, kills, messages }: ConnectorChaosOptions): number[] {
  const random = randomFrom(seed + 2);
  return Array.from({ length: kills }, () => Math.ceil(random() * messages * 0.6)).toSorted(
    (left, right) => left - right,
  );
}

/** Starts the process, hears what it says, kills it and starts it again until it ends by itself. */
class ProcessWatch {
  happenings: Happenings | null = null;
  readonly #teams: Teams;
  readonly #progress: Progress;
  #isReady = false;
  #whenReady: (() => void)[] = [];

  constructor(teams: Teams, progress: Progress) {
    this.#teams = teams;
    this.#progress = progress;
  }

  changed(): void {
    this.happenings?.look();
  }

  ready(): Promise<void> {
    return this.#isReady ? Promise.resolve() : new Promise((resolve) => void this.#whenReady.push(resolve));
  }

  async runAndKill(
    script: readonly string[],
    points: readonly number[],
    note: (line: string) => void = () => undefined,
  ): Promise<number[]> {
    const endAt = Date.now() + endWithinMs;
    const killedAt: number[] = [];
    for (;;) {
      const child = spawn(process.execPath, script, { stdio: ['pipe', 'pipe', 'inherit'] });
      const exit = once(child, 'exit');
      // It may be dead when it is told that nothing more happens.
      child.stdin.on('error', () => undefined);
      void this.happenings?.shaken.then(() => child.stdin.write('go\n'));
      void this.happenings?.over.then(() => child.stdin.end());
      createInterface({ input: child.stdout }).on('line', (line) => this.#hear(line));
      const stopWatching = this.#killAt(child, points[killedAt.length], killedAt, endAt);
      const [code, signal] = (await exit) as [number | null, string | null];
      stopWatching();
      this.#isReady = false;
      if (signal !== 'SIGKILL') {
        if (code !== 0) throw new Error(`the outbox process ended with ${code}`);
        return killedAt;
      }
      if (Date.now() > endAt) throw new Error('the outbox did not come to its end');
      note(`killed after ${this.#progress.calls} calls`);
    }
  }

  #hear(line: string): void {
    const [word, port] = line.split(' ');
    if (word === 'ready') {
      this.#teams.endpoint.url = `http://127.0.0.1:${port}/api/messages`;
      this.#isReady = true;
      for (const resolve of this.#whenReady.splice(0)) resolve();
    }
    if (word === 'halfway') this.#progress.halfway = true;
    if (word === 'wished') this.#progress.wished = true;
    if (word === 'drained') this.#progress.drained = true;
    this.changed();
  }

  #killAt(child: ChildProcess, point: number | undefined, killedAt: number[], endAt: number): () => void {
    const done = this.#teams.state.onChange(() => {
      if (point === undefined || child.killed || this.#progress.calls < point) return;
      // Each kill hits a process that has come to work.
      if (!this.#isReady) return;
      killedAt.push(Date.now());
      child.kill('SIGKILL');
    });
    const tooLong = setTimeout(() => child.kill('SIGKILL'), Math.max(1, endAt - Date.now() + 1));
    return () => {
      done();
      clearTimeout(tooLong);
    };
  }
}
