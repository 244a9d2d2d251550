import { rm } from 'node:fs/promises';
import { expect, it, onTestFinished } from 'vitest';
import { historyCsv } from '../../bot/web/history-csv.ts';
import { checkTrail } from '../../services/audit/check-trail.ts';
import { trimLogs } from '../../services/jobs/retention.ts';
import { auditEntry } from '../../services/model/audit.ts';
import { openJournalStore } from '../../services/storage/journal-store.ts';
import type { Store } from '../../services/storage/store.ts';
import { makeTempFolder } from '../storage/open-temp-store.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { ada, env } from '../support/mailroom-stage.ts';

const dayMs = 24 * 60 * 60 * 1000;
const log = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** A trail with an entry a day. */
async function trailOf(days: number): Promise<{ store: Store; clock: ManualClock }> {
  const folder = await makeTempFolder();
  const clock = new ManualClock();
  const open = (): Promise<Store> => openJournalStore({ folder, clock });
  for (let day = 0; day < days; day += 1) {
    const store = await open();
    await store.commit([
      { kind: 'append', log: 'audit', entry: auditEntry(env, clock.now(), ada, 'run.started', [`R${day}`]) },
    ]);
    await store.close();
    clock.advance(dayMs);
  }
  const store = await open();
  onTestFinished(async () => {
    await store.close();
    await rm(folder, { recursive: true, force: true });
  });
  return { store, clock };
}

async function lastLines(store: Store): Promise<string> {
  let text = '';
  for await (const chunk of historyCsv(store, env, { locale: 'en', now: 0 })) text += chunk;
  return text;
}

it('the oldest entries cannot be passed off as removed by retention: that has an entry of its own', async () => {
  const { store, clock } = await trailOf(5);
  // What whoever can write to the data folder does: takes the oldest days away and says in the snapshot that it was meant.
  await store.trimLog('audit', clock.now() - 3 * dayMs);
  expect(await checkTrail({ store, clock, log })).toMatchObject({ problem: 'begins-late', badPosition: 3, removed: 2 });
  expect(await lastLines(store)).toContain('NOT COMPLETE: the entries before 3 were taken away');
});

it('what retention removed is vouched for, also after it removed more', async () => {
  const { store, clock } = await trailOf(5);
  for (const historyDays of [4, 3]) {
    await trimLogs({ store, clock, log }, env, { outcomeDays: 90, historyDays });
    expect((await checkTrail({ store, clock, log }))?.problem).toBeNull();
    expect(await lastLines(store)).not.toContain('NOT COMPLETE');
  }
});
