import { describe, expect, it } from 'vitest';
import { emptyValues } from '../../services/model/draft-values.ts';
import type { DraftStep, ProfileDraft } from '../../services/model/draft.ts';
import { isCheckOver, reduceDraft, type DraftAnswer, type DraftEffect } from '../../services/model/draft-reducer.ts';
import {
  after,
  app,
  asked,
  askedBy,
  atApp,
  check,
  checking,
  checkingApp,
  details,
  failed,
  found,
  foundAt,
  foundReview,
  fresh,
  good,
  hostAsks,
  notFound,
  oauthDetails,
  park,
  parked,
  refusedCheck,
  refusedSearch,
  review,
  rules,
  searchedDetails,
  searchFailed,
  searching,
  unreachable,
  wellChecked,
} from './draft-states.ts';

const broken = after(checking, failed);
const wrong = after(checking, refusedCheck);
const saved = after(review, { kind: 'saved', profileId: 'p1' });
const cancelled = after(fresh, { kind: 'cancel' });

describe('the guided creation of a profile', () => {
  const answers = {
    details: details(),
    'other server': details({ serverLocation: 'https://other.contoso.test/EWS/Exchange.asmx' }),
    search: searchedDetails(),
    oauth: oauthDetails(),
    // At the first card these are no inputs that it knows: the values stay as they are.
    app: app(),
    advanced: { kind: 'advanced' },
    back: { kind: 'back' },
    cancel: { kind: 'cancel' },
    'new-link': { kind: 'new-link' },
    confirmed: { kind: 'confirmed', credentialId: 'k2' },
    progress: { kind: 'progress', checks: [check('address')] },
    checked: wellChecked,
    refused: refusedCheck,
    'check-again': { kind: 'check-again' },
    found: foundAt(),
    'host asks': askedBy('autodiscover.partner.test'),
    'not found': notFound,
    'refused in a search': refusedSearch,
    agree: { kind: 'judge-host', agrees: true },
    decline: { kind: 'judge-host', agrees: false },
    'use-server': { kind: 'use-server' },
    'search-again': { kind: 'search-again' },
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
        details: ['credential', 'none', 'ask-secret'],
        'other server': ['credential', 'none', 'ask-secret'],
        search: ['credential', 'none', 'ask-secret'],
        oauth: ['modern-auth', 'none', 'none'],
        app: ['details', 'none', 'none'],
        cancel: ['cancelled', 'none', 'end'],
      },
    ],
    [
      'while it waits for the password',
      asked,
      {
        back: ['details', 'none', 'none'],
        cancel: ['cancelled', 'none', 'end'],
        'new-link': ['credential', 'none', 'ask-secret'],
      },
    ],
    [
      'while it waits for the code',
      parked,
      {
        back: ['details', 'parked', 'none'],
        cancel: ['cancelled', 'parked', 'end'],
        'new-link': ['credential', 'none', 'ask-secret'],
        confirmed: ['checking', 'confirmed', 'start-check'],
      },
    ],
    [
      'while the check runs',
      checking,
      {
        back: ['details', 'confirmed', 'none'],
        cancel: ['cancelled', 'confirmed', 'end'],
        'new-link': ['credential', 'none', 'ask-secret'],
        progress: ['checking', 'confirmed', 'none'],
        checked: ['review', 'confirmed', 'none'],
        refused: ['credential', 'refused', 'ask-secret'],
        'refused in a search': ['credential', 'refused', 'ask-secret'],
      },
    ],
    [
      'after a check that failed',
      broken,
      {
        back: ['details', 'confirmed', 'none'],
        cancel: ['cancelled', 'confirmed', 'end'],
        'new-link': ['credential', 'none', 'ask-secret'],
        'check-again': ['checking', 'confirmed', 'start-check'],
        progress: ['checking', 'confirmed', 'none'],
        checked: ['review', 'confirmed', 'none'],
        refused: ['credential', 'refused', 'ask-secret'],
        'refused in a search': ['credential', 'refused', 'ask-secret'],
      },
    ],
    [
      'after a refused password',
      wrong,
      {
        back: ['details', 'refused', 'none'],
        cancel: ['cancelled', 'refused', 'end'],
        'new-link': ['credential', 'none', 'ask-secret'],
      },
    ],
    [
      'at the review',
      review,
      {
        advanced: ['advanced', 'confirmed', 'none'],
        back: ['details', 'confirmed', 'none'],
        cancel: ['cancelled', 'confirmed', 'end'],
        'new-link': ['credential', 'none', 'ask-secret'],
        saved: ['saved', 'confirmed', 'end'],
      },
    ],
    [
      'at the advanced settings',
      after(review, { kind: 'advanced' }),
      {
        // None of the other cards' inputs is one that it knows.
        details: ['review', 'confirmed', 'none'],
        'other server': ['review', 'confirmed', 'none'],
        search: ['review', 'confirmed', 'none'],
        oauth: ['review', 'confirmed', 'none'],
        app: ['review', 'confirmed', 'none'],
        back: ['review', 'confirmed', 'none'],
        cancel: ['cancelled', 'confirmed', 'end'],
      },
    ],
    [
      'at the details with a confirmed password',
      after(checking, { kind: 'back' }),
      {
        details: ['checking', 'confirmed', 'start-check'],
        'other server': ['credential', 'none', 'ask-secret'],
        search: ['credential', 'none', 'ask-secret'],
        oauth: ['modern-auth', 'none', 'none'],
        app: ['checking', 'confirmed', 'start-check'],
        cancel: ['cancelled', 'confirmed', 'end'],
        refused: ['details', 'refused', 'none'],
        'refused in a search': ['details', 'refused', 'none'],
      },
    ],
    [
      'at the details with a parked password',
      after(parked, { kind: 'back' }),
      {
        details: ['credential', 'parked', 'none'],
        'other server': ['credential', 'none', 'ask-secret'],
        search: ['credential', 'none', 'ask-secret'],
        oauth: ['modern-auth', 'none', 'none'],
        app: ['credential', 'parked', 'none'],
        cancel: ['cancelled', 'parked', 'end'],
      },
    ],
    [
      'at the details with a refused password',
      after(wrong, { kind: 'back' }),
      {
        details: ['credential', 'none', 'ask-secret'],
        'other server': ['credential', 'none', 'ask-secret'],
        search: ['credential', 'none', 'ask-secret'],
        oauth: ['modern-auth', 'none', 'none'],
        app: ['credential', 'none', 'ask-secret'],
        cancel: ['cancelled', 'refused', 'end'],
      },
    ],
    [
      'at the second card, of OAuth',
      atApp,
      {
        details: ['modern-auth', 'none', 'none'],
        'other server': ['modern-auth', 'none', 'none'],
        search: ['modern-auth', 'none', 'none'],
        oauth: ['modern-auth', 'none', 'none'],
        app: ['credential', 'none', 'ask-secret'],
        back: ['details', 'none', 'none'],
        cancel: ['cancelled', 'none', 'end'],
      },
    ],
    [
      'while an app is checked',
      checkingApp,
      {
        back: ['details', 'confirmed', 'none'],
        cancel: ['cancelled', 'confirmed', 'end'],
        'new-link': ['credential', 'none', 'ask-secret'],
        progress: ['checking', 'confirmed', 'none'],
        checked: ['review', 'confirmed', 'none'],
        refused: ['credential', 'refused', 'ask-secret'],
        'refused in a search': ['credential', 'refused', 'ask-secret'],
      },
    ],
    [
      'while a server is sought',
      searching,
      {
        back: ['details', 'confirmed', 'none'],
        cancel: ['cancelled', 'confirmed', 'end'],
        'new-link': ['credential', 'none', 'ask-secret'],
        found: ['finding', 'confirmed', 'none'],
        'host asks': ['finding', 'confirmed', 'none'],
        'not found': ['finding', 'confirmed', 'none'],
        refused: ['credential', 'refused', 'ask-secret'],
        'refused in a search': ['credential', 'refused', 'ask-secret'],
      },
    ],
    [
      'when a host asks for the password',
      hostAsks,
      {
        back: ['details', 'confirmed', 'none'],
        cancel: ['cancelled', 'confirmed', 'end'],
        'new-link': ['credential', 'none', 'ask-secret'],
        refused: ['credential', 'refused', 'ask-secret'],
        'refused in a search': ['credential', 'refused', 'ask-secret'],
        agree: ['finding', 'confirmed', 'find-server'],
        decline: ['finding', 'confirmed', 'find-server'],
      },
    ],
    [
      'when a server was found',
      found,
      {
        back: ['details', 'confirmed', 'none'],
        cancel: ['cancelled', 'confirmed', 'end'],
        'new-link': ['credential', 'none', 'ask-secret'],
        refused: ['credential', 'refused', 'ask-secret'],
        'refused in a search': ['credential', 'refused', 'ask-secret'],
        'use-server': ['checking', 'confirmed', 'use-server'],
        'search-again': ['finding', 'confirmed', 'find-server'],
      },
    ],
    [
      'when no server was found',
      searchFailed,
      {
        back: ['details', 'confirmed', 'none'],
        cancel: ['cancelled', 'confirmed', 'end'],
        'new-link': ['credential', 'none', 'ask-secret'],
        refused: ['credential', 'refused', 'ask-secret'],
        'refused in a search': ['credential', 'refused', 'ask-secret'],
        'search-again': ['finding', 'confirmed', 'find-server'],
      },
    ],
    [
      'at the review of a server that was found',
      foundReview,
      {
        advanced: ['advanced', 'confirmed', 'none'],
        back: ['details', 'confirmed', 'none'],
        cancel: ['cancelled', 'confirmed', 'end'],
        'new-link': ['credential', 'none', 'ask-secret'],
        saved: ['saved', 'confirmed', 'end'],
      },
    ],
    [
      'at the details with a secret for a search',
      after(searching, { kind: 'back' }),
      {
        details: ['credential', 'none', 'ask-secret'],
        'other server': ['credential', 'none', 'ask-secret'],
        search: ['finding', 'confirmed', 'find-server'],
        oauth: ['modern-auth', 'none', 'none'],
        app: ['finding', 'confirmed', 'find-server'],
        cancel: ['cancelled', 'confirmed', 'end'],
        refused: ['details', 'refused', 'none'],
        'refused in a search': ['details', 'refused', 'none'],
      },
    ],
    [
      'at the details with a server that was found and accepted',
      after(foundReview, { kind: 'back' }),
      {
        details: ['checking', 'confirmed', 'start-check'],
        'other server': ['credential', 'none', 'ask-secret'],
        search: ['checking', 'confirmed', 'start-check'],
        oauth: ['modern-auth', 'none', 'none'],
        app: ['checking', 'confirmed', 'start-check'],
        cancel: ['cancelled', 'confirmed', 'end'],
        refused: ['details', 'refused', 'none'],
        'refused in a search': ['details', 'refused', 'none'],
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
      ...emptyValues,
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
    expect(changed).toMatchObject({ effect: 'ask-secret', draft: { credential: 'none', credentialId: null } });
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
    expect(result.effect).toBe('ask-secret');
  });

  it('drops the password also when the server changes together with a mistake in another field (law 3)', () => {
    const moved = { serverLocation: 'https://evil.test/EWS/Exchange.asmx' };
    const mistaken = reduceDraft(after(review, { kind: 'back' }), details({ ...moved, name: '' }), rules);
    expect(mistaken.draft).toMatchObject({ step: 'details', credential: 'none', credentialId: null });
    const corrected = reduceDraft(mistaken.draft, details(moved), rules);
    expect(corrected.draft).toMatchObject({ step: 'credential', credentialId: null });
    expect(corrected.effect).toBe('ask-secret');
  });

  it('drops the password when what is kept of a wrong address names another server (law 3)', () => {
    // What stands before an @ may be a password, and is not kept: the rest of this path is an address of its own.
    const strict = {
      ...rules,
      checkServerLocation: (url: string) => (url.includes('@') ? 'server-location.invalid' : null),
    };
    const odd = details({ serverLocation: 'https://mail.contoso.test/@evil.test/EWS/Exchange.asmx' });
    const mistaken = reduceDraft(after(review, { kind: 'back' }), odd, strict).draft;
    expect(mistaken).toMatchObject({
      credential: 'none',
      values: { serverLocation: 'https://evil.test/EWS/Exchange.asmx' },
    });
    expect(reduceDraft(mistaken, details({ serverLocation: mistaken.values.serverLocation }), strict)).toMatchObject({
      effect: 'ask-secret',
      draft: { credentialId: null },
    });
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
    expect(reduceDraft(late, details(), rules)).toMatchObject({ effect: 'ask-secret' });
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
    // What a card would not show would be saved all the same, and two names could look alike.
    ['name', { name: '\u202Etxt' }, 'profile.name-invalid'],
    ['name', { name: 'Con\u200Btoso' }, 'profile.name-invalid'],
    ['userName', { userName: 'svc\u200B@contoso.test' }, 'profile.user-invalid'],
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
    const mistaken = after(fresh, { kind: 'values', inputs: {} });
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
      { kind: 'values', inputs },
      rules,
    );
    expect(result.draft.values).toEqual({ ...asked.values, isDefault: false });
  });

  it('keeps nothing of a megabyte that would not fit a card', () => {
    const huge = 'x'.repeat(1024 * 1024);
    const inputs = { name: huge, serverLocation: huge, userName: huge, probeAddress: huge };
    const { draft } = reduceDraft(fresh, { kind: 'values', inputs }, rules);
    expect(JSON.stringify(draft).length).toBeLessThan(5_000);
    expect(Object.keys(draft.errors)).toHaveLength(4);
  });

  it('takes nothing from a prototype and no field that it does not know', () => {
    const inputs = Object.create({ name: 'inherited' }) as Record<string, unknown>;
    Object.assign(
      inputs,
      JSON.parse('{"__proto__": {"name": "polluted"}, "step": "saved", "credential": "confirmed"}'),
    );
    const { draft } = reduceDraft(fresh, { kind: 'values', inputs }, rules);
    expect(draft.values.name).toBe('');
    expect(draft).toMatchObject({ step: 'details', credential: 'none' });
    expect(({} as Record<string, unknown>)['name']).toBeUndefined();
  });
});
