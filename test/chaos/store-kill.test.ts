import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { openJournalStore } from '../../services/storage/journal-store.ts';
import { verifyLog } from '../../services/storage/log-chain.ts';
import { readAudit } from '../contract/store.contract.ts';
import { makeTempFolder } from '../storage/open-temp-store.ts';

const writerScript = fileURLToPath(new URL('store-writer.ts', import.meta.url));

/** Runs writers, kills them without warning after this many acknowledged commits, notes the last count of each writer. */
async function writeUntilKilled(folder: string, commits: number, acknowledged: Map<string, number>): Promise<void> {
  const child = spawn(process.execPath, [writerScript, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exit = once(child, 'exit');
  let seen = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    const [, writer, count] = /^(\d) (\d+)$/.exec(line) ?? [];
    // The kill can cut the last line.
    if (writer === undefined) continue;
    acknowledged.set(`w${writer}`, Math.max(acknowledged.get(`w${writer}`) ?? 0, Number(count)));
    if (++seen === commits) child.kill('SIGKILL');
  }
  expect((await exit)[1]).toBe('SIGKILL');
}

test(
  'kill -9 at any moment loses no acknowledged commit, no audit entry, and doubles none',
  { timeout: 30_000 },
  async () => {
    const folder = await makeTempFolder();
    const acknowledged = new Map<string, number>();
    try {
      for (let kill = 0; kill < 5; kill++) {
        await writeUntilKilled(folder, 200 + Math.floor(Math.random() * 1500), acknowledged);
        const store = await openJournalStore({ folder });
        const audit = Map.groupBy(await readAudit(store), (entry) => entry.actorId);
        for (const [writer, count] of acknowledged) {
          const found = (await store.get('turnState', writer))!.value.at;
          expect(found, `${writer} after kill ${kill + 1}`).toBeGreaterThanOrEqual(count);
          const counts = audit.get(writer)!.map((entry) => entry.at);
          expect(counts, 'each count has one entry, in order').toEqual(Array.from({ length: found }, (_, n) => n + 1));
        }
        expect((await verifyLog(store, 'audit')).problem, `after kill ${kill + 1}`).toBeNull();
        await store.close();
      }
      expect(acknowledged.size).toBe(8);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
);
