import { beforeEach, describe, expect, test } from 'vitest';
import { Gate } from '../../services/exchange/gate.ts';
import type { FaultCode } from '../../services/model/fault-catalogue.ts';
import { FakeClock, settle } from './fake-clock.ts';
import { bad, good, visitorsOf } from './gate-visitors.ts';

let clock: FakeClock;
let gate: Gate;
beforeEach(() => {
  clock = new FakeClock();
  gate = new Gate({ clock, accountLimit: 27, circuit: { threshold: 3, probeMs: 60_000 } });
});

const kim = 'kim@contoso.test';
const lee = 'lee@contoso.test';
const sam = 'sam@contoso.test';

/** One call for a mailbox that ends with this fault, or well. */
async function meet(subject: string, code: FaultCode | null, account = 'svc') {
  const one = visitorsOf(gate, { subject, account, credentialId: account });
  const admission = one.visit('v');
  await settle();
  one.inside[0]?.end(code === null ? good : bad(code, { host: 'mail.contoso.test' }));
  return admission;
}

const isOpen = async (subject: string, account?: string): Promise<boolean> => {
  const admission = await meet(subject, 'ConnectionRefused', account);
  return admission.fault !== null && admission.circuitOpen;
};

describe('the circuit of a server', () => {
  test('opens after a row of mailboxes that could not reach it, for every account there', async () => {
    await meet(kim, null);
    for (const subject of [kim, lee, sam]) await meet(subject, 'ConnectionRefused');
    expect(await meet('pat@contoso.test', null)).toEqual({
      value: null,
      fault: { code: 'ConnectionRefused', params: { host: 'mail.contoso.test' } },
      circuitOpen: true,
    });
    expect(await isOpen(kim, 'other account')).toBe(true);
    const elsewhere = visitorsOf(gate, { server: 'other.test' });
    await elsewhere.visitMany(1);
    expect(elsewhere.admitted()).toBe(1);
  });

  test('stays closed for one mailbox’s own trouble, for an answer in between, and for other faults', async () => {
    for (let count = 0; count < 5; count += 1) await meet(kim, 'DeadlineExceeded');
    await meet(lee, 'ConnectionReset');
    // Exchange answered: it is there.
    await meet(sam, 'ErrorNonExistentMailbox');
    for (const subject of [kim, lee]) await meet(subject, 'ConnectionReset');
    for (const subject of [kim, lee, sam]) await meet(subject, 'HttpForbidden');
    expect(await isOpen(kim)).toBe(false);
  });

  test('is neither opened nor closed by a token that could not be had: the server was not asked', async () => {
    for (const subject of [kim, lee, sam]) await meet(subject, 'OAuthUnreachable');
    expect(await meet(kim, null)).toMatchObject({ fault: null });
    await meet(kim, 'ConnectionRefused');
    await meet(lee, 'ConnectionRefused');
    await meet(sam, 'KeyVaultUnreachable');
    // Neither does it come in between two that could not connect.
    await meet(sam, 'ConnectionRefused');
    expect(await isOpen(kim)).toBe(true);
    await clock.advance(60_000);
    await meet(kim, 'OAuthUnreachable');
    expect(await isOpen(lee)).toBe(true);
  });

  test('ends those who wait while it opens', async () => {
    const one = visitorsOf(gate, { maxConnections: 2 });
    await one.prove();
    await meet(lee, 'ConnectionTimedOut');
    await meet(sam, 'ConnectionTimedOut');
    await one.visitMany(40);
    one.inside[0]?.end(bad('ConnectionTimedOut'));
    await settle();
    const [, , , last] = await Promise.all(one.results.slice(3, 7));
    expect(last).toMatchObject({ fault: { code: 'ConnectionTimedOut' }, circuitOpen: true });
    expect(one.admitted()).toBeLessThanOrEqual(4);
  });

  test('lets one probe a minute through, and closes when it comes back well', async () => {
    for (const subject of [kim, lee, sam]) await meet(subject, 'DnsFailure');
    await clock.advance(59_999);
    expect(await isOpen(kim)).toBe(true);
    await clock.advance(1);
    expect(await meet(kim, 'HostUnreachable')).toMatchObject({ fault: null });
    // The probe failed: the newest fault is what everybody hears, for a minute more.
    expect(await meet(lee, null)).toMatchObject({ fault: { code: 'HostUnreachable' }, circuitOpen: true });
    await clock.advance(60_000);
    expect(await meet(lee, null)).toMatchObject({ fault: null });
    expect(await isOpen(sam)).toBe(false);
  });

  test('is asked by a person at any time, and their success closes it', async () => {
    for (const subject of [kim, lee, sam]) await meet(subject, 'TlsExpired');
    const check = visitorsOf(gate, { passesCircuit: true, credentialId: 'new' });
    const admission = check.visit('check');
    await settle();
    check.inside[0]?.end(good);
    expect(await admission).toMatchObject({ fault: null });
    expect(await isOpen(kim)).toBe(false);
  });

  test('is forgotten when nobody was there for long: whoever comes then asks for themselves', async () => {
    await meet(kim, null);
    for (const subject of [kim, lee, sam]) await meet(subject, 'ConnectionRefused');
    await clock.advance(10 * 60_000);
    // Still within what is believed: one goes as the probe, and finds it out.
    expect(await meet(kim, 'ConnectionRefused')).toMatchObject({ fault: null });
    expect(await isOpen(lee)).toBe(true);
    await clock.advance(10 * 60_000 + 1);
    // Now a single failure says nothing of the others.
    expect(await meet(kim, 'ConnectionRefused')).toMatchObject({ fault: null });
    expect(await isOpen(lee)).toBe(false);
  });
});

describe('a busy server', () => {
  /** How many are let in beside each other now. */
  const width = async (): Promise<number> => {
    const one = visitorsOf(gate);
    await one.visitMany(60);
    const { length } = one.inside;
    while (one.inside.length > 0) {
      for (const call of one.inside.slice()) call.end(good);
      await settle();
    }
    return length;
  };
  const busy = async (): Promise<void> => {
    const one = visitorsOf(gate);
    await one.visitMany(1);
    one.inside[0]?.end(bad('ErrorServerBusy', { backOffMs: 1000 }));
    await settle();
    await clock.advance(1000);
  };

  test('gets fewer calls at a time, then slowly more, up to the limit', async () => {
    await visitorsOf(gate).prove();
    expect(await width()).toBe(27);
    await busy();
    const first = await width();
    expect(first).toBeGreaterThanOrEqual(5);
    expect(first).toBeLessThan(15);
    const second = await width();
    expect(second).toBeGreaterThan(first);
    for (let count = 0; count < 20; count += 1) await width();
    expect(await width()).toBe(27);
  });

  test('is asked by one at a time when it stays busy, and never by none', async () => {
    await visitorsOf(gate).prove();
    for (let count = 0; count < 20; count += 1) await busy();
    const one = visitorsOf(gate);
    await one.visitMany(5);
    expect(one.inside).toHaveLength(1);
  });

  test('that says so to 27 at once has said it once', async () => {
    const one = visitorsOf(gate);
    await one.prove();
    await one.visitMany(27);
    for (const call of one.inside.slice()) call.end(bad('ErrorExceededConnectionCount'));
    await settle();
    await clock.advance(1000);
    expect(await width()).toBeGreaterThanOrEqual(18);
  });
});
