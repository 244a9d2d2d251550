import { readFileSync } from 'node:fs';
import { ServiceError } from 'ews-javascript-api';
import { describe, expect, it, test } from 'vitest';
import { faultText } from '../../locales/fault-text.ts';
import { hasText } from '../../locales/translate.ts';
import { judgeAddress, parseAllowList } from '../../services/exchange/address-guard.ts';
import { readPox } from '../../services/exchange/autodiscover/pox.ts';
import { readSoap } from '../../services/exchange/autodiscover/soap.ts';
import { judgeAnswer, statusFault } from '../../services/exchange/ews/answer-fault.ts';
import { judgeVaultRefusal } from '../../services/exchange/oauth/key-vault.ts';
import { judgeRefusal } from '../../services/exchange/oauth/token-refusal.ts';
import { readServerLocation } from '../../services/exchange/server-location.ts';
import { wireFault } from '../../services/exchange/wire-fault.ts';
import { faultCatalogue, type FaultCode } from '../../services/model/fault-catalogue.ts';
import { ewsFault, natureOf, scopeOf, type Fault } from '../../services/model/fault.ts';
import { platformCodes, platformFault } from '../../services/model/platform-code.ts';
import { systemClock } from '../../services/model/clock.ts';
import { poxError, soapError } from '../exchange/autodiscover/samples.ts';
import { errorMessage, soapFault } from '../exchange/soap-samples.ts';
import {
  address,
  addresses,
  authority,
  autodiscover,
  errors,
  hmaApp,
  host,
  own,
  platform,
  responses,
  statuses,
  tokens,
  vaultApp,
  vaults,
} from './fault-table.ts';

const nowMs = Date.parse('2026-11-24T12:00:00Z');
const context = { host, address, scheme: 'basic', nowMs } as const;

/** Code, nature, scope and parameters as the table writes them; the raw code only where there is one. */
function verdictOf(fault: Fault | null): unknown {
  if (fault === null) return null;
  const verdict = [fault.code, natureOf(fault), scopeOf(fault), fault.params];
  return fault.raw === undefined ? verdict : [...verdict, fault.raw];
}

describe('the reviewed table: what was seen, and what it must come to', () => {
  test.each(responses)('EWS response $response with HTTP $http: $is.0', ({ response, http, values, is }) => {
    const body = http === 500 ? soapFault(response, values) : errorMessage(response, values);
    expect(verdictOf(judgeAnswer({ status: http, headers: {}, body }, context).fault)).toEqual(is);
  });

  test.each(statuses)('HTTP $status: $is.0', ({ status, scheme = 'basic', headers = {}, body = '', is }) => {
    expect(verdictOf(judgeAnswer({ status, headers, body }, { ...context, scheme }).fault)).toEqual(is);
  });

  test.each(errors)('$error: $is.0', ({ error, message = error, is }) => {
    expect(verdictOf(wireFault(Object.assign(new Error(message), { code: error }), host))).toEqual(is);
  });

  test.each(addresses)('the address $ip: $is.0', ({ ip, name, is }) => {
    expect(verdictOf(judgeAddress(parseAllowList(['*.contoso.test']), name, ip))).toEqual(is);
  });

  test.each(tokens)('Entra $status $word $number: $is.0', ({ status, word, number, ended, is }) => {
    const body = JSON.stringify({ error: word, error_codes: number === null ? [] : [number] });
    const fault = judgeRefusal(
      { status, headers: {}, body },
      {
        clientId: hmaApp.account,
        loginHost: hmaApp.host,
        authority,
        resource: hmaApp.location,
        certificateEndsAt: ended === true ? nowMs - 1 : Date.parse('2033-01-01'),
        nowMs,
      },
    );
    expect(verdictOf(fault)).toEqual(is);
  });

  test.each(vaults)('Key Vault $status $word: $is.0', ({ status, word, is }) => {
    const nobody = (): never => {
      throw new Error('a refusal is judged without asking anybody');
    };
    const fault = judgeVaultRefusal(
      { status, headers: {}, body: word === '' ? '' : JSON.stringify({ error: { code: word } }) },
      {
        vault: { url: 'https://contoso.vault.azure.net', host: vaultApp.host, resource: 'https://vault.azure.net' },
        certificateName: 'hma',
        clientId: vaultApp.account,
        tokens: { get: nobody, discard: nobody, retryNow: nobody },
        requests: { send: nobody },
        clock: systemClock,
      },
    );
    expect(verdictOf(fault)).toEqual(is);
  });

  test.each(autodiscover)('Autodiscover ($language) $error: $is.0', ({ language, error, is }) => {
    const text = (code: string): string => (language === 'soap' ? soapError(code) : poxError(code));
    const read = language === 'soap' ? readSoap : readPox;
    const said = read(error === null ? '<html><body>Welcome</body></html>' : text(error), { host, address });
    expect(said.kind === 'error' ? verdictOf(said.fault) : said.kind).toEqual(is);
  });

  test.each(platform)('Dynamics 365 $said: $is.0', ({ said, is }) => {
    expect(verdictOf(platformFault(said, { address }))).toEqual(is);
  });

  test.each(own)('$where makes $is.0', ({ where, is: [code, nature, scope] }) => {
    expect([natureOf({ code, params: {} }), scopeOf({ code, params: {} })]).toEqual([nature, scope]);
    if (where === null) return;
    expect(readFileSync(new URL(`../../services/${where}`, import.meta.url), 'utf8')).toContain(`'${code}'`);
  });

  it('has a row for every code of the catalogue, so that none is dead and none unreviewed', () => {
    const rows = [responses, statuses, errors, addresses, tokens, vaults, autodiscover, platform, own].flat();
    expect([...new Set(rows.map(({ is: [code] }) => code))].toSorted()).toEqual(Object.keys(faultCatalogue).toSorted());
  });
});

const wordsOf = (fault: Fault): string => Object.values(faultText('en', fault)).join(' ');

describe('a code that nobody foresaw', () => {
  /** The codes that the EWS library knows, all of Exchange 2016. */
  const known = Object.values(ServiceError).filter((code) => typeof code === 'string' && code.startsWith('Error'));

  it('of EWS is shown as it came, and the catalogue has no code that Exchange does not', () => {
    expect(known.length).toBeGreaterThan(400);
    for (const code of known.map(String)) {
      const fault = ewsFault(code);
      expect(wordsOf(fault)).toContain(fault.code === 'EwsOther' ? code : faultText('en', fault).title);
      expect(fault.code).toBe(Object.hasOwn(faultCatalogue, code) ? code : 'EwsOther');
    }
    const ours = Object.keys(faultCatalogue).filter((code) => code.startsWith('Error'));
    expect(ours.filter((code) => !known.includes(code))).toEqual([]);
  });

  it.each(['toString', '__proto__', 'constructor', 'CredentialRefused', 'UnapprovedMailbox', 'TlsWeak', ''])(
    'of EWS cannot borrow a fault of another kind: %j',
    (code) => {
      expect(ewsFault(code)).toMatchObject({ code: 'EwsOther', raw: code });
    },
  );

  it('of HTTP shows its number, whichever it is', () => {
    const named = new Set(statuses.filter(({ is: [code] }) => code !== 'HttpStatus').map(({ status }) => status));
    for (let status = 100; status < 1000; status += 1) {
      if (named.has(status) || (status >= 300 && status < 400)) continue;
      const fault = statusFault({ status, headers: {}, body: '' }, context);
      expect(fault).toEqual({ code: 'HttpStatus', params: { host, status } });
      expect(wordsOf(fault)).toContain(`HTTP ${status}`);
    }
  });

  it('of the platform shows itself, also where Mailroom does nothing that leads to it', () => {
    const never = Object.entries(platformCodes).filter(([, { meaning }]) => meaning.kind !== 'fault');
    for (const hex of [...never.map(([code]) => code), '8005E2FF', '00000000']) {
      const fault = platformFault(`0x${hex.toLowerCase()}`);
      expect(fault).toEqual({ code: 'PlatformOther', params: { responseCode: `0x${hex}` }, raw: `0x${hex}` });
      expect(wordsOf(fault)).toContain(`0x${hex}`);
    }
  });

  it.each(['toString', '__proto__', 'x'.repeat(5000), '', '0x8005E220; drop', Number.NaN, 1.5])(
    'of the platform may be anything: %j',
    (code) => {
      const fault = platformFault(code);
      expect(fault.code).toBe('PlatformOther');
      expect(fault.raw?.length).toBeLessThanOrEqual(80);
    },
  );

  it.each([
    ['EwsOther', 'ErrorOdd'],
    ['ConnectionOther', 'EODD'],
    ['DnsFailure', 'EAI_ODD'],
    ['TlsFailure', 'ERR_SSL_ODD'],
    ['AnswerNotSoap', 'HPE_ODD'],
    ['OAuthOther', 'AADSTS99'],
    ['OAuthTokenRefused', '2000099'],
    ['KeyVaultOther', 'OddParameter'],
    ['AutodiscoverError', '699'],
    ['PlatformOther', '0x8005E2FF'],
  ] as const)('is in the sentence of %s', (code, raw) => {
    expect(faultText('en', { code, params: {}, raw }).cause).toContain(raw);
  });
});

describe('the codes of the platform', () => {
  const entries = Object.entries(platformCodes);

  it('are eight digits, and each name stands for one of them', () => {
    expect(entries.filter(([hex]) => !/^[\dA-F]{8}$/.test(hex))).toEqual([]);
    const names = entries.map(([, { name }]) => name).filter((name) => name !== null);
    expect(new Set(names).size).toBe(names.length);
  });

  it('lead to errors that have a sentence', () => {
    const refused = entries.flatMap(([, { meaning }]) => (meaning.kind === 'error' ? [meaning.code] : []));
    expect(refused.length).toBeGreaterThan(5);
    expect(refused.filter((code) => !hasText(`error.${code}`))).toEqual([]);
  });

  it.each([
    ['8005E240', 'http://mail.contoso.test/EWS/Exchange.asmx'],
    ['8005E201', 'http://mail.contoso.test/'],
    ['8005E20A', 'no address at all'],
  ])('%s is what Mailroom says of %s', (hex, location) => {
    expect(platformCodes[hex]?.meaning).toEqual({ kind: 'error', code: readServerLocation(location).problem });
  });

  it('keep the name of the platform where Mailroom has no other word', () => {
    const renamed = entries.flatMap(([, { name, meaning }]) =>
      meaning.kind === 'fault' && name !== null && name !== meaning.code ? [[name, meaning.code] as const] : [],
    );
    expect(Object.fromEntries(renamed)).toEqual({
      EmailMessageSizeExceeded: 'ErrorMessageSizeExceeded' satisfies FaultCode,
      PrivilegeDenied: 'UserPrivilegeError',
      ThrottlingTimeExceededError: 'PlatformBusy',
      ThrottlingBurstRequestLimitExceededError: 'PlatformBusy',
      ThrottlingConcurrencyLimitExceededError: 'PlatformBusy',
    });
  });
});
