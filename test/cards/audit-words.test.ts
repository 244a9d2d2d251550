import { describe, expect, it } from 'vitest';
import { auditSentence } from '../../cards/audit-words.ts';
import { hasText } from '../../locales/translate.ts';
import { auditEntry, auditEventKinds, systemActor, type AuditEntry } from '../../services/model/audit.ts';

const ada = { tenantId: '', aadObjectId: 'ada', name: 'Ada Admin' };
const sentence = (kind: AuditEntry['kind'], details: AuditEntry['details'] = {}, subjects = ['s1']): string =>
  auditSentence('en', auditEntry('main', 0, ada, kind, subjects, details), { p1: 'Contoso' });

describe('the sentence of an entry', () => {
  it.each(auditEventKinds)('is there for %s, also for an entry without details', (kind) => {
    expect(hasText(`audit.${kind}`)).toBe(true);
    for (const entry of [sentence(kind), sentence(kind, {}, [])]) {
      expect(entry).not.toMatch(/undefined|null|[{}]/);
      expect(entry.length).toBeGreaterThan(8);
    }
  });

  it('tells what was before and after', () => {
    expect(
      sentence('settings.changed', { requireApprovalForUsers: false, 'requireApprovalForUsers.before': true }),
    ).toBe('Ada Admin changed the email settings: Approval of user mailboxes: On → Off.');
    expect(sentence('role.granted', { person: 'Cleo', role: 'auditor', before: '', after: 'auditor' })).toBe(
      'Ada Admin made Cleo auditor. Roles before: none; now: auditor.',
    );
    expect(
      sentence('role.granted', {
        person: 'Cleo',
        role: 'admin',
        before: 'viewer',
        after: 'admin, viewer',
        alone: true,
      }),
    ).toContain('No second person was there.');
  });

  it('writes fields, choices and moments as the forms do, and keeps what it has no word for', () => {
    const edited = sentence('mailbox.changed', {
      actMethod: 2,
      'actMethod.before': 1,
      profileId: 'p1',
      'profileId.before': null,
      approval: 2,
      'approval.before': 1,
      processEmailsReceivedAfter: '2026-01-01',
      'processEmailsReceivedAfter.before': null,
      tide: 'high',
      'tide.before': 'low',
    });
    for (const part of [
      'Appointments, contacts and tasks: Server-Side Synchronization → ',
      'Server profile: none → Contoso',
      'Process emails received after: none → 2026-01-01',
      'tide: low → high',
    ])
      expect(edited).toContain(part);
    expect(edited).not.toMatch(/actMethod|profileId|null|\d → \d/);
    const planned = { host: 'mail', from: '2026-11-25T01:59:28.928Z', until: '2026-11-25T02:59:28.928Z', reason: 'CU' };
    expect(sentence('maintenance.announced', planned)).toMatch(
      /Nov 25, 2026, 1:59.AM UTC to Nov 25, 2026, 2:59.AM UTC: CU/,
    );
    const german = auditEntry('main', 0, ada, 'mailbox.address-changed', ['b'], {
      address: 'b',
      'address.before': 'a',
    });
    expect(auditSentence('de', german)).toContain('Adresse: a → b');
  });

  it('names the one who asked when a second person did it', () => {
    const details = { person: 'Cleo', role: 'approver', before: 'viewer', after: 'approver, viewer', askedBy: 'Abe' };
    expect(sentence('role.granted', details)).toBe(
      'Ada Admin made Cleo approver, asked by Abe. Roles before: viewer; now: approver, viewer.',
    );
  });

  it('counts who else it is about', () => {
    expect(sentence('approval.approved', { reason: null }, ['a@b.test'])).toBe('Ada Admin approved a@b.test.');
    expect(sentence('approval.approved', {}, ['a@b.test', 'c', 'd'])).toBe('Ada Admin approved a@b.test and 2 more.');
  });

  it('names Mailroom for what the engine did, profiles and people by name, and survives a kind it does not know', () => {
    const entry = auditEntry('main', 0, systemActor, 'mailbox.disabled', ['a@b.test'], { code: 'MailboxNotFound' });
    expect(auditSentence('en', entry)).toBe('a@b.test was disabled: MailboxNotFound.');
    expect(sentence('role.seeded', { roles: 'admin' }, ['p1'])).toContain('Contoso');
    const future = { ...entry, kind: 'moon.landed' as AuditEntry['kind'] };
    expect(auditSentence('en', future)).toBe('Mailroom: moon.landed a@b.test');
    expect(sentence('access.refused', {}, ['__proto__'])).toContain('__proto__');
  });

  it('shows a hostile name as one line', () => {
    expect(sentence('profile.created', { name: 'a\nb {{DATE(2026-01-01)}} \u202e' })).not.toMatch(/\n|\{\{|\u202e/);
  });
});
