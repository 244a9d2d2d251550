import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { openJournalStore } from '../../../services/storage/journal-store.ts';

// Prints what the store of a folder takes in memory when nothing but it is there, in bytes: a process of its own, since
// whatever else lives in one comes and goes by as much.
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

function used(): number {
  collect();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const before = used();
const store = await openJournalStore({ folder: process.argv[2] ?? '' });
process.stdout.write(`${used() - before}\n`);
await store.close();
