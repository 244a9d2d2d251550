import { expect, it, onTestFinished } from 'vitest';
import { Gate } from '../../../services/exchange/gate.ts';
import type { Exchange } from '../../../services/exchange/exchange-port.ts';
import { startPoller, type Poller } from '../../../services/jobs/poller.ts';
import type { Fault } from '../../../services/model/fault.ts';
import type { FaultCode } from '../../../services/model/fault-catalogue.ts';
import type { Mailbox } from '../../../services/model/mailbox.ts';
import { probeMsOf } from '../../../services/model/poll.ts';
import { hostOf } from '../../../services/model/secret-target.ts';
import { addresses, env, location, MailroomStage } from '../../support/mailroom-stage.ts';

const minute = 60_000;
const interval = 15 * minute;
const host = 'mail.contoso.test';
const works = { status: 1, enabled: true, fault: null } as const;
const working: Partial<Mailbox> = { incoming: works, outgoing: works, act: works, status: 1 };
const faultOf = (code: FaultCode): Fault => ({ code, params: { host } });

/** Enabled mailboxes behind a scripted Exchange with the real gate before it, its circuit and all. */
async function enabled(
  ...profiles: readonly { id: string; count: number; serverLocation?: string }[]
): Promise<MailroomStage> {
  const stage = await MailroomStage.open();
  for (const { id, count, serverLocation = location } of profiles) {
    await stage.profile(id, { serverLocation });
    await stage.mailboxes(
      addresses(count).map((address) => address.replace('user', `${id}-`)),
      { ...working, profileId: id },
    );
  }
  await stage.subscribe('alerts', { alerts: 'all' });
  return stage;
}

async function polling(stage: MailroomStage): Promise<Poller> {
  const gate = new Gate({ clock: stage.clock, accountLimit: 27, circuit: { probeMs: probeMsOf(null) } });
  const exchange: Exchange = {
    checkConnection: (access, address, onCheck) => stage.exchange.checkConnection(access, address, onCheck),
    findServer: (request) => stage.exchange.findServer(request),
    askDirectory: (access, request) => stage.exchange.askDirectory(access, request),
    close: () => stage.exchange.close(),
    async testMailbox(access, request, signal) {
      const { account, credentialId, maxConnections } = access;
      const admission = await gate.admit(
        { server: hostOf(access.serverLocation), account, credentialId, maxConnections, subject: request.address },
        () => stage.exchange.testMailbox(access, request, signal),
        ({ phases }) => ({
          faults: phases.flatMap(({ fault }) => fault ?? []),
          signedIn: phases.every(({ fault }) => fault === null),
        }),
        signal,
      );
      if (admission.fault === null) return admission.value;
      return {
        phases: request.directions.map((direction) => ({ direction, fault: admission.fault, durationMs: 0 })),
        markerFound: false,
        calls: 0,
        circuitOpen: admission.circuitOpen,
      };
    },
  };
  const { store, clock, log, keys, retry, pollIntervalMs } = stage;
  const poller = startPoller({ store, clock, log, keys, retry, pollIntervalMs, exchange }, env);
  onTestFinished(async () => {
    gate.close();
    await poller.stop();
  });
  await poller.idle();
  return poller;
}

async function pass(stage: MailroomStage, poller: Poller, ms: number, stepMs = 30_000): Promise<void> {
  for (let passed = 0; passed < ms; passed += stepMs) {
    stage.clock.advance(stepMs);
    await poller.idle();
  }
  await stage.fold();
}

const nextTurn = (): Promise<boolean> => new Promise((resolve) => setImmediate(resolve, false));

const asked = (stage: MailroomStage): Set<string> => new Set(stage.exchange.tests.map(({ address }) => address));

async function expectUnharmed(stage: MailroomStage): Promise<void> {
  const mailboxes = await stage.all('mailbox');
  expect(mailboxes.filter((mailbox) => !mailbox.incoming.enabled || mailbox.transientFailureCount > 0)).toEqual([]);
  expect(mailboxes.every(({ status }) => status === 1)).toBe(true);
  expect(await stage.all('alert')).toEqual([]);
  expect(await stage.audit('mailbox.disabled')).toEqual([]);
}

it('takes an hour without the server for one incident: nobody disabled, and all checked again within two intervals', async () => {
  const count = 10_000;
  const stage = await enabled({ id: 'p1', count });
  const poller = await polling(stage);
  await pass(stage, poller, interval + minute, minute);
  expect(asked(stage).size).toBe(count);

  stage.exchange.tests.length = 0;
  stage.exchange.answer = () => faultOf('ConnectionTimedOut');
  // Ten tries, five minutes apart, and then some.
  await pass(stage, poller, 60 * minute, minute);
  const incidents = await stage.all('incident');
  expect(incidents).toMatchObject([
    {
      state: 'open',
      scope: 'server',
      level: 'error',
      code: 'ConnectionTimedOut',
      open: count,
      profileName: 'Contoso p1',
    },
  ]);
  await expectUnharmed(stage);
  // Those who opened the circuit (as many as may be under way), and a probe a minute.
  expect(stage.exchange.tests.length).toBeLessThan(10 + 60 + 5);
  // The second one: Ada owns the profile.
  expect(await stage.wishes('incident')).toEqual(['alerts incident', 'chat-ada incident']);

  stage.exchange.tests.length = 0;
  stage.exchange.answer = () => null;
  await pass(stage, poller, 2 * interval, minute);
  expect(asked(stage).size).toBe(count);
  expect(await stage.all('incident')).toMatchObject([{ id: incidents[0]?.id, state: 'resolved', open: 0 }]);
  await expectUnharmed(stage);
}, 60_000);

it('is one incident for all profiles of the server', async () => {
  const stage = await enabled({ id: 'p1', count: 40 }, { id: 'p2', count: 20 });
  const poller = await polling(stage);
  stage.exchange.answer = () => faultOf('TlsExpired');
  await pass(stage, poller, 2 * interval);
  expect(await stage.all('incident')).toMatchObject([
    { code: 'TlsExpired', level: 'error', open: 60, profileName: 'Contoso p1, Contoso p2' },
  ]);
  // An expired certificate is permanent, and still the server's.
  await expectUnharmed(stage);
});

it.each(['ConnectionRefused', 'HttpStatus', 'ErrorADUnavailable'] as const)(
  'sees an outage (%s) of a server with three mailboxes, too few to open the circuit',
  async (code) => {
    const stage = await enabled({ id: 'p1', count: 3 });
    const poller = await polling(stage);
    stage.exchange.answer = () => faultOf(code);
    await pass(stage, poller, 90 * minute);
    expect(await stage.all('incident')).toMatchObject([{ code, open: 3, level: 'error', state: 'open' }]);
    await expectUnharmed(stage);
    stage.exchange.tests.length = 0;
    stage.exchange.answer = () => null;
    await pass(stage, poller, 2 * interval);
    expect(asked(stage).size).toBe(3);
    expect(await stage.all('incident')).toMatchObject([{ state: 'resolved' }]);
    await expectUnharmed(stage);
  },
);

it('counts the tries of one mailbox that makes the server hang, and of no other', async () => {
  const stage = await enabled({ id: 'p1', count: 60 });
  const poller = await polling(stage);
  const hangs = 'p1-0007@contoso.test';
  stage.exchange.answer = (address) => (address === hangs ? faultOf('DeadlineExceeded') : null);
  await pass(stage, poller, 3 * 60 * minute);
  const mailboxes = await stage.all('mailbox');
  expect(mailboxes.filter(({ incoming }) => !incoming.enabled).map(({ address }) => address)).toEqual([hangs]);
  expect(mailboxes.filter(({ status }) => status !== 1)).toHaveLength(1);
  expect(await stage.all('incident')).toMatchObject([{ causeId: 'p1~DeadlineExceeded', open: 1 }]);
  const times = stage.exchange.tests.filter(({ address }) => address === hangs).length;
  // The first says nothing yet; ten are counted.
  expect(times).toBe(11);
});

it('goes on with an outage after a restart, and resolves it', async () => {
  const stage = await enabled({ id: 'p1', count: 50 });
  stage.exchange.answer = () => faultOf('HostUnreachable');
  const poller = await polling(stage);
  await pass(stage, poller, 2 * interval);
  await poller.stop();
  await stage.reopen();
  const [before] = await stage.all('incident');
  stage.exchange.tests.length = 0;
  const next = await polling(stage);
  await pass(stage, next, 10 * minute);
  // Ten minutes in twenty steps, a probe each: nobody learns anew what is known.
  expect(stage.exchange.tests.length).toBeLessThanOrEqual(20);
  expect(await stage.all('incident')).toMatchObject([{ id: before?.id, state: 'open', firstAt: before?.firstAt }]);
  stage.exchange.answer = () => null;
  await pass(stage, next, interval);
  expect(await stage.all('incident')).toMatchObject([{ id: before?.id, state: 'resolved' }]);
});

it('ends when the profile goes to another server, since nobody waits for the old one any more', async () => {
  const stage = await enabled({ id: 'p1', count: 20 });
  const poller = await polling(stage);
  stage.exchange.answer = () => faultOf('HostUnreachable');
  await pass(stage, poller, interval);
  await stage.changeProfile('p1', { serverLocation: 'https://new.contoso.test/EWS/Exchange.asmx' });
  stage.exchange.answer = () => null;
  await pass(stage, poller, minute);
  expect(await stage.all('incident')).toMatchObject([{ state: 'resolved' }]);
});

it('does not take a mailbox that fails by itself for better or worse because of an outage', async () => {
  const stage = await enabled({ id: 'p1', count: 40 });
  const poller = await polling(stage);
  const failing = 'p1-0003@contoso.test';
  stage.exchange.answer = (address) => (address === failing ? faultOf('ErrorMailboxStoreUnavailable') : null);
  await pass(stage, poller, 1.5 * interval);
  const before = await stage.mailbox(failing);
  expect(before.transientFailureCount).toBeGreaterThan(0);
  stage.exchange.answer = () => faultOf('ConnectionReset');
  await pass(stage, poller, 60 * minute);
  expect((await stage.mailbox(failing)).transientFailureCount).toBe(before.transientFailureCount);
  stage.exchange.answer = () => null;
  await pass(stage, poller, 2 * interval);
  expect(await stage.mailbox(failing)).toMatchObject({ status: 1, transientFailureCount: 0, incoming: works });
  expect((await stage.all('incident')).every(({ state }) => state === 'resolved')).toBe(true);
});

it('leaves a server alone that asks for time, and does not hold up the mailboxes of another one meanwhile', async () => {
  const other = 'https://other.contoso.test/EWS/Exchange.asmx';
  const stage = await enabled({ id: 'p1', count: 200 }, { id: 'p2', count: 20, serverLocation: other });
  const poller = await polling(stage);
  stage.exchange.answer = (address) =>
    address.startsWith('p1') ? { code: 'ErrorServerBusy', params: { backOffMs: 250_000 } } : null;
  const end = stage.clock.now() + 1.5 * interval;
  while (stage.clock.now() < end) {
    stage.clock.advance(10_000);
    const over = poller.idle().then(() => true);
    // Those who were under way with the first wait at the gate until the clock moves on.
    for (let turns = 1; !(await Promise.race([over, nextTurn()])); turns += 1) {
      if (turns % 200 === 0) stage.clock.advance(1000);
    }
  }
  await poller.stop();
  const of = (id: string): string[] =>
    stage.exchange.tests.map(({ address }) => address).filter((address) => address.startsWith(id));
  expect(new Set(of('p2')).size).toBe(20);
  expect(of('p1').length).toBeLessThan(120);
  await expectUnharmed(stage);
});

it('takes a token service that is out of reach for no trouble of the server, nor of any mailbox', async () => {
  const stage = await enabled({ id: 'p1', count: 30 }, { id: 'p2', count: 30 });
  await stage.oauthProfile('p2');
  const poller = await polling(stage);
  stage.exchange.answer = (address) => (address.startsWith('p2') ? faultOf('OAuthUnreachable') : null);
  await pass(stage, poller, 90 * minute);
  expect(await stage.all('incident')).toMatchObject([
    { code: 'OAuthUnreachable', open: 30, profileName: 'Contoso p2', state: 'open' },
  ]);
  await expectUnharmed(stage);
});

it('tries a refused password once, and waits with everybody: one incident, nobody disabled (law 6)', async () => {
  const stage = await enabled({ id: 'p1', count: 300 }, { id: 'p2', count: 20 });
  const poller = await polling(stage);
  stage.exchange.answer = (address) => (address.startsWith('p1') ? faultOf('CredentialRefused') : null);
  await pass(stage, poller, 3 * interval);
  expect([...asked(stage)].filter((address) => address.startsWith('p1'))).toHaveLength(1);
  expect(stage.exchange.tests.filter(({ address }) => address.startsWith('p2')).length).toBeGreaterThan(20);
  expect(await stage.all('incident')).toMatchObject([
    { causeId: 'p1~CredentialRefused', open: 300, waiting: 300, profileName: 'Contoso p1', level: 'error' },
  ]);
  await expectUnharmed(stage);
});
