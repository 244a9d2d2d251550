import { describe, expect, it, test } from 'vitest';
import {
  advancedErrors,
  advancedSettings,
  advancedValues,
  defaultAdvanced,
  readAdvanced,
} from '../../services/model/draft-advanced.ts';
import { emptyValues } from '../../services/model/draft-values.ts';
import { advancedFields, type ProfileDraft } from '../../services/model/draft.ts';
import { reduceDraft, type DraftAnswer } from '../../services/model/draft-reducer.ts';
import { after, checkingApp, details, review, rules, wellChecked } from './draft-states.ts';

const open = after(review, { kind: 'advanced' });
const values = (inputs: Record<string, unknown>): DraftAnswer => ({ kind: 'values', inputs });
const errorsOf = (inputs: Record<string, unknown>) => after(open, values(inputs)).errors;

const set = {
  description: 'The old site,\nuntil spring',
  minPollingIntervalMinutes: '30',
  maxConcurrentConnections: '20',
  timeoutMailboxConnectionAfterAmount: '15000',
  processEmailsReceivedAfter: '2025-01-31',
  moveUndeliveredEmails: 'true',
  sendEmailAlert: 'true',
};

describe('each advanced setting', () => {
  test.each<[field: string, right: readonly unknown[], wrong: readonly unknown[], code: string]>([
    [
      'minPollingIntervalMinutes',
      ['0', '1', '1440', '007', 1440, ''],
      ['1441', '-1', '1.5', '1e3', '0x10', 'ten', '99999999999999999999', 1441, NaN],
      'profile.polling-invalid',
    ],
    ['maxConcurrentConnections', ['1', '300', ''], ['0', '301', '-1', '2,5', '٣'], 'profile.connections-invalid'],
    [
      'timeoutMailboxConnectionAfterAmount',
      ['0', '1', '100000', ''],
      ['100001', '-1', '30 s', '1e5'],
      'profile.timeout-invalid',
    ],
    [
      'processEmailsReceivedAfter',
      ['', '2024-02-29', '1753-01-01', '9999-12-31'],
      ['2025-02-29', '2025-02-30', '1752-12-31', '31.01.2025', '2025-1-31', '2025-01-31T00:00:00Z', 'yesterday', '0'],
      'profile.received-after-invalid',
    ],
    [
      'description',
      ['', 'x'.repeat(2000), 'one\ntwo\tthree', '👩‍👩‍👧'],
      ['a\u0000b', 'a\u001b[31m', 'a\u0085b'],
      'profile.description-invalid',
    ],
    ['description', [], ['x'.repeat(2001)], 'profile.description-too-long'],
  ])('%s is taken or refused beside its field', (field, right, wrong, code) => {
    for (const value of right) expect(errorsOf({ [field]: value }), JSON.stringify(value)).toEqual({});
    for (const value of wrong) expect(errorsOf({ [field]: value }), JSON.stringify(value)).toEqual({ [field]: code });
  });

  it('is wrong on its own: several are told at once', () => {
    const wrong = { minPollingIntervalMinutes: '9999', maxConcurrentConnections: '0', description: '\u0000' };
    expect(Object.keys(errorsOf(wrong)).toSorted()).toEqual(Object.keys(wrong).toSorted());
  });

  it('has its default where the card says nothing, and where a number is left empty', () => {
    expect(readAdvanced(emptyValues, {})).toEqual(emptyValues);
    const emptied = after(open, values({ ...set }), { kind: 'advanced' }, values({ maxConcurrentConnections: ' ' }));
    expect(emptied.values).toMatchObject({ maxConcurrentConnections: '10', minPollingIntervalMinutes: '30' });
  });

  it('takes nothing of a type that no card sends, and no other field', () => {
    const hostile = {
      description: { toString: 'x' },
      maxConcurrentConnections: ['20'],
      sendEmailAlert: 'yes',
      serverLocation: 'https://evil.test/EWS/Exchange.asmx',
      isDefault: 'false',
      name: 'Evil',
    };
    expect(after(open, values(hostile)).values).toEqual(review.values);
  });

  it('keeps what was typed, as much of it as a card can show', () => {
    const long = 'ü'.repeat(4000);
    const kept = after(open, values(Object.fromEntries(advancedFields.map((field) => [field, long])))).values;
    for (const field of advancedFields) expect(String(kept[field]).length).toBeLessThanOrEqual(2001);
    expect(kept.description).toContain('üüü');
  });
});

describe('the card of the advanced settings', () => {
  it('leads back to the review with what was set; the check and the secret stay as they are', () => {
    const done = reduceDraft(open, values(set), rules);
    expect(done.effect).toBe('none');
    expect(done.draft).toEqual({
      ...review,
      revision: open.revision + 1,
      values: { ...review.values, ...set, moveUndeliveredEmails: true, sendEmailAlert: true },
    });
  });

  it('is there for OAuth too', () => {
    const oauth = after(checkingApp, wellChecked, { kind: 'advanced' }, values(set));
    expect(oauth).toMatchObject({
      step: 'review',
      credential: 'confirmed',
      values: { maxConcurrentConnections: '20' },
    });
  });

  it('lets nothing wrong past it: Back leaves everything as it was', () => {
    const wrong = after(open, values({ ...set, maxConcurrentConnections: '0' }));
    expect(wrong).toMatchObject({ step: 'advanced', values: { description: set.description } });
    const back = after(wrong, { kind: 'back' });
    expect(back).toEqual({ ...review, revision: wrong.revision + 1 });
    expect(advancedErrors(back.values)).toEqual({});
  });

  it('cannot be saved from', () => {
    const wrong = after(open, values({ maxConcurrentConnections: '0' }));
    expect(after(wrong, { kind: 'saved', profileId: 'p' })).toBe(wrong);
  });

  it('is reached from the review alone', () => {
    const others: ProfileDraft[] = [after(review, { kind: 'back' }), open, after(review, { kind: 'cancel' })];
    for (const state of others) expect(after(state, { kind: 'advanced' })).toBe(state);
  });

  it('keeps its settings when the details change afterwards', () => {
    const changed = after(open, values(set), { kind: 'back' }, details({ name: 'Renamed' }));
    expect(changed.values).toMatchObject({ name: 'Renamed', minPollingIntervalMinutes: '30', sendEmailAlert: true });
  });
});

it('gives a profile its settings, and back', () => {
  const typed = { ...set, moveUndeliveredEmails: true, sendEmailAlert: false };
  const settings = advancedSettings(typed);
  expect(settings).toMatchObject({ maxConcurrentConnections: 20, processEmailsReceivedAfter: '2025-01-31' });
  expect(advancedValues(settings)).toEqual(typed);
  expect(advancedSettings(defaultAdvanced)).toMatchObject({ processEmailsReceivedAfter: null, description: '' });
});
