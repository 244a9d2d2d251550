import { describe, expect, test } from 'vitest';
import { draftCard } from '../../cards/draft-card.ts';
import { advancedErrors } from '../../services/model/draft-advanced.ts';
import {
  reduceDraft,
  type DraftAnswer,
  type DraftEffect,
  type DraftStepResult,
} from '../../services/model/draft-reducer.ts';
import { openSteps, type ProfileDraft } from '../../services/model/draft.ts';
import { isSameTarget, secretTargetOfDraft, type SecretTarget } from '../../services/model/secret-target.ts';
import { randomFrom } from '../chaos/random.ts';
import {
  app,
  askedBy,
  check,
  details,
  failed,
  foundAt,
  fresh,
  goodVault,
  notFound,
  oauthDetails,
  park,
  refusedCheck,
  refusedSearch,
  rules,
  searchedDetails,
  wellChecked,
} from './draft-states.ts';

const sequences = 5000;
const answersEach = 30;

/** Values that no card sends, and that anybody may. */
const junk: readonly unknown[] = [
  '',
  ' ',
  'x'.repeat(5000),
  '\u0000',
  '\u202e',
  '{{DATE}}',
  null,
  7,
  {},
  [],
  true,
  'taken',
];

type Random = () => number;
const pick = <T>(random: Random, from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;

/** Anything that may happen next: mostly what fits somewhere, at times what fits nowhere. */
function anyAnswer(random: Random, draft: ProfileDraft, number: number): DraftAnswer {
  const spoilt = (): Record<string, unknown> =>
    random() < 0.3 ? { [pick(random, Object.keys(draft.values))]: pick(random, junk) } : {};
  const advanced = { maxConcurrentConnections: pick(random, ['1', '300', '301', '-1', 'ten']), ...spoilt() };
  return pick<() => DraftAnswer>(random, [
    () => details(spoilt()),
    () => details({ name: `Contoso ${Math.floor(random() * 3)}` }),
    () => details({ serverLocation: 'https://other.contoso.test/EWS/Exchange.asmx', ...spoilt() }),
    () =>
      details({
        useSameSettingsForOutgoing: 'false',
        outgoingServerLocation: pick(random, ['https://send.contoso.test/EWS', 'http://send.contoso.test', '']),
        ...spoilt(),
      }),
    () => searchedDetails(spoilt()),
    () => oauthDetails(spoilt()),
    () => app(spoilt()),
    () => app({ ...goodVault, ...spoilt() }),
    () => ({ kind: 'values', inputs: advanced }),
    () => ({ kind: 'back' }),
    () => ({ kind: 'advanced' }),
    () => ({ kind: 'new-link' }),
    () => ({ kind: 'confirmed', credentialId: `k${number}` }),
    () => ({ kind: 'confirmed', credentialId: `k${number}` }),
    () => foundAt(),
    () => askedBy('autodiscover.partner.test'),
    () => notFound,
    () => refusedSearch,
    () => ({ kind: 'judge-host', agrees: random() < 0.5 }),
    () => ({ kind: 'use-server' }),
    () => ({ kind: 'search-again' }),
    () => ({ kind: 'progress', checks: [check('address')] }),
    () => wellChecked,
    () => wellChecked,
    () => failed,
    () => refusedCheck,
    () => ({ kind: 'check-again' }),
    () => ({ kind: 'saved', profileId: `p${number}` }),
    ...(random() < 0.1 ? [(): DraftAnswer => ({ kind: 'cancel' })] : []),
  ])();
}

/** What must be true of each state, and of the way from one to the next. */
function judge(before: ProfileDraft, draft: ProfileDraft, effect: DraftEffect): void {
  const over = (step: ProfileDraft['step']): boolean => step === 'saved' || step === 'cancelled';
  if (over(before.step)) expect(draft).toBe(before);
  if (draft === before) expect(effect).toBe('none');
  else expect(draft.revision).toBeGreaterThan(before.revision);
  if (!over(draft.step)) expect(openSteps).toContain(draft.step);
  if (draft.step === 'saved' && before.step !== 'saved') {
    expect(before.step).toBe('review');
    expect(draft.values).toBe(before.values);
    expect(draft.credentialId).toBe(before.credentialId);
  }
  if (draft.step === 'review' || draft.step === 'advanced') {
    expect(draft.credential).toBe('confirmed');
    expect(draft.credentialId).not.toBeNull();
    expect(rules.checkServerLocation(draft.values.serverLocation)).toBeNull();
    const { useSameSettingsForOutgoing, outgoingServerLocation } = draft.values;
    if (useSameSettingsForOutgoing) expect(outgoingServerLocation).toBe('');
    else expect(rules.checkServerLocation(outgoingServerLocation)).toBeNull();
    expect(draft.values.name).not.toBe('taken');
  }
  if (draft.step === 'review') expect(advancedErrors(draft.values)).toEqual({});
  if (effect === 'start-check' || effect === 'use-server')
    expect(draft).toMatchObject({ step: 'checking', credential: 'confirmed' });
  if (effect === 'find-server') expect(draft).toMatchObject({ step: 'finding', discovery: { state: 'searching' } });
  if (effect === 'ask-secret') expect(draft).toMatchObject({ step: 'credential', credentialId: null });
}

describe(`${sequences} random sequences of answers, back, cancel, junk and repeats`, () => {
  test('end in saved, cancelled or a question that can be drawn', () => {
    const ends = new Map<string, number>();
    for (let seed = 1; seed <= sequences; seed += 1) {
      const random = randomFrom(seed);
      let draft = fresh;
      let target: SecretTarget | null = null;
      let last: DraftAnswer = { kind: 'back' };
      for (let number = 0; number < answersEach; number += 1) {
        // What the form does when somebody hands a secret in.
        if (draft.step === 'credential' && draft.credential === 'none' && random() < 0.7) draft = park(draft);
        const answer: DraftAnswer = random() < 0.15 ? last : anyAnswer(random, draft, number);
        const result: DraftStepResult = reduceDraft(draft, answer, rules);
        judge(draft, result.draft, result.effect);
        // A secret is used for the server and account alone that it was handed in for, or that was found and accepted.
        if (answer.kind === 'confirmed' && result.draft !== draft) target = secretTargetOfDraft(result.draft.values);
        if (result.effect === 'use-server') target = secretTargetOfDraft(result.draft.values);
        if (result.effect === 'start-check' || result.draft.step === 'review')
          expect(target !== null && isSameTarget(target, secretTargetOfDraft(result.draft.values))).toBe(true);
        last = answer;
        draft = result.draft;
      }
      ends.set(draft.step, (ends.get(draft.step) ?? 0) + 1);
      if (seed % 25 !== 0) continue;
      const { card } = draftCard(draft, {
        locale: 'en',
        now: 0,
        roles: ['admin'],
        formUrl: null,
        personal: true,
        certificate: null,
        sameAccount: [],
      });
      expect(JSON.stringify(card).length).toBeLessThan(20 * 1024);
    }
    // All ends occur, so that what is said above was asked of each.
    expect([...ends.keys()].sort()).toEqual([...openSteps, 'cancelled', 'saved'].sort());
  });
});
