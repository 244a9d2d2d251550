import {
  ConfidentialClientApplication,
  type INetworkModule,
  type NetworkRequestOptions,
  type NetworkResponse,
  type NodeAuthOptions,
} from '@azure/msal-node';
import type { Clock } from '../../model/clock.ts';
import type { FaultCode } from '../../model/fault-catalogue.ts';
import type { Fault } from '../../model/fault.ts';
import { isResource, isTenant } from '../../model/modern-authentication.ts';
import { Secret } from '../../secrets/secret.ts';
import type { ClientCertificate } from './certificate.ts';
import { scopeOf, type LoginService } from './login-service.ts';
import type { SecureAnswer, SecureRequests, SecureResult } from './secure-requests.ts';
import { judgeRefusal, parseObject, tokenFault, type RefusalContext, type TokenParties } from './token-refusal.ts';

/** Who asks for what; nothing here is secret. */
export interface TokenSubject {
  readonly tenant: string;
  readonly clientId: string;
  /** As `resourceOf` gives it. */
  readonly resource: string;
}

export type AppCredential =
  | { readonly kind: 'secret'; readonly secret: Secret }
  | { readonly kind: 'certificate'; readonly certificate: ClientCertificate; readonly sendChain: boolean };

export interface AccessToken {
  readonly token: Secret;
  /** Epoch milliseconds by the clock that was handed in. */
  readonly expiresAt: number;
}

export type TokenResult =
  { readonly token: AccessToken; readonly fault: null } | { readonly token: null; readonly fault: Fault };

export interface TokenRequester {
  readonly login: LoginService;
  readonly requests: SecureRequests;
  readonly clock: Clock;
  readonly deadlineMs?: number;
  /** Hears of every request for a token that has ended. */
  readonly onToken?: (request: TokenCall) => void;
}

export interface TokenCall {
  /** Host of the sign-in service. */
  readonly server: string;
  readonly code: FaultCode | 'NoError';
  readonly durationMs: number;
}

export const tokenDeadlineMs = 10_000;
/** Entra's longest tokens live 28 hours; a longer life is a mistake that would keep a dead token for good. */
const longestLifeS = 28 * 3600;
/** A header of Exchange (http.sys) holds 16 kB. */
const longestToken = 12_000;

export function partiesOf(login: LoginService, { tenant, clientId, resource }: TokenSubject): TokenParties {
  return { clientId, resource, loginHost: login.host, authority: `${login.url}/${tenant}` };
}

/**
 * One token by client credentials (learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow). Never
 * rejects. msal makes the assertion and speaks the protocol; what the server said is judged from its own answer, since
 * msal keeps neither status nor numbers of every error. Each acquisition has an application of its own: msal's caches
 * would hold tokens in the clear, remember an endpoint that has changed, and go by a clock that cannot be moved.
 */
export async function requestToken(
  requester: TokenRequester,
  subject: TokenSubject,
  credential: AppCredential,
): Promise<TokenResult> {
  const parties = partiesOf(requester.login, subject);
  if (!isTenant(subject.tenant)) return refused(tokenFault('OAuthTenantNotFound', parties));
  if (!isResource(subject.resource)) return refused(tokenFault('OAuthResourceNotFound', parties));
  const startedAt = performance.now();
  const result = await askForToken(requester, subject, credential);
  const durationMs = performance.now() - startedAt;
  requester.onToken?.({ server: requester.login.host, code: result.fault?.code ?? 'NoError', durationMs });
  return result;
}

async function askForToken(
  requester: TokenRequester,
  subject: TokenSubject,
  credential: AppCredential,
): Promise<TokenResult> {
  const { login, requests, clock } = requester;
  const parties = partiesOf(login, subject);
  const controller = new AbortController();
  const cancel = clock.after(requester.deadlineMs ?? tokenDeadlineMs, () => controller.abort());
  const network = new RecordedNetwork(requests, controller.signal);
  const askedAt = clock.now();
  const certificateEndsAt = credential.kind === 'certificate' ? credential.certificate.notAfter : null;
  const context: RefusalContext = { ...parties, certificateEndsAt, nowMs: askedAt };
  try {
    const client = new ConfidentialClientApplication({
      auth: {
        clientId: subject.clientId,
        authority: parties.authority,
        // msal asks Microsoft which hosts are Entra; another one is vouched for by the operator's setting.
        ...(login.isMicrosofts ? {} : { knownAuthorities: [login.host] }),
        ...credentialOptions(credential),
      },
      system: { networkClient: network },
    });
    const result = await client.acquireTokenByClientCredential({
      scopes: [scopeOf(subject.resource)],
      skipCache: true,
    });
    const answer = network.last?.answer ?? null;
    // msal looks at the fields alone: a token in the answer of a broken gateway would be one to it.
    if (answer === null || answer.status !== 200) return refused(faultOf(null, network.last, context));
    return readToken(result?.accessToken, answer, askedAt, parties);
  } catch (error) {
    return refused(faultOf(error, network.last, context));
  } finally {
    cancel();
  }
}

function credentialOptions(credential: AppCredential): Partial<NodeAuthOptions> {
  if (credential.kind === 'secret') return { clientSecret: credential.secret.reveal() };
  const { x5tS256, privateKey, chain } = credential.certificate;
  return {
    clientCertificate: {
      thumbprintSha256: Buffer.from(x5tS256, 'base64url').toString('hex'),
      privateKey: privateKey.reveal(),
      ...(credential.sendChain ? { x5c: chain } : {}),
    },
  };
}

const refused = (fault: Fault): TokenResult => ({ token: null, fault });

function readToken(token: unknown, answer: SecureAnswer, askedAt: number, parties: TokenParties): TokenResult {
  // RFC 6750 §2.1: anything else would end the header, or begin another one. msal hands on what came, of any type.
  if (typeof token !== 'string' || !/^[\w.~+/-]+=*$/.test(token) || token.length > longestToken) {
    return refused(tokenFault('OAuthOther', parties, 'token-malformed'));
  }
  // Not msal's date, which is taken from the machine's clock. The span counts from the question: too early, never late.
  const said = parseObject(answer.body)?.['expires_in'];
  const lifeS = typeof said === 'number' || typeof said === 'string' ? Number(said) : Number.NaN;
  if (!Number.isFinite(lifeS) || lifeS <= 0) return refused(tokenFault('OAuthOther', parties, 'expires-in-malformed'));
  const expiresAt = askedAt + Math.min(lifeS, longestLifeS) * 1000;
  return { token: { token: new Secret(token), expiresAt }, fault: null };
}

function faultOf(error: unknown, last: SecureResult | null, context: RefusalContext): Fault {
  if (last?.fault) return tokenFault('OAuthUnreachable', context, last.fault.code);
  if (last?.answer) {
    const { status, body } = last.answer;
    const isRefusal = status >= 400 || parseObject(body)?.['error'] !== undefined;
    if (isRefusal) return judgeRefusal(last.answer, context);
    return tokenFault('OAuthOther', context, status >= 300 ? `HTTP ${status}` : 'answer-malformed');
  }
  // Nothing was sent: msal did not like what it was given, most likely the key.
  return tokenFault('OAuthOther', context, messageFreeCode(error));
}

/** msal's own code of an error. Its message may quote what it was given, so it goes nowhere. */
function messageFreeCode(error: unknown): string {
  const code: unknown = typeof error === 'object' && error !== null && 'errorCode' in error ? error.errorCode : null;
  return typeof code === 'string' && /^[a-z\d_]{1,60}$/i.test(code) ? code : 'not-sent';
}

/** msal's network on top of ours. It remembers what came last, for the judgement afterwards. */
class RecordedNetwork implements INetworkModule {
  last: SecureResult | null = null;
  readonly #requests: SecureRequests;
  readonly #signal: AbortSignal;

  constructor(requests: SecureRequests, signal: AbortSignal) {
    this.#requests = requests;
    this.#signal = signal;
  }

  sendGetRequestAsync<T>(url: string, options?: NetworkRequestOptions): Promise<NetworkResponse<T>> {
    return this.#send<T>(url, 'GET', options);
  }

  sendPostRequestAsync<T>(url: string, options?: NetworkRequestOptions): Promise<NetworkResponse<T>> {
    return this.#send<T>(url, 'POST', options);
  }

  async #send<T>(url: string, method: 'GET' | 'POST', options?: NetworkRequestOptions): Promise<NetworkResponse<T>> {
    const headers = { accept: 'application/json', ...options?.headers };
    const body = method === 'POST' ? { body: options?.body ?? '' } : {};
    this.last = await this.#requests.send({ url, method, headers, ...body }, this.#signal);
    const { answer } = this.last;
    const fields = answer === null ? null : parseObject(answer.body);
    if (answer === null || fields === null || (answer.status >= 300 && answer.status < 400)) {
      throw new Error('no answer that OAuth knows');
    }
    const plain = Object.entries(answer.headers).map(([name, value]) => [name, String(value)] as const);
    // T is msal's guess at the body; it checks what it got itself.
    return { status: answer.status, headers: Object.fromEntries(plain), body: fields as T };
  }
}
