import { connect, type ConnectionOptions } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startExchange, type ExchangeStandIn } from '../../../sandbox/exchange/index.ts';
import { all, attribute, basic, call, envelope, findFolder, folderPage, getFolder, send, texts } from './ews-client.ts';

describe('the HTTP side of the Exchange stand-in', () => {
  let exchange: ExchangeStandIn;
  let authorization: string;
  beforeAll(async () => {
    exchange = await startExchange({ mailboxes: 2 });
    authorization = basic(exchange.serviceAccount.userName, exchange.serviceAccount.password);
  });
  afterAll(() => exchange.close());

  const post = (body: string, headers: Record<string, string> = {}, path?: string) =>
    send(exchange, {
      body,
      headers: { Authorization: authorization, 'Content-Type': 'text/xml', ...headers },
      ...(path === undefined ? {} : { path }),
    });

  it('matches the path without regard to case and knows no other', async () => {
    const body = envelope(getFolder(['inbox']), {});
    expect((await post(body, {}, '/ews/EXCHANGE.asmx')).status).toBe(200);
    expect((await post(body, {}, '/owa/')).status).toBe(404);
  });

  it('answers in chunks with the headers of Exchange and echoes the request id when asked', async () => {
    const answer = await call(exchange, getFolder(['inbox']), {
      headers: { 'client-request-id': 'abc-1', 'return-client-request-id': 'true' },
    });
    expect(answer.headers).toMatchObject({
      'transfer-encoding': 'chunked',
      'content-type': 'text/xml; charset=utf-8',
      'x-owa-version': '15.2.1544.4',
      'x-ewshandler': 'GetFolder',
      'client-request-id': 'abc-1',
    });
    expect(answer.headers['connection']).toBeUndefined();
    expect(answer.headers['set-cookie']).toHaveLength(2);
  });

  it('packs the answer for a client that takes gzip', async () => {
    const answer = await call(exchange, getFolder(['inbox']), { headers: { 'Accept-Encoding': 'gzip,deflate' } });
    expect(answer.headers['content-encoding']).toBe('gzip');
  });

  it('wants a length for a POST', async () => {
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port: exchange.port, ca: exchange.caCertificate }, () => {
        socket.end('POST /EWS/Exchange.asmx HTTP/1.1\r\nHost: mail.contoso.test\r\n\r\n');
      });
      let text = '';
      socket.setEncoding('utf8');
      socket.on('data', (part: string) => (text += part));
      socket.on('end', () => {
        resolve(text);
      });
      socket.on('error', reject);
    });
    expect(answer).toMatch(/^HTTP\/1\.1 411 /);
  });

  it('refuses what is no XML, what is no SOAP and what is no text/xml', async () => {
    expect((await post('<soap:Envelope')).status).toBe(400);
    expect((await post('<!DOCTYPE a [<!ENTITY j "boom">]><a>&j;</a>')).status).toBe(400);
    expect((await post(`${'<a>'.repeat(5000)}${'</a>'.repeat(5000)}`)).status).toBe(400);
    expect(texts(await post('<a/>'), 'ResponseCode')).toEqual(['ErrorInvalidRequest']);
    expect((await post('{}', { 'Content-Type': 'application/json' })).status).toBe(415);
  });

  it('says where a request breaks the schema', async () => {
    const withoutShape =
      '<m:FindFolder Traversal="Shallow"><m:IndexedPageFolderView MaxEntriesReturned="1" Offset="0" BasePoint="Beginning"/><m:ParentFolderIds><t:DistinguishedFolderId Id="inbox"/></m:ParentFolderIds></m:FindFolder>';
    const answer = await call(exchange, withoutShape);
    expect(answer.status).toBe(500);
    expect(texts(answer, 'ResponseCode')).toEqual(['ErrorSchemaValidation']);
    expect(texts(answer, 'Violation')[0]).toMatch(
      /^The element 'FindFolder' .* has invalid child element 'IndexedPageFolderView' .* expected: 'FolderShape'/,
    );
    expect(texts(answer, 'Message')).toEqual(['The request failed schema validation.']);
    expect(texts(answer, 'faultstring')[0]).toMatch(/^The request failed schema validation: The element/);
    expect(texts(answer, 'LineNumber')).toEqual(['1']);
  });

  it.each([
    [getFolder(['nosuchfolder'])],
    [findFolder('inbox', folderPage(1, 0).replace('Offset="0"', 'Offset="x"'))],
    [findFolder('inbox', '', 'Sideways')],
    ['<m:GetFolder><m:FolderShape><t:BaseShape>Default</t:BaseShape></m:FolderShape></m:GetFolder>'],
    ['<m:GetFolder><m:FolderShape><t:BaseShape>Most</t:BaseShape></m:FolderShape><m:FolderIds/></m:GetFolder>'],
  ])('refuses %s', async (body) => {
    expect(texts(await call(exchange, body), 'ResponseCode')).toEqual(['ErrorSchemaValidation']);
  });

  it('takes a request without RequestServerVersion for one of Exchange 2007', async () => {
    const answer = await call(exchange, getFolder(['root']), { version: null });
    expect(answer.status).toBe(200);
    expect(texts(answer, 'DistinguishedFolderId')).toEqual([]);
    expect(attribute(answer, 'ServerVersionInfo', 'Version')).toBe('V2017_07_11');
  });

  it('says so when it does not know an operation', async () => {
    const answer = await call(exchange, '<m:PlayOnPhone/>');
    expect(texts(answer, 'ResponseCode')).toEqual(['ErrorInvalidRequest']);
  });
});

describe('the product the stand-in pretends to be', () => {
  it.each([
    ['2013sp1', '15.0.847.32', 'Exchange2016', 'ErrorInvalidServerVersion'],
    ['2016', '15.1.2507.6', 'Exchange2019', 'ErrorInvalidServerVersion'],
    ['2019', '15.2.1544.4', 'Exchange2019', 'ErrorInvalidRequest'],
    ['se', '15.2.2562.17', 'Exchange2019', 'ErrorInvalidServerVersion'],
  ] as const)('%s shows build %s and refuses version %s', async (product, build, version, code) => {
    const exchange = await startExchange({ product });
    const answer = await call(exchange, getFolder(['inbox']));
    const info = all(answer, 'ServerVersionInfo')[0]?.attributes;
    const parts = ['MajorVersion', 'MinorVersion', 'MajorBuildNumber', 'MinorBuildNumber'];
    expect(parts.map((name) => info?.get(name)).join('.')).toBe(build);
    expect(answer.headers['x-owa-version']).toBe(build);
    const refused = await call(exchange, getFolder(['inbox']), { version });
    expect(refused.status).toBe(500);
    expect(texts(refused, 'ResponseCode')).toEqual([code]);
    await exchange.close();
  });
});

describe('the certificate', () => {
  it.each([
    ['good', undefined],
    ['expired', 'CERT_HAS_EXPIRED'],
    ['wrong-name', 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ['untrusted', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
    ['self-signed', 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    ['weak', 'UNSPECIFIED'],
    ['sha1', 'UNSPECIFIED'],
  ] as const)('%s is met with %s', async (certificate, code) => {
    const exchange = await startExchange({ certificate });
    const outcome = await send(exchange, { method: 'GET' }).then(
      ({ status }) => status,
      (error: unknown) => (error instanceof Error && 'code' in error ? error.code : error),
    );
    expect(outcome).toBe(code ?? 401);
    await exchange.close();
  });
});

describe('the versions of TLS', () => {
  const versionOf = (port: number, ca: string, options: ConnectionOptions): Promise<string | null> =>
    new Promise((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port, ca, ...options }, () => {
        resolve(socket.getProtocol());
        socket.destroy();
      });
      socket.on('error', reject);
    });
  const OLD = { minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;

  it.each([
    [{ tlsMin: '1.3' }, {}, 'TLSv1.3'],
    [{ tlsMin: '1.3' }, { maxVersion: 'TLSv1.2' }, 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION'],
    [{ tlsMax: '1.2' }, {}, 'TLSv1.2'],
    [{ tlsMin: '1.0', tlsMax: '1.1' }, OLD, 'TLSv1.1'],
    [{ tlsMin: '1.0', tlsMax: '1.0' }, OLD, 'TLSv1'],
    [{ tlsMin: '1.0', tlsMax: '1.1' }, {}, 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION'],
    [{}, { ...OLD, maxVersion: 'TLSv1.1' }, 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION'],
  ] as const)('%j is met by a client of %j with %s', async (server, client, expected) => {
    const exchange = await startExchange(server);
    const outcome = await versionOf(exchange.port, exchange.caCertificate, client).catch((error: unknown) =>
      error instanceof Error && 'code' in error ? error.code : error,
    );
    expect(outcome).toBe(expected);
    await exchange.close();
  });
});
