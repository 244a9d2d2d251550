import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import type { DiscoveryReport } from '../../../services/model/discovery.ts';
import { isMailroomError } from '../../../services/model/error.ts';
import type { Fault } from '../../../services/model/fault.ts';
import {
  hostOf,
  isSameTarget,
  searchHost,
  secretTargetOfDraft,
  type SecretTarget,
} from '../../../services/model/secret-target.ts';
import type { PersonAnswer } from '../../../services/profiles/answer-draft.ts';
import { keyOf } from '../../../services/storage/store.ts';
import { DraftJourney, goodDetails, goodModernAuth, goodVault, oauthDetails } from '../../support/draft-journey.ts';
import { account, ada, env, hybridApp, location, MailroomStage } from '../../support/mailroom-stage.ts';
import {
  askedBy,
  foundAt,
  notFound,
  refusedPassword,
  secretOf,
  storeUnavailable,
} from '../../support/scripted-exchange.ts';

const evil = 'https://evil.test/EWS/Exchange.asmx';
const pick = fc.constantFrom;

const values = fc
  .oneof(
    fc.record(
      {
        autodiscover: pick('active', 'inactive'),
        serverLocation: pick(location, evil, 'http://mail.contoso.test/'),
        authentication: pick('basic', 'ntlm'),
        userName: pick(account, 'other@contoso.test'),
        probeAddress: pick('user0001@contoso.test', 'user1@fabrikam.test'),
        name: pick('Contoso', ''),
      },
      { requiredKeys: [] },
    ),
    fc.constant(oauthDetails),
  )
  .map((changes) => ({ ...goodDetails, ...changes }));
const app = fc
  .record(
    {
      tenant: pick(hybridApp.tenant, 'evil.test'),
      vaultUrl: pick(goodVault.vaultUrl, 'https://evil.vault.azure.net'),
      vaultClientId: pick(goodVault.vaultClientId, 'nobody'),
    },
    { requiredKeys: [] },
  )
  // A vault each time: its secrets can be told from each other.
  .map((changes) => ({ ...goodModernAuth, ...goodVault, ...changes }));

/** What the next work comes to. */
interface World {
  readonly search: DiscoveryReport;
  readonly connection: Fault | null;
}
const good: World = { search: foundAt(location, 'autodiscover.contoso.test'), connection: null };
const world: fc.Arbitrary<World> = fc.record({
  search: pick(
    good.search,
    foundAt(evil, 'evil.test'),
    foundAt('http://127.0.0.1/', 'evil.test'),
    askedBy('evil.test'),
    notFound(storeUnavailable),
    notFound(refusedPassword),
  ),
  connection: pick<Fault | null>(null, storeUnavailable, refusedPassword),
});

type Move =
  | { readonly do: 'onward' }
  | { readonly do: 'post' }
  | { readonly do: 'confirm' }
  | { readonly do: 'restart' }
  | { readonly do: 'say'; readonly answer: PersonAnswer; readonly revisionsAgo: number }
  | { readonly do: 'work'; readonly world: World };
const say = (answer: fc.Arbitrary<PersonAnswer>): fc.Arbitrary<Move> =>
  fc.record({ do: fc.constant('say' as const), answer, revisionsAgo: pick(0, 0, 0, 1) });
const move: fc.Arbitrary<Move> = fc.oneof(
  { weight: 8, arbitrary: fc.constant<Move>({ do: 'onward' }) },
  { weight: 1, arbitrary: pick<Move>({ do: 'post' }, { do: 'confirm' }, { do: 'restart' }) },
  { weight: 2, arbitrary: world.map((made): Move => ({ do: 'work', world: made })) },
  { weight: 3, arbitrary: say(fc.oneof(values, app).map((inputs) => ({ kind: 'values', inputs }))) },
  {
    weight: 3,
    arbitrary: say(
      pick<PersonAnswer>(
        { kind: 'back' },
        { kind: 'back' },
        { kind: 'new-link' },
        { kind: 'use-server' },
        { kind: 'judge-host', agrees: true },
        { kind: 'search-again' },
        { kind: 'check-again' },
      ),
    ),
  },
);

interface Entered {
  readonly text: string;
  readonly for: SecretTarget;
  accepted: string | null;
}

/** A person at a draft, and what an onlooker knows of each secret by the id of its credential. */
class Onlooker {
  readonly #stage: MailroomStage;
  readonly #journey: DraftJourney;
  /** Of all drafts: the work that an earlier one left behind is done beside this one's. */
  readonly #entered: Map<string, Entered>;
  #code = '';
  opened = 0;

  constructor(stage: MailroomStage, journey: DraftJourney, entered: Map<string, Entered>) {
    this.#stage = stage;
    this.#entered = entered;
    this.#journey = journey;
  }

  async make(made: Move): Promise<void> {
    const draft = await this.#journey.draft();
    try {
      switch (made.do) {
        case 'onward':
          await this.#onward();
          break;
        case 'post':
          await this.#post();
          break;
        case 'confirm':
          await this.#journey.confirm(this.#code);
          break;
        case 'restart':
          await this.#stage.reopen();
          break;
        case 'say':
          await this.#say(made.answer, draft.revision - made.revisionsAgo);
          break;
        case 'work':
          await this.#work(made.world);
      }
    } catch (error) {
      // A person is told so, and that is all.
      if (!isMailroomError(error) || !/^(secret|draft)\./.test(error.code)) throw error;
    }
    await this.#look();
  }

  async #onward(): Promise<void> {
    const { step, credential, discovery, revision } = await this.#journey.draft();
    if (step === 'details') await this.#say({ kind: 'values', inputs: goodDetails }, revision);
    else if (step === 'modern-auth')
      await this.#say({ kind: 'values', inputs: { ...goodModernAuth, ...goodVault } }, revision);
    else if (step === 'credential') await (credential === 'parked' ? this.#journey.confirm(this.#code) : this.#post());
    else if (discovery?.state === 'found' && step === 'finding') await this.#say({ kind: 'use-server' }, revision);
    else await this.#work(good);
  }

  async #post(): Promise<void> {
    const text = `secret ${this.#entered.size}`;
    this.#code = await this.#journey.post(text);
    const { credentialId, target } = await this.#journey.request();
    this.#entered.set(credentialId ?? '', { text, for: target, accepted: null });
  }

  async #say(answer: PersonAnswer, revision: number): Promise<void> {
    const before = await this.#journey.draft();
    await this.#journey.say(answer, revision);
    const secret = this.#entered.get(before.credentialId ?? '');
    if (answer.kind !== 'use-server' || revision !== before.revision || before.step !== 'finding') return;
    if (secret !== undefined && before.discovery?.state === 'found')
      secret.accepted = before.discovery.found?.serverLocation ?? null;
  }

  async #work({ search, connection }: World): Promise<void> {
    this.#stage.exchange.search = () => search;
    this.#stage.exchange.connection = connection;
    await this.#stage.work();
  }

  /** Whatever went to Exchange since the last look was opened for what it was entered for. */
  async #look(): Promise<void> {
    const { searches, connections } = this.#stage.exchange;
    const calls = [
      ...searches.map((request) => ({
        ...request,
        host: searchHost(request.address),
        account: request.authentication.userName,
      })),
      ...connections.map(({ access }) => ({ ...access, host: hostOf(access.serverLocation) })),
    ];
    this.opened += calls.length;
    for (const { credentialId, authentication, host, account: who } of calls) {
      const secret = this.#entered.get(credentialId);
      if (secret === undefined) throw new Error('a secret that nobody entered');
      expect(secretOf({ authentication })).toBe(secret.text);
      expect(host).toBe(secret.accepted === null ? secret.for.host : hostOf(secret.accepted));
      expect(who).toBe(secret.for.account);
      if (authentication.scheme !== 'oauth') {
        expect(authentication.scheme).toBe(secret.for.scheme);
        continue;
      }
      const { tenant, resource, certificate } = authentication.app;
      if (certificate.source === 'file') throw new Error('nobody handed a file in');
      const { vaultUrl, certificateName, clientId } = certificate;
      expect(secret.for.parties).toEqual([tenant, resource, vaultUrl, certificateName, clientId]);
    }
    searches.length = 0;
    connections.length = 0;
    await this.#lookAtRest();
  }

  /** At rest lies the secret that the draft uses and one that waits for its code, each bound to what the draft says now. */
  async #lookAtRest(): Promise<void> {
    const { values: now, credentialId, credential, secretRequestId } = await this.#journey.draft();
    const stored = (await this.#stage.all('credential')).filter(
      ({ binding }) => binding.ownerRecord === keyOf(env, this.#journey.id),
    );
    const request = secretRequestId === null ? null : await this.#journey.request();
    const parked = credential === 'parked' && request?.state === 'parked' ? request.credentialId : null;
    expect(stored.map(({ id }) => id)).toEqual([credentialId ?? parked].filter((id) => id !== null));
    for (const { binding } of stored) expect(isSameTarget(binding, secretTargetOfDraft(now))).toBe(true);
  }
}

it('opens a secret in no order of answers, results and restarts for anything but what it was entered for (law 3)', async () => {
  const stage = await MailroomStage.open();
  const entered = new Map<string, Entered>();
  let drafts = 0;
  let opened = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(move, { minLength: 8, maxLength: 24 }), async (moves) => {
      const onlooker = new Onlooker(stage, await DraftJourney.begin(stage, ada, `chat ${(drafts += 1)}`), entered);
      for (const made of moves) await onlooker.make(made);
      opened += onlooker.opened;
    }),
    { numRuns: 60 },
  );
  expect(opened).toBeGreaterThan(60);
});
