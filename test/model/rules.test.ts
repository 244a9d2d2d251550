import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { hasRight, rolesWithRight, type Right, type Role } from '../../services/model/access.ts';
import { causeIdOf, levelOf } from '../../services/model/alert.ts';
import { auditEntry, systemActor } from '../../services/model/audit.ts';
import { isMailroomError, MailroomError } from '../../services/model/error.ts';
import { ewsFault, natureOf, scopeOf } from '../../services/model/fault.ts';
import { faultCatalogue, type FaultCode } from '../../services/model/fault-catalogue.ts';
import { identifyServer } from '../../services/model/profile.ts';

describe('a build number', () => {
  it.each([
    ['15.0.847.32', '2013', true],
    ['15.0.846.0', '2013', false],
    ['15.0.1497.2', '2013', true],
    ['15.1.225.42', '2016', true],
    ['15.1.2507.6', '2016', true],
    ['15.2.221.12', '2019', true],
    ['15.2.1118.7', '2019', true],
    ['15.2.2561.0', '2019', true],
    ['15.2.2562.17', 'SE', true],
    ['15.20.8000.1', 'unknown', true],
    ['14.3.123.4', 'unknown', false],
    ['8.3.1.1', 'unknown', false],
    ['16.0.1.1', 'unknown', true],
    ['', 'unknown', false],
    ['not a build', 'unknown', false],
  ])('%j is Exchange %s, supported: %s', (build, product, supported) => {
    expect(identifyServer(build)).toEqual({ product, build, supported });
  });
});

describe('rights', () => {
  const all: Right[] = ['read', 'manage', 'decide', 'test', 'subscribe', 'audit'];
  it.each<[Role, Right[]]>([
    ['admin', ['read', 'manage', 'test', 'subscribe', 'audit']],
    ['approver', ['read', 'decide']],
    ['auditor', ['read', 'audit']],
    ['viewer', ['read']],
  ])('of %s are exactly %j', (role, rights) => {
    expect(all.filter((right) => hasRight([role], right)).sort()).toEqual([...rights].sort());
  });

  it('of an admin do not include deciding: whoever imports does not approve alone', () => {
    expect(rolesWithRight('decide')).toEqual(['approver']);
  });

  it('add up over roles, and nobody has one by default', () => {
    expect(hasRight(['admin', 'approver'], 'decide')).toBe(true);
    expect(all.some((right) => hasRight([], right))).toBe(false);
  });
});

describe('alerts', () => {
  it('warn while tries are left, then and for permanent faults they are errors', () => {
    expect(levelOf('transient', true)).toBe('warning');
    expect(levelOf('transient', false)).toBe('error');
    expect(levelOf('permanent', true)).toBe('error');
    expect(levelOf('permanent', false)).toBe('error');
  });

  it('belong to one cause by profile and code', () => {
    expect(causeIdOf('p1', 'ErrorAccessDenied')).not.toBe(causeIdOf('p2', 'ErrorAccessDenied'));
    expect(causeIdOf('p1', 'ErrorAccessDenied')).not.toBe(causeIdOf('p1', 'ErrorSendAsDenied'));
  });
});

describe('the fault catalogue', () => {
  const codes = Object.keys(faultCatalogue) as FaultCode[];

  it('gives every code a nature and a scope', () => {
    for (const code of codes) {
      expect(['transient', 'permanent']).toContain(natureOf({ code, params: {} }));
      expect(['email', 'mailbox', 'server']).toContain(scopeOf({ code, params: {} }));
    }
  });

  it('gives every code a cause and a next step in English (law 8)', async () => {
    const file = new URL('../../locales/en/faults.json', import.meta.url);
    const sentences = JSON.parse(await readFile(file, 'utf8')) as Record<string, string>;
    const missing = codes
      .flatMap((code) => ['title', 'cause', 'nextStep'].map((part) => `fault.${code}.${part}`))
      .filter((key) => (sentences[key] ?? '').trim() === '');
    expect(missing).toEqual([]);
  });

  it('takes the platform’s natures for what its alerts call passing and lasting', () => {
    const nature = (code: FaultCode): string => natureOf({ code, params: {} });
    for (const code of ['ErrorServerBusy', 'ErrorMailboxStoreUnavailable', 'DnsFailure', 'HttpUnavailable'] as const)
      expect(nature(code)).toBe('transient');
    for (const code of ['CredentialRefused', 'DnsNotFound', 'TlsUntrusted', 'ErrorNonExistentMailbox'] as const)
      expect(nature(code)).toBe('permanent');
  });

  it('keeps an EWS code that it knows', () => {
    expect(ewsFault('ErrorAccessDenied', { address: 'a@b.test' })).toEqual({
      code: 'ErrorAccessDenied',
      params: { address: 'a@b.test' },
    });
  });

  it.each([
    'ErrorSomethingNew',
    'constructor',
    'toString',
    'hasOwnProperty',
    '__proto__',
    'CredentialRefused',
    'UnapprovedMailbox',
    '',
  ])('shows an unknown answer %j as it was said', (responseCode) => {
    expect(ewsFault(responseCode, { address: 'a@b.test' })).toEqual({
      code: 'EwsOther',
      params: { address: 'a@b.test', responseCode },
      raw: responseCode,
    });
  });

  it.each(['Basic Q09OVE9TTzpIdXNo', 'Bearer eyJ0.eyJ0.c2ln', '<b>x</b>', 'é'])(
    'shows nothing of %j, which is no code: a broken proxy may send a credential back',
    (responseCode) => {
      expect(ewsFault(responseCode)).toEqual({ code: 'EwsOther', params: { responseCode: 'unknown' }, raw: 'unknown' });
    },
  );
});

describe('an error of the house', () => {
  it('is known by its code and keeps its cause', () => {
    const cause = new Error('deeper');
    const error = new MailroomError('run.unknown', { id: 'X' }, cause);
    expect(error.cause).toBe(cause);
    expect(isMailroomError(error)).toBe(true);
    expect(isMailroomError(error, 'run.unknown')).toBe(true);
    expect(isMailroomError(error, 'run.other')).toBe(false);
    expect(isMailroomError(cause)).toBe(false);
    expect(isMailroomError({ code: 'run.unknown' })).toBe(false);
  });
});

describe('an audit entry', () => {
  it('says who, what and about whom', () => {
    expect(auditEntry('main', 5, systemActor, 'mailbox.enabled', ['a@b.test'], { run: 'K7' })).toEqual({
      environmentId: 'main',
      at: 5,
      kind: 'mailbox.enabled',
      actorId: 'system',
      actorName: 'Mailroom',
      subjects: ['a@b.test'],
      details: { run: 'K7' },
    });
  });
});
