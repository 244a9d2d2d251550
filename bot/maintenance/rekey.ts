import { createKeyRing } from '../../services/secrets/key-ring.ts';
import { resealCredentials } from '../../services/secrets/reseal-credentials.ts';
import { openJournalStore } from '../../services/storage/journal-store.ts';
import { readStoreConfig } from '../config-store.ts';
import { runCommand } from './run-command.ts';

/** `npm run rekey`: seals every stored secret with the first key of MAILROOM_KEY. Mailroom must be stopped. */
await runCommand('Rekey', async () => {
  const { dataDir, keys } = readStoreConfig(process.env);
  const ring = createKeyRing(keys.map((key) => key.reveal()));
  const store = await openJournalStore({ folder: dataDir });
  try {
    const { resealed, current, unreadable } = await resealCredentials({ store, keys: ring });
    const done = `${resealed} secrets sealed with the newest key, ${current} had it already.`;
    if (unreadable.length === 0) return `${done} The older keys can be taken out of MAILROOM_KEY.`;
    const whose = unreadable.map(({ host, account }) => `${account} at ${host}`).join('; ');
    return `${done} No key opens ${unreadable.length}: ${whose}. Enter these again with "edit profile".`;
  } finally {
    await store.close();
  }
});
