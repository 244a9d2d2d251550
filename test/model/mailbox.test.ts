import { describe, expect, it } from 'vitest';
import {
  isAddress,
  isEnabled,
  newMailbox,
  normalizeAddress,
  rollUp,
  serverSideDirections,
  type Mailbox,
} from '../../services/model/mailbox.ts';

const mailbox = (changes: Partial<Mailbox> = {}): Mailbox => ({
  ...newMailbox(
    { environmentId: 'e', id: 'a@b.test', address: 'a@b.test', type: 'user', owner: '', importedBy: 'x', createdAt: 0 },
    { profileId: null, incomingMethod: 2, outgoingMethod: 2, actMethod: 1, approval: 2 },
  ),
  ...changes,
});
const works = { status: 1, enabled: true, fault: null } as const;
const fails = { status: 2, enabled: false, fault: null } as const;
const untested = { status: 0, enabled: false, fault: null } as const;

describe('an address', () => {
  it.each([
    'kim@contoso.test',
    'KIM.Lee@CONTOSO.test',
    "kim.o'neil+tag@sub.contoso-labs.test",
    'a@b.co',
    '1_2-3@x.y.z.test',
    `${'x'.repeat(100 - '@contoso.test'.length)}@contoso.test`,
  ])('is one: %s', (text) => expect(isAddress(text)).toBe(true));

  it.each([
    ['nothing', ''],
    ['no at', 'contoso.test'],
    ['two ats', 'a@b@contoso.test'],
    ['no local part', '@contoso.test'],
    ['no domain', 'kim@'],
    ['a bare host', 'kim@localhost'],
    ['a numeric top level', 'kim@10.0.0.1'],
    ['a leading dot', '.kim@contoso.test'],
    ['a trailing dot', 'kim.@contoso.test'],
    ['two dots', 'kim..lee@contoso.test'],
    ['a hyphen first', 'kim@-contoso.test'],
    ['spaces', 'kim lee@contoso.test'],
    ['a trailing space', 'kim@contoso.test '],
    ['a line break', 'kim@contoso.test\n'],
    ['a header', 'kim@contoso.test\r\nBcc: x@y.test'],
    ['an opening tag', 'kim<b@contoso.test'],
    ['a tag', '<script>@contoso.test'],
    ['an entity', 'kim&lt;@contoso.test'],
    ['an ampersand', 'kim&lee@contoso.test'],
    ['double quotes', '"kim lee"@contoso.test'],
    ['a quote that ends an attribute', 'kim"@contoso.test'],
    ['a backslash', String.raw`kim\lee@contoso.test`],
    ['a display name', 'Kim <kim@contoso.test>'],
    ['a mailto', 'mailto:kim@contoso.test'],
    ['an address literal', 'kim@[10.0.0.1]'],
    ['brackets', 'kim](http://x)@contoso.test'],
    ['another script', 'kím@contoso.test'],
    ['a NUL', 'kim\0@contoso.test'],
    ['101 characters', `${'x'.repeat(101 - '@contoso.test'.length)}@contoso.test`],
    ['a megabyte', `${'a.'.repeat(500_000)}@contoso.test`],
  ])('is none: %s', (_, text) => expect(isAddress(text)).toBe(false));

  it('has one spelling', () => {
    expect(normalizeAddress('  KIM@Contoso.TEST\t')).toBe('kim@contoso.test');
    expect(normalizeAddress(normalizeAddress('Kim@x.test'))).toBe('kim@x.test');
  });
});

describe('a mailbox', () => {
  it('starts untested and disabled', () => {
    const fresh = mailbox();
    expect([fresh.incoming, fresh.outgoing, fresh.act]).toEqual([untested, untested, untested]);
    expect(isEnabled(fresh)).toBe(false);
  });

  it('tests only the directions whose own number means server-side synchronization', () => {
    expect(serverSideDirections(mailbox())).toEqual(['incoming', 'outgoing', 'act']);
    expect(serverSideDirections(mailbox({ incomingMethod: 1, outgoingMethod: 1, actMethod: 2 }))).toEqual([]);
    expect(serverSideDirections(mailbox({ incomingMethod: 0, outgoingMethod: 2, actMethod: 0 }))).toEqual(['outgoing']);
  });

  it('is enabled only when every direction of its own is', () => {
    expect(isEnabled(mailbox({ incoming: works, outgoing: works, act: works }))).toBe(true);
    expect(isEnabled(mailbox({ incoming: works, outgoing: fails, act: works }))).toBe(false);
    expect(isEnabled(mailbox({ incoming: works, outgoing: works, act: fails, actMethod: 2 }))).toBe(true);
    expect(isEnabled(mailbox({ incomingMethod: 0, outgoingMethod: 0, actMethod: 2 }))).toBe(false);
  });

  it.each([
    [[works, works, works], 1],
    [[works, fails, works], 2],
    [[untested, fails], 2],
    [[untested, works], 1],
    [[untested, untested], 0],
    [[], 0],
  ])('rolls %# up', (states, status) => expect(rollUp(states)).toBe(status));
});
