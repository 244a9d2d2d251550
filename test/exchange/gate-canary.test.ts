import { beforeEach, describe, expect, test } from 'vitest';
import { Gate, type Ticket } from '../../services/exchange/gate.ts';
import { FakeClock, settle } from './fake-clock.ts';
import { bad, good, visitorsOf } from './gate-visitors.ts';

let clock: FakeClock;
let gate: Gate;
beforeEach(() => {
  clock = new FakeClock();
  gate = new Gate({ clock, accountLimit: 27 });
});

const visitors = (changes: Partial<Ticket> = {}) => visitorsOf(gate, changes);

describe('one call goes ahead of a new credential', () => {
  test('the others wait for it and come in when it signed in', async () => {
    const one = visitors();
    await one.visitMany(10);
    expect(one.inside.map(({ name }) => name)).toEqual(['v0']);
    one.inside[0]?.end(good);
    await settle();
    expect(one.inside.map(({ name }) => name)).toEqual(['v1', 'v2', 'v3', 'v4', 'v5', 'v6', 'v7', 'v8', 'v9']);
  });

  test('a wrong password is one call out of 5,000', async () => {
    const one = visitors();
    await one.visitMany(5000);
    one.inside[0]?.end(bad('CredentialRefused', { host: 'mail.contoso.test' }));
    const outcomes = await Promise.all(one.results);
    expect(one.admitted()).toBe(1);
    expect(outcomes.slice(1).every(({ fault }) => fault?.code === 'CredentialRefused')).toBe(true);
    // Later ones do not get in either; another credential does.
    expect(await one.visit('late')).toMatchObject({ fault: { code: 'CredentialRefused' } });
    expect(one.admitted()).toBe(1);
    const other = visitors({ credentialId: 'c2' });
    await other.visitMany(1);
    expect(other.admitted()).toBe(1);
  });

  test('a locked account closes the gate as well', async () => {
    const one = visitors();
    await one.visitMany(3);
    one.inside[0]?.end(bad('AccountLocked'));
    await settle();
    expect(await one.visit('late')).toMatchObject({ fault: { code: 'AccountLocked' } });
    expect(one.admitted()).toBe(1);
  });

  test('a call that says nothing about the password sends the next one ahead', async () => {
    const one = visitors();
    await one.visitMany(5);
    one.inside[0]?.end(bad('HttpForbidden'));
    await settle();
    expect(one.inside.map(({ name }) => name)).toEqual(['v1']);
    one.inside[0]?.fail(new Error('worker gone'));
    await expect(one.results[1]).rejects.toThrow('worker gone');
    expect(one.inside.map(({ name }) => name)).toEqual(['v2']);
  });

  test.each(['ConnectionRefused', 'OAuthUnreachable', 'KeyVaultForbidden', 'OAuthTokenRefused'] as const)(
    'what nobody gets past (%s) meets those who waited, and nobody later',
    async (code) => {
      const one = visitors();
      await one.visitMany(5);
      one.inside[0]?.end(bad(code));
      const outcomes = await Promise.all(one.results.slice(1));
      expect(outcomes.every(({ fault }) => fault?.code === code)).toBe(true);
      expect(one.admitted()).toBe(1);
      await one.visitMany(1, 'later');
      expect(one.inside.map(({ name }) => name)).toEqual(['later0']);
    },
  );

  test.each(['DeadlineExceeded', 'ConnectionReset', 'AnswerNotSoap', 'HttpStatus', 'WorkerFailed'] as const)(
    'what may be one mailbox’s own trouble (%s) meets nobody else',
    async (code) => {
      const one = visitors();
      await one.visitMany(3);
      one.inside[0]?.end(bad(code));
      await settle();
      expect(one.inside.map(({ name }) => name)).toEqual(['v1']);
    },
  );

  test('a proof grows old: after five quiet seconds, as between a change of password and a run, one goes ahead again', async () => {
    const one = visitors();
    await one.prove();
    await clock.advance(5000);
    await one.visitMany(5);
    expect(one.inside).toHaveLength(1);
  });

  test('a password that stops working ends those who are inside with the same fault', async () => {
    const one = visitors();
    await one.prove();
    await one.visitMany(40);
    expect(one.inside).toHaveLength(27);
    one.inside[3]?.end(bad('CredentialRefused'));
    await settle();
    expect(one.inside).toHaveLength(0);
    const outcomes = await Promise.all(one.results);
    expect(outcomes.filter(({ fault }) => fault?.code === 'CredentialRefused')).toHaveLength(39);
    expect(one.admitted()).toBe(28);
  });

  test('a credential held from before the restart is never tried', async () => {
    gate.hold('c1', { code: 'CredentialRefused', params: {} });
    const one = visitors();
    expect(await one.visit('v')).toEqual({
      value: null,
      fault: { code: 'CredentialRefused', params: {} },
      circuitOpen: false,
    });
    expect(one.admitted()).toBe(0);
  });

  test('holding a credential answers those who wait', async () => {
    const one = visitors();
    await one.visitMany(2);
    gate.hold('c1', { code: 'CredentialRefused', params: {} });
    expect((await one.results[1])?.fault?.code).toBe('CredentialRefused');
  });

  test('a caller that leaves does not call its canary back, and what it finds counts', async () => {
    const one = visitors();
    const controller = new AbortController();
    const left = one.visit('canary', controller.signal);
    await one.visitMany(3);
    controller.abort(new Error('cancelled'));
    await expect(left).rejects.toThrow('cancelled');
    expect(one.inside.map(({ name }) => name)).toEqual(['canary']);
    one.inside[0]?.end(bad('CredentialRefused'));
    expect((await one.results[1])?.fault?.code).toBe('CredentialRefused');
    expect(one.admitted()).toBe(1);
  });

  test('a canary that fails after its caller has left harms nobody', async () => {
    const one = visitors();
    const controller = new AbortController();
    const left = one.visit('canary', controller.signal);
    await one.visitMany(1);
    controller.abort(new Error('cancelled'));
    await expect(left).rejects.toThrow('cancelled');
    one.inside[0]?.fail(new Error('worker gone'));
    await settle();
    expect(one.inside.map(({ name }) => name)).toEqual(['v0']);
  });
});
