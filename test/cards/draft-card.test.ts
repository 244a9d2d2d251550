import { describe, expect, it } from 'vitest';
import { draftCard } from '../../cards/draft-card.ts';
import type { Check } from '../../services/model/draft.ts';
import type { FaultCode } from '../../services/model/fault-catalogue.ts';
import { ofType, textOf, verbsOf, type CardNode } from './card-client.ts';
import { admin, draft, normal } from './card-fixtures.ts';

const personal = { ...admin, personal: true, formUrl: 'https://mailroom.contoso.com/secrets/abc', certificate: null };
const failed = (code: FaultCode): Check[] => [
  { name: 'address', fault: null, durationMs: 1, seen: { address: '10.0.0.5' } },
  { name: 'connect', fault: { code, params: { host: 'mail.contoso.com' } }, durationMs: 1, seen: {} },
];

describe('the card of a guided creation', () => {
  it('shows each message directly under the field that it is about, and keeps what was typed', () => {
    const errors = { name: 'profile.name-taken', probeAddress: 'profile.probe-invalid' };
    const { card, summary } = draftCard(draft(normal, { errors }), personal);
    const body = card.body as unknown as CardNode[];
    const after = (id: string): CardNode | undefined => body[body.findIndex((element) => element['id'] === id) + 1];
    expect(after('name')).toMatchObject({ type: 'TextBlock', color: 'Attention' });
    expect(after('probeAddress')).toMatchObject({ type: 'TextBlock', color: 'Attention' });
    expect(String(after('userName')?.['type'])).toMatch(/^Input\./);
    expect(body.find(({ id }) => id === 'name')).toMatchObject({ value: normal.profile });
    expect(summary).toBe('2 values of the new profile need a correction.');
  });

  it('names its inputs as the fields of the draft', () => {
    const ids = ofType(draftCard(draft(normal), personal).card, 'Input.Text').map(({ id }) => id);
    expect(ids).toEqual(['name', 'serverLocation', 'outgoingServerLocation', 'userName', 'probeAddress']);
    expect(ofType(draftCard(draft(normal), personal).card, 'Input.Toggle')).toMatchObject([
      { id: 'useSameSettingsForOutgoing', value: 'true' },
      { id: 'isDefault', value: 'true' },
    ]);
  });

  it('lets Cancel work whatever stands in the fields', () => {
    const cancel = ofType(draftCard(draft(normal), personal).card, 'Action.Execute').find(
      ({ verb }) => verb === 'profile.cancel',
    );
    expect(cancel).toMatchObject({ associatedInputs: 'none', fallback: { associatedInputs: 'none' } });
  });

  it('opens the form from the 1:1 chat only', () => {
    const waiting = draft(normal, { step: 'credential' });
    expect(ofType(draftCard(waiting, personal).card, 'Action.OpenUrl')).toMatchObject([{ url: personal.formUrl }]);
    const elsewhere = draftCard(waiting, { ...personal, personal: false }).card;
    expect(JSON.stringify(elsewhere)).not.toContain('/secrets/');
    expect(textOf(elsewhere)).toContain('1:1 chat');
  });

  it('asks for the code of the page once the password has arrived', () => {
    const { card } = draftCard(draft(normal, { step: 'credential', credential: 'parked' }), personal);
    expect(ofType(card, 'Input.Text')).toMatchObject([{ id: 'code', isRequired: true }]);
    expect(verbsOf(card)[0]).toBe('profile.confirm-code');
  });

  it('shows what is done, what runs and what waits', () => {
    const checks: Check[] = [{ name: 'address', fault: null, durationMs: 1, seen: { address: '10.0.0.5' } }];
    const { card } = draftCard(draft(normal, { step: 'checking', checks }), personal);
    expect(textOf(card).match(/^[✓✗…○]$/gm)).toEqual(['✓', '…', '○', '○', '○', '○']);
    expect(textOf(card)).toContain('Connect to the server: running…');
  });

  it('offers another check after a failure that a person can mend', () => {
    const { card } = draftCard(draft(normal, { step: 'checking', checks: failed('ConnectionTimedOut') }), personal);
    expect(verbsOf(card)).toEqual(['profile.check', 'profile.back', 'profile.cancel']);
    expect(textOf(card)).toContain('Test-NetConnection mail.contoso.com -Port 443');
  });

  it('puts the account into the cmdlet even when the fault does not name it', () => {
    const checks = failed('ErrorImpersonateUserDenied').map((check) => ({
      ...check,
      fault: check.fault === null ? null : { ...check.fault, params: {} },
    }));
    const { card } = draftCard(draft(normal, { step: 'checking', checks }), personal);
    expect(textOf(card)).not.toContain('ACCOUNT');
  });

  it('says of a change that was called off that the profile stays as it was', () => {
    const { card } = draftCard(draft(normal, { step: 'cancelled', editsProfileId: 'p1' }), personal);
    expect(textOf(card)).toContain('The profile stays as it was');
    expect(textOf(card)).not.toContain('New email server profile');
  });

  it.each(['CredentialRefused', 'AccountLocked'] as const)('never offers the same password again after %s', (code) => {
    const { card } = draftCard(draft(normal, { step: 'checking', checks: failed(code) }), personal);
    expect(verbsOf(card)).not.toContain('profile.check');
    expect(JSON.stringify(card)).toContain('Enter a new password');
  });

  it('says before saving what was seen, and never shows the password', () => {
    const { card } = draftCard(
      draft(normal, { step: 'review', server: { product: 'SE', build: '15.2.2562.17', supported: true } }),
      personal,
    );
    expect(textOf(card)).toContain('Exchange Server SE, build 15.2.2562.17');
    expect(textOf(card)).toContain('Set, not shown');
    expect(verbsOf(card)).toEqual(['profile.save', 'profile.advanced', 'profile.back', 'profile.cancel']);
  });

  it('leads on to the mailboxes once it is saved', () => {
    const [first] = ofType(draftCard(draft(normal, { step: 'saved' }), personal).card, 'Action.Execute');
    expect(first).toMatchObject({ data: { verb: 'command.run', id: 'import mailboxes' } });
  });
});
