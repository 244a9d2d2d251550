import { describe, expect, it } from 'vitest';
import { ownerCard } from '../../cards/owner-card.ts';
import { ownerReachLines } from '../../cards/owner-reach-lines.ts';
import type { OwnerTrouble, OwnerView } from '../../services/model/owner-view.ts';
import { nodesOf, textOf } from './card-client.ts';
import { noMailboxes, someReach } from './owner-fixtures.ts';

const now = Date.UTC(2025, 10, 24, 18, 50);
const everybody = { locale: 'en', now, roles: [] } as const;
const reader = { ...everybody, viewerId: 'kim' };
const full: OwnerTrouble = { matter: 'full', level: 'error', directions: ['incoming'], since: now - 3_600_000 };

const view = (changes: Partial<OwnerView>): OwnerView => ({ ...noMailboxes, ...changes });
const failing = (...troubles: OwnerTrouble[]): OwnerView =>
  view({
    troubles: troubles.map((trouble, index) => ({ address: `kim${index}@contoso.com`, ...trouble })),
    failing: troubles.length,
  });
const read = (shown: OwnerView): string => textOf(ownerCard(shown, reader).card).replaceAll('\\', '');

describe('the card of an owner', () => {
  it('says what happened, what does not work, and what the reader does about it', () => {
    const text = read(failing(full));
    expect(text).toContain('kim0@contoso.com');
    expect(text).toContain('The mailbox is full.');
    expect(text).toContain('Affected: receiving email');
    expect(text).toContain('You can mend it');
    expect(text).toContain('Delete what you do not need any more');
  });

  it('says first what the reader can do, where others have to act for other mailboxes', () => {
    const text = read(failing({ ...full, matter: 'access' }, full));
    expect(text).toContain('An admin has to act');
    expect(text).toContain('Delete what you do not need any more');
    expect(text).not.toContain('Nothing to do for you');
  });

  it('asks nothing of the reader while a fault may pass, and where somebody else has to act', () => {
    expect(read(failing({ ...full, level: 'warning' }))).toContain('it is tried again by itself');
    expect(read(failing({ ...full, matter: 'approval' }))).toContain('an approver decides about the mailbox');
    expect(read(failing({ ...full, matter: 'server' }))).toContain('it is in the admins’ list of alerts');
  });

  it('counts what it does not name', () => {
    expect(read({ ...failing(full), failing: 1201, working: 7, others: 2 })).toMatch(
      /1,200 more[^]*7 mailboxes[^]*2 mail/,
    );
  });

  it('says that all is well again, and how long it was not', () => {
    const over = { kind: 'over', since: now - 7_200_000, at: now } as const;
    const text = read(view({ working: 1, sample: ['kim@contoso.com'], news: over }));
    expect(text).toContain('All well');
    expect(text).toContain('It had lasted 2 h.');
    expect(text).toContain('kim@contoso.com');
  });

  it('has no button that needs a role, and carries no id of anybody', () => {
    const buttons = nodesOf(ownerCard(failing(full), reader).card).filter(({ type }) => type === 'Action.Execute');
    expect(buttons.map(({ data }) => data)).toEqual([
      { verb: 'owner.show', id: 'own', revision: 0 },
      { verb: 'owner.mute', id: 'own', revision: 0 },
    ]);
    const muted = nodesOf(ownerCard(view({ isMuted: true }), reader).card);
    expect(muted.some(({ verb }) => verb === 'owner.unmute')).toBe(true);
  });

  it('tells whose mailboxes are looked for, or why none can be', () => {
    expect(read(view({}))).toContain('Found by your sign-in name kim@contoso.com');
    expect(read(view({ account: null }))).toContain('Teams does not tell your sign-in name');
  });
});

describe('whom an incident reaches', () => {
  const lines = (changes: Partial<typeof someReach>): string =>
    textOf(ownerReachLines({ ...someReach, ...changes }, everybody));
  const nobody = { reached: 0, unreached: 0, withoutAddress: 0, profileOwnersUnreached: 0 };

  it('is said in numbers, with what an admin does about those who are missed', () => {
    const text = lines({});
    expect(text).toContain('12 are told in their own chat; 43 cannot be reached');
    expect(text).toContain('2 mailboxes name no owner by address');
    expect(text).toContain('The owner of a profile cannot be reached');
    expect(text).toContain('Setup policies');
  });

  it('is not said where nobody is to be told, and asks for nothing where everybody is', () => {
    expect(lines(nobody)).toBe('');
    expect(lines({ ...nobody, reached: 3 })).not.toContain('Setup policies');
  });
});
