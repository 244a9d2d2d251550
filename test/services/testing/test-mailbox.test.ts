import { expect, it } from 'vitest';
import { approvalStatus, directions, isEnabled, type Mailbox } from '../../../services/model/mailbox.ts';
import { startRun } from '../../../services/testing/start-run.ts';
import { testMailbox } from '../../../services/testing/test-mailbox.ts';
import {
  account,
  ada,
  addresses,
  env,
  hybridApp,
  inOrder,
  location,
  MailroomStage,
  password,
  refusalOf,
} from '../../support/mailroom-stage.ts';
import {
  noSuchMailbox,
  refusedPassword,
  sendAsDenied,
  storeUnavailable,
  type Answer,
  passwordOf,
  secretOf,
} from '../../support/scripted-exchange.ts';

const [kim = ''] = addresses(1);
const signal = new AbortController().signal;

async function ready(count = 1, changes: Partial<Mailbox> = {}): Promise<MailroomStage> {
  const stage = await MailroomStage.open();
  await stage.profile();
  await stage.mailboxes(addresses(count), changes);
  return stage;
}

const start = async (stage: MailroomStage, ...named: readonly string[]) =>
  (
    await startRun(
      stage,
      env,
      ada,
      'c1',
      { kind: 'selection', text: 'all' },
      (await stage.all('mailbox')).filter(({ id }) => named.length === 0 || named.includes(id)),
    )
  ).run;

/** Starts a run whose one mailbox answers so, and works until nothing is due. */
async function tested(answer: Answer): Promise<MailroomStage> {
  const stage = await ready();
  stage.exchange.answer = () => answer;
  await start(stage);
  await stage.work();
  return stage;
}

const enabled = (mailbox: Mailbox): boolean[] => directions.map((direction) => mailbox[direction].enabled);

it('enables what works, with the account and server of the profile, and settles the task', async () => {
  const stage = await tested(null);
  expect(await stage.mailbox(kim)).toMatchObject({ status: 1, lastTestedAt: stage.clock.now() });
  expect(enabled(await stage.mailbox(kim))).toEqual([true, true, true]);
  expect(await stage.all('task')).toEqual([]);
  expect(await stage.all('alert')).toEqual([]);
  expect(stage.exchange.tests).toMatchObject([
    {
      address: kim,
      directions: ['incoming', 'outgoing', 'act'],
      lookForMarker: false,
      stamp: null,
      access: { serverLocation: location, account, access: 'impersonation', maxConnections: 10 },
    },
  ]);
  expect(passwordOf(stage.exchange.tests[0]?.access)).toBe(password);
  expect(await stage.audit('mailbox.enabled')).toMatchObject([{ actorId: 'system', subjects: [kim] }]);
});

it('writes mailbox, alert, audit, outcome and task in one commit (law 4)', async () => {
  const stage = await ready();
  stage.exchange.answer = () => noSuchMailbox;
  await start(stage);
  const { key, value } = await stage.stored('task', 'test-mailbox', kim);
  await stage.store.commit([
    { kind: 'put', collection: 'task', key, value: { ...value, state: 'claimed', claims: 1 } },
  ]);
  const seen: string[][] = [];
  stage.store.onCommit((collections) => seen.push([...collections].sort()));
  await testMailbox(stage, await stage.stored('task', 'test-mailbox', kim), signal);
  expect(seen).toEqual([['alert', 'mailbox', 'outcome', 'task']]);
});

it('tests only server-side directions', async () => {
  const stage = await ready(1, { outgoingMethod: 0, actMethod: 2 });
  await start(stage);
  await stage.work();
  expect(stage.exchange.tests[0]?.directions).toEqual(['incoming']);
  expect(await stage.mailbox(kim)).toMatchObject({ status: 1, outgoing: { status: 0 }, act: { status: 0 } });
});

it('disables for a permanent fault at once, with an alert and an incident, and does not try again', async () => {
  const stage = await tested(noSuchMailbox);
  expect(enabled(await stage.mailbox(kim))).toEqual([false, false, false]);
  expect(await stage.all('task')).toEqual([]);
  expect(await stage.all('alert')).toMatchObject([
    { address: kim, level: 'error', directions: ['incoming', 'outgoing', 'act'], count: 1, profileId: 'p1' },
  ]);
  expect(await stage.all('incident')).toMatchObject([
    { code: 'ErrorNonExistentMailbox', level: 'error', open: 1, sample: [kim], state: 'open', nature: 'permanent' },
  ]);
});

it('writes down when a fault takes a working mailbox out of service', async () => {
  const stage = await tested(null);
  stage.exchange.answer = () => ({ outgoing: sendAsDenied });
  const run = await start(stage);
  await stage.work();
  expect(enabled(await stage.mailbox(kim))).toEqual([true, false, true]);
  expect(await stage.audit('mailbox.disabled')).toMatchObject([
    { actorId: 'system', subjects: [kim], details: { run: run.id, code: 'ErrorSendAsDenied' } },
  ]);
});

it('tries a passing fault again after five minutes, with the same marker; a success clears alert and incident', async () => {
  const stage = await tested(storeUnavailable);
  expect((await stage.task(kim))?.value).toMatchObject({
    runId: null,
    state: 'ready',
    dueAt: stage.clock.now() + 300_000,
  });
  expect(await stage.all('alert')).toMatchObject([{ level: 'warning' }]);
  expect(await stage.all('incident')).toMatchObject([{ level: 'warning', state: 'open', open: 1 }]);
  expect(await stage.all('run')).toMatchObject([{ state: 'completed', failed: 1, retrying: 1 }]);

  stage.clock.advance(299_999);
  await stage.work();
  expect(stage.exchange.tests).toHaveLength(1);
  stage.exchange.answer = () => null;
  stage.clock.advance(1);
  await stage.work();
  const [first, second] = stage.exchange.tests;
  expect(second?.marker).toBe(first?.marker);
  expect(second?.lookForMarker).toBe(true);
  expect(enabled(await stage.mailbox(kim))).toEqual([true, true, true]);
  expect(await stage.all('task')).toEqual([]);
  expect(await stage.all('alert')).toEqual([]);
  expect(await stage.all('incident')).toMatchObject([
    { state: 'resolved', open: 0, resolvedAt: stage.clock.now(), level: 'warning' },
  ]);
  // Later tries belong to the mailbox: the run keeps its first outcome.
  expect(await stage.all('run')).toMatchObject([{ done: 1, failed: 1, succeeded: 0 }]);
});

it('repeats only the directions that did not succeed, so that no second test message goes out', async () => {
  const stage = await tested({ incoming: storeUnavailable });
  stage.clock.advance(300_000);
  await stage.work();
  expect(stage.exchange.tests.map(({ directions }) => directions)).toEqual([
    ['incoming', 'outgoing', 'act'],
    ['incoming'],
  ]);
});

it('disables with the tenth passing failure: same code, the warning becomes an error', async () => {
  const stage = await tested(null);
  stage.exchange.answer = () => storeUnavailable;
  await start(stage);
  await stage.work();
  const levels: (string | undefined)[] = [];
  for (let time = 1; time <= 12; time += 1) {
    levels.push((await stage.all('alert'))[0]?.level);
    stage.clock.advance(300_000);
    await stage.work();
  }
  expect(stage.exchange.tests).toHaveLength(11);
  expect(levels).toEqual([...Array<string>(9).fill('warning'), 'error', 'error', 'error']);
  expect(enabled(await stage.mailbox(kim))).toEqual([false, false, false]);
  expect(await stage.all('task')).toEqual([]);
  expect(await stage.all('alert')).toMatchObject([{ fault: storeUnavailable, count: 10 }]);
  expect(await stage.all('incident')).toMatchObject([{ level: 'error', code: storeUnavailable.code }]);
  expect(await stage.audit('mailbox.disabled')).toHaveLength(1);
});

it('opens a new incident when a cause comes back after a recovery', async () => {
  const stage = await tested(noSuchMailbox);
  for (const answer of [null, noSuchMailbox]) {
    stage.exchange.answer = () => answer;
    await start(stage);
    await stage.work();
  }
  expect((await stage.all('incident')).map(({ state }) => state).sort()).toEqual(['open', 'resolved']);
});

it('replaces the alert of a direction whose fault changed, and counts the same fault up', async () => {
  const stage = await tested({ incoming: noSuchMailbox, outgoing: noSuchMailbox });
  stage.exchange.answer = () => ({ outgoing: sendAsDenied, act: noSuchMailbox });
  await start(stage);
  await stage.work();
  const alerts = await stage.all('alert');
  expect(inOrder(alerts.map(({ fault, directions, count }) => [fault.code, directions, count]))).toEqual([
    ['ErrorNonExistentMailbox', ['act'], 2],
    ['ErrorSendAsDenied', ['outgoing'], 1],
  ]);
});

it('never asks Exchange about a mailbox whose approval was taken away since the run began (law 2)', async () => {
  const stage = await ready();
  await start(stage);
  await stage.change(kim, { approval: approvalStatus.rejected });
  await stage.work();
  expect(stage.exchange.tests).toEqual([]);
  expect(await stage.mailbox(kim)).toMatchObject({ status: 2, incoming: { fault: { code: 'UnapprovedMailbox' } } });
  expect(isEnabled(await stage.mailbox(kim))).toBe(false);
  expect(await stage.all('alert')).toMatchObject([{ level: 'error' }]);
});

it('enables nothing when the approval is taken away while the test runs (law 2)', async () => {
  const stage = await ready();
  stage.exchange.answer = async () => {
    await stage.change(kim, { approval: approvalStatus.rejected });
    return null;
  };
  await start(stage);
  await stage.work();
  expect(stage.exchange.tests).toHaveLength(1);
  expect(enabled(await stage.mailbox(kim))).toEqual([false, false, false]);
  expect(await stage.audit('mailbox.enabled')).toEqual([]);
  expect((await stage.all('alert')).map(({ fault }) => fault.code)).toEqual(['UnapprovedMailbox']);
});

it('does not overwrite what an import changed while the test ran', async () => {
  const stage = await ready();
  stage.exchange.answer = async () => {
    await stage.change(kim, { owner: 'New owner' });
    return null;
  };
  await start(stage);
  await stage.work();
  expect(await stage.mailbox(kim)).toMatchObject({ owner: 'New owner', status: 1 });
});

it.each([
  [
    'has no profile',
    'EmailServerProfileNotAssociated',
    (stage: MailroomStage) => stage.change(kim, { profileId: null }),
  ],
  [
    'has a profile that is gone',
    'EmailServerProfileNotAssociated',
    (stage: MailroomStage) => stage.change(kim, { profileId: 'gone' }),
  ],
  [
    'has a profile without a password',
    'CredentialMissing',
    async (stage: MailroomStage) => {
      const { key } = await stage.stored('credential', 'credential-p1');
      await stage.store.commit([{ kind: 'delete', collection: 'credential', key }]);
    },
  ],
  [
    'has a password for another host',
    'CredentialMissing',
    (stage: MailroomStage) => stage.changeProfile('p1', { serverLocation: 'https://evil.test/EWS/Exchange.asmx' }),
  ],
] as const)('says why it does not ask Exchange when a mailbox %s', async (_, code, spoil) => {
  const stage = await ready();
  await start(stage);
  await spoil(stage);
  await stage.work();
  expect(stage.exchange.tests).toEqual([]);
  expect((await stage.mailbox(kim)).incoming.fault?.code).toBe(code);
});

it('tells with a fault that the account has delegate access, since other cmdlets grant what is missing', async () => {
  const stage = await tested(sendAsDenied);
  expect((await stage.mailbox(kim)).outgoing.fault?.params).not.toHaveProperty('access');
  await stage.profile('p1', { useImpersonation: false });
  await start(stage);
  await stage.work();
  expect((await stage.mailbox(kim)).outgoing.fault?.params).toMatchObject({ account, access: 'delegate' });
});

it('marks a refused password for good: nothing tries it again, not even after a restart (law 6)', async () => {
  const stage = await tested(refusedPassword);
  expect(await stage.get('credential', 'credential-p1')).toMatchObject({ refused: true, revision: 2 });
  await stage.reopen();
  expect(await refusalOf(start(stage))).toMatchObject({ code: 'run.nothing-to-test', params: { secretRefused: 1 } });
  await stage.work();
  expect(stage.exchange.tests).toHaveLength(1);
  expect((await stage.mailbox(kim)).incoming.fault?.code).toBe('CredentialRefused');
});

it('marks a refused password also when another direction has a worse name for its fault (law 6)', async () => {
  const stage = await tested({ incoming: noSuchMailbox, outgoing: refusedPassword });
  expect((await stage.get('credential', 'credential-p1')).refused).toBe(true);
});

it('marks a refused password also when the approval is taken away meanwhile (law 6)', async () => {
  const stage = await ready();
  stage.exchange.answer = async () => {
    await stage.change(kim, { approval: approvalStatus.rejected });
    return refusedPassword;
  };
  await start(stage);
  await stage.work();
  expect((await stage.get('credential', 'credential-p1')).refused).toBe(true);
});

it('marks a password that was refused while the test was stopped: the next start tries it no more (law 6)', async () => {
  const stage = await ready();
  await start(stage);
  const stop = new AbortController();
  stage.exchange.answer = () => {
    stop.abort();
    return refusedPassword;
  };
  await testMailbox(stage, await stage.stored('task', 'test-mailbox', kim), stop.signal);
  // Nothing of the mailbox; only that its account is refused.
  expect(await stage.all('outcome')).toMatchObject([{ mailboxId: '', fault: null, phases: [] }]);
  expect(await stage.all('task')).toHaveLength(1);
  await stage.reopen();
  await stage.work();
  expect(stage.exchange.tests).toHaveLength(1);
  expect((await stage.mailbox(kim)).incoming.fault?.code).toBe('CredentialRefused');
  expect(await stage.audit('credential.refused')).toHaveLength(1);
});

it('does not mark a new password because an old one was refused', async () => {
  const stage = await ready();
  stage.exchange.answer = async () => {
    await stage.profile('p1', { credentialId: 'credential-new' });
    return refusedPassword;
  };
  await start(stage);
  await stage.work();
  expect((await stage.get('credential', 'credential-new')).refused).toBe(false);
  expect((await stage.get('credential', 'credential-p1')).refused).toBe(true);
});

it('does not bring a password back that was destroyed while it was tried', async () => {
  const stage = await ready();
  stage.exchange.answer = async () => {
    const { key } = await stage.stored('credential', 'credential-p1');
    await stage.store.commit([{ kind: 'delete', collection: 'credential', key }]);
    return refusedPassword;
  };
  await start(stage);
  await stage.work();
  expect(await stage.all('credential')).toEqual([]);
});

it('settles a task once: a second result of the same claim changes nothing (law 4)', async () => {
  const stage = await ready();
  await start(stage);
  const task = await stage.stored('task', 'test-mailbox', kim);
  await testMailbox(stage, task, signal);
  const before = await stage.mailbox(kim);
  stage.exchange.answer = () => noSuchMailbox;
  await testMailbox(stage, task, signal);
  expect(await stage.mailbox(kim)).toEqual(before);
  expect(await stage.all('alert')).toEqual([]);
  expect(await stage.all('outcome')).toHaveLength(1);
});

it('drops the task of a mailbox that is gone', async () => {
  const stage = await ready();
  await start(stage);
  const { key } = await stage.stored('mailbox', kim);
  await stage.store.commit([{ kind: 'delete', collection: 'mailbox', key }]);
  await stage.work();
  expect(await stage.all('task')).toEqual([]);
  expect(stage.exchange.tests).toEqual([]);
});

it('leaves a direction that failed for good alone when it tries a passing fault again', async () => {
  const stage = await tested(null);
  stage.exchange.answer = () => ({ incoming: storeUnavailable, outgoing: sendAsDenied });
  await start(stage);
  await stage.work();
  stage.exchange.answer = () => null;
  stage.clock.advance(300_000);
  await stage.work();
  expect(stage.exchange.tests.at(-1)?.directions).toEqual(['incoming']);
  expect(enabled(await stage.mailbox(kim))).toEqual([true, false, true]);
  expect(await stage.all('alert')).toMatchObject([{ fault: sendAsDenied, directions: ['outgoing'] }]);
});

it('remembers what was seen of each direction, also of those that a later try left alone', async () => {
  const stage = await tested({ outgoing: storeUnavailable });
  const saw = (direction: string, succeeded: boolean, markerFound = false) => ({
    direction,
    succeeded,
    durationMs: 5,
    markerFound,
  });
  expect((await stage.mailbox(kim)).lastTest).toEqual({
    runId: (await stage.all('run'))[0]?.id,
    calls: 8,
    phases: [saw('incoming', true), saw('outgoing', false), saw('act', true)],
  });
  stage.exchange.answer = () => null;
  stage.clock.advance(300_000);
  await stage.work();
  expect((await stage.mailbox(kim)).lastTest).toEqual({
    runId: null,
    calls: 8,
    phases: [saw('incoming', true), saw('act', true), saw('outgoing', true, true)],
  });
});

async function readyWithOAuth(count = 1): Promise<MailroomStage> {
  const stage = await MailroomStage.open();
  await stage.oauthProfile();
  await stage.mailboxes(addresses(count));
  return stage;
}

it('tests a profile with Hybrid Modern Authentication as its app, with the certificate for it', async () => {
  const stage = await readyWithOAuth();
  await start(stage);
  await stage.work();
  const [test] = stage.exchange.tests;
  expect(test?.access).toMatchObject({
    serverLocation: location,
    account: hybridApp.clientId,
    access: 'impersonation',
    credentialId: 'credential-p1',
    authentication: { scheme: 'oauth', app: hybridApp },
  });
  if (test === undefined) throw new Error('nothing was tested');
  expect(secretOf(test.access)).toBe(password);
  expect(enabled(await stage.mailbox(kim))).toEqual([true, true, true]);
});

it.each([
  ['tenant', { tenant: 'evil.test' }],
  ['app', { clientId: '44444444-4444-4444-8444-444444444444' }],
  ['resource', { resource: 'https://evil.test' }],
  [
    'vault',
    {
      certificate: {
        source: 'key-vault',
        vaultUrl: 'https://evil.vault.azure.net',
        certificateName: 'hma',
        clientId: '33333333-3333-4333-8333-333333333333',
      },
    },
  ],
] as const)('opens the certificate for no other %s than it was handed in for (law 3)', async (_, change) => {
  const stage = await readyWithOAuth();
  await stage.changeProfile('p1', { modernAuthentication: { ...hybridApp, ...change } });
  await start(stage);
  await stage.work();
  expect(stage.exchange.tests).toEqual([]);
  expect((await stage.mailbox(kim)).incoming.fault).toMatchObject({
    code: 'CredentialMissing',
    params: { host: 'mail.contoso.test' },
  });
});

it('never takes the password of a profile for the secret of an app, nor the other way round (law 3)', async () => {
  for (const [made, changed] of [
    ['profile', { authenticationProtocol: 4, credentialRetrieval: 6, modernAuthentication: hybridApp }],
    ['oauthProfile', { authenticationProtocol: 3, credentialRetrieval: 1, userName: hybridApp.clientId }],
  ] as const) {
    const stage = await MailroomStage.open();
    await stage[made]();
    await stage.mailboxes(addresses(1));
    await stage.changeProfile('p1', changed);
    await start(stage);
    await stage.work();
    expect(stage.exchange.tests).toEqual([]);
    expect((await stage.mailbox(kim)).incoming.fault?.code).toBe('CredentialMissing');
  }
});

it('groups a refused token of many mailboxes as one incident, and blames no secret for it', async () => {
  const stage = await readyWithOAuth(3);
  stage.exchange.answer = () => ({ code: 'OAuthTokenRefused', params: {} });
  await start(stage);
  await stage.work();
  for (const address of addresses(3))
    expect((await stage.mailbox(address)).incoming.fault).toMatchObject({
      code: 'OAuthTokenRefused',
      params: { account: hybridApp.clientId, host: 'mail.contoso.test' },
    });
  // The other one is the alarm of the profile, which is told of the three as well.
  expect(inOrder((await stage.all('incident')).map(({ code, open, state }) => [code, open, state]))).toEqual([
    ['OAuthTokenRefused', 3, 'open'],
    ['ProfileMostlyFailing', 3, 'open'],
  ]);
  expect((await stage.get('credential', 'credential-p1')).refused).toBe(false);
  expect(await stage.audit('credential.refused')).toEqual([]);
  stage.exchange.answer = () => null;
  await start(stage);
  await stage.work();
  expect((await stage.all('incident')).map(({ state, open }) => [state, open])).toEqual([
    ['resolved', 0],
    ['resolved', 0],
  ]);
});

it('tries again by itself when the token service was out of reach', async () => {
  const stage = await readyWithOAuth();
  stage.exchange.answer = () => ({ code: 'OAuthUnreachable', params: {} });
  await start(stage);
  await stage.work();
  expect((await stage.task(kim))?.value).toMatchObject({ state: 'ready', dueAt: stage.clock.now() + 300_000 });
  stage.exchange.answer = () => null;
  stage.clock.advance(300_000);
  await stage.work();
  expect(enabled(await stage.mailbox(kim))).toEqual([true, true, true]);
});
