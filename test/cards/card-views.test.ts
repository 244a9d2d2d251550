import { describe, expect, it } from 'vitest';
import { alertsCard } from '../../cards/alerts-card.ts';
import { importCard } from '../../cards/import-card.ts';
import { incidentCard } from '../../cards/incident-card.ts';
import { mailboxCard } from '../../cards/mailbox-card.ts';
import { mailboxesCard } from '../../cards/mailboxes-card.ts';
import { profilesCard } from '../../cards/profiles-card.ts';
import { runCard } from '../../cards/run-card.ts';
import { runsCard, type MissingForRun } from '../../cards/runs-card.ts';
import { settingsAtFirst, settingsCard } from '../../cards/settings-card.ts';
import { formSections } from '../../services/model/settings-section.ts';
import type { MailboxView } from '../../services/model/mailbox-view.ts';
import { initialEmailSettings } from '../../services/model/environment.ts';
import { modernAuthenticationOf } from '../../services/model/secret-target.ts';
import { wallOf } from './alert-fixtures.ts';
import { nodesOf, ofType, textOf, verbsOf } from './card-client.ts';
import {
  lastTests,
  admin,
  batch,
  everybody,
  checked,
  handledBy,
  incident,
  longNames,
  mailbox,
  normal,
  now,
  outage,
  profile,
  run,
  unchecked,
  viewer,
} from './card-fixtures.ts';
import { oauthValues } from './sign-in-fixtures.ts';

const details = { pace: { rate: 38.6, etaMs: 128_000 }, reportUrl: null, resultDays: 7 };

describe('the card of an import', () => {
  const reached = { channels: 1, people: 0 };
  const deciders = { count: 1, holdsBackRequester: false };
  const details = { ...initialEmailSettings, profileName: normal.profile, approvalRequired: 12, reached, deciders };

  it('counts before it asks, names refused lines, and tests by default', () => {
    const { card } = importCard(batch(normal, 'waiting', 24), details, admin);
    expect(textOf(card)).toContain('Line 12: ');
    expect(ofType(card, 'Input.Toggle')).toMatchObject([{ id: 'testWhenApproved', value: 'true' }]);
    expect(ofType(card, 'Action.Execute')[0]).toMatchObject({ verb: 'import.confirm', title: 'Import 15 mailboxes' });
  });

  it('shows ten of many refused lines and says how many more there are', () => {
    const { card } = importCard(batch(normal, 'waiting', 10_000, true), details, admin);
    expect(textOf(card).match(/^Line [\d,]+: /gm)).toHaveLength(10);
    expect(textOf(card)).toContain('and 9,990 more');
    expect(verbsOf(card)).toEqual(['command.run']);
  });

  it('does not call a list that is here already a mistake', () => {
    const { rows, ...rest } = batch(normal, 'waiting', 3);
    const known = { ...rest, rows: rows.map((row) => ({ ...row, verdict: 'unchanged', refusal: null }) as const) };
    const text = textOf(importCard(known, details, admin).card);
    expect(text).toContain('✓ Nothing new');
    expect(text).not.toMatch(/✗|Correct the lines/);
  });

  it('says which mailboxes were rejected, why, and that their approval is asked for again', () => {
    const { rows, ...rest } = batch(normal, 'waiting', 8);
    const again = rows.map(
      (row) => ({ ...row, verdict: 'changed', refusal: null, rejectedBecause: 'No *owner*' }) as const,
    );
    const none = { ...details, approvalRequired: 0 };
    const text = textOf(importCard({ ...rest, rows: again }, none, admin).card);
    expect(text).toContain('8 mailboxes were rejected; approval is asked for again');
    expect(text).toContain(String.raw`user1@contoso.com: No \*owner\*`);
    expect(text).toContain('8 need an approver');
    expect(text).toContain('and 3 more');
    const { card } = importCard({ ...rest, rows: again, state: 'done' }, none, admin);
    expect(textOf(card)).toContain('The approvers’ channel has the request');
  });

  it('says who has the request, and what to do when nobody has it', () => {
    const done = (channels: number, people: number, more = {}): string =>
      textOf(importCard(batch(normal, 'done', 3), { ...details, ...more, reached: { channels, people } }, admin).card);
    expect(done(0, 1)).toContain('One approver has the request in a personal chat');
    expect(done(0, 3)).toContain('3 approvers have the request');
    expect(done(2, 0)).toContain('2 approvers’ channels have the request');
    for (const more of [{}, { profileName: null }]) {
      expect(done(0, 0, more)).toContain('Nobody has the request');
      expect(done(0, 0, more)).toContain('Type “approvers here” in a channel');
    }
    expect(done(0, 0, { approvalRequired: 0 })).not.toContain('request');
  });

  it('says that queues get no appointments, contacts and tasks, when there are any', () => {
    const { rows, ...rest } = batch(normal, 'waiting', 3);
    const queues = { ...rest, rows: rows.map((row) => ({ ...row, type: 'queue' }) as const) };
    const sentence = 'Queues get no appointments, contacts and tasks';
    expect(textOf(importCard(queues, details, admin).card)).toContain(sentence);
    expect(textOf(importCard({ ...rest, rows }, details, admin).card)).not.toContain(sentence);
    expect(textOf(importCard(queues, { ...details, actMethod: 2 }, admin).card)).not.toContain(sentence);
  });

  it('leaves out the numbers that are nought', () => {
    const { rows, ...rest } = batch(normal, 'waiting', 3);
    const fresh = { ...rest, rows: rows.map((row) => ({ ...row, verdict: 'new', refusal: null }) as const) };
    const titles = ofType(importCard(fresh, details, admin).card, 'FactSet').flatMap(({ facts }) =>
      (facts as { title: string }[]).map(({ title }) => title),
    );
    expect(titles).toContain('New');
    expect(titles).not.toContain('Unchanged');
  });
});

describe('the cards of mailboxes', () => {
  const view: MailboxView = {
    environmentId: 'contoso',
    id: 'v1',
    actorId: 'a',
    actorName: 'Ada Admin',
    copiedFrom: null,
    filter: '',
    sort: 'address',
    page: 0,
    shown: [],
    total: 24,
    mark: '',
    createdAt: now,
    revision: 1,
  };
  const list = { view, rows: [mailbox(normal, 0), mailbox(normal, 1)], selected: [], profileNames: {} };

  it.each([
    ['whoever may do something', admin],
    ['a viewer', viewer],
  ])('opens a mailbox by its id from its row, for %s', (_who, context) => {
    const opens = nodesOf(mailboxesCard(list, context).card).flatMap(({ selectAction }) => selectAction ?? []);
    expect(opens).toMatchObject(
      list.rows.map(({ id, revision }) => ({ data: { verb: 'mailbox.show', id, revision } })),
    );
  });

  it('has a box for each row that says which mailbox it is, ticked for those that are selected', () => {
    const selected = [list.rows[1]?.id ?? ''];
    expect(ofType(mailboxesCard({ ...list, selected }, admin).card, 'Input.Toggle')).toMatchObject([
      { id: 'pick0', label: list.rows[0]?.address, value: 'false' },
      { id: 'pick1', label: list.rows[1]?.address, value: 'true' },
    ]);
  });

  it('offers a viewer nothing to tick, to change or to take away', () => {
    const { card } = mailboxesCard(list, viewer);
    expect(ofType(card, 'Input.Toggle')).toEqual([]);
    expect(new Set(verbsOf(card))).toEqual(new Set(['mailbox.show', 'mailboxes.filter', 'mailboxes.next']));
  });

  it('offers the choices that the filter names, and the order', () => {
    const filtered = { ...view, filter: 'kim status:failure state:inactive profile:"p1"', sort: 'status' } as const;
    const { card } = mailboxesCard({ ...list, view: filtered, profileNames: { p1: 'The "old" one' } }, admin);
    const values = ofType(card, 'Input.ChoiceSet').map(({ id, value }) => [String(id), value] as const);
    expect(Object.fromEntries(values)).toEqual({
      status: 'failure',
      approval: 'any',
      profile: 'p1',
      type: 'any',
      state: 'inactive',
      sort: 'status',
    });
    expect(ofType(card, 'Input.Text')).toMatchObject([
      { value: 'kim status:failure state:inactive profile:"The ""old"" one"' },
    ]);
  });

  it('tells who looked for a word how to look for a status', () => {
    const empty = { rows: [], selected: [], profileNames: {} };
    const textFor = (filter: string): string =>
      textOf(mailboxesCard({ ...empty, view: { ...view, filter, total: 0 } }, everybody).card);
    expect(textFor('failed')).toContain('search for “status:failure”');
    expect(textFor('kim')).not.toContain('status:failure”');
  });

  it('tells what the last tests and checks of a mailbox found, and nothing where there was one alone', () => {
    const card = (history: typeof lastTests) =>
      textOf(mailboxCard(mailbox(normal, 0), { ...checked, profileName: null, history }, admin).card);
    const text = card(lastTests);
    expect(text).toContain('Last tests and checks');
    expect(text).toMatch(/· check: ✓ succeeded[^]*· next try: ✓ succeeded[^]*· Test & Enable \(run K7Q2PX\): ✗ /);
    expect(card(lastTests.slice(0, 1))).not.toContain('Last tests and checks');
  });

  it('uses the words of the platform', () => {
    const text = textOf(mailboxCard(mailbox(normal, 1), { ...unchecked, profileName: normal.profile }, admin).card);
    for (const word of ['Pending Approval', 'Not Run', 'Server-Side Synchronization']) expect(text).toContain(word);
  });

  it('puts one box for a fault that stops several directions', () => {
    const text = textOf(mailboxCard(mailbox(normal, 2), { ...unchecked, profileName: null }, admin).card);
    expect(text.match(/The service account may not open this mailbox/g)).toHaveLength(1);
    expect(text).toContain('Stops: Incoming, Outgoing');
    expect(text).toContain('-Role ApplicationImpersonation -User svc-mailroom@contoso.com');
  });

  it('says when it tries again', () => {
    const text = textOf(mailboxCard(mailbox(normal, 3), { ...unchecked, profileName: null }, admin).card);
    expect(text).toContain('{{TIME(2025-11-24T18:55:00Z)}} (in 5 min), try 4 of 10.');
  });

  it('says what the last test did in each direction, and how long that took', () => {
    const good = textOf(mailboxCard(mailbox(normal, 0), { ...unchecked, profileName: normal.profile }, admin).card);
    expect(good).toContain('run K7Q2 · 4 calls to Exchange');
    expect(good).toContain('Inbox read in 0.1 s');
    expect(good).toContain('Test message sent to itself and found in Sent Items in 2.3 s');
    expect(good).toContain('Calendar, contacts and tasks read in 0.1 s');
    const bad = textOf(mailboxCard(mailbox(normal, 2), { ...unchecked, profileName: null }, admin).card);
    expect(bad).toContain('Failed after 1.1 s');
    expect(bad).toContain('Not reached: nothing was sent');
    const never = textOf(mailboxCard(mailbox(normal, 1), { ...unchecked, profileName: null }, admin).card);
    expect(never).not.toMatch(/in \d+(\.\d)? s|Not reached/);
  });

  it('says when the message of an earlier try was found instead of sending one', () => {
    const { lastTest, ...rest } = mailbox(normal, 0);
    const phases = lastTest?.phases.map((phase) => ({ ...phase, markerFound: phase.direction === 'outgoing' })) ?? [];
    const retried = { ...rest, lastTest: { runId: null, calls: 1, phases } };
    const text = textOf(mailboxCard(retried, { ...unchecked, profileName: null }, admin).card);
    expect(text).toContain('a later try by Mailroom itself · 1 call to Exchange');
    expect(text).toContain('found in Sent Items in 2.3 s; none was sent again');
  });

  it('says when a mailbox was checked, and when it will be', () => {
    const text = textOf(mailboxCard(mailbox(normal, 0), { ...checked, profileName: null }, admin).card);
    expect(text).toMatch(/Last checked\s.*18:40:00Z/);
    expect(text).toMatch(/Next check\s.*18:55:00Z\)}} \(in 5 min\)/);
    expect(text).not.toContain('works again');
  });

  it('says of a mailbox that it waits for its server, and that there is nothing to do', () => {
    const details = { ...checked, profileName: null, outage: { since: now - 3_600_000 } };
    const text = textOf(mailboxCard(mailbox(normal, 0), details, admin).card);
    expect(text).toContain('out of reach since {{DATE(2025-11-24T17:50:00Z');
    expect(text).toContain('Mailroom goes on by itself when the server answers');
  });

  it('says that a mailbox has recovered, and no more once it fails again', () => {
    const textAt = (index: number): string =>
      textOf(
        mailboxCard({ ...mailbox(normal, index), recoveredAt: now }, { ...checked, profileName: null }, admin).card,
      );
    expect(textAt(0)).toContain('It failed and works again since {{DATE(2025-11-24T18:50:00Z');
    expect(textAt(2)).not.toContain('works again');
  });

  it('offers an approver to change a rejection, and says how to ask again', () => {
    const { card } = mailboxCard(mailbox(normal, 2), { ...unchecked, profileName: normal.profile }, everybody);
    expect(verbsOf(card)).toEqual(['mailbox.approve', 'mailbox.test', 'mailbox.edit', 'mailbox.deactivate']);
    expect(textOf(card)).toContain('import it again, corrected or not');
    expect(textOf(card)).toContain('choose Approve to change the decision');
  });

  it('leaves out what a reader may not do', () => {
    expect(verbsOf(mailboxCard(mailbox(normal, 1), { ...unchecked, profileName: null }, viewer).card)).toEqual([]);
  });
});

describe('the card of a run', () => {
  it('shows how far it is, as a bar, in numbers and in per cent', () => {
    const { card, summary } = runCard(run(normal, { done: 117, succeeded: 110, failed: 7 }), details, admin);
    expect(textOf(card)).toContain('████████████░░░░░░░░');
    expect(textOf(card)).toContain('117 of 200 mailboxes tested · 58 %');
    expect(summary).toBe('Test & Enable · Contoso on-premises: 117 of 200 tested.');
    expect(verbsOf(card)).toEqual(['run.pause', 'run.failures', 'run.report', 'run.cancel']);
  });

  it('say of a run whose mailboxes were all switched off meanwhile that nothing was tested, and why', () => {
    const leftOut = { notApproved: 0, withoutProfile: 0, nothingToTest: 0, alreadyInRun: 0, profileInactive: 12 };
    const changes = { state: 'completed', total: 0, done: 0, succeeded: 0, failed: 0, leftOut } as const;
    const text = textOf(runCard(run(normal, changes), { ...details, pace: { rate: null, etaMs: null } }, admin).card);
    expect(text).toContain('✗ Not tested');
    expect(text).toContain('12 not tested: their server profile is switched off');
    expect(text).not.toContain('All succeeded');
  });

  it('says how fast it goes and what is left, unless it is paused', () => {
    const going = textOf(runCard(run(normal, { done: 117 }), details, admin).card);
    expect(going).toContain('39 mailboxes a minute');
    expect(going).toContain('about 2 min 8 s');
    const none = { ...details, pace: { rate: null, etaMs: null } };
    const { card, summary } = runCard(run(normal, { state: 'paused', done: 117 }), none, admin);
    expect(textOf(card)).not.toContain('a minute');
    expect(textOf(card)).toContain('Choose Resume to go on');
    expect(summary).toBe('Test & Enable · Contoso on-premises: paused after 117 of 200.');
    expect(verbsOf(card)).toEqual(['run.resume', 'run.report', 'run.cancel']);
    expect(verbsOf(runCard(run(normal, { state: 'paused' }), none, viewer).card)).toEqual(['run.report']);
  });

  it('says who was left out, and why', () => {
    const leftOut = { notApproved: 3, withoutProfile: 0, nothingToTest: 12, alreadyInRun: 0 };
    const text = textOf(runCard(run(normal, { leftOut }), details, admin).card);
    expect(text).toContain('3 not approved');
    expect(text).toContain('12 not tested: delivery by Email Router, Outlook, Forward Mailbox or None');
    expect(text).not.toContain('in another run');
    expect(textOf(runCard(run(normal), details, admin).card)).not.toContain('Left out');
  });

  it('has the reader’s own download instead of the button that asks for it', () => {
    const url = 'https://mailroom.contoso.test/files/token';
    const { card } = runCard(run(normal), { ...details, reportUrl: url }, admin);
    expect(ofType(card, 'Action.OpenUrl')).toMatchObject([{ title: 'Download the report', url }]);
    expect(verbsOf(card)).toEqual(['run.pause', 'run.cancel']);
  });

  it('lists the eight most frequent causes, the worst first', () => {
    const causes = { ErrorServerBusy: 1, ErrorQuotaExceeded: 9 };
    const text = textOf(runCard(run(normal, { done: 10, failed: 10, causes }), details, admin).card);
    expect(text.indexOf('9 × The mailbox is full')).toBeLessThan(text.indexOf('1 × Exchange is busy'));
    expect(text).toContain('9 × The mailbox is full');
  });

  it('offers a retest of what failed once it has ended', () => {
    const ended = run(normal, { state: 'completed', done: 200, succeeded: 188, failed: 12, finishedAt: now });
    expect(ofType(runCard(ended, details, admin).card, 'Action.Execute')[0]).toMatchObject({
      verb: 'run.retest-failed',
      title: 'Retest the 12 that failed',
    });
  });
});

describe('the list of runs', () => {
  it('without a run names what leads to the first', () => {
    const textWith = (missing: MissingForRun): string => textOf(runsCard([], missing, admin).card);
    expect(textWith('none')).toContain('Type “test all”');
    expect(textWith('profile')).toContain('Choose Create profile');
    expect(textWith('mailboxes')).toContain('Choose Import mailboxes');
    expect(textWith('profile')).not.toContain('test all');
    expect(verbsOf(runsCard([], 'profile', viewer).card)).toEqual([]);
  });
});

describe('the list of profiles', () => {
  it('says how each signs in', () => {
    const values = oauthValues(normal, 'key-vault');
    const profiles = [
      profile(normal),
      {
        ...profile(normal, 2),
        authenticationProtocol: 4 as const,
        modernAuthentication: modernAuthenticationOf(values),
      },
    ];
    const text = textOf(profilesCard({ profiles, defaultProfileId: null, mailboxCounts: {} }, admin).card);
    expect(text).toContain('Basic Authentication');
    expect(text).toContain('OAuth, certificate in Key Vault');
  });
});

describe('the cards of alerts', () => {
  it('tells cause, extent and next step of an incident', () => {
    const { card, summary } = incidentCard(incident(longNames, 'ErrorQuotaExceeded'), everybody);
    expect(textOf(card)).toContain('Hits 10,000 mailboxes');
    expect(textOf(card)).toContain('and 9,990 more');
    expect(textOf(card)).toContain('Set-Mailbox -Identity');
    expect(summary).toContain('Error: The mailbox is full, 10,000 mailboxes');
  });

  it('says of a warning that it is tried again by itself', () => {
    expect(textOf(incidentCard(incident(normal, 'ErrorServerBusy'), everybody).card)).toContain(
      'tries again by itself',
    );
    expect(textOf(incidentCard(incident(normal, 'ErrorQuotaExceeded'), everybody).card)).not.toContain('tries again');
  });

  it('says of an outage that its mailboxes wait and lose nothing, and offers no test that could only fail', () => {
    const { card } = incidentCard(incident(normal, 'ConnectionRefused', { ...outage, open: 188 }), admin);
    expect(textOf(card)).toContain('188 mailboxes wait for this server:');
    expect(textOf(card)).toContain('Its mailboxes stay enabled and lose no try');
    expect(verbsOf(card)).not.toContain('incident.retest');
    const over = incident(normal, 'ConnectionRefused', {
      ...outage,
      state: 'resolved',
      open: 0,
      waiting: 0,
      resolvedAt: now,
    });
    expect(textOf(incidentCard(over, admin).card)).toContain('the server answers again');
  });

  it('ends without buttons and says how long it took', () => {
    const resolved = incident(normal, 'ErrorServerBusy', { state: 'resolved', open: 0, resolvedAt: now });
    const { card, summary } = incidentCard(resolved, everybody);
    expect(verbsOf(card)).toEqual([]);
    expect(summary).toContain('Resolved after 2 h 5 min');
  });

  it('show of each alert what the platform says of it, and what people did', () => {
    const handling = { ...handledBy(normal).snoozed, quiet: null };
    const open = incident(normal, 'ErrorQuotaExceeded', { handling, open: 4 });
    const text = textOf(alertsCard(wallOf([open]), everybody).card);
    expect(text).toContain('The mailbox is full');
    expect(text).toContain('ErrorQuotaExceeded · permanent · mailbox');
    expect(text).toContain('4 mailboxes, 12 times');
    expect(text).toMatch(/since .* · last /);
    expect(text).toMatch(/acknowledged by .* · assigned to /);
    const muted = incident(normal, 'ConnectionRefused', { ...outage, handling: handledBy(normal).muted });
    expect(textOf(alertsCard(wallOf([muted]), everybody).card)).toContain('muted until resolved');
  });

  it('name the mailbox where there is but one, and say of one that is over how wide it was and how long it lasted', () => {
    const one = incident(normal, 'ErrorQuotaExceeded', { open: 1, sample: ['one@contoso.test'] });
    expect(textOf(alertsCard(wallOf([one]), everybody).card)).toContain('one@contoso.test · profile');
    const over = incident(normal, 'ErrorQuotaExceeded', { state: 'resolved', open: 0, peak: 17, resolvedAt: now });
    const text = textOf(alertsCard(wallOf([over]), everybody).card);
    expect(text).toContain('had hit 17 mailboxes');
    expect(text).toContain('lasted 2 h 5 min');
    expect(text).toContain('✓ 1 resolved');
  });
});

describe('the card of the email settings', () => {
  const environment = {
    environmentId: 'contoso',
    name: 'Contoso',
    platform: 'local',
    organizationId: null,
    settings: initialEmailSettings,
    revision: 3,
  } as const;

  const valuesOf = (card: object): Record<string, unknown> => {
    const all = ['Input.ChoiceSet', 'Input.Toggle', 'Input.Text'].flatMap((type) => ofType(card, type));
    return Object.fromEntries(all.map(({ id, value }) => [String(id), value]));
  };

  it('has one input a setting on its pages, with the value of now', () => {
    const pages = formSections.map((section) =>
      valuesOf(settingsCard(environment, [], { ...settingsAtFirst, section }, admin).card),
    );
    const { defaultProfileId: _none, approverSets: _sets, ...settings } = initialEmailSettings;
    expect(Object.assign({}, ...pages)).toEqual({
      ...Object.fromEntries(Object.entries(settings).map(([field, value]) => [field, String(value)])),
      defaultProfileId: 'none',
    });
    expect(Math.max(...pages.map((page) => Object.keys(page).length))).toBeLessThanOrEqual(5);
  });

  it('shows a viewer all values and nothing to change them with', () => {
    const { card } = settingsCard(environment, [], settingsAtFirst, { ...viewer, locale: 'en' });
    expect(valuesOf(card)).toEqual({});
    expect(card.actions).toEqual([]);
    expect(JSON.stringify(ofType(card, 'FactSet'))).toContain('"Maximum attachment size in KB","value":"5');
  });

  it('shows what was typed again, and what is wrong with it right below its field', () => {
    const { card } = settingsCard(
      environment,
      [],
      {
        section: 'attachments',
        word: 'current',
        typed: { maxUploadFileSizeKb: '0' },
        problems: { maxUploadFileSizeKb: { code: 'settings.size-out-of-range', params: { least: 1, most: 131_072 } } },
      },
      admin,
    );
    const body = (card as unknown as { body: { id?: string; value?: string; text?: string }[] }).body;
    const at = body.findIndex(({ id }) => id === 'maxUploadFileSizeKb');
    expect(body[at]?.value).toBe('0');
    expect(body[at + 1]?.text).toContain('The size must be from 1 to 131,072 KB');
  });
});
