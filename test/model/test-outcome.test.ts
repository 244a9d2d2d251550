import { describe, expect, it } from 'vitest';
import type { Fault } from '../../services/model/fault.ts';
import { directions, newMailbox, type Direction, type Mailbox } from '../../services/model/mailbox.ts';
import type { PhaseResult } from '../../services/model/run.ts';
import { judgeTest, type RetryRule, type Weight } from '../../services/model/test-outcome.ts';

const rule: RetryRule = { attempts: 10, delayMs: 300_000 };
const now = 1_000_000;
const passing: Fault = { code: 'ErrorMailboxStoreUnavailable', params: {} };
const lasting: Fault = { code: 'ErrorSendAsDenied', params: {} };
const untested: Mailbox = newMailbox(
  { environmentId: 'e', id: 'a@b.test', address: 'a@b.test', type: 'user', owner: '', importedBy: 'x', createdAt: 0 },
  { profileId: 'p1', incomingMethod: 2, outgoingMethod: 2, actMethod: 1, approval: 1 },
);
const phases = (faults: Partial<Record<Direction, Fault>> = {}, of: readonly Direction[] = directions): PhaseResult[] =>
  of.map((direction) => ({ direction, fault: faults[direction] ?? null, durationMs: 1 }));
const everything = (fault: Fault): PhaseResult[] => phases({ incoming: fault, outgoing: fault, act: fault });
const working = judgeTest(untested, phases(), rule, now).mailbox;
const enabled = (mailbox: Mailbox): boolean[] => directions.map((direction) => mailbox[direction].enabled);

describe('what a test makes of a mailbox', () => {
  it('enables every direction that succeeded', () => {
    const { mailbox, fault, retryAt } = judgeTest(untested, phases(), rule, now);
    expect(enabled(mailbox)).toEqual([true, true, true]);
    expect(mailbox).toMatchObject({ status: 1, transientFailureCount: 0, postponedUntil: null, lastTestedAt: now });
    expect([fault, retryAt]).toEqual([null, null]);
  });

  it('disables a direction with a permanent fault at once, and only that one', () => {
    const { mailbox, fault, retryAt } = judgeTest(working, phases({ outgoing: lasting }), rule, now);
    expect(enabled(mailbox)).toEqual([true, false, true]);
    expect(mailbox.outgoing.fault).toEqual(lasting);
    expect(mailbox.status).toBe(2);
    expect([fault, retryAt]).toEqual([lasting, null]);
  });

  it('lets a passing fault pass nine times, five minutes apart, and disables with the tenth', () => {
    let mailbox = working;
    for (let time = 1; time <= 9; time += 1) {
      const judged = judgeTest(mailbox, everything(passing), rule, now);
      mailbox = judged.mailbox;
      expect(enabled(mailbox)).toEqual([true, true, true]);
      expect(mailbox).toMatchObject({ status: 2, transientFailureCount: time, postponedUntil: now + 300_000 });
      expect(judged.retryAt).toBe(now + 300_000);
    }
    const tenth = judgeTest(mailbox, everything(passing), rule, now);
    expect(enabled(tenth.mailbox)).toEqual([false, false, false]);
    expect(tenth.mailbox).toMatchObject({ transientFailureCount: 0, postponedUntil: null });
    expect(tenth.retryAt).toBeNull();
    // The same code before and after.
    expect(tenth.fault).toEqual(passing);
  });

  it('never enables what was not enabled before just because a fault passes', () => {
    expect(enabled(judgeTest(untested, everything(passing), rule, now).mailbox)).toEqual([false, false, false]);
  });

  it('counts no try while the server is known to be out of reach, however often it is looked at', () => {
    let mailbox = working;
    for (let time = 1; time <= 20; time += 1)
      mailbox = judgeTest(mailbox, everything(passing), rule, now, 'uncounted').mailbox;
    expect(enabled(mailbox)).toEqual([true, true, true]);
    expect(mailbox).toMatchObject({ transientFailureCount: 0, postponedUntil: now + 300_000 });
  });

  it('counts only what a server said that was asked, where another one is out of reach', () => {
    const weight = (direction: string): Weight => (direction === 'outgoing' ? 'uncounted' : 'counted');
    let mailbox = working;
    for (let time = 1; time <= 20; time += 1)
      mailbox = judgeTest(mailbox, phases({ outgoing: lasting }), rule, now, weight).mailbox;
    expect(enabled(mailbox)).toEqual([true, true, true]);
    expect(mailbox.transientFailureCount).toBe(0);
    const both = judgeTest(mailbox, phases({ incoming: lasting, outgoing: lasting }), rule, now, weight);
    expect(enabled(both.mailbox)).toEqual([false, true, true]);
    // The direction that waits for its server is tried again all the same.
    expect(both.retryAt).toBe(now + 300_000);
  });

  it('disables nothing while the server is known to be out of reach, whatever the fault, and tries again', () => {
    const expired: Fault = { code: 'TlsExpired', params: {} };
    const { mailbox, retryAt } = judgeTest(working, everything(expired), rule, now, 'uncounted');
    expect(enabled(mailbox)).toEqual([true, true, true]);
    expect(mailbox).toMatchObject({ status: 2, transientFailureCount: 0, postponedUntil: now + 300_000 });
    expect(retryAt).toBe(now + 300_000);
    expect(enabled(judgeTest(untested, everything(expired), rule, now, 'uncounted').mailbox)).toEqual([
      false,
      false,
      false,
    ]);
  });

  it('gives a fault that may come and go ten tries, although by its nature it is permanent', () => {
    let mailbox = working;
    for (let time = 1; time <= 9; time += 1)
      mailbox = judgeTest(mailbox, phases({ incoming: lasting }, ['incoming']), rule, now, 'passing').mailbox;
    expect(enabled(mailbox)).toEqual([true, true, true]);
    mailbox = judgeTest(mailbox, phases({ incoming: lasting }, ['incoming']), rule, now, 'passing').mailbox;
    expect(enabled(mailbox)).toEqual([false, true, true]);
  });

  it.each(['CredentialRefused', 'TlsExpired', 'HttpNotFound', 'OAuthInvalidClient'] as const)(
    'keeps an enabled mailbox enabled for a permanent fault of the server or the account (%s), and enables nobody',
    (code) => {
      let { mailbox, retryAt } = judgeTest(working, everything({ code, params: {} }), rule, now);
      for (let time = 1; time <= 20; time += 1)
        ({ mailbox, retryAt } = judgeTest(mailbox, everything({ code, params: {} }), rule, now));
      expect(enabled(mailbox)).toEqual([true, true, true]);
      expect(mailbox).toMatchObject({ status: 2, transientFailureCount: 0 });
      expect(retryAt).toBe(now + 300_000);
      const fresh = judgeTest(untested, everything({ code, params: {} }), rule, now);
      expect(enabled(fresh.mailbox)).toEqual([false, false, false]);
      expect(fresh.retryAt).toBeNull();
    },
  );

  it('disables for a profile that is switched off, which no server said', () => {
    const off: Fault = { code: 'InactiveEmailServerProfile', params: {} };
    expect(enabled(judgeTest(working, everything(off), rule, now).mailbox)).toEqual([false, false, false]);
  });

  it('remembers when a mailbox recovered, until it fails again', () => {
    expect(working.recoveredAt).toBeNull();
    const failing = judgeTest(working, everything(passing), rule, now).mailbox;
    expect(failing.recoveredAt).toBeNull();
    const recovered = judgeTest(failing, phases(), rule, now + 5).mailbox;
    expect(recovered.recoveredAt).toBe(now + 5);
    expect(judgeTest(recovered, phases(), rule, now + 9).mailbox.recoveredAt).toBe(now + 5);
    expect(judgeTest(recovered, everything(passing), rule, now + 9).mailbox.recoveredAt).toBeNull();
  });

  it('starts to count anew after a success', () => {
    const failing = judgeTest(working, everything(passing), rule, now).mailbox;
    const well = judgeTest(failing, phases(), rule, now).mailbox;
    expect(well).toMatchObject({ transientFailureCount: 0, postponedUntil: null, status: 1 });
    expect(directions.map((direction) => well[direction].fault)).toEqual([null, null, null]);
    expect(judgeTest(well, everything(passing), rule, now).mailbox.transientFailureCount).toBe(1);
  });

  it('enables again what a permanent fault had disabled, once a test succeeds', () => {
    const disabled = judgeTest(working, everything(lasting), rule, now).mailbox;
    expect(enabled(disabled)).toEqual([false, false, false]);
    expect(enabled(judgeTest(disabled, phases(), rule, now).mailbox)).toEqual([true, true, true]);
  });

  it('judges each direction by its own fault: permanent off, passing stays on and is tried again', () => {
    const { mailbox, fault, retryAt } = judgeTest(working, phases({ incoming: passing, act: lasting }), rule, now);
    expect(enabled(mailbox)).toEqual([true, true, false]);
    expect(fault).toEqual(lasting);
    expect(retryAt).toBe(now + 300_000);
  });

  it('disables at the first failure when one attempt is all there is', () => {
    const { mailbox, retryAt } = judgeTest(working, everything(passing), { attempts: 1, delayMs: 1 }, now);
    expect(enabled(mailbox)).toEqual([false, false, false]);
    expect(retryAt).toBeNull();
  });

  it('leaves directions alone that were not tested, and lets them count for the roll-up', () => {
    const half = judgeTest(working, phases({ outgoing: lasting }), rule, now).mailbox;
    const retried = judgeTest(half, phases({}, ['incoming']), rule, now).mailbox;
    expect(retried.outgoing).toEqual(half.outgoing);
    expect(retried.status).toBe(2);
  });

  it('rolls up only what is set to server-side synchronization', () => {
    const emailOnly: Mailbox = { ...working, actMethod: 2, act: { status: 2, enabled: false, fault: lasting } };
    expect(judgeTest(emailOnly, phases({}, ['incoming', 'outgoing']), rule, now).mailbox.status).toBe(1);
  });

  it('moves the revision on with every test', () => {
    expect(working.revision).toBe(untested.revision + 1);
  });
});
