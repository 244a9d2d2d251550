import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Discovery } from '../../services/model/discovery.ts';
import type { ProfileDraft } from '../../services/model/draft.ts';
import { reduceDraft, type DraftAnswer, type DraftEffect } from '../../services/model/draft-reducer.ts';
import {
  hostOf,
  isSameTarget,
  hostsOf,
  isSearched,
  searchHost,
  secretTargetOfDraft,
  type SecretTarget,
} from '../../services/model/secret-target.ts';
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
  park,
  refusedCheck,
  refusedSearch,
  rules,
  wellChecked,
} from './draft-states.ts';

const locations = [
  'https://mail.contoso.test/EWS/Exchange.asmx',
  'https://MAIL.contoso.test:443/other',
  'https://mail.contoso.test:8443/EWS/Exchange.asmx',
  'https://evil.test/EWS/Exchange.asmx',
  'https://mail.contoso.test/@evil.test/EWS/Exchange.asmx',
  'http://mail.contoso.test/EWS/Exchange.asmx',
  'https://127.0.0.1/EWS/Exchange.asmx',
  'not an address',
  '',
];
const hostRules = {
  ...rules,
  checkServerLocation: (url: string) =>
    /^https:\/\/(?!127\.)[\w.-]+(:\d+)?\/[^@]*$/i.test(url) ? null : 'server-location.invalid',
};

const pick = fc.constantFrom;
const detailsAnswer = fc
  .record({
    name: pick('Contoso', 'Contoso', 'New', ''),
    autodiscover: pick('active', 'inactive', 'neither'),
    serverLocation: pick(...locations),
    authentication: pick('basic', 'basic', 'ntlm', 'oauth'),
    access: pick('impersonation', 'impersonation', 'delegate'),
    useSameSettingsForOutgoing: pick('true', 'true', 'false'),
    outgoingServerLocation: pick(...locations),
    userName: pick('svc@contoso.test', 'SVC@contoso.test', 'other@contoso.test', '', 'svc:pass'),
    probeAddress: pick('user1@contoso.test', 'user2@contoso.test', 'user1@fabrikam.test', 'nobody'),
  })
  .map(details);
const appAnswer = fc
  .record({
    tenant: pick('contoso.test', 'evil.test', 'common'),
    clientId: pick('22222222-2222-4222-8222-222222222222', '44444444-4444-4444-8444-444444444444', 'x'),
    resource: pick('', 'https://mail.contoso.test', 'a b'),
    certificateSource: pick('file', 'key-vault'),
    vaultUrl: pick(goodVault.vaultUrl, 'https://evil.vault.azure.net', 'https://evil.test'),
    certificateName: pick('hma', 'other', '../x'),
    vaultClientId: pick(goodVault.vaultClientId, '55555555-5555-4555-8555-555555555555', ''),
  })
  .map(app);
/** One or two fields of a card that was edited by hand. */
const partAnswer = fc
  .record(
    {
      autodiscover: pick('active', 'inactive'),
      serverLocation: pick(...locations),
      useSameSettingsForOutgoing: pick('true', 'false'),
      outgoingServerLocation: pick(...locations),
      authentication: pick('basic', 'oauth'),
      userName: pick('svc@contoso.test', 'other@contoso.test'),
      probeAddress: pick('user1@contoso.test', 'user1@fabrikam.test'),
      tenant: pick('contoso.test', 'evil.test'),
    },
    { requiredKeys: [] },
  )
  .map((inputs): DraftAnswer => ({ kind: 'values', inputs }));

type Move = DraftAnswer | 'park' | 'confirm';

/** What the person does next who has nothing else in mind. */
const onward = (draft: ProfileDraft, cards: { readonly details: DraftAnswer; readonly app: DraftAnswer }): Move => {
  switch (draft.step) {
    case 'details':
      return cards.details;
    case 'modern-auth':
      return cards.app;
    case 'credential':
      return draft.credential === 'parked' ? 'confirm' : 'park';
    case 'finding':
      return inSearch[draft.discovery?.state ?? 'searching'];
    case 'checking':
      return wellChecked;
    default:
      return { kind: 'saved', profileId: 'p1' };
  }
};
const inSearch: Readonly<Record<Discovery['state'], DraftAnswer>> = {
  searching: foundAt(),
  'confirm-host': { kind: 'judge-host', agrees: true },
  found: { kind: 'use-server' },
  failed: { kind: 'search-again' },
};
/** Mail is sent by another server. */
const apart = { useSameSettingsForOutgoing: 'false', outgoingServerLocation: 'https://send.contoso.test/EWS' };
const goodCards = fc.record({
  details: pick(
    details(),
    details({ autodiscover: 'active' }),
    details({ authentication: 'oauth' }),
    details(apart),
    details({ authentication: 'oauth', ...apart }),
  ),
  app: pick(app(), app(goodVault)),
});

const move: fc.Arbitrary<(draft: ProfileDraft) => Move> = fc.oneof(
  { weight: 20, arbitrary: goodCards.map((cards) => (draft: ProfileDraft) => onward(draft, cards)) },
  {
    weight: 20,
    arbitrary: fc
      .oneof(
        detailsAnswer,
        appAnswer,
        partAnswer,
        pick(...locations).map(foundAt),
        pick('autodiscover.partner.test', 'evil.test').map(askedBy),
        pick<Move>('park', 'confirm', { kind: 'use-server' }, { kind: 'back' }, { kind: 'new-link' }, notFound),
        pick<Move>(
          { kind: 'judge-host', agrees: true },
          { kind: 'judge-host', agrees: false },
          { kind: 'search-again' },
          { kind: 'check-again' },
          { kind: 'progress', checks: [check('address')] },
          refusedSearch,
          wellChecked,
          failed,
          refusedCheck,
        ),
      )
      .map((made) => (): Move => made),
  },
  { weight: 1, arbitrary: pick<Move>({ kind: 'cancel' }).map((made) => (): Move => made) },
);

/** What is known of a secret from outside the reducer: what its form said it is for, and whom the admin let have it. */
interface Entered {
  readonly for: SecretTarget;
  /** The server that was accepted for it, with what was shown at that moment. */
  readonly accepted: string | null;
  readonly agreed: readonly string[];
}

/** The only target that a secret may be opened for. */
const allowed = ({ for: target, accepted }: Entered): SecretTarget =>
  accepted === null ? target : { ...target, host: hostOf(accepted) };

it('uses a secret for what it was entered for, or for the one server that was accepted for it: after any answers (law 3)', () => {
  const seen = new Map<DraftEffect, number>();
  const saved = new Set<string>();
  fc.assert(
    fc.property(fc.array(move, { minLength: 10, maxLength: 60 }), (moves) => {
      let draft: ProfileDraft = fresh;
      let form: SecretTarget | null = null;
      let parkedFor: SecretTarget | null = null;
      let secret: Entered | null = null;
      let handedIn = 0;
      for (const choose of moves) {
        const made = choose(draft);
        if (made === 'park') {
          if (draft.step !== 'credential' || draft.credential === 'parked') continue;
          parkedFor = form;
          draft = park(draft);
          continue;
        }
        const before: ProfileDraft = draft;
        const answer: DraftAnswer = made === 'confirm' ? { kind: 'confirmed', credentialId: `k${++handedIn}` } : made;
        const { draft: now, effect } = reduceDraft(before, answer, hostRules);
        draft = now;
        if (now === before) {
          expect(effect).toBe('none');
          continue;
        }
        expect(now.revision).toBeGreaterThan(before.revision);
        seen.set(effect, (seen.get(effect) ?? 0) + 1);
        const target = secretTargetOfDraft(now.values);
        if (effect === 'ask-secret') form = target;
        if (answer.kind === 'confirmed') {
          expect(parkedFor).not.toBeNull();
          secret = parkedFor === null ? null : { for: parkedFor, accepted: null, agreed: [] };
        }
        if (secret !== null && answer.kind === 'judge-host' && answer.agrees)
          secret = { ...secret, agreed: [...secret.agreed, before.discovery?.askedHost ?? ''] };
        if (secret !== null && effect === 'use-server') {
          const shown = before.discovery?.found?.serverLocation ?? '';
          expect(before.discovery?.state).toBe('found');
          expect(now.values.serverLocation).toBe(shown);
          expect(hostRules.checkServerLocation(shown)).toBeNull();
          expect(allowed(secret).host).toBe(searchHost(now.values.probeAddress));
          secret = { ...secret, accepted: shown };
        }
        if (now.credential !== 'confirmed') {
          expect(now.credentialId).toBeNull();
          if (now.step !== 'cancelled') secret = null;
        }
        if (now.step === 'finding' || now.step === 'checking' || now.step === 'review' || now.step === 'saved') {
          if (secret === null || now.credentialId === null) throw new Error(`no secret at ${now.step}`);
          expect(isSameTarget(target, allowed(secret))).toBe(true);
          expect(isSearched(now.values)).toBe(now.step === 'finding');
          if (now.step !== 'finding') {
            // Every server of the profile is one that the secret was entered for, and there is no other.
            const { serverLocation, useSameSettingsForOutgoing, outgoingServerLocation } = now.values;
            const servers = useSameSettingsForOutgoing ? [serverLocation] : [serverLocation, outgoingServerLocation];
            expect(hostsOf(allowed(secret))).toEqual([...new Set(servers.map(hostOf))]);
          }
        }
        if (effect === 'find-server')
          for (const host of now.discovery?.confirmedHosts ?? []) expect(secret?.agreed).toContain(host);
        if (now.step === 'saved') saved.add(`${target.scheme} ${hostsOf(target).length}`);
      }
    }),
    { numRuns: 3000 },
  );
  // None of these was left out by chance.
  for (const effect of ['ask-secret', 'find-server', 'use-server', 'start-check', 'end'] as const)
    expect(seen.get(effect) ?? 0).toBeGreaterThan(20);
  expect([...saved]).toEqual(expect.arrayContaining(['basic 1', 'basic 2', 'certificate 1', 'certificate 2']));
});
