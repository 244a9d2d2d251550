import { setTimeout as delay } from 'node:timers/promises';
import type { FrontDoor } from '../authentication/front-door.ts';
import type { ClientConnection, Principal } from '../authentication/scheme.ts';
import type { ConcurrencyBudget } from '../budget.ts';
import type { Misfortune, RuleBook } from '../faults/rule-book.ts';
import { actingMailbox, type ImpersonationScope } from '../impersonation.ts';
import type { Delegates } from '../mailbox/delegates.ts';
import type { Organization } from '../mailbox/organization.ts';
import { delegatedAddress } from '../operations/folder-ids.ts';
import { perform } from '../operations/perform.ts';
import { OPERATIONS } from '../operations/table.ts';
import type { RequestLog } from '../request-log.ts';
import type { Operation, OperationContext, WholeOperation } from '../operations/operation.ts';
import { readCall, readImpersonation, requestVersion, type SoapCall } from '../soap/call.ts';
import { answerEnvelope, faultEnvelope, wholeEnvelope } from '../soap/envelope.ts';
import { EwsError, ewsFault } from '../soap/ews-error.ts';
import { checkShape } from '../soap/schema.ts';
import { XmlReadError } from '../xml/read.ts';
import { element } from '../xml/write.ts';
import { MAX_BODY_BYTES, readBody } from './body.ts';
import { cutAnswer, isAfterwards, misbehave, type ResetConnection } from './misbehave.ts';
import { replyPlain, replyUnauthorized, replyXml, type Exchange } from './reply.ts';
import { Trace } from './trace.ts';

/** What the endpoint works with. */
export interface EwsParts {
  readonly door: FrontDoor;
  readonly organization: Organization;
  readonly rules: RuleBook;
  readonly budget: ConcurrencyBudget;
  /** Whose budget a request uses: the account's, or the account's for each mailbox; the sources disagree. */
  readonly budgetPer: 'account' | 'mailbox';
  readonly scope: ImpersonationScope;
  readonly delegates: Delegates;
  readonly latencyMs: number;
  /** How long a request for streaming events waits for one. */
  readonly streamingMs: number;
  readonly log: RequestLog;
  readonly reset: ResetConnection;
  /** Ends waiting when the server is closed. */
  readonly closing: AbortSignal;
}

/** `/EWS/Exchange.asmx`. */
export async function serveEws(received: Exchange, connection: ClientConnection, parts: EwsParts): Promise<void> {
  const trace = new Trace(received, connection, parts.log);
  let exchange: Exchange = {
    ...received,
    onAnswer: () => {
      trace.settle(received.response.statusCode);
    },
  };
  const { request, response } = exchange;
  // Where no answer was begun: a hanging or broken connection.
  response.once('close', () => {
    trace.settle(0);
  });

  if (refuseByHttp(exchange)) return;
  const { principal, attempt, challenges, headers } = await parts.door.admit(request.headers.authorization, connection);
  if (attempt) trace.signIn(attempt);
  exchange = { ...exchange, headers };
  if (!principal) {
    replyUnauthorized(exchange, challenges);
    return;
  }
  trace.account = principal.userName;
  if (request.method !== 'POST') {
    replyPlain(exchange, 302, '', ['Location', '/EWS/Services.wsdl']);
    return;
  }
  if (!/^text\/xml\b/i.test(request.headers['content-type'] ?? '')) {
    replyPlain(exchange, 415);
    return;
  }
  await answerCall(exchange, principal, parts, trace);
}

/** What http.sys and IIS refuse before anybody is asked who they are. */
function refuseByHttp(exchange: Exchange): boolean {
  const { headers, method } = exchange.request;
  if (method !== 'POST' && method !== 'GET' && method !== 'HEAD') replyPlain(exchange, 405, '', ['Allow', 'GET, POST']);
  else if (method === 'POST' && headers['content-length'] === undefined && headers['transfer-encoding'] === undefined) {
    replyPlain(exchange, 411, '<h2>Length Required</h2>');
  } else if (Number(headers['content-length'] ?? 0) > MAX_BODY_BYTES) {
    // 404.13, "content length too large".
    replyPlain(exchange, 404, '', ['Connection', 'close']);
  } else return false;
  return true;
}

async function answerCall(exchange: Exchange, principal: Principal, parts: EwsParts, trace: Trace): Promise<void> {
  const text = await readBody(exchange.request);
  if (text === undefined) {
    if (!exchange.request.socket.destroyed) replyPlain(exchange, 400, '', ['Connection', 'close']);
    return;
  }
  try {
    await carryOut(exchange, text, principal, parts, trace);
  } catch (error) {
    if (error instanceof XmlReadError) {
      // WCF answers what it cannot read with a bare 400.
      replyPlain(exchange, 400);
    } else if (error instanceof EwsError) {
      trace.code = error.code;
      replyXml(exchange, 500, faultEnvelope(error), trace.operation ?? undefined);
    } else if (!parts.closing.aborted) throw error;
  }
}

async function carryOut(
  exchange: Exchange,
  text: string,
  principal: Principal,
  parts: EwsParts,
  trace: Trace,
): Promise<void> {
  const { organization, rules, budget, delegates } = parts;
  const { product } = exchange.identity;
  const call = readCall(text);
  trace.operation = call.operation;
  const version = requestVersion(call, product);
  const impersonation = readImpersonation(call);
  const mailboxName =
    impersonation?.value ?? delegatedAddress(call.request, organization) ?? principal.principalName ?? '';
  trace.mailbox = mailboxName === '' ? null : mailboxName;

  const { userName } = principal;
  const owner = parts.budgetPer === 'account' ? userName : `${userName}\n${mailboxName.toLowerCase()}`;
  trace.inFlight = budget.enter(owner);
  trace.onSettled = () => {
    budget.leave(owner);
  };
  if (trace.inFlight > budget.limit) throw budget.exceeded();

  const misfortune = rules.strike(mailboxName, call.operation);
  const waitMs = parts.latencyMs + misfortune.slowMs;
  if (waitMs > 0) await delay(waitMs, undefined, { signal: parts.closing });
  if (exchange.response.destroyed) return;
  if (misfortune.wire !== undefined && !isAfterwards(misfortune.wire)) {
    await misbehave(exchange, misfortune.wire, parts.door.challenges, parts.reset);
    return;
  }
  if (misfortune.error?.place === 'fault') throw misfortune.error;

  const operation = OPERATIONS.get(call.operation);
  if (!operation) throw ewsFault('ErrorInvalidRequest');
  checkShape(call.request, operation.shape);
  const mailbox = actingMailbox(organization, principal, impersonation, parts.scope);
  const { conditions } = misfortune;
  const context = {
    organization,
    mailbox,
    product,
    version,
    conditions,
    access: 'owner',
    delegates,
  } as const;
  if ('untilDue' in operation && !misfortune.error) {
    await dueOrLate(parts, (signal) => operation.untilDue?.(call.request, context, signal));
    if (exchange.response.destroyed) return;
  }
  const { xml, code } = answerXml(operation, call, context, misfortune.error);
  trace.code = code;
  finish(exchange, xml, call.operation, misfortune, parts);
}

/** Waits for the operation, but no longer than streaming may take, nor than the server lives. */
async function dueOrLate(
  { streamingMs, closing }: EwsParts,
  untilDue: (signal: AbortSignal) => Promise<unknown> | undefined,
): Promise<void> {
  const ended = new AbortController();
  const signal = AbortSignal.any([ended.signal, closing]);
  try {
    await Promise.race([untilDue(signal), delay(streamingMs, undefined, { signal })]);
  } finally {
    ended.abort();
  }
}

function answerXml(
  operation: Operation | WholeOperation,
  { operation: name, request }: SoapCall,
  context: OperationContext,
  refusal: EwsError | undefined,
): { readonly xml: string; readonly code: string } {
  const { product } = context;
  if ('respond' in operation) {
    const { content, code, responseClass } = operation.respond(request, context, refusal);
    const answer = element(operation.responseName, { ResponseClass: responseClass }, ...content);
    return { xml: wholeEnvelope(product, answer), code };
  }
  const messages = perform(operation, request, context, refusal);
  const code = messages.find(({ responseClass }) => responseClass !== 'Success')?.code ?? 'NoError';
  return { xml: answerEnvelope(product, name, messages), code };
}

function finish(exchange: Exchange, xml: string, operation: string, { wire }: Misfortune, { reset }: EwsParts): void {
  if (wire === 'lost') reset(exchange);
  else if (wire === 'cut') cutAnswer(exchange, 200, xml, reset);
  else replyXml(exchange, 200, xml, operation);
}
