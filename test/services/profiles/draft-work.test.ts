import { expect, it, onTestFinished } from 'vitest';
import type { ProfileDraft } from '../../../services/model/draft.ts';
import { answerDraft } from '../../../services/profiles/answer-draft.ts';
import { checkDraft } from '../../../services/profiles/check-draft.ts';
import { findServer } from '../../../services/profiles/find-server.ts';
import { keyOf } from '../../../services/storage/store.ts';
import { DraftJourney, searchedDetails } from '../../support/draft-journey.ts';
import { ada, env, location, MailroomStage } from '../../support/mailroom-stage.ts';
import { foundAt, notFound, refusedPassword, storeUnavailable } from '../../support/scripted-exchange.ts';

/** Work of Exchange that waits until it is let go, in the order in which it began. */
class Held {
  readonly #waiting: (() => void)[] = [];
  #began: (() => void)[] = [];

  readonly wait = (): Promise<void> =>
    new Promise((resolve) => {
      this.#waiting.push(resolve);
      for (const tell of this.#began) tell();
      this.#began = [];
    });

  async began(count: number): Promise<void> {
    while (this.#waiting.length < count) await new Promise<void>((resolve) => void this.#began.push(resolve));
  }

  letGo(index: number): void {
    this.#waiting[index]?.();
  }
}

/** Resolves when the draft is as wished; every change of it is a commit. */
function until(stage: MailroomStage, journey: DraftJourney, wished: (draft: ProfileDraft) => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = (): void => {
      journey.draft().then((draft) => {
        if (wished(draft)) resolve();
      }, reject);
    };
    onTestFinished(stage.store.onCommit(look));
    look();
  });
}

const at =
  (step: ProfileDraft['step']) =>
  (draft: ProfileDraft): boolean =>
    draft.step === step;

/** A check that is under way, and a second one that the person started by going back and on again. */
async function twoChecks(): Promise<{
  stage: MailroomStage;
  journey: DraftJourney;
  held: Held;
  end: () => Promise<void>;
}> {
  const stage = await MailroomStage.open();
  const journey = await DraftJourney.begin(stage);
  const held = new Held();
  stage.exchange.duringCheck = held.wait;
  const runner = await stage.runTasks();
  await journey.details();
  await journey.confirm(await journey.post());
  await held.began(1);
  await journey.say({ kind: 'back' });
  await journey.details({ serverLocation: 'https://mail.contoso.test/other' });
  await held.began(2);
  return {
    stage,
    journey,
    held,
    async end() {
      await runner.idle();
      await runner.stop();
    },
  };
}

it('drops the result of a check that a newer one took the place of, without trying it again', async () => {
  const { stage, journey, held, end } = await twoChecks();
  held.letGo(1);
  await until(stage, journey, at('review'));
  const reviewed = await journey.draft();
  stage.exchange.connection = storeUnavailable;
  held.letGo(0);
  await end();
  expect(await journey.draft()).toEqual(reviewed);
  expect(stage.exchange.connections).toHaveLength(2);
  expect(await stage.all('task')).toEqual([]);
  expect(stage.lines.filter(({ level }) => level === 'error')).toEqual([]);
});

it('shows nothing that an older check saw beside a newer one', async () => {
  const stage = await MailroomStage.open();
  const journey = await DraftJourney.begin(stage);
  const held = new Held();
  stage.exchange.duringCheck = held.wait;
  await journey.details();
  await journey.confirm(await journey.post());
  const older = await stage.stored('task', 'check-draft', journey.id);
  const check = checkDraft(stage, older, new AbortController().signal);
  await held.began(1);
  await journey.say({ kind: 'back' });
  const newer = await journey.details({ serverLocation: 'https://mail.contoso.test/other' });
  stage.exchange.connection = storeUnavailable;
  held.letGo(0);
  await check;
  expect(await journey.draft()).toEqual(newer);
  expect((await stage.stored('task', 'check-draft', journey.id)).version).not.toBe(older.version);
});

it('takes a refusal from the older check as well: the password is not tried a third time (law 6)', async () => {
  const { stage, journey, held, end } = await twoChecks();
  stage.exchange.connection = refusedPassword;
  held.letGo(0);
  await until(stage, journey, at('credential'));
  stage.exchange.connection = null;
  held.letGo(1);
  await end();
  expect(await journey.draft()).toMatchObject({ step: 'credential', credential: 'refused', credentialId: null });
  expect(await stage.all('credential')).toEqual([]);
  expect(await stage.all('task')).toEqual([]);
  expect(await stage.audit('credential.refused')).toHaveLength(1);
  expect(stage.lines.filter(({ level }) => level === 'error')).toEqual([]);
});

it('does not blame a new secret for the refusal of the one before', async () => {
  const stage = await MailroomStage.open();
  const journey = await DraftJourney.begin(stage);
  const held = new Held();
  stage.exchange.duringCheck = held.wait;
  const runner = await stage.runTasks();
  await journey.details();
  await journey.confirm(await journey.post('the old one'));
  await held.began(1);
  await journey.say({ kind: 'new-link' });
  await journey.confirm(await journey.post('the new one'));
  await held.began(2);
  stage.exchange.connection = refusedPassword;
  held.letGo(0);
  await new Promise((resolve) => void setImmediate(resolve));
  stage.exchange.connection = null;
  held.letGo(1);
  await runner.idle();
  await runner.stop();
  expect(await journey.draft()).toMatchObject({ step: 'review', credential: 'confirmed' });
  expect(await stage.audit('credential.refused')).toHaveLength(1);
});

it('drops what an older search found after a newer one began', async () => {
  const stage = await MailroomStage.open();
  const journey = await DraftJourney.begin(stage);
  const held = new Held();
  stage.exchange.search = async ({ address }) => {
    await held.wait();
    return foundAt(
      `https://${address.split('@')[0] ?? ''}.contoso.test/EWS/Exchange.asmx`,
      'autodiscover.contoso.test',
    );
  };
  const runner = await stage.runTasks();
  await journey.details({ ...searchedDetails, probeAddress: 'old@contoso.test' });
  await journey.confirm(await journey.post());
  await held.began(1);
  await journey.say({ kind: 'back' });
  await journey.details({ ...searchedDetails, probeAddress: 'new@contoso.test' });
  await held.began(2);
  held.letGo(1);
  await until(stage, journey, ({ discovery }) => discovery?.state === 'found');
  held.letGo(0);
  await runner.idle();
  await runner.stop();
  expect((await journey.draft()).discovery?.found?.serverLocation).toBe('https://new.contoso.test/EWS/Exchange.asmx');
  expect(stage.lines.filter(({ level }) => level === 'error')).toEqual([]);
});

it.each(['back', 'cancel', 'new-link'] as const)(
  'drops what a search found after the person said "%s"',
  async (kind) => {
    const stage = await MailroomStage.open();
    const journey = await DraftJourney.begin(stage);
    stage.exchange.search = async () => {
      await journey.say({ kind });
      return foundAt(location, 'autodiscover.contoso.test');
    };
    const draft = await journey.toFound();
    expect(draft.step).toBe({ back: 'details', cancel: 'cancelled', 'new-link': 'credential' }[kind]);
    expect(draft.discovery?.found ?? null).toBeNull();
    expect(await stage.all('task')).toEqual([]);
    expect(await stage.all('credential')).toHaveLength(kind === 'back' ? 1 : 0);
  },
);

it('does not search again with a password that was refused after the person went back (law 6)', async () => {
  const stage = await MailroomStage.open();
  const journey = await DraftJourney.begin(stage);
  stage.exchange.search = async () => {
    await journey.say({ kind: 'back' });
    return notFound(refusedPassword);
  };
  expect(await journey.toFound()).toMatchObject({ step: 'details', credential: 'refused', credentialId: null });
  expect(await journey.details(searchedDetails)).toMatchObject({ step: 'credential' });
  await journey.work();
  expect(stage.exchange.searches).toHaveLength(1);
  expect(await stage.all('credential')).toEqual([]);
});

it('takes up a search that was killed half way, and commits it once', async () => {
  const stage = await MailroomStage.open();
  const journey = await DraftJourney.begin(stage);
  const held = new Held();
  const answer = stage.exchange.search;
  stage.exchange.search = async (request) => {
    await held.wait();
    return answer(request);
  };
  const runner = await stage.runTasks();
  await journey.details(searchedDetails);
  await journey.confirm(await journey.post());
  await held.began(1);
  const stopped = runner.stop();
  held.letGo(0);
  await stopped;
  expect(await journey.draft()).toMatchObject({ step: 'finding', discovery: { state: 'searching' } });
  await stage.reopen();
  expect(await stage.all('task')).toMatchObject([{ kind: 'find-server', state: 'claimed' }]);

  stage.exchange.search = answer;
  expect(await journey.work()).toMatchObject({ step: 'finding', discovery: { state: 'found' } });
  expect(await stage.all('task')).toEqual([]);
  expect(stage.exchange.searches).toHaveLength(2);
});

it.each([
  ['search', searchedDetails],
  ['check', {}],
] as const)(
  'keeps the refusal that a %s saw while it was stopped: the next start tries it no more (law 6)',
  async (_, card) => {
    const stage = await MailroomStage.open();
    const journey = await DraftJourney.begin(stage);
    const held = new Held();
    stage.exchange.connection = refusedPassword;
    stage.exchange.duringCheck = held.wait;
    stage.exchange.search = async () => {
      await held.wait();
      return notFound(refusedPassword);
    };
    const runner = await stage.runTasks();
    await journey.details(card);
    await journey.confirm(await journey.post());
    await held.began(1);
    const stopped = runner.stop();
    held.letGo(0);
    await stopped;
    await stage.reopen();
    expect(await journey.work()).toMatchObject({ step: 'credential', credential: 'refused', credentialId: null });
    expect([...stage.exchange.connections, ...stage.exchange.searches]).toHaveLength(1);
  },
);

it('goes on after a restart at any step, up to the saved profile', async () => {
  const stage = await MailroomStage.open();
  const journey = await DraftJourney.begin(stage);
  const restart = (): Promise<void> => stage.reopen();
  await restart();
  await journey.details(searchedDetails);
  await restart();
  const code = await journey.post();
  await restart();
  await journey.confirm(code);
  await restart();
  expect(await journey.work()).toMatchObject({ discovery: { state: 'found' } });
  await restart();
  await journey.say({ kind: 'use-server' });
  await restart();
  expect(await journey.work()).toMatchObject({ step: 'review' });
  await restart();
  expect(await journey.save()).toMatchObject({ step: 'saved' });
});

it('accepts a server once, however fast it is clicked', async () => {
  const stage = await MailroomStage.open();
  const journey = await DraftJourney.begin(stage);
  const { revision } = await journey.toFound();
  const click = () => answerDraft(stage, env, ada, journey.id, { kind: 'use-server' }, revision);
  const both = await Promise.all([click(), click()]);
  expect(both.map(({ stale }) => stale)).toEqual(expect.arrayContaining([false, true]));
  expect(await stage.audit('discovery.server-accepted')).toHaveLength(1);
  expect(await journey.work()).toMatchObject({ step: 'review' });
  expect(stage.exchange.connections).toHaveLength(1);
});

it('settles a task whose draft waits for something else, and leaves a newer task alone', async () => {
  const stage = await MailroomStage.open();
  const journey = await DraftJourney.begin(stage);
  await journey.details(searchedDetails);
  await journey.confirm(await journey.post());
  const old = await stage.stored('task', 'find-server', journey.id);
  await journey.say({ kind: 'back' });
  await journey.details(searchedDetails);
  await journey.say({ kind: 'back' });
  const newer = await stage.stored('task', 'find-server', journey.id);
  const { signal } = new AbortController();
  await findServer(stage, old, signal);
  expect(await stage.store.get('task', old.key)).toEqual(newer);
  await findServer(stage, newer, signal);
  expect(await stage.all('task')).toEqual([]);
  expect(stage.exchange.searches).toEqual([]);
});

it('asks for a new secret when the stored one is gone, instead of waiting for ever', async () => {
  for (const details of [{}, searchedDetails]) {
    const stage = await MailroomStage.open();
    const journey = await DraftJourney.begin(stage);
    await journey.details(details);
    await journey.confirm(await journey.post());
    const [id = ''] = await journey.credentials();
    await stage.store.commit([{ kind: 'delete', collection: 'credential', key: keyOf(env, id) }]);
    expect(await journey.work()).toMatchObject({ step: 'credential', credential: 'none', credentialId: null });
    expect([...stage.exchange.connections, ...stage.exchange.searches]).toEqual([]);
    expect(await stage.all('task')).toEqual([]);
  }
});
