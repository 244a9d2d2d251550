import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Check, DraftStep, ProfileDraft } from '../../services/model/draft.ts';
import {
  isCheckOver,
  reduceDraft,
  type DraftAnswer,
  type DraftEffect,
  type DraftRules,
  type DraftStepResult,
} from '../../services/model/draft-reducer.ts';
import { identifyServer } from '../../services/model/profile.ts';

const rules: DraftRules = {
  checkServerLocation: (url) => (url.startsWith('https://') ? null : 'server-location.not-https'),
  nameTaken: (name) => name.toLowerCase() === 'taken',
  ntlmAllowed: true,
};
const good = {
  name: 'Contoso',
  isDefault: 'true',
  serverLocation: 'https://mail.contoso.test/EWS/Exchange.asmx',
  userName: 'svc@contoso.test',
  probeAddress: 'User1@Contoso.test',
};
const details = (changes: Record<string, unknown> = {}): DraftAnswer => ({
  kind: 'details',
  inputs: { ...good, ...changes },
});
const check = (name: Check['name'], fault: Check['fault'] = null): Check => ({ name, fault, seen: {}, durationMs: 1 });
const refused = { code: 'CredentialRefused', params: {} } as const;
const unreachable = { code: 'ConnectionTimedOut', params: {} } as const;
const server = identifyServer('15.2.1118.7');
const wellChecked: DraftAnswer = { kind: 'checked', checks: [check('address')], server, fault: null };
const failed: DraftAnswer = {
  kind: 'checked',
  checks: [check('connect', unreachable)],
  server: null,
  fault: unreachable,
};
const refusedCheck: DraftAnswer = {
  kind: 'checked',
  checks: [check('authentication', refused)],
  server: null,
  fault: refused,
};

const fresh: ProfileDraft = {
  environmentId: 'main',
  id: 'd1',
  ownerId: 'ada',
  ownerName: 'Ada',
  ownerTenantId: 't',
  conversationId: 'c',
  step: 'details',
  values: {
    name: '',
    isDefault: false,
    serverLocation: '',
    authentication: 'basic',
    access: 'impersonation',
    userName: '',
    probeAddress: '',
  },
  errors: {},
  secretRequestId: null,
  credential: 'none',
  credentialId: null,
  checks: [],
  server: null,
  editsProfileId: null,
  profileId: null,
  createdAt: 0,
  expiresAt: 1,
  revision: 1,
};

/** What the form does when a password is posted. */
const park = (draft: ProfileDraft): ProfileDraft => ({ ...draft, credential: 'parked', revision: draft.revision + 1 });
const after = (draft: ProfileDraft, ...answers: readonly DraftAnswer[]): ProfileDraft =>
  answers.reduce((current, answer) => reduceDraft(current, answer, rules).draft, draft);

const asked = after(fresh, details());
const parked = park(asked);
const checking = after(parked, { kind: 'confirmed', credentialId: 'k1' });
const broken = after(checking, failed);
const wrong = after(checking, refusedCheck);
const review = after(checking, wellChecked);
const saved = after(review, { kind: 'saved', profileId: 'p1' });
const cancelled = after(fresh, { kind: 'cancel' });

describe('the guided creation of a profile', () => {
  const answers = {
    details: details(),
    'other server': details({ serverLocation: 'https://other.contoso.test/EWS/Exchange.asmx' }),
    back: { kind: 'back' },
    cancel: { kind: 'cancel' },
    'new-link': { kind: 'new-link' },
    confirmed: { kind: 'confirmed', credentialId: 'k2' },
    progress: { kind: 'progress', checks: [check('address')] },
    checked: wellChecked,
    refused: refusedCheck,
    'check-again': { kind: 'check-again' },
    saved: { kind: 'saved', profileId: 'p2' },
  } as const satisfies Record<string, DraftAnswer>;
  type Move = keyof typeof answers;

  /** Every answer that is not in the list of a state changes nothing there. */
  const moves: readonly [
    name: string,
    state: ProfileDraft,
    Partial<Record<Move, readonly [DraftStep, ProfileDraft['credential'], DraftEffect]>>,
  ][] = [
    [
      'at the details',
      fresh,
      {
        details: ['credential', 'none', 'ask-password'],
        'other server': ['credential', 'none', 'ask-password'],
        cancel: ['cancelled', 'none', 'end'],
      },
    ],
    [
      'while it waits for the password',
      asked,
      {
        back: ['details', 'none', 'none'],
        cancel: ['cancelled', 'none', 'end'],
        'new-link': ['credential', 'none', 'ask-password'],
      },
    ],
    [
      'while it waits for the code',
      parked,
      {
        back: ['details', 'parked', 'none'],
        cancel: ['cancelled', 'parked', 'end'],
        'new-link': ['credential', 'none', 'ask-password'],
        confirmed: ['checking', 'confirmed', 'start-check'],
      },
    ],
    [
      'while the check runs',
      checking,
      {
        back: ['details', 'confirmed', 'none'],
        cancel: ['cancelled', 'confirmed', 'end'],
        'new-link': ['credential', 'none', 'ask-password'],
        progress: ['checking', 'confirmed', 'none'],
        checked: ['review', 'confirmed', 'none'],
        refused: ['credential', 'refused', 'ask-password'],
      },
    ],
    [
      'after a check that failed',
      broken,
      {
        back: ['details', 'confirmed', 'none'],
        cancel: ['cancelled', 'confirmed', 'end'],
        'new-link': ['credential', 'none', 'ask-password'],
        'check-again': ['checking', 'confirmed', 'start-check'],
        progress: ['checking', 'confirmed', 'none'],
        checked: ['review', 'confirmed', 'none'],
        refused: ['credential', 'refused', 'ask-password'],
      },
    ],
    [
      'after a refused password',
      wrong,
      {
        back: ['details', 'refused', 'none'],
        cancel: ['cancelled', 'refused', 'end'],
        'new-link': ['credential', 'none', 'ask-password'],
      },
    ],
    [
      'at the review',
      review,
      {
        back: ['details', 'confirmed', 'none'],
        cancel: ['cancelled', 'confirmed', 'end'],
        'new-link': ['credential', 'none', 'ask-password'],
        saved: ['saved', 'confirmed', 'end'],
      },
    ],
    [
      'at the details with a confirmed password',
      after(checking, { kind: 'back' }),
      {
        details: ['checking', 'confirmed', 'start-check'],
        'other server': ['credential', 'none', 'ask-password'],
        cancel: ['cancelled', 'confirmed', 'end'],
        refused: ['details', 'refused', 'none'],
      },
    ],
    [
      'at the details with a parked password',
      after(parked, { kind: 'back' }),
      {
        details: ['credential', 'parked', 'none'],
        'other server': ['credential', 'none', 'ask-password'],
        cancel: ['cancelled', 'parked', 'end'],
      },
    ],
    [
      'at the details with a refused password',
      after(wrong, { kind: 'back' }),
      {
        details: ['credential', 'none', 'ask-password'],
        'other server': ['credential', 'none', 'ask-password'],
        cancel: ['cancelled', 'refused', 'end'],
      },
    ],
    ['when saved', saved, {}],
    ['when cancelled', cancelled, {}],
  ];

  describe.each(moves)('%s', (_, state, expected) => {
    it.each(Object.keys(answers) as Move[])('takes "%s" as the table says', (move) => {
      const result = reduceDraft(state, answers[move], rules);
      const row = expected[move];
      if (row === undefined) {
        expect(result.draft).toBe(state);
        expect(result.effect).toBe('none');
        return;
      }
      expect([result.draft.step, result.draft.credential, result.effect]).toEqual(row);
      expect(result.draft.revision).toBeGreaterThan(state.revision);
    });
  });

  it('keeps the typed values when a step is visited again', () => {
    const again = after(review, { kind: 'back' });
    expect(again.values).toEqual({
      name: 'Contoso',
      isDefault: true,
      serverLocation: good.serverLocation,
      authentication: 'basic',
      access: 'impersonation',
      userName: 'svc@contoso.test',
      probeAddress: 'user1@contoso.test',
    });
  });

  it('refuses NTLM beside the field where the organization does not allow it, and asks anew for another scheme', () => {
    const refused = reduceDraft(fresh, details({ authentication: 'ntlm' }), { ...rules, ntlmAllowed: false }).draft;
    expect(refused).toMatchObject({ step: 'details', errors: { authentication: 'profile.ntlm-not-allowed' } });
    const changed = reduceDraft(after(review, { kind: 'back' }), details({ authentication: 'ntlm' }), rules);
    expect(changed).toMatchObject({ effect: 'ask-password', draft: { credential: 'none', credentialId: null } });
  });

  it('takes no choice that the card does not offer', () => {
    const { values } = reduceDraft(fresh, details({ authentication: 'kerberos', access: '__proto__' }), rules).draft;
    expect(values).toMatchObject({ authentication: 'basic', access: 'impersonation' });
  });

  it('keeps the password when only name, probe or path change, whatever the case of the account', () => {
    const edited = reduceDraft(
      after(review, { kind: 'back' }),
      details({
        name: 'New',
        serverLocation: 'https://MAIL.contoso.test/ews/other.asmx',
        userName: 'SVC@contoso.test',
      }),
      rules,
    );
    expect(edited.draft).toMatchObject({ step: 'checking', credential: 'confirmed', credentialId: 'k1', checks: [] });
    expect(edited.draft.server).toBeNull();
  });

  it.each([
    ['the host', { serverLocation: 'https://evil.test/EWS/Exchange.asmx' }],
    ['the port', { serverLocation: 'https://mail.contoso.test:8443/EWS/Exchange.asmx' }],
    ['the account', { userName: 'other@contoso.test' }],
  ])('drops a confirmed password when %s changes (law 3)', (_, change) => {
    const result = reduceDraft(after(review, { kind: 'back' }), details(change), rules);
    expect(result.draft).toMatchObject({ step: 'credential', credential: 'none', credentialId: null, checks: [] });
    expect(result.effect).toBe('ask-password');
  });

  it('drops the password also when the server changes together with a mistake in another field (law 3)', () => {
    const moved = { serverLocation: 'https://evil.test/EWS/Exchange.asmx' };
    const mistaken = reduceDraft(after(review, { kind: 'back' }), details({ ...moved, name: '' }), rules);
    expect(mistaken.draft).toMatchObject({ step: 'details', credential: 'none', credentialId: null });
    const corrected = reduceDraft(mistaken.draft, details(moved), rules);
    expect(corrected.draft).toMatchObject({ step: 'credential', credentialId: null });
    expect(corrected.effect).toBe('ask-password');
  });

  it('lets only a new password lead on from a refused one (law 6)', () => {
    expect(wrong.credentialId).toBeNull();
    for (const answer of [
      { kind: 'check-again' },
      { kind: 'confirmed', credentialId: 'k1' },
      wellChecked,
    ] satisfies DraftAnswer[])
      expect(reduceDraft(wrong, answer, rules).draft).toBe(wrong);
    expect(after(park(wrong), { kind: 'confirmed', credentialId: 'k2' })).toMatchObject({
      step: 'checking',
      credentialId: 'k2',
    });
  });

  it('remembers a refusal that arrives after the person went back, so that the password is not tried twice (law 6)', () => {
    const late = after(checking, { kind: 'back' }, refusedCheck);
    expect(late).toMatchObject({ step: 'details', credential: 'refused', credentialId: null });
    expect(reduceDraft(late, details(), rules)).toMatchObject({ effect: 'ask-password' });
  });

  it('treats a locked account as a refused password', () => {
    const locked = after(checking, { ...refusedCheck, fault: { code: 'AccountLocked', params: {} } });
    expect(locked).toMatchObject({ step: 'credential', credential: 'refused', credentialId: null });
  });

  it('shows a failed check as over, and a running one not', () => {
    expect(isCheckOver(checking)).toBe(false);
    expect(isCheckOver(broken)).toBe(true);
    expect(broken.checks).toEqual([check('connect', unreachable)]);
  });

  it.each([
    ['name', { name: '   ' }, 'profile.name-missing'],
    ['name', { name: 'x'.repeat(101) }, 'profile.name-too-long'],
    ['name', { name: 'a\u0007b' }, 'profile.name-invalid'],
    ['name', { name: 'TAKEN' }, 'profile.name-taken'],
    ['serverLocation', { serverLocation: '' }, 'profile.location-missing'],
    ['serverLocation', { serverLocation: 'http://mail.contoso.test' }, 'server-location.not-https'],
    ['userName', { userName: '' }, 'profile.user-missing'],
    ['userName', { userName: 'u'.repeat(251) }, 'profile.user-too-long'],
    ['userName', { userName: 'svc:pass' }, 'profile.user-invalid'],
    ['userName', { userName: 'svc\r\nX-Header: 1' }, 'profile.user-invalid'],
    ['probeAddress', { probeAddress: '' }, 'profile.probe-missing'],
    ['probeAddress', { probeAddress: 'not an address' }, 'profile.probe-invalid'],
    ['probeAddress', { probeAddress: 'a<b>@contoso.test' }, 'profile.probe-invalid'],
  ])('names what is wrong with %s: %j', (field, change, code) => {
    const result = reduceDraft(fresh, details(change), rules);
    expect(result.draft.errors).toEqual({ [field]: code });
    expect(result.draft.step).toBe('details');
    expect(result.effect).toBe('none');
  });

  it('names every wrong field at once and forgets the errors when they are corrected', () => {
    const mistaken = after(fresh, { kind: 'details', inputs: {} });
    expect(Object.keys(mistaken.errors).sort()).toEqual(['name', 'probeAddress', 'serverLocation', 'userName']);
    expect(after(mistaken, details()).errors).toEqual({});
  });
});

describe('hostile inputs of a card', () => {
  it.each([
    ['numbers', 7],
    ['null', null],
    ['arrays', ['Contoso']],
    ['objects', { toString: 'x' }],
    ['functions', () => 'x'],
    ['symbols', Symbol('x')],
  ])('ignores %s where text belongs', (_, junk) => {
    const inputs = { name: junk, serverLocation: junk, userName: junk, probeAddress: junk, isDefault: junk };
    const result = reduceDraft(
      asked.step === 'credential' ? after(asked, { kind: 'back' }) : asked,
      { kind: 'details', inputs },
      rules,
    );
    expect(result.draft.values).toEqual({ ...asked.values, isDefault: false });
  });

  it('keeps nothing of a megabyte that would not fit a card', () => {
    const huge = 'x'.repeat(1024 * 1024);
    const inputs = { name: huge, serverLocation: huge, userName: huge, probeAddress: huge };
    const { draft } = reduceDraft(fresh, { kind: 'details', inputs }, rules);
    expect(JSON.stringify(draft).length).toBeLessThan(5_000);
    expect(Object.keys(draft.errors)).toHaveLength(4);
  });

  it('takes nothing from a prototype and no field that it does not know', () => {
    const inputs = Object.create({ name: 'inherited' }) as Record<string, unknown>;
    Object.assign(
      inputs,
      JSON.parse('{"__proto__": {"name": "polluted"}, "step": "saved", "credential": "confirmed"}'),
    );
    const { draft } = reduceDraft(fresh, { kind: 'details', inputs }, rules);
    expect(draft.values.name).toBe('');
    expect(draft).toMatchObject({ step: 'details', credential: 'none' });
    expect(({} as Record<string, unknown>)['name']).toBeUndefined();
  });
});

describe('any order of answers', () => {
  const text = fc.oneof(
    fc.constantFrom(...Object.values(good), 'https://other.test/', 'other@contoso.test', '', 'TAKEN'),
    fc.string(),
  );
  const junk = fc.oneof(text, fc.integer(), fc.constant(null), fc.constant(undefined), fc.array(text), fc.object());
  const inputs = fc.record({ name: junk, isDefault: junk, serverLocation: junk, userName: junk, probeAddress: junk });
  const credentialId = fc.constantFrom('k1', 'k2');
  const answer: fc.Arbitrary<DraftAnswer | 'park'> = fc.oneof(
    fc.constant('park' as const),
    fc.constant(details()),
    fc.record({ kind: fc.constant('details' as const), inputs }),
    fc
      .record({ name: text, host: fc.constantFrom('a.test', 'b.test'), user: fc.constantFrom('u1', 'u2') })
      .map(({ name, host, user }) => details({ name, serverLocation: `https://${host}/`, userName: user })),
    fc.constantFrom<DraftAnswer>(
      { kind: 'back' },
      { kind: 'cancel' },
      { kind: 'new-link' },
      { kind: 'check-again' },
      { kind: 'saved', profileId: 'p1' },
      wellChecked,
      failed,
      refusedCheck,
      { kind: 'progress', checks: [check('address')] },
    ),
    credentialId.map((id): DraftAnswer => ({ kind: 'confirmed', credentialId: id })),
  );

  it('ends saved, cancelled or at a question, and uses a password only for the server and account it was given for', () => {
    fc.assert(
      fc.property(fc.array(answer, { maxLength: 40 }), (sequence) => {
        let draft = fresh;
        let boundTo: string | null = null;
        const target = (of: ProfileDraft): string =>
          `${URL.canParse(of.values.serverLocation) ? new URL(of.values.serverLocation).host : ''} ${of.values.userName.toLowerCase()}`;
        for (const move of sequence) {
          if (move === 'park') {
            if (draft.step !== 'credential') continue;
            boundTo = target(draft);
            draft = park(draft);
            continue;
          }
          const result: DraftStepResult = reduceDraft(draft, move, rules);
          if (result.draft !== draft) expect(result.draft.revision).toBeGreaterThan(draft.revision);
          else expect(result.effect).toBe('none');
          if (result.effect === 'ask-password') boundTo = null;
          if (result.effect === 'start-check') {
            expect(result.draft.credentialId).not.toBeNull();
            expect(target(result.draft)).toBe(boundTo);
          }
          draft = result.draft;
          if (draft.step === 'review' || draft.step === 'checking') expect(draft.credential).toBe('confirmed');
          if (draft.credential !== 'confirmed') expect(draft.credentialId).toBeNull();
        }
        expect(['details', 'credential', 'checking', 'review', 'saved', 'cancelled']).toContain(draft.step);
        expect((draft.profileId !== null) === (draft.step === 'saved')).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
