import type { Attempt, FrontDoor } from '../authentication/front-door.ts';
import type { ClientConnection } from '../authentication/scheme.ts';
import { readBody } from '../http/body.ts';
import { isAfterwards, misbehave, type ResetConnection } from '../http/misbehave.ts';
import { replyPlain, replyUnauthorized, replyXml, type Exchange } from '../http/reply.ts';
import type { Organization } from '../mailbox/organization.ts';
import type { AutodiscoverLog } from './log.ts';
import { poxError, poxRedirect, poxSettings, readPoxRequest } from './pox.ts';
import { isWireFault, type AutodiscoverRuleBook } from './rule-book.ts';
import type { AutodiscoverAction, AutodiscoverProtocol } from './rule.ts';
import { userSettings, type PublishedUrls } from './settings.ts';
import { isInvalid, readSoapRequest, soapAnswer, soapError, soapFault, type SoapOutcome } from './soap.ts';

export interface AutodiscoverParts {
  readonly door: FrontDoor;
  readonly organization: Organization;
  readonly rules: AutodiscoverRuleBook;
  readonly log: AutodiscoverLog;
  readonly onAttempt: (attempt: Attempt, connection: ClientConnection) => void;
  /** The addresses to publish to a client that came by this Host header. */
  readonly urls: (host: string) => PublishedUrls;
  readonly reset: ResetConnection;
}

type Answer = { readonly xml: string; readonly status?: number } | { readonly fault: AutodiscoverAction };

/** A request for settings is small. */
const MAX_BYTES = 1024 * 1024;
const UNKNOWN = "The email address can't be found.";
/** From these headers of a 401 a client knows which services there are (shared facts, exchange.md §6.5). */
const OFFERS = ['X-SOAP-Enabled', 'True', 'X-WSSecurity-Enabled', 'True', 'X-WSSecurity-For', 'None'];

/** `/Autodiscover/Autodiscover.xml` and `.svc`. */
export async function serveAutodiscover(
  received: Exchange,
  connection: ClientConnection,
  protocol: Exclude<AutodiscoverProtocol, 'http'>,
  parts: AutodiscoverParts,
): Promise<void> {
  const { request, response } = received;
  const host = request.headers.host ?? '';
  const note = noteIn(parts.log, received, connection, protocol);
  const exchange: Exchange = { ...received, onAnswer: () => note.settle(response.statusCode) };
  response.once('close', () => note.settle(0));

  const trouble = parts.rules.atTheDoor(protocol, hostName(host));
  if (trouble !== undefined && !isAfterwards(trouble)) {
    await misbehave(exchange, trouble, parts.door.challenges, parts.reset);
    return;
  }
  if (
    request.method === 'POST' &&
    request.headers['content-length'] === undefined &&
    !request.headers['transfer-encoding']
  ) {
    replyPlain(exchange, 411, '<h2>Length Required</h2>');
    return;
  }
  const { principal, attempt, challenges, headers } = await parts.door.admit(request.headers.authorization, connection);
  if (attempt) parts.onAttempt(attempt, connection);
  if (!principal) {
    const hasBearer = challenges.some(({ scheme }) => scheme === 'Bearer');
    const offers = hasBearer ? [...OFFERS, 'X-OAuth-Enabled', 'True'] : OFFERS;
    replyUnauthorized({ ...exchange, headers: [...headers, ...offers] }, challenges);
    return;
  }
  note.account = principal.userName;
  const welcomed: Exchange = { ...exchange, headers };
  const body = request.method === 'POST' ? await readBody(request, MAX_BYTES) : '';
  if (body === undefined) {
    if (!request.socket.destroyed) replyPlain(welcomed, 400, '', ['Connection', 'close']);
    return;
  }
  const answer = protocol === 'pox' ? answerPox(body, welcomed, parts, note) : answerSoap(body, welcomed, parts, note);
  if ('xml' in answer) replyXml(welcomed, answer.status ?? 200, answer.xml, undefined);
  else if (isWireFault(answer.fault) && !isAfterwards(answer.fault)) {
    await misbehave(welcomed, answer.fault, parts.door.challenges, parts.reset);
  }
}

function answerPox(body: string, { identity, request }: Exchange, parts: AutodiscoverParts, note: Note): Answer {
  const now = parts.organization.now();
  const asked = readPoxRequest(body);
  if ('refusal' in asked) return { xml: poxError(asked.refusal, now) };
  note.address = asked.address;
  const host = request.headers.host ?? '';
  const action = parts.rules.forAddress('pox', hostName(host), asked.address);
  if (action !== undefined && isWireFault(action)) return { fault: action };
  if (action && 'redirectAddress' in action) return { xml: poxRedirect('redirectAddr', action.redirectAddress) };
  if (action && 'redirectUrl' in action) return { xml: poxRedirect('redirectUrl', action.redirectUrl) };
  if (action && 'error' in action) {
    const code = typeof action.error === 'number' ? action.error : action.error === 'InvalidUser' ? 500 : 600;
    return { xml: poxError(code, now, action.text) };
  }
  const mailbox = parts.organization.find(asked.address);
  if (!mailbox) return { xml: poxError(500, now) };
  const urls = applied(parts.urls(host), action);
  const settings = userSettings(mailbox, identity.product, identity.domain, urls);
  return { xml: poxSettings(settings, identity.product, identity.host) };
}

function answerSoap(body: string, { identity, request }: Exchange, parts: AutodiscoverParts, note: Note): Answer {
  const { product, domain } = identity;
  const asked = readSoapRequest(body);
  if (!asked)
    return { xml: soapFault('The formatter threw an exception while trying to deserialize the message.'), status: 500 };
  if (isInvalid(asked)) return { xml: soapError(product, 'InvalidRequest', 'The request is invalid.') };
  note.address = asked.addresses[0] ?? null;
  const host = request.headers.host ?? '';
  const outcomes: SoapOutcome[] = [];
  for (const address of asked.addresses) {
    const action = parts.rules.forAddress('soap', hostName(host), address);
    if (action !== undefined && isWireFault(action)) return { fault: action };
    if (action && 'error' in action && action.error === 'ServerBusy') {
      return { xml: soapError(product, 'ServerBusy', action.text ?? 'The server is too busy to process the request.') };
    }
    const mailbox = parts.organization.find(address);
    if (action && 'redirectAddress' in action) {
      outcomes.push({ kind: 'redirect', to: 'RedirectAddress', target: action.redirectAddress });
    } else if (action && 'redirectUrl' in action) {
      outcomes.push({ kind: 'redirect', to: 'RedirectUrl', target: action.redirectUrl });
    } else if (action && 'error' in action) {
      const code =
        typeof action.error === 'string' ? action.error : action.error === 500 ? 'InvalidUser' : 'InvalidRequest';
      outcomes.push({ kind: 'error', code, text: action.text ?? UNKNOWN });
    } else if (!mailbox) outcomes.push({ kind: 'error', code: 'InvalidUser', text: UNKNOWN });
    else
      outcomes.push({
        kind: 'settings',
        settings: userSettings(mailbox, product, domain, applied(parts.urls(host), action)),
      });
  }
  return { xml: soapAnswer(product, asked, outcomes) };
}

function applied(urls: PublishedUrls, action: AutodiscoverAction | undefined): PublishedUrls {
  if (typeof action !== 'object' || !('settings' in action)) return urls;
  const { externalEwsUrl = urls.external, internalEwsUrl = urls.internal } = action.settings;
  return { external: externalEwsUrl ?? undefined, internal: internalEwsUrl ?? undefined };
}

/** Host without its port. */
export function hostName(host: string): string {
  return host.replace(/:\d+$/, '').toLowerCase();
}

/** Gathers what becomes known of a request, and logs it once. */
export interface Note {
  account: string | null;
  address: string | null;
  settle(status: number): void;
}

export function noteIn(
  log: AutodiscoverLog,
  { request }: Exchange,
  connection: ClientConnection,
  protocol: AutodiscoverProtocol,
): Note {
  const time = new Date().toISOString();
  let isSettled = false;
  const note: Note = {
    account: null,
    address: null,
    settle(status) {
      if (isSettled) return;
      isSettled = true;
      const [scheme = null] = /^[A-Za-z]{1,20}(?=\s|$)/.exec(request.headers.authorization ?? '') ?? [];
      log.add({
        time,
        protocol,
        method: request.method ?? '',
        host: request.headers.host ?? '',
        path: request.url ?? '',
        scheme: request.headers.authorization === undefined ? null : (scheme ?? 'unreadable'),
        account: note.account,
        address: note.address,
        connection: connection.id,
        status,
      });
    },
  };
  return note;
}
