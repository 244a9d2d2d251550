import { describe, expect, test } from 'vitest';
import { parseAllowList } from '../../services/exchange/address-guard.ts';
import { checkServerLocation, resolveServerLocation } from '../../services/exchange/server-location.ts';

const open = parseAllowList([]);

describe('an EWS address as it is typed', () => {
  test.each([
    ['https://mail.contoso.com/EWS/Exchange.asmx', null],
    ['  https://mail.contoso.com/EWS/Exchange.asmx  ', null],
    ['https://mail.contoso.com:444/EWS/Exchange.asmx', null],
    ['https://10.0.0.5:8443/EWS/Exchange.asmx', null],
    ['mail.contoso.com', 'server-location.invalid'],
    ['https://', 'server-location.invalid'],
    ['https://mail.contoso.com/EWS/Ex\nchange.asmx', 'server-location.invalid'],
    ['https:\\\\mail.contoso.com\\EWS', 'server-location.invalid'],
    ['http://mail.contoso.com/EWS/Exchange.asmx', 'server-location.not-https'],
    ['ftp://mail.contoso.com/', 'server-location.not-https'],
    ['https://admin:secret@mail.contoso.com/EWS/Exchange.asmx', 'server-location.credentials'],
    ['https://mail.contoso.com@evil.example/EWS/Exchange.asmx', 'server-location.credentials'],
    ['https://@mail.contoso.com/EWS/Exchange.asmx', 'server-location.credentials'],
    ['https://mail.contoso.com/EWS/Exchange.asmx?x=1', 'server-location.query'],
    ['https://mail.contoso.com/EWS/Exchange.asmx?', 'server-location.query'],
    ['https://mail.contoso.com/EWS/Exchange.asmx#top', 'server-location.query'],
    [`https://mail.contoso.com/${'x'.repeat(2100)}`, 'server-location.too-long'],
    ['https://mail.contoso.com:22/EWS/Exchange.asmx', 'server-location.port'],
    ['https://mail.contoso.com:0/EWS/Exchange.asmx', 'server-location.port'],
    ['https://127.0.0.1/EWS/Exchange.asmx', 'server-location.loopback'],
    ['https://2130706433/EWS/Exchange.asmx', 'server-location.loopback'],
    ['https://0x7f.1/EWS/Exchange.asmx', 'server-location.loopback'],
    ['https://0177.0.0.1/EWS/Exchange.asmx', 'server-location.loopback'],
    ['https://[::1]/EWS/Exchange.asmx', 'server-location.loopback'],
    ['https://[::ffff:127.0.0.1]/EWS/Exchange.asmx', 'server-location.loopback'],
    ['https://localhost/EWS/Exchange.asmx', 'server-location.loopback'],
    ['https://exchange.localhost./EWS/Exchange.asmx', 'server-location.loopback'],
    ['https://169.254.169.254/latest/meta-data', 'server-location.link-local'],
    ['https://2852039166/latest/meta-data', 'server-location.link-local'],
    ['https://[fe80::1]/EWS/Exchange.asmx', 'server-location.link-local'],
    ['https://0/EWS/Exchange.asmx', 'server-location.not-allowed'],
  ])('%s', (text, problem) => {
    expect(checkServerLocation(text, open)).toBe(problem);
  });

  test('a name outside a list of names is refused at once; with networks listed it must be resolved first', () => {
    const url = 'https://mail.fabrikam.com/EWS/Exchange.asmx';
    expect(checkServerLocation(url, parseAllowList(['*.contoso.com']))).toBe('server-location.not-allowed');
    expect(checkServerLocation(url, parseAllowList(['*.contoso.com', '10.0.0.0/8']))).toBeNull();
    expect(checkServerLocation('https://localhost:8443/', parseAllowList(['127.0.0.0/8']))).toBeNull();
  });
});

describe('an EWS address once its name is resolved', () => {
  const url = 'https://mail.contoso.com/EWS/Exchange.asmx';
  const at = (address: string) => async () => [{ address, family: 4 }];
  const failing = (code: string) => async () => {
    throw Object.assign(new Error(code), { code });
  };

  test('a name that stands for a forbidden address is refused', async () => {
    expect(await resolveServerLocation(url, open, at('203.0.113.9'))).toBeNull();
    expect(await resolveServerLocation(url, open, at('127.0.0.1'))).toBe('server-location.loopback');
    expect(await resolveServerLocation(url, open, at('169.254.169.254'))).toBe('server-location.link-local');
    const listed = parseAllowList(['10.0.0.0/8']);
    expect(await resolveServerLocation(url, listed, at('203.0.113.9'))).toBe('server-location.not-allowed');
    expect(await resolveServerLocation(url, listed, at('10.1.1.1'))).toBeNull();
  });

  test('an unknown name is a problem, a name server without an answer is not', async () => {
    expect(await resolveServerLocation(url, open, failing('ENOTFOUND'))).toBe('server-location.not-found');
    expect(await resolveServerLocation(url, open, failing('EAI_AGAIN'))).toBeNull();
  });
});
