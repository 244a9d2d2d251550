import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Challenge } from '../authentication/front-door.ts';
import { buildText, type Product } from '../products.ts';
import type { RawHeaders } from './raw-headers.ts';

/** Who answers: what the headers tell of the server. */
export interface Identity {
  readonly product: Product;
  /** The public name. */
  readonly host: string;
  readonly domain: string;
}

/** Headers that echo the request or name it. */
function requestIds(request: IncomingMessage): RawHeaders {
  const headers = ['request-id', randomUUID()];
  const clientId = request.headers['client-request-id'];
  if (request.headers['return-client-request-id'] === 'true' && typeof clientId === 'string') {
    headers.push('client-request-id', clientId);
  }
  return headers;
}

/**
 * A 401 in the order on record from Exchange 2019 (shared facts, exchange.md §6.3): Windows schemes come from IIS, ahead
 * of the front end's own headers; Basic and Bearer after them.
 */
export function unauthorizedHeaders(
  request: IncomingMessage,
  identity: Identity,
  challenges: readonly Challenge[],
): RawHeaders {
  const { product, domain } = identity;
  const split = challenges.findIndex(({ scheme }) => scheme === 'Basic' || scheme === 'Bearer');
  const windows = split === -1 ? challenges : challenges.slice(0, split);
  const others = split === -1 ? [] : challenges.slice(split);
  const authenticate = (part: readonly Challenge[]): RawHeaders =>
    part.flatMap(({ value }) => ['www-authenticate', value]);
  return [
    'cache-control',
    'private',
    'server',
    product.iis,
    ...requestIds(request),
    'x-calculatedbetarget',
    `${product.computer.toLowerCase()}.${domain}`,
    'x-aspnet-version',
    '4.0.30319',
    'x-owa-version',
    buildText(product),
    ...authenticate(windows),
    'x-powered-by',
    'ASP.NET',
    'x-feserver',
    product.computer,
    ...authenticate(others),
    'date',
    new Date().toUTCString(),
    'content-length',
    '0',
  ];
}

/** The headers of an answer that came from the EWS application itself. */
export function answerHeaders(request: IncomingMessage, identity: Identity, operation: string | undefined): RawHeaders {
  const { product, domain } = identity;
  const headers = [
    'Cache-Control',
    'private',
    'Transfer-Encoding',
    'chunked',
    'Content-Type',
    'text/xml; charset=utf-8',
    'Server',
    product.iis,
    ...requestIds(request),
    'X-CalculatedBETarget',
    `${product.computer.toLowerCase()}.${domain}`,
    'X-DiagInfo',
    product.computer,
    'X-BEServer',
    product.computer,
    'X-FEServer',
    product.computer,
    'X-AspNet-Version',
    '4.0.30319',
    'X-OWA-Version',
    buildText(product),
    'X-Powered-By',
    'ASP.NET',
  ];
  if (operation !== undefined) headers.push('x-EwsHandler', operation);
  const directory = /^\/autodiscover\//i.test(request.url ?? '') ? '/Autodiscover' : '/EWS';
  if (!/exchangecookie=/.test(request.headers.cookie ?? '')) {
    headers.push('Set-Cookie', `exchangecookie=${randomUUID().replaceAll('-', '')}; path=/; HttpOnly`);
    headers.push(
      'Set-Cookie',
      `X-BackEndCookie=${randomUUID().replaceAll('-', '')}; path=${directory}; secure; HttpOnly`,
    );
  }
  headers.push('Date', new Date().toUTCString());
  return headers;
}

/** The headers of an answer by IIS alone, before any application has seen the request. */
export function plainHeaders(identity: Identity, body: string, type = 'text/html'): RawHeaders {
  return [
    'Content-Type',
    type,
    'Server',
    identity.product.iis,
    'X-Powered-By',
    'ASP.NET',
    'Date',
    new Date().toUTCString(),
    'Content-Length',
    String(Buffer.byteLength(body)),
  ];
}
