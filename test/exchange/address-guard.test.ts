import { describe, expect, test } from 'vitest';
import { judgeAddress, parseAllowList, permittedAddresses } from '../../services/exchange/address-guard.ts';
import { guardedLookup } from '../../services/exchange/guarded-lookup.ts';

const open = parseAllowList([]);
const everything = parseAllowList(['0.0.0.0/0', '::/0', '*']);
const contoso = parseAllowList(['*.contoso.com', 'mail.fabrikam.com', '10.20.0.0/16', '2001:db8::/32', '192.0.2.7']);
const loopback = parseAllowList(['127.0.0.0/8', '::1']);

describe('an address is refused whatever the list says', () => {
  test.each([
    ['169.254.1.1', 'AddressLinkLocal'],
    ['169.254.169.254', 'AddressLinkLocal'],
    ['fe80::1', 'AddressLinkLocal'],
    ['fe80::1%eth0', 'AddressLinkLocal'],
    ['fd00:ec2::254', 'AddressLinkLocal'],
    ['fd20:ce::254', 'AddressLinkLocal'],
    ['100.100.100.200', 'AddressLinkLocal'],
    ['168.63.129.16', 'AddressLinkLocal'],
    ['::ffff:169.254.169.254', 'AddressLinkLocal'],
    ['::ffff:a9fe:a9fe', 'AddressLinkLocal'],
    ['::169.254.169.254', 'AddressLinkLocal'],
    ['64:ff9b::a9fe:a9fe', 'AddressLinkLocal'],
    ['2002:a9fe:a9fe::1', 'AddressLinkLocal'],
    ['0.0.0.0', 'AddressNotAllowed'],
    ['0.1.2.3', 'AddressNotAllowed'],
    ['::', 'AddressNotAllowed'],
    ['224.0.0.1', 'AddressNotAllowed'],
    ['255.255.255.255', 'AddressNotAllowed'],
    ['ff02::1', 'AddressNotAllowed'],
  ])('%s', (address, code) => {
    for (const policy of [open, everything]) {
      expect(judgeAddress(policy, 'mail.contoso.com', address)).toEqual({
        code,
        params: { host: 'mail.contoso.com', address },
      });
    }
  });
});

describe('loopback needs a network on the list', () => {
  test.each(['127.0.0.1', '127.255.0.3', '::1', '::ffff:127.0.0.1', '::ffff:7f00:1', '64:ff9b::7f00:1'])(
    '%s',
    (address) => {
      expect(judgeAddress(open, 'localhost', address)?.code).toBe('AddressLoopback');
      expect(judgeAddress(parseAllowList(['localhost']), 'localhost', address)?.code).toBe('AddressLoopback');
      expect(judgeAddress(loopback, 'localhost', address)).toBeNull();
    },
  );
});

describe('a list names what is allowed', () => {
  test.each([
    ['mail.contoso.com', '203.0.113.9', null],
    ['mail.eu.contoso.com', '10.1.1.1', null],
    ['MAIL.Contoso.com.', '203.0.113.9', null],
    ['contoso.com', '203.0.113.9', 'AddressNotAllowed'],
    ['mail.contoso.com.attacker.example', '203.0.113.9', 'AddressNotAllowed'],
    ['attacker-contoso.com', '203.0.113.9', 'AddressNotAllowed'],
    ['mail.fabrikam.com', '203.0.113.9', null],
    ['other.fabrikam.com', '203.0.113.9', 'AddressNotAllowed'],
    ['anything.example', '10.20.255.1', null],
    ['anything.example', '10.21.0.1', 'AddressNotAllowed'],
    ['anything.example', '::ffff:10.20.0.1', null],
    ['anything.example', '2001:db8::5', null],
    ['anything.example', '192.0.2.7', null],
    ['anything.example', '192.0.2.8', 'AddressNotAllowed'],
    ['mail.contoso.com', '127.0.0.1', 'AddressLoopback'],
  ])('%s at %s', (host, address, code) => {
    expect(judgeAddress(contoso, host, address)?.code ?? null).toBe(code);
  });

  test('an empty list allows public and private addresses', () => {
    for (const address of ['203.0.113.9', '10.0.0.5', '192.168.1.5', 'fd12:3456::1', '2001:db8::5']) {
      expect(judgeAddress(open, 'mail.contoso.com', address)).toBeNull();
    }
  });

  test.each([
    '10.0.0.0/33',
    '10.0.0.0/',
    '10.0.0.0/x',
    '10.*',
    'mail.*',
    'https://mail.contoso.com',
    'mail:443',
    'a b',
  ])('an entry that cannot be read is refused by name: %s', (entry) => {
    expect(() => parseAllowList(['mail.contoso.com', entry])).toThrow(
      expect.objectContaining({ code: 'config.exchange-host-invalid', params: { entry } }),
    );
  });

  test('an international name matches in both spellings', () => {
    const policy = parseAllowList(['*.bücher.example']);
    expect(judgeAddress(policy, 'mail.xn--bcher-kva.example', '203.0.113.9')).toBeNull();
  });
});

describe('a name with several addresses', () => {
  const both = [
    { address: '127.0.0.1', family: 4 },
    { address: '10.0.0.5', family: 4 },
  ];

  test('keeps the permitted ones only', () => {
    expect(permittedAddresses(open, 'mail.contoso.com', both)).toEqual({ addresses: [both[1]], fault: null });
    expect(permittedAddresses(open, 'mail.contoso.com', both.slice(0, 1)).fault?.code).toBe('AddressLoopback');
  });

  test('the lookup of a connection hands over exactly the addresses that were judged', async () => {
    let lookups = 0;
    const rebinding = guardedLookup(open, async () => {
      lookups += 1;
      return lookups === 1 ? both : [{ address: '127.0.0.1', family: 4 }];
    });
    const ask = (): Promise<unknown> =>
      new Promise((resolve) => {
        rebinding('mail.contoso.com', { all: true }, (error, addresses) => resolve(error ?? addresses));
      });
    expect(await ask()).toEqual([{ address: '10.0.0.5', family: 4 }]);
    expect(await ask()).toMatchObject({ name: 'AddressRefused', fault: { code: 'AddressLoopback' } });
  });
});
