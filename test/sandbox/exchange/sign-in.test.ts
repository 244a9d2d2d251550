import { Agent } from 'node:https';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startExchange, type ExchangeStandIn } from '../../../sandbox/exchange/index.ts';
import { basic, call, getFolder, send, texts } from './ews-client.ts';

describe('signing in to the Exchange stand-in', () => {
  let exchange: ExchangeStandIn;
  beforeAll(async () => {
    exchange = await startExchange({ mailboxes: 2 });
  });
  afterAll(() => exchange.close());

  it('answers a request without credentials with an empty 401 in the order of headers on record', async () => {
    const answer = await send(exchange, { method: 'GET' });
    expect(answer.status).toBe(401);
    expect(answer.text).toBe('');
    const names = answer.rawHeaders.filter((_entry, index) => index % 2 === 0);
    expect(names).toEqual([
      'cache-control',
      'server',
      'request-id',
      'x-calculatedbetarget',
      'x-aspnet-version',
      'x-owa-version',
      'x-powered-by',
      'x-feserver',
      'www-authenticate',
      'date',
      'content-length',
    ]);
    expect(answer.headers['www-authenticate']).toBe('Basic realm="mail.contoso.test"');
  });

  it.each([['CONTOSO\\svc-mailroom'], ['svc-mailroom@contoso.test'], ['contoso\\SVC-MAILROOM']])(
    'takes the account as %s',
    async (name) => {
      const answer = await call(exchange, getFolder(['inbox']), { authorization: basic(name, 'Sync!Pass1') });
      expect(answer.status).toBe(200);
    },
  );

  it('counts sign-ins with a wrong password and never keeps the password', async () => {
    exchange.resetLog();
    const wrong = await call(exchange, getFolder(['inbox']), {
      authorization: basic('CONTOSO\\svc-mailroom', 'not-the-one'),
    });
    expect(wrong.status).toBe(401);
    expect(exchange.signIns()).toMatchObject([
      { scheme: 'Basic', userName: 'CONTOSO\\svc-mailroom', outcome: 'wrong-password' },
    ]);
    expect(JSON.stringify([exchange.signIns(), exchange.requests()])).not.toContain('not-the-one');
  });

  it('redirects a GET with credentials to the service description', async () => {
    const { userName, password } = exchange.serviceAccount;
    const answer = await send(exchange, { method: 'GET', headers: { Authorization: basic(userName, password) } });
    expect(answer.status).toBe(302);
    expect(answer.headers.location).toBe('/EWS/Services.wsdl');
  });

  it('gives every TCP connection its own number and keeps it over requests', async () => {
    exchange.resetLog();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    await call(exchange, getFolder(['inbox']), { agent });
    await call(exchange, getFolder(['inbox']), { agent });
    await call(exchange, getFolder(['inbox']));
    agent.destroy();
    const [first, second, third] = exchange.requests().map(({ connection }) => connection);
    expect(second).toBe(first);
    expect(third).not.toBe(first);
  });
});

describe('an account that locks', () => {
  it('refuses the right password after three wrong ones until it is unlocked', async () => {
    const exchange = await startExchange({ lockout: 3 });
    const right = (): Promise<number> => call(exchange, getFolder(['inbox'])).then(({ status }) => status);
    const wrong = (): Promise<number> =>
      call(exchange, getFolder(['inbox']), { authorization: basic('CONTOSO\\svc-mailroom', 'wrong') }).then(
        ({ status }) => status,
      );
    await wrong();
    await wrong();
    // A right one in between starts the count again, as on a domain controller.
    expect(await right()).toBe(200);
    for (let tries = 0; tries < 3; tries += 1) expect(await wrong()).toBe(401);
    expect(exchange.isLocked()).toBe(true);
    expect(await right()).toBe(401);
    expect(exchange.signIns().at(-1)?.outcome).toBe('locked');
    exchange.unlock();
    expect(await right()).toBe(200);
    await exchange.close();
  });
});

describe('a server that does not offer Basic', () => {
  it('lists its schemes in the order given and takes no Basic credentials', async () => {
    const exchange = await startExchange({ schemes: ['Negotiate', 'NTLM'] });
    const answer = await call(exchange, getFolder(['inbox']));
    expect(answer.status).toBe(401);
    expect(answer.rawHeaders.filter((_entry, index) => answer.rawHeaders[index - 1] === 'www-authenticate')).toEqual([
      'Negotiate',
      'NTLM',
    ]);
    expect(exchange.signIns()).toMatchObject([{ scheme: 'Basic', outcome: 'not-offered' }]);
    await exchange.close();
  });
});

describe('impersonation', () => {
  const mailboxes = [
    { address: 'anna.berg@contoso.test', aliases: ['anna@contoso.test'] },
    { address: 'outside@contoso.test' },
  ];
  let exchange: ExchangeStandIn;
  beforeAll(async () => {
    exchange = await startExchange({ mailboxes, impersonationScope: 'anna*' });
  });
  afterAll(() => exchange.close());

  const code = async (as: string, kind?: string): Promise<string | undefined> => {
    const answer = await call(exchange, getFolder(['inbox']), { as, ...(kind === undefined ? {} : { kind }) });
    return texts(answer, 'ResponseCode')[0];
  };

  it.each(['SmtpAddress', 'PrimarySmtpAddress', 'PrincipalName'])('works by %s', async (kind) => {
    expect(await code('anna.berg@contoso.test', kind)).toBe('NoError');
  });

  it('refuses a mailbox outside the scope of the role, as a fault without header', async () => {
    const answer = await call(exchange, getFolder(['inbox']), { as: 'outside@contoso.test' });
    expect(answer.status).toBe(500);
    expect(texts(answer, 'faultcode')).toEqual(['a:ErrorImpersonateUserDenied']);
    expect(texts(answer, 'faultstring')).toEqual([
      'The account does not have permission to impersonate the requested user.',
    ]);
    expect(texts(answer, 'Header')).toEqual([]);
  });

  it('names the address that has no mailbox, even when it is a Windows name', async () => {
    const answer = await call(exchange, getFolder(['inbox']), { as: 'CONTOSO\\anna' });
    expect(answer.status).toBe(500);
    expect(texts(answer, 'ResponseCode')).toEqual(['ErrorNonExistentMailbox']);
    expect(texts(answer, 'Value')).toEqual(['CONTOSO\\anna']);
  });

  it('takes an alias as SmtpAddress but not as PrimarySmtpAddress', async () => {
    expect(await code('anna@contoso.test')).toBe('NoError');
    expect(await code('anna@contoso.test', 'PrimarySmtpAddress')).toBe('ErrorNonPrimarySmtpAddress');
  });

  it('keeps an injected second identity inside the first', async () => {
    const as = 'anna.berg@contoso.test&lt;/t:SmtpAddress&gt;';
    expect(await code(as)).toBe('ErrorNonExistentMailbox');
  });

  it('refuses an empty header and an address that is no principal name', async () => {
    expect(await code('')).toBe('ErrorInvalidExchangeImpersonationHeaderData');
    expect(await code('anna', 'PrincipalName')).toBe('ErrorInvalidUserPrincipalName');
  });
});
