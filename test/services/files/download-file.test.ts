import { createServer, type Server } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createCertificateAuthority, issueLoopbackCertificate } from '../../../sandbox/entra/certificate-authority.ts';
import {
  createSharedFiles,
  downloadDeadlineMs,
  type SharedFilesOptions,
} from '../../../services/files/download-file.ts';
import { fileByteLimit } from '../../../services/files/shared-file.ts';
import { createTlsContext } from '../../../services/exchange/tls-context.ts';
import { Secret } from '../../../services/secrets/secret.ts';
import { refusal } from '../../support/mailroom-stage.ts';
import { ManualClock } from '../../support/manual-clock.ts';

const host = 'contoso-my.sharepoint.com';
const signed = '/download.aspx?UniqueId=1&tempauth=v1.very-secret';

let server: Server;
let caPem = '';
let answer: (request: IncomingMessage, response: ServerResponse) => void = (_, response) => response.end();
let requests: IncomingMessage[] = [];
let lines: string[] = [];
let clock = new ManualClock();

beforeAll(async () => {
  const authority = await createCertificateAuthority();
  caPem = authority.caPem;
  const { certPem, keyPem } = await issueLoopbackCertificate(authority, [host]);
  server = createServer({ cert: certPem, key: keyPem }, (request, response) => {
    requests.push(request);
    answer(request, response);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
afterEach(() => {
  requests = [];
  lines = [];
  clock = new ManualClock();
});

function fetchFrom(url: string, changes: Partial<SharedFilesOptions> = {}): Promise<Uint8Array> {
  const note = (details: object, message: string): void => void lines.push(JSON.stringify([details, message]));
  const files = createSharedFiles({
    clock,
    log: { info: note, warn: note, error: note },
    tlsContext: createTlsContext(caPem),
    proxy: null,
    standInOrigin: null,
    // The true name leads to the server here, as if SharePoint were on this machine.
    resolve: async () => [{ address: '127.0.0.1', family: 4 }],
    listensOn: () => (server.address() as AddressInfo).port,
    networks: ['127.0.0.0/8'],
    ...changes,
  });
  return files.download({ name: 'boxes.csv', fileType: 'csv', downloadUrl: new Secret(url) });
}
const fetchIt = (changes?: Partial<SharedFilesOptions>): Promise<Uint8Array> =>
  fetchFrom(`https://${host}${signed}`, changes);

describe('an attached file', () => {
  it('is fetched as it is, by a request that carries nothing but its address', async () => {
    answer = (_, response) => void response.end(Buffer.from([0xff, 0xfe, 0x61, 0x00]));
    expect([...(await fetchIt())]).toEqual([0xff, 0xfe, 0x61, 0x00]);
    const [request] = requests;
    expect(request?.url).toBe(signed);
    expect(Object.keys(request?.headers ?? {}).toSorted()).toEqual(['accept', 'accept-encoding', 'connection', 'host']);
    expect(request?.headers['accept-encoding']).toBe('identity');
  });

  it('is followed to where it was moved within Teams, three times', async () => {
    let hops = 0;
    answer = (_, response) => {
      hops += 1;
      if (hops <= 3) response.writeHead(302, { location: `/download.aspx?hop=${hops}` });
      response.end(hops <= 3 ? '' : 'a@b.test');
    };
    expect(Buffer.from(await fetchIt()).toString()).toBe('a@b.test');
    hops = -10;
    expect(await refusal(fetchIt())).toBe('import.file-host');
  });

  it.each([
    'http://169.254.169.254/latest/meta-data/iam/',
    'https://evil.example/boxes.csv',
    `https://${host}@evil.example/`,
    `http://${host}/boxes.csv`,
    'https://127.0.0.1/',
    '//evil.example/x',
    'not a place\\\\evil.example',
    '',
  ])('is not followed to %j', async (location) => {
    answer = (_, response) => {
      response.writeHead(302, { location });
      response.end();
    };
    // A place that is none leads back to the same file, and at last nowhere.
    expect(await refusal(fetchIt())).toBe('import.file-host');
    expect(requests.every(({ headers }) => headers.host === host)).toBe(true);
  });

  it.each([
    [404, 'import.file-gone'],
    [403, 'import.file-gone'],
    [401, 'import.file-gone'],
    [500, 'import.file-unreachable'],
    [206, 'import.file-unreachable'],
    [304, 'import.file-unreachable'],
  ])('that is answered with %i is told apart: %s', async (status, code) => {
    answer = (_, response) => {
      response.writeHead(status, { 'set-cookie': 'FedAuth=secret' });
      response.end();
    };
    expect(await refusal(fetchIt())).toBe(code);
  });

  it('is read up to the limit and not a byte further, announced or not', async () => {
    const ofSize = (bytes: number, announced: boolean) => (_: IncomingMessage, response: ServerResponse) => {
      if (announced) response.setHeader('content-length', bytes);
      response.write(Buffer.alloc(1, 'a'));
      response.end(Buffer.alloc(bytes - 1, 'a'));
    };
    answer = ofSize(fileByteLimit, true);
    expect((await fetchIt()).byteLength).toBe(fileByteLimit);
    for (const announced of [true, false]) {
      answer = ofSize(fileByteLimit + 1, announced);
      expect(await refusal(fetchIt())).toBe('import.file-too-large');
    }
  });

  it('that comes packed is not unpacked', async () => {
    answer = (_, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' });
      response.end(Buffer.alloc(100));
    };
    expect(await refusal(fetchIt())).toBe('import.file-not-text');
  });

  it.each(['before its first byte', 'after it'])('that hangs %s is given up when its time is over', async (when) => {
    const asked = new Promise<void>((resolve) => {
      answer = (_, response) => {
        if (when === 'after it') response.write('a');
        resolve();
      };
    });
    const fetching = refusal(fetchIt());
    await asked;
    clock.advance(downloadDeadlineMs);
    expect(await fetching).toBe('import.file-slow');
    expect(clock.timers).toBe(0);
  });

  it('is not asked for at an address of the cloud’s own machines, whatever its name resolves to', async () => {
    for (const address of ['169.254.169.254', '127.0.0.1', '::1', 'fd00:ec2::254', '168.63.129.16', '0.0.0.0']) {
      const family = address.includes(':') ? 6 : 4;
      const resolve = async () => [{ address, family }];
      expect(await refusal(fetchIt({ resolve, networks: [] }))).toBe('import.file-unreachable');
    }
    expect(requests).toEqual([]);
  });

  it('is not taken from a server that has another name in its certificate', async () => {
    expect(await refusal(fetchFrom(`https://fabrikam.sharepoint.com${signed}`))).toBe('import.file-unreachable');
    expect(requests).toEqual([]);
  });

  it('leaves its address in no error and in no log', async () => {
    answer = (request) => request.socket.destroy();
    const error: unknown = await fetchIt().catch((thrown: unknown) => thrown);
    const { message, stack, cause } = error as Error;
    for (const text of [message, stack, String(cause), JSON.stringify(error), ...lines])
      expect(text).not.toMatch(/secret|UniqueId|sharepoint/);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('ConnectionReset');
  });

  it('of a channel has no address, and is not asked for', async () => {
    const files = createSharedFiles({
      clock,
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
      tlsContext: createTlsContext(caPem),
      proxy: null,
      standInOrigin: null,
    });
    const file = { name: 'boxes.csv', fileType: 'csv', downloadUrl: null };
    expect(await refusal(files.download(file))).toBe('import.file-personal-only');
  });
});
