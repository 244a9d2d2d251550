import { describe, expect, it, onTestFinished } from 'vitest';
import { startPoller } from '../../../services/jobs/poller.ts';
import type { Fault } from '../../../services/model/fault.ts';
import type { Mailbox } from '../../../services/model/mailbox.ts';
import { noMaintenanceValues } from '../../../services/model/maintenance.ts';
import { announceMaintenance, askMaintenance } from '../../../services/profiles/plan-maintenance.ts';
import { startRun } from '../../../services/testing/start-run.ts';
import {
  ada,
  adaChat,
  addresses,
  env,
  inOrder,
  location,
  MailroomStage,
  refusal,
} from '../../support/mailroom-stage.ts';
import { noSuchMailbox, refusedPassword, type Answer } from '../../support/scripted-exchange.ts';

const outgoing = 'https://send.contoso.test/EWS/Exchange.asmx';
const [kim = ''] = addresses(1);
const unreachable: Fault = { code: 'ConnectionTimedOut', params: {} };
const works = { status: 1, enabled: true, fault: null } as const;
const working: Partial<Mailbox> = { incoming: works, outgoing: works, act: works, status: 1 };

async function ready(count = 1, changes: Partial<Mailbox> = {}): Promise<MailroomStage> {
  const stage = await MailroomStage.open();
  await stage.profile('p1', { outgoingServerLocation: outgoing });
  await stage.mailboxes(addresses(count), changes);
  return stage;
}

async function run(stage: MailroomStage): Promise<void> {
  await startRun(stage, env, ada, 'c1', { kind: 'selection', text: 'all' }, await stage.all('mailbox'));
  await stage.work();
}

/** What each server answers. */
const answers =
  (incoming: Answer, sending: Answer): MailroomStage['exchange']['answer'] =>
  (_address, { serverLocation }) =>
    serverLocation === outgoing ? sending : incoming;

const asked = ({ exchange }: MailroomStage): [string, readonly string[]][] =>
  exchange.tests.map(({ access, directions }) => [access.serverLocation, directions]);

describe('Test & Enable of a profile with two servers', () => {
  it('receives and synchronizes at the incoming one, and sends by the outgoing one, with one marker', async () => {
    const stage = await ready();
    await run(stage);
    expect(asked(stage)).toEqual([
      [location, ['incoming', 'act']],
      [outgoing, ['outgoing']],
    ]);
    expect(new Set(stage.exchange.tests.map(({ marker }) => marker)).size).toBe(1);
    const mailbox = await stage.mailbox(kim);
    expect(mailbox).toMatchObject({ ...working, lastTest: { calls: 16 } });
    expect(mailbox.lastTest?.phases.map(({ direction }) => direction)).toEqual(['incoming', 'outgoing', 'act']);
  });

  it('asks only the servers of the directions that are synchronized', async () => {
    const stage = await ready(1, { outgoingMethod: 0 });
    await run(stage);
    expect(asked(stage)).toEqual([[location, ['incoming', 'act']]]);
  });

  it('does not take a password to the second server that the first refused (law 6)', async () => {
    const stage = await ready();
    stage.exchange.answer = answers(refusedPassword, null);
    await run(stage);
    expect(asked(stage)).toEqual([[location, ['incoming', 'act']]]);
    const { incoming, outgoing: sending } = await stage.mailbox(kim);
    expect([incoming.fault?.code, sending.fault?.code]).toEqual(['CredentialRefused', 'CredentialRefused']);
    expect((await stage.get('credential', 'credential-p1')).refused).toBe(true);
  });

  it('holds everything when the outgoing server refuses the password: it is the same one', async () => {
    const stage = await ready();
    stage.exchange.answer = answers(null, refusedPassword);
    await run(stage);
    expect((await stage.get('credential', 'credential-p1')).refused).toBe(true);
    expect(await stage.audit('credential.refused')).toMatchObject([
      { details: { host: 'mail.contoso.test', outgoingHost: 'send.contoso.test' } },
    ]);
    stage.exchange.tests.length = 0;
    stage.clock.advance(600_000);
    await stage.work();
    expect(stage.exchange.tests).toEqual([]);
  });

  it('names the host of each direction in its fault', async () => {
    const stage = await ready();
    stage.exchange.answer = () => unreachable;
    await run(stage);
    const mailbox = await stage.mailbox(kim);
    expect(mailbox.incoming.fault?.params).toMatchObject({ host: 'mail.contoso.test' });
    expect(mailbox.outgoing.fault?.params).toMatchObject({ host: 'send.contoso.test' });
    expect(mailbox.act.fault?.params).toMatchObject({ host: 'mail.contoso.test' });
  });

  it('makes two incidents of the same trouble at two servers, and one of a mailbox’s own', async () => {
    const stage = await ready();
    stage.exchange.answer = () => unreachable;
    await run(stage);
    const causes = async (): Promise<string[]> =>
      (await stage.all('incident'))
        .filter(({ state }) => state === 'open')
        .map(({ causeId }) => causeId)
        .sort();
    expect(await causes()).toEqual(['server~mail.contoso.test', 'server~send.contoso.test']);
    expect((await stage.all('alert')).map(({ directions }) => directions)).toEqual([['incoming', 'act'], ['outgoing']]);
    // The one that works again takes its own with it.
    stage.exchange.answer = answers(null, unreachable);
    stage.clock.advance(300_000);
    await stage.work();
    expect(await causes()).toEqual(['server~send.contoso.test']);
    expect(await stage.all('alert')).toMatchObject([
      { directions: ['outgoing'], fault: { params: { host: 'send.contoso.test' } } },
    ]);
    stage.exchange.answer = () => noSuchMailbox;
    await run(stage);
    expect(await causes()).toEqual(['p1~ErrorNonExistentMailbox']);
  });

  it('keeps apart what is permanent and of one server: a missing scheme at the outgoing one is not the profile’s', async () => {
    const stage = await ready();
    const fault: Fault = { code: 'BasicNotOffered', params: {} };
    stage.exchange.answer = () => fault;
    await run(stage);
    expect(
      inOrder((await stage.all('incident')).map(({ causeId, fault: { params } }) => [causeId, params['host']])),
    ).toEqual([
      ['p1~BasicNotOffered', 'mail.contoso.test'],
      ['p1~BasicNotOffered~outgoing', 'send.contoso.test'],
    ]);
  });
});

describe('the circuit of one of two servers', () => {
  it.each([
    ['outgoing', outgoing, ['incoming', 'act'], ['outgoing']],
    ['incoming', location, ['outgoing'], ['incoming', 'act']],
  ] as const)('%s open: the other is tested, and no try is counted', async (_which, host, tested, waiting) => {
    const stage = await ready(1, working);
    stage.exchange.circuit = unreachable;
    stage.exchange.circuitAt = host;
    await run(stage);
    let mailbox = await stage.mailbox(kim);
    for (const direction of tested) expect(mailbox[direction]).toEqual(works);
    for (const direction of waiting) expect(mailbox[direction]).toMatchObject({ status: 2, enabled: true });
    expect(mailbox.transientFailureCount).toBe(0);
    // Longer than ten tries take: still nobody is disabled, and the server that is well is not asked again.
    stage.exchange.tests.length = 0;
    for (let tries = 0; tries < 15; tries += 1) {
      stage.clock.advance(300_000);
      await stage.work();
    }
    mailbox = await stage.mailbox(kim);
    expect(mailbox.transientFailureCount).toBe(0);
    for (const direction of waiting) expect(mailbox[direction].enabled).toBe(true);
    expect(stage.exchange.tests).toEqual([]);
    stage.exchange.circuit = null;
    stage.clock.advance(300_000);
    await stage.work();
    expect(await stage.mailbox(kim)).toMatchObject(working);
    expect((await stage.all('incident')).filter(({ state }) => state === 'open')).toEqual([]);
  });

  it('does not hide what the other server says: that is a try', async () => {
    const stage = await ready();
    stage.exchange.circuit = unreachable;
    stage.exchange.circuitAt = outgoing;
    stage.exchange.answer = () => ({ code: 'ErrorMailboxStoreUnavailable', params: {} });
    await run(stage);
    expect((await stage.mailbox(kim)).transientFailureCount).toBe(1);
  });
});

describe('checks of enabled mailboxes', () => {
  it('ask the incoming server alone, and an outage is of that one', async () => {
    const stage = await ready(8, working);
    stage.exchange.answer = answers(unreachable, null);
    const poller = startPoller(stage, env);
    onTestFinished(() => poller.stop());
    await poller.idle();
    for (let passed = 0; passed < 90; passed += 1) {
      stage.clock.advance(60_000);
      await poller.idle();
    }
    await stage.fold();
    expect(new Set(asked(stage).map(([server, directions]) => `${server} ${directions.join()}`))).toEqual(
      new Set([`${location} incoming`]),
    );
    expect(await stage.all('outage')).toMatchObject([{ host: 'mail.contoso.test', waiting: 8 }]);
    expect(await stage.all('incident')).toMatchObject([{ causeId: 'server~mail.contoso.test', open: 8 }]);
  });

  it('are counted apart from those whose sending waits for the same server', async () => {
    const stage = await ready(1);
    // Another profile receives at the server by which this one sends.
    await stage.profile('p2', { serverLocation: outgoing });
    await stage.mailboxes(['lee@contoso.test', 'mia@contoso.test'], { ...working, profileId: 'p2' });
    stage.exchange.answer = answers(null, unreachable);
    const poller = startPoller(stage, env);
    onTestFinished(() => poller.stop());
    await poller.idle();
    for (let passed = 0; passed < 60; passed += 1) {
      stage.clock.advance(60_000);
      await poller.idle();
    }
    await startRun(stage, env, ada, 'c1', { kind: 'selection', text: 'kim' }, [await stage.mailbox(kim)]);
    await stage.work();
    expect(await stage.all('incident')).toMatchObject([
      { causeId: 'server~send.contoso.test', state: 'open', open: 3, waiting: 2 },
    ]);
  });
});

describe('a maintenance of the outgoing server', () => {
  it('lets tests and checks of the profile wait, and no other server rest', async () => {
    const stage = await ready(2, working);
    await stage.profile('p3');
    await stage.mailboxes(['lee@contoso.test'], { ...working, profileId: 'p3' });
    const values = { ...noMaintenanceValues, server: 'outgoing', length: '60', reason: 'Cumulative update' };
    const question = await askMaintenance(stage, env, ada, 'p1', values, 'UTC', adaChat);
    if (question.kind === 'errors') throw new Error(JSON.stringify(question.errors));
    expect(question.window.host).toBe('send.contoso.test');
    await announceMaintenance(stage, env, ada, question.window.id);
    const poller = startPoller(stage, env);
    onTestFinished(() => poller.stop());
    await poller.idle();
    await run(stage);
    for (let passed = 0; passed < 59; passed += 1) {
      stage.clock.advance(60_000);
      await poller.idle();
    }
    const others = (): string[] =>
      stage.exchange.tests.map(({ address }) => address).filter((one) => one !== 'lee@contoso.test');
    expect(others()).toEqual([]);
    // Its own test and its checks go on meanwhile.
    expect(stage.exchange.tests.length).toBeGreaterThan(3);
    stage.clock.advance(120_000);
    await stage.work();
    expect(others().length).toBeGreaterThan(0);
  });

  it.each([
    ['incoming', 'mail.contoso.test'],
    ['outgoing', 'send.contoso.test'],
    ['', 'mail.contoso.test'],
    ['https://evil.test', 'mail.contoso.test'],
  ])('is planned for the chosen server of the two: %j is %s', async (server, host) => {
    const stage = await ready();
    const values = { ...noMaintenanceValues, server, reason: 'Update' };
    expect(await askMaintenance(stage, env, ada, 'p1', values, 'UTC', adaChat)).toMatchObject({ window: { host } });
  });

  it('cannot be announced any more when the profile does not send there by then', async () => {
    const stage = await ready();
    const values = { ...noMaintenanceValues, server: 'outgoing', reason: 'Update' };
    const question = await askMaintenance(stage, env, ada, 'p1', values, 'UTC', adaChat);
    if (question.kind === 'errors') throw new Error(JSON.stringify(question.errors));
    await stage.changeProfile('p1', { outgoingServerLocation: null });
    expect(await refusal(announceMaintenance(stage, env, ada, question.window.id))).toBe('maintenance.no-server');
  });
});
