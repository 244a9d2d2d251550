import { describe, expect, it } from 'vitest';
import { alertDigestCard } from '../../cards/alert-digest-card.ts';
import { alertsUnheardCard } from '../../cards/alerts-unheard-card.ts';
import { subscriptionFormCard } from '../../cards/subscription-form-card.ts';
import { newDigest, withEnded, type AlertDigest } from '../../services/model/alert-digest.ts';
import { valuesOf } from '../../services/model/subscription-input.ts';
import { subscribed } from './alert-routing-fixtures.ts';
import { nodesOf, ofType, textOf, verbsOf } from './card-client.ts';
import { admin, everybody, incident, longNames, normal, now, run } from './card-fixtures.ts';

const minute = 60_000;
const digest = { ...newDigest('main', 'alerts', 'D1', now - 60 * minute), sentAt: now };
const none = { open: [], ended: [], runs: [] };

describe('the card of a digest', () => {
  it('says in the notification what it holds, and leads to the alerts, the runs and the settings', () => {
    const over = incident(normal, 'ErrorMailboxStoreUnavailable', { state: 'resolved', resolvedAt: now, open: 0 });
    const full: AlertDigest = [1, 2, 3].reduce<AlertDigest>((sum) => withEnded(sum, over.causeId, over.id), digest);
    const { card, summary } = alertDigestCard(
      full,
      { open: [incident(normal, 'ErrorServerBusy')], ended: [{ incident: over, times: 3 }], runs: [run(normal)] },
      admin,
    );
    expect(summary).toBe('Digest: 1 open, 3 came and went, 1 run finished.');
    expect(textOf(card)).toMatch(/3 times/);
    expect(textOf(card)).toMatch(/6 mailboxes · since/);
    expect(new Set(verbsOf(card))).toEqual(new Set(['digest.show-incident', 'command.run', 'subscription.open']));
  });

  it('lists a bounded number, and counts the rest: nothing is lost between them', () => {
    const open = Array.from({ length: 40 }, () => incident(longNames, 'ErrorServerBusy'));
    const ended = Array.from({ length: 50 }, () => ({ incident: incident(longNames, 'ErrorServerBusy'), times: 480 }));
    const { card } = alertDigestCard({ ...digest, moreEnded: 7 }, { open, ended, runs: [] }, everybody);
    const text = textOf(card);
    expect(text).toContain('Open now, without a card of their own: 40');
    expect(text).toContain('and 32 more');
    expect(text).toContain(`Came and went: ${(50 * 480 + 7).toLocaleString('en')}`);
    expect(text).toContain(`and ${(44 * 480 + 7).toLocaleString('en')} more`);
    expect(Buffer.byteLength(JSON.stringify(card))).toBeLessThan(20_480);
  });

  it('says that nothing is open where everything is over', () => {
    const { card, summary } = alertDigestCard(digest, none, everybody);
    expect(textOf(card)).toContain('✓ Nothing open');
    expect(summary).toBe('Digest: nothing open, nothing came and went, no run finished.');
  });
});

describe('the form of a subscription', () => {
  const form = { placeName: 'General', profiles: [], values: valuesOf(subscribed, 'Europe/Berlin'), errors: {} };

  it('puts what is wrong right below its field', () => {
    const errors = { quietFrom: 'time-invalid', quietTo: 'quiet-same', timeZone: 'zone-unknown' };
    const { card } = subscriptionFormCard(subscribed, { ...form, errors }, admin);
    const body = nodesOf(card).filter(({ id, text }) => id !== undefined || String(text).startsWith('✗ '));
    const below = (field: string): unknown => body[body.findIndex(({ id }) => id === field) + 1]?.['text'];
    expect(below('quietFrom')).toContain('no time of day');
    expect(below('quietTo')).toContain('the same as the beginning');
    expect(below('timeZone')).toContain('not known');
    expect(textOf(card)).toContain('3 values to correct');
  });

  it('keeps what was typed, and sends nothing of it by Cancel', () => {
    const values = { ...form.values, quietFrom: '25:00' };
    const { card } = subscriptionFormCard(
      subscribed,
      { ...form, values, errors: { quietFrom: 'time-invalid' } },
      admin,
    );
    expect(ofType(card, 'Input.Time').find(({ id }) => id === 'quietFrom')?.['value']).toBe('25:00');
    const cancel = ofType(card, 'Action.Execute').find(({ verb }) => verb === 'subscription.show');
    expect(cancel?.['associatedInputs']).toBe('none');
  });
});

it('names in the notice of unheard errors who changed what, and says when it is mended', () => {
  const change = { placeName: 'General', changedByName: 'Ada Admin', changedAt: now };
  const names = Array.from({ length: 8 }, (_, index) => `Profile ${index + 1}`);
  const open = alertsUnheardCard({ ...change, profiles: names }, admin);
  expect(open.summary).toBe('Errors of 8 profiles come to nobody now, by a change of Ada Admin.');
  expect(textOf(open.card)).toContain(
    'Ada Admin changed what General receives. Errors of 8 profiles (Profile 1, Profile 2, Profile 3, Profile 4, Profile 5, and 3 more) come to nobody now: mail could stop without anybody being told.',
  );
  expect(textOf(alertsUnheardCard({ ...change, profiles: [] }, admin).card)).toContain('✓ They come again');
});
