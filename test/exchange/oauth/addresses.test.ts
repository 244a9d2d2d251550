import { describe, expect, it } from 'vitest';
import { readLoginService, resourceOf, scopeOf } from '../../../services/exchange/oauth/login-service.ts';
import { isResource, isTenant, isVaultObjectName } from '../../../services/model/modern-authentication.ts';
import { readVaultLocation } from '../../../services/exchange/oauth/vault-location.ts';

const ews = 'https://mail.contoso.com/EWS/Exchange.asmx';

describe('the resource', () => {
  it.each([
    [null, 'https://mail.contoso.com'],
    ['', 'https://mail.contoso.com'],
    ['mail.contoso.com', 'https://mail.contoso.com'],
    [' outlook.contoso.com ', 'https://outlook.contoso.com'],
    ['https://mail.contoso.com/', 'https://mail.contoso.com/'],
    ['00000002-0000-0ff1-ce00-000000000000', '00000002-0000-0ff1-ce00-000000000000'],
    ['api://app', 'api://app'],
  ])('%j is %s', (resource, expected) => {
    expect(resourceOf(ews, resource)).toBe(expected);
  });

  it('keeps its last slash in the scope, since Entra keeps it in the audience', () => {
    expect(scopeOf('https://a.test')).toBe('https://a.test/.default');
    expect(scopeOf('https://a.test/')).toBe('https://a.test//.default');
  });

  it.each(['https://a b', 'https://a/.default', 'ä', '', 'x'.repeat(1025)])('%j is none', (text) => {
    expect(isResource(text)).toBe(false);
  });
});

it.each([
  ['contoso.onmicrosoft.com', true],
  ['5f1b2c3d-0000-4c0a-9a7e-c0470500a001', true],
  ['common', false],
  ['contoso', false],
  ['.contoso.com', false],
  ['contoso..com', false],
  [`a.${'b'.repeat(300)}`, false],
  ['Organizations', false],
  ['a/b', false],
  ['..', false],
  ['a?b', false],
  ['', false],
])('%j is a tenant: %s', (text, is) => {
  expect(isTenant(text)).toBe(is);
});

it.each([
  [undefined, 'https://login.microsoftonline.com', true],
  ['https://login.microsoftonline.us/', 'https://login.microsoftonline.us', true],
  ['https://localhost:8443', 'https://localhost:8443', false],
])('%s is a sign-in service', (text, url, isMicrosofts) => {
  expect(readLoginService(text)).toMatchObject({ url, isMicrosofts });
});

it.each(['http://login.microsoftonline.com', 'https://a.test/tenant', 'https://u:p@a.test', 'https://a.test?x', 'x'])(
  '%s is no sign-in service',
  (text) => {
    expect(readLoginService(text)).toBeNull();
  },
);

describe('a vault', () => {
  const standIn = { host: 'localhost:4443', resource: 'https://vault.azure.net' };

  it.each([
    ['https://contoso-kv.vault.azure.net', 'https://vault.azure.net'],
    ['https://CONTOSO.vault.azure.net/', 'https://vault.azure.net'],
    ['https://contoso.vault.azure.cn', 'https://vault.azure.cn'],
    ['https://contoso.vault.usgovcloudapi.net', 'https://vault.usgovcloudapi.net'],
    ['https://localhost:4443/', 'https://vault.azure.net'],
  ])('is at %s', (text, resource) => {
    expect(readVaultLocation(text, standIn)?.resource).toBe(resource);
  });

  it.each([
    'http://contoso.vault.azure.net',
    'https://contoso.vault.azure.net.evil.test',
    'https://evilvault.azure.net',
    'https://.vault.azure.net',
    'https://a.b.vault.azure.net',
    'https://contoso.vault.azure.net:8443',
    'https://contoso.vault.azure.net/secrets/x',
    'https://contoso.vault.azure.net?x=1',
    'https://user@contoso.vault.azure.net',
    'https://contoso.vault.azure.net@evil.test',
    'https://evil.test\\.vault.azure.net',
    'https://evil.test#.vault.azure.net',
    'https://con\ttoso.vault.azure.net',
    'https://169.254.169.254',
    'https://localhost:4444',
    `https://${'x'.repeat(90)}.vault.azure.net`,
    '',
  ])('is not at %j', (text) => {
    expect(readVaultLocation(text, standIn)).toBeNull();
  });

  it.each(['a/b', '..', '', 'a b', 'x'.repeat(128), 'a?b'])('has nothing with the name %j', (name) => {
    expect(isVaultObjectName(name)).toBe(false);
  });
});
