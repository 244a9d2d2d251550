import { expect, it } from 'vitest';
import { listAlerts, readAlertFilter } from '../../../services/alerts/list-alerts.ts';
import { keepRunbookNote, readRunbook } from '../../../services/alerts/runbook.ts';
import { countMailboxes, pageOfMailboxes } from '../../../services/mailboxes/find-mailboxes.ts';
import { alarmCauseIdOf, causeIdOf, serverCauseIdOf, type Incident } from '../../../services/model/alert.ts';
import type { FaultCode } from '../../../services/model/fault-catalogue.ts';
import { keyOf, type Change } from '../../../services/storage/store.ts';
import { incident, normal } from '../../cards/card-fixtures.ts';
import { abe, ada, addresses, env, MailroomStage, pia, refusal } from '../../support/mailroom-stage.ts';

const titleOf = (code: FaultCode): string => (code === 'ErrorQuotaExceeded' ? 'the mailbox is full' : 'something else');

const opened = (id: string, code: FaultCode, changes: Partial<Incident> = {}): Incident => ({
  ...incident(normal, code),
  environmentId: env,
  id,
  causeId: causeIdOf('p1', code),
  profileIds: ['p1'],
  profileName: 'Contoso p1',
  sample: [],
  ...changes,
});

const put = (value: Incident): Change => ({ kind: 'put', collection: 'incident', key: keyOf(env, value.id), value });

const alert = (address: string, code: FaultCode, count = 1): Change => ({
  kind: 'put',
  collection: 'alert',
  key: keyOf(env, address, code),
  value: {
    environmentId: env,
    mailboxId: address,
    directions: ['incoming'],
    address,
    profileId: 'p1',
    causeId: causeIdOf('p1', code),
    fault: { code, params: {} },
    level: 'error',
    firstAt: 0,
    lastAt: 0,
    count,
  },
});

async function found(stage: MailroomStage, text: string): Promise<string[]> {
  const filter = await readAlertFilter(stage.store, env, text);
  return (await listAlerts(stage.store, env, filter, titleOf, 0, 10)).rows.map(({ incident: { id } }) => id);
}

it('finds an alert by its title, its id, its profile, and by any of its mailboxes, also where the card does not name it', async () => {
  const stage = await MailroomStage.open();
  await stage.profile();
  await stage.profile('p2', { name: 'Other' });
  await stage.store.commit([
    put(opened('QUOTA1', 'ErrorQuotaExceeded', { open: 3 })),
    put(opened('DENIED1', 'ErrorAccessDenied', { open: 1, profileIds: ['p2'], causeId: 'p2~ErrorAccessDenied' })),
    put(opened('ALARM1', 'ProfileMostlyFailing', { open: 3, causeId: alarmCauseIdOf('p1') })),
    put(opened('DOWN1', 'ConnectionRefused', { open: 1, waiting: 1, causeId: serverCauseIdOf('mail.contoso.test') })),
    put(opened('OLD1', 'ErrorQuotaExceeded', { state: 'resolved', open: 0, sample: ['gone@contoso.test'] })),
    ...addresses(3).map((address) => alert(address, 'ErrorQuotaExceeded', 2)),
    {
      kind: 'put',
      collection: 'poll',
      key: keyOf(env, 'waits@contoso.test'),
      value: {
        environmentId: env,
        mailboxId: 'waits@contoso.test',
        profileId: 'p1',
        dueAt: 0,
        checkedAt: null,
        unansweredSince: null,
      },
    },
  ]);
  expect(await found(stage, 'full')).toEqual(['QUOTA1']);
  expect(await found(stage, 'quota1')).toEqual(['QUOTA1']);
  expect((await found(stage, 'user0002@contoso.test')).toSorted()).toEqual(['ALARM1', 'QUOTA1']);
  expect(await found(stage, 'waits@')).toEqual(['DOWN1']);
  expect(await found(stage, 'mail.contoso.test')).toEqual(['DOWN1']);
  expect(await found(stage, 'profile:other')).toEqual(['DENIED1']);
  expect(await found(stage, 'gone@ all')).toEqual(['OLD1']);
  expect(await found(stage, 'gone@')).toEqual([]);
  expect(await refusal(found(stage, 'profile:nobody'))).toBe('profile.unknown');
  const filter = await readAlertFilter(stage.store, env, 'code:ErrorQuotaExceeded');
  const list = await listAlerts(stage.store, env, filter, titleOf, 0, 10);
  expect(list).toMatchObject({ total: 1, errors: 1, resolved: 0, rows: [{ times: 6 }] });
});

it('turns pages without losing one, and shows the last page where a later one is asked for', async () => {
  const stage = await MailroomStage.open();
  await stage.profile();
  await stage.store.commit(
    Array.from({ length: 23 }, (_, index) =>
      put(opened(`I${index}`, 'ErrorQuotaExceeded', { causeId: `p1~${index}` })),
    ),
  );
  const filter = await readAlertFilter(stage.store, env, '');
  const page = async (number: number) => listAlerts(stage.store, env, filter, titleOf, number, 10);
  const ids = [await page(0), await page(1), await page(2)].flatMap(({ rows }) => rows.map((row) => row.incident.id));
  expect(new Set(ids).size).toBe(23);
  expect((await page(99)).page).toBe(2);
});

it('hides a level that is switched off, and says how many', async () => {
  const stage = await MailroomStage.open();
  await stage.settings({ alertsForWarnings: false });
  await stage.store.commit([put(opened('W1', 'ErrorServerBusy')), put(opened('E1', 'ErrorQuotaExceeded'))]);
  const list = await listAlerts(stage.store, env, await readAlertFilter(stage.store, env, ''), titleOf, 0, 10);
  expect(list.rows.map(({ incident: { id } }) => id)).toEqual(['E1']);
  expect(list.hidden).toEqual([{ level: 'warning', count: 1 }]);
});

it('leads from an alert to all of its twenty thousand mailboxes, page by page and by search', async () => {
  const stage = await MailroomStage.open();
  await stage.profile();
  const all = addresses(20_000);
  await stage.mailboxes([...all, 'well@contoso.test']);
  await stage.store.commit([
    put(opened('QUOTA1', 'ErrorQuotaExceeded', { open: all.length })),
    ...all.map((address) => alert(address, 'ErrorQuotaExceeded')),
  ]);
  expect(await countMailboxes(stage.store, env, 'incident:quota1')).toBe(20_000);
  const last = await pageOfMailboxes(stage.store, env, 'incident:QUOTA1', 1999, 10);
  expect(last.rows).toHaveLength(10);
  const one = await pageOfMailboxes(stage.store, env, 'incident:QUOTA1 user12345@', 0, 10);
  expect(one.rows.map(({ address }) => address)).toEqual(['user12345@contoso.test']);
  expect(await countMailboxes(stage.store, env, 'incident:QUOTA1 well')).toBe(0);
  expect(await refusal(countMailboxes(stage.store, env, 'incident:NOBODY'))).toBe('incident.unknown');
});

it('keeps a note of an admin alone, in the history, and writes over nobody else’s', async () => {
  const stage = await MailroomStage.open();
  const keep = (who: typeof ada, text: string, revision: number, link = '') =>
    keepRunbookNote(stage, env, who, 'ErrorQuotaExceeded', { text, link }, revision);
  expect(await refusal(keep(pia, 'mine', 0))).toBe('access.denied');
  expect(await keep(ada, 'Ask Ben', 0, 'https://wiki.contoso.test')).toEqual({ kind: 'kept' });
  expect(await keep(abe, 'Ask Cleo', 0)).toEqual({ kind: 'stale' });
  expect(await keep(ada, 'x', 1, 'https://ben:secret@wiki.contoso.test')).toMatchObject({ kind: 'refused' });
  expect((await readRunbook(stage.store, env, 'ErrorQuotaExceeded')).note).toMatchObject({
    text: 'Ask Ben',
    link: 'https://wiki.contoso.test/',
  });
  expect(await keep(abe, '', 1)).toEqual({ kind: 'kept' });
  // A card from before the note was taken away does not bring it back over a newer one.
  expect(await keep(ada, 'again', 1)).toEqual({ kind: 'stale' });
  const trail = await stage.audit('runbook.note-changed');
  expect(trail.map(({ actorId, subjects }) => [actorId, ...subjects])).toEqual([
    ['ada', 'ErrorQuotaExceeded'],
    ['abe', 'ErrorQuotaExceeded'],
  ]);
  expect(JSON.stringify(trail)).not.toContain('secret');
  expect(await refusal(readRunbook(stage.store, env, '__proto__'))).toBe('alert-filter.unknown-code');
});

it('counts how often a fault occurred, and how the last three ended, newest first', async () => {
  const stage = await MailroomStage.open();
  const ended = (id: string, resolvedAt: number): Change =>
    put(
      opened(id, 'ErrorQuotaExceeded', {
        state: 'resolved',
        open: 0,
        resolvedAt,
        ending: { by: 'check', runId: null },
      }),
    );
  await stage.store.commit([
    put(opened('NOW', 'ErrorQuotaExceeded')),
    put(opened('ELSE', 'ErrorAccessDenied')),
    ...['A', 'B', 'C', 'D'].map((id, index) => ended(id, index)),
  ]);
  const entry = await readRunbook(stage.store, env, 'ErrorQuotaExceeded');
  expect(entry).toMatchObject({ occurred: 5, open: 1 });
  expect(entry.ended.map(({ id }) => id)).toEqual(['D', 'C', 'B']);
});
