import { expect, test } from 'vitest';
import { isMailroomError } from '../../services/model/error.ts';
import { hostOf, isSameTarget, searchHost, secretTargetOfDraft } from '../../services/model/secret-target.ts';
import { keyOf } from '../../services/storage/store.ts';
import { DraftJourney } from '../support/draft-journey.ts';
import { ada, env, MailroomStage } from '../support/mailroom-stage.ts';
import { askedBy, foundAt } from '../support/scripted-exchange.ts';

/*
 * Two clicks at once on the same card (two devices, two clients, a script): whichever wins, at rest there is at most the one
 * secret that the draft uses, bound to what the draft says, and nothing was sent anywhere else.
 */

const stranger = 'autodiscover.hoster.example';
const found = 'https://ews.hoster.example/EWS/Exchange.asmx';

type Act = (journey: DraftJourney, revision: number, code: string) => Promise<unknown>;
const acts: readonly (readonly [string, Act])[] = Object.entries<Act>({
  back: (journey, revision) => journey.say({ kind: 'back' }, revision),
  cancel: (journey, revision) => journey.say({ kind: 'cancel' }, revision),
  'a new link': (journey, revision) => journey.say({ kind: 'new-link' }, revision),
  'a yes to the host': (journey, revision) => journey.say({ kind: 'judge-host', agrees: true }, revision),
  'a no to the host': (journey, revision) => journey.say({ kind: 'judge-host', agrees: false }, revision),
  'a yes to the server': (journey, revision) => journey.say({ kind: 'use-server' }, revision),
  'another search': (journey, revision) => journey.say({ kind: 'search-again' }, revision),
  'the form': (journey) => journey.post(),
  'the code': (journey, _revision, code) => journey.confirm(code),
  save: (journey) => journey.save(),
});

type Reach = (journey: DraftJourney, stage: MailroomStage) => Promise<string>;
const places: readonly (readonly [string, Reach])[] = Object.entries<Reach>({
  'a link': async (journey) => {
    await journey.details({ autodiscover: 'active', serverLocation: '' });
    return '';
  },
  'a code': async (journey) => {
    await journey.details({ autodiscover: 'active', serverLocation: '' });
    return journey.post();
  },
  'a host': async (journey, stage) => {
    stage.exchange.search = () => askedBy(stranger);
    await journey.toFound();
    return '';
  },
  'a server': async (journey) => {
    await journey.toFound();
    return '';
  },
  'a review': async (journey) => {
    await journey.toFound();
    await journey.useServer();
    return '';
  },
});

test.each(places)('two clicks at once where the draft asks about %s leave no secret behind', async (_place, reach) => {
  const stage = await MailroomStage.open();
  let number = 0;
  for (const [index, [one, first]] of acts.entries()) {
    for (const [other, second] of acts.slice(index)) {
      const { exchange } = stage;
      exchange.search = () => foundAt(found, stranger);
      const journey = await DraftJourney.begin(stage, ada, `chat ${(number += 1)}`);
      const code = await reach(journey, stage);
      const { revision, discovery } = await journey.draft();
      exchange.searches.length = 0;
      exchange.connections.length = 0;
      const both = await Promise.allSettled([first(journey, revision, code), second(journey, revision, code)]);
      for (const result of both)
        if (result.status === 'rejected' && !isMailroomError(result.reason)) throw result.reason;
      await stage.work();
      const told = `${one} and ${other}`;

      for (const search of exchange.searches) {
        expect(searchHost(search.address), told).toBe('autodiscover:contoso.test');
        if (search.confirmedHosts.length > 0) expect([one, other], told).toContain('a yes to the host');
      }
      if (exchange.connections.length > 0 && discovery?.state === 'found')
        expect([one, other], told).toContain('a yes to the server');
      for (const { access } of exchange.connections) expect(hostOf(access.serverLocation), told).toBe(hostOf(found));

      const draft = await journey.draft();
      const isSaved = draft.step === 'saved';
      const owner = isSaved ? keyOf(env, draft.profileId ?? '') : keyOf(env, journey.id);
      const request = draft.secretRequestId === null ? null : await journey.request();
      const parked = draft.credential === 'parked' && request?.state === 'parked' ? request.credentialId : null;
      const used = draft.step === 'cancelled' ? [] : [draft.credentialId ?? parked].filter((id) => id !== null);
      const stored = (await stage.all('credential')).filter(({ binding }) => binding.ownerRecord === owner);
      expect(
        stored.map(({ id }) => id),
        told,
      ).toEqual(used);
      for (const { binding } of stored)
        expect(isSameTarget(binding, secretTargetOfDraft(draft.values)), told).toBe(true);
      if (isSaved) await stage.store.commit([{ kind: 'delete', collection: 'profile', key: owner }]);
    }
  }
});
