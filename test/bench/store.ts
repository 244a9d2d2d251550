/**
 * `npm run bench -- store`: one durable commit (a mailbox and its outcome, as a test leaves them) while the store holds 100,
 * 10,000 and 50,000 mailboxes; beside it node:sqlite (WAL, synchronous=FULL) with the same records doing the same. Rounds
 * alternate and the median of neighbours counts, since other programs share the disk. Prints one JSON line.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { approvalStatus, newMailbox, type Mailbox } from '../../services/model/mailbox.ts';
import type { Outcome } from '../../services/model/run.ts';
import { openJournalStore } from '../../services/storage/journal-store.ts';
import { keyOf, type Change } from '../../services/storage/store.ts';
import { machine, median, percentile, rounded } from './figures.ts';

const environmentId = 'bench';
const sizes = [100, 10_000, 50_000] as const;
const rounds = 15;
const commitsPerRound = 40;

/** The same two homes for the same records. */
interface Home {
  /** Replaces the mailbox of this number and puts its outcome; returns when it is durable. */
  commit(number: number): Promise<void>;
  close(): Promise<void>;
}

const folder = await mkdtemp(join(tmpdir(), 'mailroom-bench-'));
try {
  const homes: { readonly size: number; readonly ours: Home; readonly sqlite: Home }[] = [];
  for (const size of sizes)
    homes.push({ size, ours: await journalHome(size), sqlite: sqliteHome(join(folder, `sqlite-${size}`), size) });
  const times = homes.map(() => ({ ours: [] as number[], sqlite: [] as number[] }));
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, { size, ours, sqlite }] of homes.entries()) {
      const first = (round * 7919) % size;
      times[index]?.ours.push(...(await timeCommits(ours, size, first)));
      times[index]?.sqlite.push(...(await timeCommits(sqlite, size, first)));
    }
  }
  for (const { ours, sqlite } of homes) {
    await ours.close();
    await sqlite.close();
  }
  report(
    times.map(({ ours, sqlite }) => ({ ours: median(ours), sqlite: median(sqlite), p99: percentile(ours, 0.99) })),
  );
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** Milliseconds of each commit; the next begins when the one before it is durable. */
async function timeCommits(home: Home, size: number, first: number): Promise<number[]> {
  const times: number[] = [];
  for (let count = 0; count < commitsPerRound; count += 1) {
    const at = performance.now();
    await home.commit((first + count * 31) % size);
    times.push(performance.now() - at);
  }
  return times;
}

async function journalHome(size: number): Promise<Home> {
  const store = await openJournalStore({ folder: join(folder, `journal-${size}`) });
  for (let from = 0; from < size; from += 5000) {
    const numbers = Array.from({ length: Math.min(5000, size - from) }, (_unused, index) => from + index);
    await store.commit(numbers.map((number): Change => put(mailbox(number))));
  }
  return {
    async commit(number) {
      const key = keyOf(environmentId, mailbox(number).id);
      const stored = await store.get('mailbox', key);
      if (stored === undefined) throw new Error(`no ${key}`);
      const value: Mailbox = {
        ...stored.value,
        status: 1,
        lastTestedAt: Date.now(),
        revision: stored.value.revision + 1,
      };
      await store.commit(
        [
          put(value),
          { kind: 'put', collection: 'outcome', key: keyOf(environmentId, 'RUN1', value.id), value: outcome(value) },
        ],
        [{ collection: 'mailbox', key, version: stored.version }],
      );
    },
    close: () => store.close(),
  };
}

function sqliteHome(file: string, size: number): Home {
  const database = new DatabaseSync(file);
  database.exec('PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL');
  database.exec(
    'CREATE TABLE record (collection TEXT, key TEXT, version INTEGER, value TEXT, PRIMARY KEY (collection, key)) WITHOUT ROWID',
  );
  const read = database.prepare('SELECT version, value FROM record WHERE collection = ? AND key = ?');
  const write = database.prepare('INSERT OR REPLACE INTO record VALUES (?, ?, ?, ?)');
  const begin = database.prepare('BEGIN IMMEDIATE');
  const end = database.prepare('COMMIT');
  begin.run();
  for (let number = 0; number < size; number += 1) {
    const value = mailbox(number);
    write.run('mailbox', keyOf(environmentId, value.id), 1, JSON.stringify(value));
  }
  end.run();
  return {
    commit(number) {
      const key = keyOf(environmentId, mailbox(number).id);
      begin.run();
      const row = read.get('mailbox', key);
      if (row === undefined) throw new Error(`no ${key}`);
      const before = JSON.parse(String(row['value'])) as Mailbox;
      const value: Mailbox = { ...before, status: 1, lastTestedAt: Date.now(), revision: before.revision + 1 };
      write.run('mailbox', key, Number(row['version']) + 1, JSON.stringify(value));
      write.run('outcome', keyOf(environmentId, 'RUN1', value.id), 1, JSON.stringify(outcome(value)));
      end.run();
      return Promise.resolve();
    },
    close() {
      database.close();
      return Promise.resolve();
    },
  };
}

function report(figures: readonly { ours: number; sqlite: number; p99: number }[]): void {
  const [small, middle, large] = figures;
  if (small === undefined || middle === undefined || large === undefined) throw new Error('a size is missing');
  const bySize = figures.map(({ ours, sqlite, p99 }, index) => ({
    mailboxes: sizes[index],
    commitMs: rounded(ours, 3),
    p99Ms: rounded(p99, 3),
    sqliteMs: rounded(sqlite, 3),
    ofSqlite: rounded(ours / sqlite),
    ofSmallest: rounded(ours / small.ours),
  }));
  const aims = {
    '10,000 <=3 times 100': middle.ours <= 3 * small.ours,
    '10,000 <=2 times node:sqlite': middle.ours <= 2 * middle.sqlite,
  };
  const line = { bench: 'store', ...machine(), commits: rounds * commitsPerRound, bySize, aims };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

function put(value: Mailbox): Change {
  return { kind: 'put', collection: 'mailbox', key: keyOf(environmentId, value.id), value };
}

function mailbox(number: number): Mailbox {
  const address = `user${number}@contoso.test`;
  return newMailbox(
    { environmentId, id: address, address, type: 'user', owner: address, importedBy: 'ada', createdAt: 0 },
    { profileId: 'p1', incomingMethod: 2, outgoingMethod: 2, actMethod: 1, approval: approvalStatus.approved },
  );
}

function outcome({ id }: Mailbox): Outcome {
  return {
    environmentId,
    runId: 'RUN1',
    mailboxId: id,
    profileId: 'p1',
    phases: (['incoming', 'outgoing', 'act'] as const).map((direction) => ({
      direction,
      fault: null,
      durationMs: 120,
    })),
    fault: null,
    willRetry: false,
    at: Date.now(),
    markerFound: false,
    causes: [],
    folded: false,
  };
}
