import { describe, expect, it } from 'vitest';
import { alertDigestCard } from '../../cards/alert-digest-card.ts';
import { alertsCard } from '../../cards/alerts-card.ts';
import { draftCard } from '../../cards/draft-card.ts';
import { incidentCard } from '../../cards/incident-card.ts';
import { mailboxCard } from '../../cards/mailbox-card.ts';
import { profileCard, type ProfileDetails } from '../../cards/profile-card.ts';
import { profilesCard } from '../../cards/profiles-card.ts';
import { runCard } from '../../cards/run-card.ts';
import { newDigest } from '../../services/model/alert-digest.ts';
import { wallOf } from './alert-fixtures.ts';
import { ofType, textOf, verbsOf, type CardNode } from './card-client.ts';
import { admin, checked, draft, incident, mailbox, normal, now, profile, run } from './card-fixtures.ts';

const titles = (card: unknown): string[] => ofType(card, 'Action.Execute').map(({ title }) => String(title));
const since = now - 60_000;
const profileDetails: ProfileDetails = {
  mailboxCount: 297,
  isDefault: false,
  pollIntervalMs: null,
  credentialSetBy: normal.person,
  credentialSetAt: now,
  certificate: null,
};

describe('a refused password', () => {
  const one = incident(normal, 'CredentialRefused', { open: 297, waiting: 297 });

  it('has the alert lead to a new one, and offers no retest while that could only fail', () => {
    const { card } = incidentCard(one, admin, { refusedSecret: 'password' });
    expect(card.actions?.[0]).toMatchObject({
      verb: 'profile.edit',
      title: 'Enter a new password',
      style: 'positive',
      data: { id: 'p1' },
    });
    expect(verbsOf(card)).toContain('incident.mailboxes');
    expect(verbsOf(card)).not.toContain('incident.retest');
    expect(textOf(card)).toContain('Hits 297 mailboxes of this profile');
    expect(textOf(card)).toContain('stay enabled and wait');
    expect(textOf(card)).toContain(`“edit profile ${normal.profile}”`);
    expect(incidentCard({ ...one, waiting: 0 }, admin).card.actions?.[0]).toMatchObject({ verb: 'incident.retest' });
  });

  it('is on the cards of the profile, with the way out as the first button', () => {
    const { card, summary } = profileCard(profile(normal), { ...profileDetails, trouble: { kind: 'refused' } }, admin);
    expect(textOf(card)).toContain('✗ Sign-in refused');
    expect(textOf(card)).not.toContain('✓ Active');
    expect(titles(card)[0]).toBe('Enter a new password');
    expect(verbsOf(card)).not.toContain('profile.test');
    expect(summary).toContain('Sign-in refused');
    const list = profilesCard(
      {
        profiles: [profile(normal)],
        defaultProfileId: null,
        mailboxCounts: {},
        troubles: { [profile(normal).id]: { kind: 'refused' } },
      },
      admin,
    );
    expect(textOf(list.card)).toContain('✗ Sign-in refused');
    expect(textOf(list.card)).toContain('its card says what is wrong');
  });

  it('is on the card of a mailbox that worked, which says nothing of “synchronizes”', () => {
    const details = { ...checked, profileName: normal.profile, secretRefused: true };
    const tried = { ...mailbox(normal, 0), postponedUntil: now + 60_000 };
    expect(textOf(mailboxCard(tried, details, admin).card)).not.toContain('tries again by itself');
    const { card, summary } = mailboxCard(mailbox(normal, 0), details, admin);
    const text = textOf(card);
    expect(text).toContain('✗ Sign-in refused');
    expect(text).toContain(`“edit profile ${normal.profile}”`);
    expect(text).not.toContain('the mailbox synchronizes');
    expect(verbsOf(card)).toEqual(['mailbox.edit', 'mailbox.deactivate']);
    expect(summary).toContain('Sign-in refused');
  });

  it('is over when a new one is saved: the card says who is checked by itself, and retests the others', () => {
    const saved = draft(normal, { step: 'saved', editsProfileId: 'p1', profileId: 'p1' });
    const context = { ...admin, formUrl: null, personal: true, certificate: null };
    const { card } = draftCard(saved, { ...context, mailboxes: { failed: 3, checked: 297 } });
    expect(textOf(card)).toContain('The 297 enabled mailboxes are checked by themselves');
    expect(ofType(card, 'Action.Execute')[0]).toMatchObject({
      verb: 'profile.retest',
      title: 'Retest the 3 that failed',
      data: { id: 'p1' },
    });
    const waited = draftCard(saved, { ...context, mailboxes: { failed: 0, checked: 297 } }).card;
    expect(verbsOf(waited)).not.toContain('profile.retest');
    expect(textOf(waited)).not.toContain('choose Retest');
  });
});

describe('a server that is out of reach', () => {
  it('is on the cards of its profile and of its mailboxes', () => {
    const trouble = { kind: 'outage', since } as const;
    const { card } = profileCard(profile(normal), { ...profileDetails, trouble }, admin);
    expect(textOf(card)).toContain('⚠ Server out of reach');
    expect(textOf(card)).toContain('out of reach since');
    expect(verbsOf(card)[0]).toBe('profile.edit');
    const text = textOf(
      mailboxCard(mailbox(normal, 0), { ...checked, profileName: normal.profile, outage: { since } }, admin).card,
    );
    expect(text).toContain('⚠ Server out of reach');
    expect(text).not.toContain('the mailbox synchronizes');
  });
});

describe('a run that met an outage', () => {
  const ended = { state: 'completed', done: 297, total: 297, succeeded: 0, failed: 297, finishedAt: now } as const;
  const details = { pace: { rate: null, etaMs: null }, reportUrl: null, resultDays: 7 };

  it('says in the digest that those that failed stay enabled', () => {
    const digest = newDigest('main', 'alerts', 'D1', now);
    const text = (stillEnabled: number): string => {
      const runs = [run(normal, { ...ended, stillEnabled })];
      return textOf(alertDigestCard(digest, { open: [], ended: [], runs }, admin).card);
    };
    expect(text(297)).toContain('0 of 297 succeeded, 297 failed; 297 of those stay enabled and are tried again');
    expect(text(0)).toContain('0 of 297 succeeded, 297 failed · run');
  });

  it('offers to retest those only that fail now and that a test can help', () => {
    const buttons = (failing: number, testable: number): CardNode[] =>
      ofType(runCard(run(normal, ended), { ...details, still: { failing, testable } }, admin).card, 'Action.Execute');
    expect(buttons(4, 3)[0]).toMatchObject({ verb: 'run.retest-failed', title: 'Retest the 3 that still fail' });
    expect(buttons(0, 0).map(({ verb }) => verb)).toEqual(['run.failures', 'run.report']);
    expect(buttons(4, 0).map(({ verb }) => verb)).toEqual(['run.failures', 'run.report']);
    const over = textOf(runCard(run(normal, ended), { ...details, still: { failing: 0, testable: 0 } }, admin).card);
    expect(over).toContain('of the mailboxes that failed, none fails now');
    const refused = textOf(runCard(run(normal, ended), { ...details, still: { failing: 4, testable: 0 } }, admin).card);
    expect(refused).toContain('enter a new one');
  });
});

it('names the mailbox of an alert that hits many as an example', () => {
  const { params } = incident(normal, 'ErrorImpersonateUserDenied').fault;
  const one = incident(normal, 'ErrorImpersonateUserDenied', {
    fault: { code: 'ErrorImpersonateUserDenied', params: { ...params, address: 'ghost24@contoso.test' } },
  });
  expect(textOf(incidentCard({ ...one, open: 30 }, admin).card)).toContain('for example ghost24@contoso.test');
  expect(textOf(incidentCard({ ...one, open: 1 }, admin).card)).not.toContain('for example');
  const quota = incident(normal, 'ErrorQuotaExceeded', {
    fault: { code: 'ErrorQuotaExceeded', params: { address: 'ghost24@contoso.test' } },
  });
  expect(textOf(incidentCard({ ...quota, open: 30 }, admin).card)).toContain('For example ghost24@contoso.test has');
});

it('counts errors and warnings in the head of the alerts', () => {
  const error = incident(normal, 'ErrorQuotaExceeded');
  const warning = incident(normal, 'ErrorServerBusy');
  expect(textOf(alertsCard(wallOf([error, warning, warning]), admin).card)).toContain('✗ 1 error · ⚠ 2 warnings');
  expect(textOf(alertsCard(wallOf([error, error]), admin).card)).not.toContain('⚠');
  expect(textOf(alertsCard(wallOf([warning]), admin).card)).toContain('⚠ 1 warning');
});
