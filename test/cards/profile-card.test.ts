import { describe, expect, it } from 'vitest';
import { mailboxCard } from '../../cards/mailbox-card.ts';
import { profileCard, type ProfileDetails } from '../../cards/profile-card.ts';
import { profileChangeCard } from '../../cards/profile-change-card.ts';
import { draftCard } from '../../cards/draft-card.ts';
import type { EmailServerProfile } from '../../services/model/profile.ts';
import { ofType, textOf, verbsOf, type CardNode } from './card-client.ts';
import { admin, checked, draft, mailbox, normal, now, profile, viewer } from './card-fixtures.ts';

const details: ProfileDetails = {
  mailboxCount: 3,
  isDefault: false,
  pollIntervalMs: null,
  credentialSetBy: normal.person,
  credentialSetAt: now,
  certificate: null,
};
const off: EmailServerProfile = { ...profile(normal), state: 'inactive' };

/** Verbs of the buttons at the foot; those behind More in brackets. */
function feet(card: { actions?: readonly unknown[] }): string[] {
  return (card.actions ?? []).map((action) => {
    const { type, verb, card: inner } = action as CardNode;
    return type === 'Action.ShowCard' ? `[${verbsOf(inner).join(' ')}]` : String(verb);
  });
}

describe('the card of a profile', () => {
  it.each<[what: string, EmailServerProfile, Partial<ProfileDetails>, readonly string[]]>([
    [
      'in use',
      profile(normal),
      {},
      [
        'profile.test',
        'profile.edit',
        'command.run',
        '[profile.default maintenance.plan profile.copy profile.take-over profile.deactivate profile.delete]',
      ],
    ],
    [
      'that is the default',
      profile(normal),
      { isDefault: true },
      [
        'profile.test',
        'profile.edit',
        'command.run',
        '[maintenance.plan profile.copy profile.take-over profile.deactivate profile.delete]',
      ],
    ],
    [
      'switched off',
      off,
      {},
      [
        'profile.activate',
        'profile.edit',
        'command.run',
        '[maintenance.plan profile.copy profile.take-over profile.delete]',
      ],
    ],
    [
      'without mailboxes',
      profile(normal),
      { mailboxCount: 0 },
      [
        'command.run',
        'profile.edit',
        'command.run',
        '[profile.default maintenance.plan profile.copy profile.take-over profile.deactivate profile.delete]',
      ],
    ],
  ])('%s has the likely button first, four at most, and the rest behind one', (_what, one, changes, buttons) => {
    expect(feet(profileCard(one, { ...details, ...changes }, admin).card)).toEqual(buttons);
  });

  it('offers a viewer nothing that changes it, and no empty menu', () => {
    for (const one of [profile(normal), off])
      expect(feet(profileCard(one, details, viewer).card)).toEqual(['command.run']);
  });

  it('says what a profile that is switched off means, and warns where it is the default', () => {
    const text = textOf(profileCard(off, { ...details, isDefault: true }, admin).card);
    expect(text).toContain('– Inactive');
    expect(text).toContain('its 3 mailboxes are neither tested nor checked');
    expect(text).toContain('⚠ It is the default for new mailboxes, and switched off');
    expect(textOf(profileCard(off, details, admin).card)).not.toContain('⚠');
  });

  it('shows the advanced settings that are set, and says which only the platform carries out', () => {
    const set = {
      ...profile(normal),
      description: 'Old site',
      timeoutMailboxConnectionAfterAmount: 15_000,
      processEmailsReceivedAfter: '2025-01-31',
      sendEmailAlert: true,
    };
    const text = textOf(profileCard(set, details, admin).card);
    for (const part of [
      'Old site',
      '15,000 ms',
      '2025-01-31 (kept for Dynamics 365)',
      'when more than half of the mailboxes fail',
    ])
      expect(text.replaceAll('\\', '')).toContain(part);
    expect(textOf(profileCard(profile(normal), details, admin).card)).not.toContain('kept for');
  });
});

describe('the question before a profile is changed', () => {
  const counts = { mailboxes: 200, enabled: 188, testing: 12, runs: 2, isDefault: false };
  const ask = (kind: 'deactivate' | 'delete' | 'in-use' | 'deleted', changes: Partial<typeof counts> = {}) =>
    profileChangeCard(profile(normal), { ...counts, ...changes, kind }, admin).card;

  it('tells in numbers what stops, and acts on the profile as it was shown', () => {
    const card = ask('deactivate');
    expect(textOf(card)).toContain('188 enabled mailboxes are not checked any more');
    expect(textOf(card)).toContain('12 tests are still to come, in 2 runs, and will fail for that reason');
    expect(feet(card)).toEqual(['profile.confirm-deactivate', 'profile.show']);
    const { id, revision } = profile(normal);
    expect(ofType(card, 'Action.Execute')[0]).toMatchObject({ data: { id, revision }, style: 'destructive' });
  });

  it('does not speak of tests or a default where there are none', () => {
    const text = textOf(ask('deactivate', { testing: 0, runs: 0 }));
    expect(text).not.toContain('still to come');
    expect(text).not.toContain('default');
    expect(textOf(ask('deactivate', { enabled: 0 }))).toContain('None of its 200 mailboxes is checked today');
    expect(textOf(ask('deactivate', { isDefault: true }))).toContain('It is the default for new mailboxes');
  });

  it('offers no deletion while mailboxes use it, but their list', () => {
    expect(feet(ask('in-use'))).toEqual(['profile.mailboxes', 'profile.deactivate', 'profile.show']);
    expect(textOf(ask('in-use'))).toContain('200 mailboxes use this profile');
    expect(feet(ask('delete', { mailboxes: 0 }))).toEqual(['profile.confirm-delete', 'profile.show']);
  });

  it('offers nothing to whoever may not do it', () => {
    const { card } = profileChangeCard(profile(normal), { ...counts, kind: 'deactivate' }, viewer);
    expect(feet(card)).toEqual(['profile.show']);
  });
});

describe('the card of the advanced settings', () => {
  const personal = { ...admin, personal: true, formUrl: null, certificate: null };
  const errors = { maxConcurrentConnections: 'profile.connections-invalid' };

  it('has its fields under the names of the draft, each with its error right below', () => {
    const { values } = draft(normal);
    const wrong = { ...values, maxConcurrentConnections: '301', processEmailsReceivedAfter: '2025-01-31' };
    const { card } = draftCard(draft(normal, { step: 'advanced', values: wrong, errors }), personal);
    const body = card.body as unknown as CardNode[];
    expect(body.flatMap(({ id }) => id ?? [])).toEqual([
      'minPollingIntervalMinutes',
      'maxConcurrentConnections',
      'timeoutMailboxConnectionAfterAmount',
      'description',
      'sendEmailAlert',
      'processEmailsReceivedAfter',
      'moveUndeliveredEmails',
    ]);
    const at = body.findIndex(({ id }) => id === 'maxConcurrentConnections');
    expect(body[at]).toMatchObject({ type: 'Input.Number', value: 301 });
    expect(body[at + 1]).toMatchObject({ type: 'TextBlock', color: 'Attention' });
    expect(body.find(({ id }) => id === 'processEmailsReceivedAfter')).toMatchObject({ value: '2025-01-31' });
  });

  it('lets Back and Cancel work whatever stands in the fields', () => {
    const { card } = draftCard(draft(normal, { step: 'advanced' }), personal);
    expect(feet(card)).toEqual(['profile.answer', 'profile.back', 'profile.cancel']);
    const left = ofType(card, 'Action.Execute').slice(1);
    expect(left.every(({ associatedInputs }) => associatedInputs === 'none')).toBe(true);
  });
});

it('says on the card of a mailbox that its profile is switched off, and promises no check', () => {
  const seen = (profileInactive: boolean): string =>
    textOf(mailboxCard(mailbox(normal, 0), { ...checked, profileName: normal.profile, profileInactive }, admin).card);
  expect(seen(true)).toContain('is switched off, so this mailbox is neither tested nor checked');
  expect(seen(true)).toContain(`activate profile ${normal.profile}`);
  expect(seen(true)).not.toContain('Next check');
  expect(seen(false)).toContain('Next check');
});
