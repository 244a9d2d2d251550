import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { startExchange, type ExchangeStandIn } from '../../sandbox/exchange/index.ts';
import { createExchange } from '../../services/exchange/exchange.ts';
import { directions, type Direction, type Mailbox } from '../../services/model/mailbox.ts';
import { runPhases, type Findings } from '../../services/testing/run-phases.ts';
import { DraftJourney } from '../support/draft-journey.ts';
import { MailroomStage, password } from '../support/mailroom-stage.ts';
import { allowList, rule } from './access.ts';

const signal = new AbortController().signal;
const userName = 'svc-mailroom@contoso.test';
let tlsDir: string;
let incoming: ExchangeStandIn;
let outgoing: ExchangeStandIn;

beforeAll(async () => {
  tlsDir = await mkdtemp(join(tmpdir(), 'mailroom-two-servers-'));
  incoming = await startExchange({ tlsDir, password });
  outgoing = await startExchange({ tlsDir, password });
});
afterAll(async () => {
  await Promise.all([incoming.close(), outgoing.close()]);
  await rm(tlsDir, { recursive: true, force: true });
});
beforeEach(() => {
  for (const server of [incoming, outgoing]) {
    server.setFaults([]);
    server.resetLog();
  }
});

/** A profile of both stand-ins, behind the real gate and thread. */
async function staged(changes: { outgoingServerLocation?: string } = {}) {
  const stage = await MailroomStage.open();
  await stage.profile('p1', {
    serverLocation: incoming.ews,
    outgoingServerLocation: outgoing.ews,
    userName,
    ...changes,
  });
  const exchange = createExchange({ allowList, extraCa: incoming.caCertificate, deadlineMs: 5000 });
  onTestFinished(() => exchange.close());
  const { store, clock, keys } = stage;
  const tested = (
    mailbox: Mailbox | undefined,
    claims = 1,
    wanted: readonly Direction[] = directions,
  ): Promise<Findings> => {
    if (mailbox === undefined) throw new Error('no mailbox');
    const task = { id: `m-${mailbox.id}`, claims, priority: 1, takeOver: false };
    return runPhases({ store, clock, keys, exchange }, task, mailbox, wanted, signal);
  };
  return { stage, exchange, tested };
}

const users = (count: number): string[] => Array.from({ length: count }, (_, index) => `user${index + 1}@contoso.test`);
const operations = (server: ExchangeStandIn): (string | null)[] => server.requests().map(({ operation }) => operation);
const codes = ({ phases }: Findings): (string | null)[] => phases.map(({ fault }) => fault?.code ?? null);
const refusedAt = (server: ExchangeStandIn): number =>
  server.signIns().filter(({ outcome }) => outcome === 'wrong-password').length;

describe('Test & Enable over two servers', () => {
  test('costs the four calls that it costs at one: the message is sent and found at the outgoing one', async () => {
    const { stage, tested } = await staged();
    const [mailbox] = await stage.mailboxes(users(1));
    const findings = await tested(mailbox);
    expect(codes(findings)).toEqual([null, null, null]);
    expect(findings).toMatchObject({ calls: 4, unasked: [], markerFound: false });
    expect(operations(incoming)).toEqual(['FindFolder', 'GetFolder']);
    expect(operations(outgoing)).toEqual(['CreateItem', 'FindItem']);
    expect([incoming.mail().length, outgoing.mail().length]).toEqual([0, 1]);
  });

  test('finds the message of an earlier try at the outgoing server, and sends no second one', async () => {
    const { stage, tested } = await staged();
    const [mailbox] = await stage.mailboxes(users(1));
    await tested(mailbox);
    const before = outgoing.mail().length;
    expect(await tested(mailbox, 2)).toMatchObject({ markerFound: true, calls: 3 });
    expect(outgoing.mail()).toHaveLength(before);
  });

  test('a busy outgoing server holds up no one at the incoming one', async () => {
    const { stage, tested } = await staged();
    outgoing.setFaults(rule('*', { fault: 'ErrorServerBusy', backOffMilliseconds: 120_000 }));
    const [first, second] = await stage.mailboxes(users(2));
    expect(codes(await tested(first))).toEqual([null, 'ErrorServerBusy', null]);
    expect(codes(await tested(second, 1, ['incoming']))).toEqual([null]);
  });

  test('an outgoing server that is gone opens its own circuit: later mailboxes are still received, and not counted', async () => {
    const gone = await startExchange({ tlsDir, password });
    await gone.close();
    const { stage, tested } = await staged({ outgoingServerLocation: gone.ews });
    const seen: Findings[] = [];
    for (const mailbox of await stage.mailboxes(users(7))) seen.push(await tested(mailbox));
    for (const findings of seen) {
      expect(codes(findings)).toEqual([null, 'ConnectionRefused', null]);
      expect(findings.phases[1]?.fault?.params).toMatchObject({ host: expect.any(String) });
    }
    expect(seen.map(({ unasked }) => unasked.length)).toEqual([0, 0, 0, 0, 0, 1, 1]);
    expect(seen.at(-1)?.unasked).toEqual(['outgoing']);
  });

  test('a wrong password is one failed sign-in at both together, however many mailboxes are tested (law 6)', async () => {
    const strict = await startExchange({ tlsDir, password: 'another', lockout: 3 });
    onTestFinished(() => strict.close());
    const { stage, tested } = await staged({ outgoingServerLocation: strict.ews });
    const mailboxes = await stage.mailboxes(users(8));
    const seen = await Promise.all(mailboxes.map((mailbox) => tested(mailbox)));
    expect(refusedAt(strict) + refusedAt(incoming)).toBe(1);
    expect(strict.isLocked()).toBe(false);
    for (const findings of seen) expect(codes(findings)).toContain('CredentialRefused');
  });
});

describe('the check before saving, over two servers', () => {
  test('signs in once at each, and shows six checks of each', async () => {
    const { stage, exchange } = await staged();
    Object.assign(stage, { exchange });
    const journey = await DraftJourney.begin(stage);
    const review = await journey.toReview({
      name: 'Two',
      serverLocation: incoming.ews,
      userName,
      probeAddress: 'user1@contoso.test',
      useSameSettingsForOutgoing: 'false',
      outgoingServerLocation: outgoing.ews,
    });
    expect(review.step).toBe('review');
    expect(review.checks.map(({ name, at }) => `${at ?? 'incoming'} ${name}`)).toEqual(
      ['incoming', 'outgoing'].flatMap((at) =>
        ['address', 'connect', 'tls', 'authentication', 'version', 'impersonation'].map((name) => `${at} ${name}`),
      ),
    );
    for (const server of [incoming, outgoing])
      expect(server.signIns().filter(({ outcome }) => outcome === 'accepted')).toHaveLength(1);
  });

  test('an expired certificate of the outgoing server keeps the password from it', async () => {
    const expired = await startExchange({ tlsDir, password, certificate: 'expired' });
    onTestFinished(() => expired.close());
    const { stage, exchange } = await staged();
    Object.assign(stage, { exchange });
    const journey = await DraftJourney.begin(stage);
    const stopped = await journey.toReview({
      name: 'Two',
      serverLocation: incoming.ews,
      userName,
      probeAddress: 'user1@contoso.test',
      useSameSettingsForOutgoing: 'false',
      outgoingServerLocation: expired.ews,
    });
    expect(stopped.checks.at(-1)).toMatchObject({ name: 'tls', at: 'outgoing', fault: { code: 'TlsExpired' } });
    expect(expired.signIns()).toEqual([]);
  });
});
