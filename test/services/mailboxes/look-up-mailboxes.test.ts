import { beforeEach, describe, expect, it } from 'vitest';
import { answerLookup, startLookup, type LookupAnswer } from '../../../services/mailboxes/look-up-mailboxes.ts';
import type { DirectoryReport, DirectoryRequest } from '../../../services/exchange/exchange-port.ts';
import type { DirectoryEntry, DirectoryKind } from '../../../services/model/directory.ts';
import type { DirectoryLookup } from '../../../services/model/directory-lookup.ts';
import type { Fault } from '../../../services/model/fault.ts';
import { testStatus } from '../../../services/model/mailbox.ts';
import { passwordOf } from '../../support/scripted-exchange.ts';
import { abe, ada, adaChat, env, MailroomStage, password, pia, refusal } from '../../support/mailroom-stage.ts';

let stage: MailroomStage;
beforeEach(async () => {
  stage = await MailroomStage.open();
});

const entry = (address: string, kind: DirectoryKind = 'mailbox', name = address): DirectoryEntry => ({
  name,
  address,
  kind,
});
const sales = entry('sales@contoso.test', 'group', 'Sales');
const report = (entries: readonly DirectoryEntry[], fault: Fault | null = null): DirectoryReport => ({
  entries,
  isComplete: true,
  fault,
});
const book =
  (names: readonly DirectoryEntry[], members: Readonly<Record<string, readonly DirectoryEntry[]>> = {}) =>
  ({ operation, text }: DirectoryRequest): DirectoryReport =>
    report(operation === 'resolve-names' ? names : (members[text] ?? []));

const start = (text = 'sales', profileId: string | null = null, actor = ada): Promise<DirectoryLookup> =>
  startLookup(stage, env, actor, adaChat, text, profileId);
const reply = (lookup: DirectoryLookup, answer: LookupAnswer, actor = ada): Promise<DirectoryLookup> =>
  answerLookup(stage, env, actor, lookup.id, lookup.revision, answer);
const now = ({ id }: DirectoryLookup): Promise<DirectoryLookup> => stage.get('directoryLookup', id);
/** Starts a look-up and does its work. */
async function lookUp(text = 'sales'): Promise<DirectoryLookup> {
  const lookup = await start(text);
  await stage.work();
  return now(lookup);
}

describe('a name that is looked up', () => {
  it('of a list becomes the dry run of its members, through the default profile', async () => {
    await stage.profile();
    stage.exchange.directory = book([sales], {
      'sales@contoso.test': [entry('kim@contoso.test'), entry('pat@other.test', 'contact')],
    });
    const lookup = await lookUp();
    expect(lookup).toMatchObject({
      state: 'done',
      profileId: 'p1',
      target: sales,
      progress: { groups: 1, members: 2 },
    });
    const batch = await stage.get('importBatch', lookup.batchId ?? '');
    expect(batch.rows.map(({ address, verdict, refusal }) => [address, verdict, refusal?.code])).toEqual([
      ['kim@contoso.test', 'new', undefined],
      ['pat@other.test', 'refused', 'member-contact'],
    ]);
    expect(batch).toMatchObject({
      actorId: ada.aadObjectId,
      state: 'waiting',
      source: { kind: 'directory', name: 'Sales', address: 'sales@contoso.test', groups: 1, repeated: 0 },
    });
    expect(await stage.wishes()).toEqual([`${adaChat} directory-lookup`, `${adaChat} import`]);
    expect(await stage.all('task')).toEqual([]);
    expect(
      stage.exchange.questions.map(({ operation, text, asMailbox, access }) => [
        operation,
        text,
        asMailbox,
        passwordOf(access),
      ]),
    ).toEqual([
      ['resolve-names', 'sales', null, password],
      ['expand-members', 'sales@contoso.test', null, password],
    ]);
  });

  it('of one mailbox becomes its dry run, and a second time says that it is there', async () => {
    await stage.profile();
    await stage.mailboxes(['kim@contoso.test']);
    stage.exchange.directory = book([entry('kim@contoso.test', 'mailbox', 'Kim')]);
    const { batchId } = await lookUp('Kim');
    expect((await stage.get('importBatch', batchId ?? '')).rows).toMatchObject([
      { address: 'kim@contoso.test', verdict: 'unchanged' },
    ]);
  });

  it('that several have is asked about, and the answer goes on', async () => {
    await stage.profile();
    const both = [sales, entry('sales-uk@contoso.test', 'group', 'Sales UK')];
    stage.exchange.directory = book(both, { 'sales-uk@contoso.test': [entry('lee@contoso.test')] });
    const lookup = await lookUp('sal');
    expect(lookup).toMatchObject({ state: 'choosing', choices: both, hasMore: false });
    expect(await refusal(reply(lookup, { kind: 'choose', place: 7 }))).toBe('lookup.not-chosen');
    expect(await reply(lookup, { kind: 'choose', place: 1 })).toMatchObject({ state: 'working', target: both[1] });
    // A second click, and one on the card of before, find it under way.
    expect(await reply(lookup, { kind: 'choose', place: 0 })).toMatchObject({ state: 'working', target: both[1] });
    await stage.work();
    expect(await now(lookup)).toMatchObject({ state: 'done', progress: { groups: 1, members: 1 } });
  });

  it.each(['SALES', 'sales@contoso.test', '[sales@contoso.test](mailto:sales@contoso.test)'])(
    'is the one that is meant exactly, where others only begin so: %s',
    async (text) => {
      await stage.profile();
      const names = [
        sales,
        entry('sales@contoso.test.example', 'group', 'Sales example'),
        entry('sales2@contoso.test'),
      ];
      stage.exchange.directory = book(names, { 'sales@contoso.test': [entry('kim@contoso.test')] });
      expect(await lookUp(text)).toMatchObject({ state: 'done', target: sales });
    },
  );

  it('offers at most 25 entries, and says that there are more', async () => {
    await stage.profile();
    stage.exchange.directory = book(Array.from({ length: 100 }, (_, index) => entry(`user${index}@contoso.test`)));
    const { choices, hasMore } = await lookUp('user');
    expect([choices.length, hasMore]).toEqual([25, true]);
  });

  it('that is hidden is found by its address; whatever is no list is not there', async () => {
    await stage.profile();
    stage.exchange.directory = book([], { 'hidden@contoso.test': [entry('kim@contoso.test')] });
    expect(await lookUp('hidden@contoso.test')).toMatchObject({ state: 'done' });
    const other: Fault = { code: 'EwsOther', params: {}, raw: 'ErrorNameResolutionNoResults' };
    stage.exchange.directory = ({ operation }) => report([], operation === 'resolve-names' ? null : other);
    expect(await lookUp('nobody@contoso.test')).toMatchObject({
      state: 'failed',
      problem: 'nothing-found',
      fault: null,
    });
    expect(await lookUp('nobody')).toMatchObject({ state: 'failed', problem: 'nothing-found', fault: null });
  });
});

describe('through which profile', () => {
  it('is asked when several are active and none is the default', async () => {
    await stage.profile('p1');
    await stage.profile('p2');
    await stage.settings({ defaultProfileId: null });
    const lookup = await start();
    expect(lookup).toMatchObject({ state: 'asking-profile', profileId: null });
    expect(await stage.all('task')).toEqual([]);
    expect(await refusal(reply(lookup, { kind: 'use-profile', profileId: 'p9' }))).toBe('lookup.profile-gone');
    expect(await reply(lookup, { kind: 'use-profile', profileId: 'p2' })).toMatchObject({
      state: 'working',
      profileId: 'p2',
    });
    expect(await stage.all('task')).toMatchObject([{ kind: 'expand-list', profileId: 'p2', priority: 0 }]);
  });

  it('is not asked when one is named, or only one is active', async () => {
    await stage.profile('p1');
    await stage.profile('p2');
    expect(await start('sales', 'p1')).toMatchObject({ profileId: 'p1', state: 'working' });
    await stage.changeProfile('p2', { state: 'inactive' });
    expect(await start()).toMatchObject({ profileId: 'p1', state: 'working' });
    expect(await refusal(start('sales', 'p2'))).toBe('lookup.profile-gone');
    await stage.changeProfile('p1', { state: 'inactive' });
    expect(await refusal(start())).toBe('lookup.no-profile');
  });

  it('asks as a mailbox that works, so that an account without one can ask too', async () => {
    await stage.profile();
    await stage.mailboxes(['bad@contoso.test'], { status: testStatus.failure });
    await stage.mailboxes(['good@contoso.test'], { status: testStatus.success });
    await lookUp();
    await stage.changeProfile('p1', { useImpersonation: false });
    await lookUp();
    expect(stage.exchange.questions.map(({ asMailbox }) => asMailbox)).toEqual(['good@contoso.test', null]);
  });

  it('with a token waits for a mailbox that works', async () => {
    await stage.oauthProfile();
    expect(await lookUp()).toMatchObject({ state: 'failed', problem: 'needs-mailbox' });
    expect(stage.exchange.questions).toEqual([]);
  });
});

describe('trouble', () => {
  const reset: Fault = { code: 'ConnectionReset', params: {} };

  it('of the server is shown with its fault, and tried again when somebody asks', async () => {
    await stage.profile();
    stage.exchange.directory = () => report([], reset);
    const lookup = await lookUp();
    expect(lookup).toMatchObject({
      state: 'failed',
      fault: { code: 'ConnectionReset', params: { host: 'mail.contoso.test' } },
    });
    expect(await stage.all('importBatch')).toEqual([]);
    stage.exchange.directory = book([entry('kim@contoso.test')]);
    await reply(lookup, { kind: 'repeat' });
    await stage.work();
    expect(await now(lookup)).toMatchObject({ state: 'done', fault: null });
  });

  it('with the password is kept: it is never tried again (law 6)', async () => {
    await stage.profile();
    stage.exchange.directory = () => report([], { code: 'CredentialRefused', params: {} });
    const lookup = await lookUp();
    expect(lookup).toMatchObject({ state: 'failed', fault: { code: 'CredentialRefused' } });
    expect((await stage.get('credential', 'credential-p1')).refused).toBe(true);
    expect(await stage.audit('credential.refused')).toHaveLength(1);
    await reply(lookup, { kind: 'repeat' });
    await stage.work();
    expect(await now(lookup)).toMatchObject({ state: 'failed', fault: { code: 'CredentialRefused' } });
    expect(stage.exchange.questions).toHaveLength(1);
  });

  it('of a busy server is waited out twice, and no longer', async () => {
    await stage.profile();
    const busy: Fault = { code: 'ErrorServerBusy', params: {} };
    const answers = [busy, busy, null, busy, busy, busy];
    stage.exchange.directory = () => report([entry('kim@contoso.test')], answers.shift() ?? null);
    expect(await lookUp()).toMatchObject({ state: 'done' });
    expect(await lookUp()).toMatchObject({ state: 'failed', fault: { code: 'ErrorServerBusy' } });
    expect(stage.exchange.questions).toHaveLength(6);
  });

  it('with a list that grows too large imports nothing of it', async () => {
    await stage.profile();
    const many = Array.from({ length: 10_001 }, (_, index) => entry(`u${index}@contoso.test`));
    stage.exchange.directory = book([sales], { 'sales@contoso.test': many });
    expect(await lookUp()).toMatchObject({ state: 'failed', problem: 'too-many', batchId: null });
  });
});

describe('a look-up', () => {
  it('that is cancelled while it works leaves no dry run', async () => {
    await stage.profile();
    const lookup = await start();
    stage.exchange.directory = async ({ operation }) => {
      if (operation === 'expand-members') await reply(lookup, { kind: 'cancel' });
      return report(operation === 'resolve-names' ? [sales] : [entry('kim@contoso.test')]);
    };
    await stage.work();
    expect(await now(lookup)).toMatchObject({ state: 'cancelled' });
    expect([await stage.all('importBatch'), await stage.all('task')]).toEqual([[], []]);
  });

  it('goes on after the process died in the middle of it', async () => {
    await stage.profile();
    const lookup = await start();
    const { key, value } = await stage.stored('task', 'expand-list', lookup.id);
    await stage.store.commit([{ kind: 'put', collection: 'task', key, value: { ...value, state: 'claimed' } }]);
    await stage.reopen();
    stage.exchange.directory = book([entry('kim@contoso.test')]);
    await stage.work();
    expect(await now(lookup)).toMatchObject({ state: 'done' });
    expect(await stage.all('importBatch')).toHaveLength(1);
  });

  it('shows how far it is, while Cancel goes on working', async () => {
    await stage.profile();
    const lookup = await start();
    const seen: DirectoryLookup[] = [];
    stage.exchange.directory = async ({ operation, text }) => {
      seen.push(await now(lookup));
      const inner =
        text === 'sales@contoso.test' ? [entry('east@contoso.test', 'group'), entry('kim@contoso.test')] : [];
      return report(operation === 'resolve-names' ? [sales] : inner);
    };
    await stage.work();
    expect(seen.map(({ progress, revision }) => [progress.groups, progress.members, revision])).toEqual([
      [0, 0, 1],
      [0, 0, 1],
      [1, 1, 1],
    ]);
  });

  it('is an admin’s, and only of the one who began it', async () => {
    await stage.profile();
    expect(await refusal(start('sales', null, pia))).toBe('access.denied');
    const lookup = await start();
    expect(await refusal(reply(lookup, { kind: 'cancel' }, abe))).toBe('lookup.not-yours');
    expect(await refusal(reply(lookup, { kind: 'cancel' }, pia))).toBe('access.denied');
    expect(await refusal(reply({ ...lookup, id: 'x' }, { kind: 'cancel' }))).toBe('lookup.unknown');
  });

  it('takes a name, and no more', async () => {
    await stage.profile();
    expect(await refusal(start('  '))).toBe('lookup.empty');
    expect(await refusal(start('x'.repeat(201)))).toBe('lookup.too-long');
  });
});
