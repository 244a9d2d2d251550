import { writeSync } from 'node:fs';
import { openJournalStore } from '../../services/storage/journal-store.ts';

/**
 * A process to kill: eight writers that count up a record each, with an audit entry in the same commit, and say
 * `writer count` when the store has acknowledged it. A checkpoint is nearly always under way.
 */
const store = await openJournalStore({ folder: process.argv[2]!, checkpointBytes: 20_000 });

async function write(writer: number): Promise<never> {
  const key = `w${writer}`;
  for (;;) {
    const stored = await store.get('turnState', key);
    const at = (stored?.value.at ?? 0) + 1;
    const entry = {
      environmentId: 'e',
      at,
      kind: 'run.started',
      actorId: key,
      actorName: key,
      subjects: [],
      details: {},
    } as const;
    await store.commit(
      [
        { kind: 'put', collection: 'turnState', key, value: { json: '{}', at } },
        { kind: 'append', log: 'audit', entry },
      ],
      [{ collection: 'turnState', key, version: stored?.version ?? 0 }],
    );
    writeSync(1, `${writer} ${at}\n`);
  }
}

await Promise.all(Array.from({ length: 8 }, (_, writer) => write(writer)));
