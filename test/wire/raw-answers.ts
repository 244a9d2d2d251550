import { mutateText, encodeText } from './text-mutations.ts';
import type { Random } from './random.ts';

/** What goes over a socket as the answer to one request. */
export interface RawAnswer {
  readonly bytes: Buffer;
  /** What becomes of the connection behind it. `hold`: nothing more comes, ever. */
  readonly then: 'keep' | 'end' | 'reset' | 'hold';
}

export interface PlainAnswer {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
}

/** The statuses that mean something to somebody, and some that mean nothing. */
export const statuses = [
  200, 204, 206, 301, 302, 307, 400, 401, 403, 404, 405, 411, 413, 415, 429, 440, 456, 500, 501, 502, 503, 504, 599,
  600, 999,
] as const;

export const waits = [
  '0',
  '1',
  '-5',
  '1e9',
  '99999999999',
  'soon',
  'Wed, 21 Oct 2099 07:28:00 GMT',
  '',
  '7, 8',
  '  3',
] as const;

export const places = [
  '',
  '/owa/auth/logon.aspx?url=x',
  'https://evil.test/EWS/Exchange.asmx',
  '//evil.test',
  'javascript:alert(1)',
  `https://${'a.'.repeat(500)}test/`,
  'http://[::1',
  '/genericerrorpage.htm',
] as const;

export const offers = [
  'Basic realm="mail.contoso.test"',
  'NTLM',
  'Negotiate',
  'Bearer client_id="x", authorization_uri="https://login.test/common"',
  'NTLM AAAA',
  'Basic',
  '"',
  'Basic,,=,"',
  `${'X'.repeat(200)}, NTLM`,
  ', '.repeat(2000),
] as const;

/** Headers that say something to who reads them. */
export const tellingHeaders = (random: Random): PlainAnswer['headers'] =>
  random.pick<PlainAnswer['headers']>([
    [],
    [['Retry-After', random.pick(waits)]],
    [['Location', random.pick(places)]],
    [['WWW-Authenticate', random.pick(offers)]],
    [
      ['WWW-Authenticate', random.pick(offers)],
      ['WWW-Authenticate', random.pick(offers)],
    ],
    [['x-ms-diagnostics', random.pick(['2000003;reason="The token has expired."', '9'.repeat(5000), ';', '-1'])]],
    [['X-OWA-Version', random.pick(['15.2.1544.4', '1.2.3', 'x'.repeat(3000), ''])]],
    [['Content-Encoding', random.pick(['gzip', 'br', 'x'])]],
    [['Connection', random.pick(['close', 'keep-alive', 'upgrade', ''])]],
  ]);

const types = [
  'text/xml; charset=utf-8',
  'text/xml; charset=utf-16',
  'text/html',
  'application/json',
  'x',
  '',
] as const;

/** An answer of a server that was good once: something of its text, its head or its frame is wrong. */
export function mutatedAnswer(random: Random, body: string): RawAnswer {
  const headers: [string, string][] = [['Content-Type', random.once(4) ? random.pick(types) : types[0]]];
  const text = random.once(5) ? body : mutateText(random, body);
  // Most of the time it is the text that is read, so most of the time the rest is well.
  const isSpoilt = text === body || random.once(4);
  if (isSpoilt) headers.push(...tellingHeaders(random).map(([name, value]): [string, string] => [name, value]));
  const status = isSpoilt && random.once(2) ? random.pick(statuses) : 200;
  return frame(random, status, headers, encodeText(random, text), isSpoilt);
}

/** A whole answer, framed by its length, after which the connection stays. */
export function goodAnswer({ status, headers, body }: PlainAnswer): RawAnswer {
  const bytes = Buffer.from(body);
  return { bytes: join(status, [...headers, ['Content-Length', String(bytes.length)]], bytes), then: 'keep' };
}

function frame(
  random: Random,
  status: number,
  headers: [string, string][],
  body: Buffer,
  isSpoilt: boolean,
): RawAnswer {
  const whole = (length: number): Buffer => join(status, [...headers, ['Content-Length', String(length)]], body);
  if (!isSpoilt) return { bytes: whole(body.length), then: 'keep' };
  switch (random.below(20)) {
    case 0:
      return { bytes: whole(body.length + 1 + random.below(50)), then: random.pick(['end', 'reset']) };
    case 1:
      return { bytes: whole(Math.max(0, body.length - random.below(50))), then: 'end' };
    case 2:
      return {
        bytes: join(status, [...headers, ['Transfer-Encoding', 'chunked']], chunked(random, body)),
        then: 'end',
      };
    case 3:
      return {
        bytes: whole(body.length).subarray(0, random.below(body.length + 100)),
        then: random.pick(['end', 'reset']),
      };
    case 4:
      // Without a length the end of the connection is the end of the answer.
      return { bytes: join(status, headers, body), then: random.pick(['end', 'reset']) };
    case 5:
      return {
        bytes: Buffer.concat([
          Buffer.from(`HTTP/1.1 ${random.pick(['100', '103', '101'])} x\r\n\r\n`),
          whole(body.length),
        ]),
        then: 'end',
      };
    case 6:
      return { bytes: spoilHead(random, whole(body.length)), then: 'end' };
    case 7:
      return { bytes: join(status, [...headers, ...many(random)], body), then: 'end' };
    case 8:
      return {
        bytes: Buffer.concat([whole(body.length), Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')]),
        then: 'end',
      };
    case 9:
      return { bytes: Buffer.alloc(0), then: random.pick(['end', 'reset']) };
    case 10:
      // Costs the deadline, so it is rare.
      return random.once(6)
        ? { bytes: whole(body.length + 9), then: 'hold' }
        : { bytes: whole(body.length), then: 'end' };
    default:
      return { bytes: whole(body.length), then: random.pick(['keep', 'keep', 'end']) };
  }
}

function join(status: number, headers: PlainAnswer['headers'], body: Buffer): Buffer {
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return Buffer.concat([Buffer.from(`HTTP/1.1 ${status} X\r\n${lines}\r\n`, 'latin1'), body]);
}

function chunked(random: Random, body: Buffer): Buffer {
  const size = random.pick([
    body.length.toString(16),
    'zz',
    '-1',
    'ffffffffffffffff',
    '1',
    `${body.length.toString(16)};x=y`,
  ]);
  const end = random.pick(['\r\n0\r\n\r\n', '\r\n0\r\n', '', '\n', '\r\n0\r\nX: y\r\n\r\n']);
  return Buffer.concat([Buffer.from(`${size}\r\n`), body, Buffer.from(end)]);
}

const headJunk = [
  '\u0000',
  '\r\n',
  '\n ',
  ':',
  'é',
  ' ',
  '\r',
  '"',
  'HTTP/1.1 200 OK\r\n',
  'Content-Length: 3\r\n',
] as const;

function spoilHead(random: Random, bytes: Buffer): Buffer {
  const head = bytes.indexOf('\r\n\r\n');
  const at = random.below(Math.max(1, head));
  const rest = random.once(2) ? at : at + 1;
  return Buffer.concat([bytes.subarray(0, at), Buffer.from(random.pick(headJunk), 'latin1'), bytes.subarray(rest)]);
}

function many(random: Random): [string, string][] {
  if (random.once(2)) return [['X-Long', 'x'.repeat(random.pick([1000, 20_000]))]];
  return Array.from({ length: random.pick([50, 300, 3000]) }, (_, index): [string, string] => [`X-${index}`, 'y']);
}
