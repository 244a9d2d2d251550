import type { Connection, PlainRequest } from '../connection.ts';
import { schemesOf, tokenOf } from '../ews/http-headers.ts';
import type { WireAnswer } from '../wire-answer.ts';
import { FaultError } from '../wire-fault.ts';
import { readAccountName } from './account-name.ts';
import { channelBindingOf } from './channel-binding.ts';
import type { NtlmIdentity } from './identity.ts';
import { authenticateMessage, negotiateMessage, readChallenge, type Challenge } from './messages.ts';

export interface NtlmAccount {
  readonly userName: string;
  readonly password: string;
  /** Of the server, for the service principal name and for faults. */
  readonly host: string;
  readonly identity: NtlmIdentity;
}

/**
 * Sends a request over a connection that NTLM signs in: once for the connection, and once more when the server asks
 * again on a connection that it had let in (it recycled its state, or a load balancer moved us).
 */
export async function sendByNtlm(
  connection: Connection,
  request: PlainRequest,
  account: NtlmAccount,
  signal: AbortSignal,
): Promise<WireAnswer> {
  if (connection.isSignedIn) {
    const answer = await connection.request(request, signal);
    if (answer.status !== 401) return answer;
    connection.isSignedIn = false;
  }
  return account.identity.signIn(() => handshake(connection, request, account, signal), signal);
}

async function handshake(
  connection: Connection,
  request: PlainRequest,
  account: NtlmAccount,
  signal: AbortSignal,
): Promise<WireAnswer> {
  const { identity, host, userName, password } = account;
  const negotiate = negotiateMessage();
  const opened = await askForChallenge(connection, request, negotiate, account, signal);
  if (opened.challenge === null) return opened.answer;
  const certificate = connection.peerCertificate;
  const authenticate = authenticateMessage({
    negotiate,
    challenge: opened.challenge,
    name: readAccountName(userName),
    password,
    host,
    channelBinding: certificate === null ? Buffer.alloc(16) : channelBindingOf(certificate),
    nowMs: Date.now(),
  });
  const answer = await connection.request(authorized(request, identity.label, authenticate), signal);
  if (answer.status === 401) identity.refused(answer);
  else {
    connection.isSignedIn = connection.isOpen;
    // A 503 may come from before the place where names are checked.
    if (answer.status !== 503) identity.accepted();
  }
  return answer;
}

/** Sends type 1 with an empty body: the true one would travel twice, and into a 401. */
async function askForChallenge(
  connection: Connection,
  request: PlainRequest,
  negotiate: Buffer,
  { identity, host }: NtlmAccount,
  signal: AbortSignal,
): Promise<{ readonly answer: WireAnswer; readonly challenge: Challenge | null }> {
  const empty: PlainRequest = request.body === undefined ? request : { ...request, body: '' };
  const ask = async () => {
    const answer = await connection.request(authorized(empty, identity.label, negotiate), signal);
    const token = tokenOf(answer.headers, identity.label);
    return { answer, challenge: token === null ? null : readChallenge(token) };
  };
  let asked = await ask();
  const { answer } = asked;
  if (answer.status !== 401) return { answer, challenge: null };
  const schemes = schemesOf(answer.headers);
  const offered = schemes.map((scheme) => scheme.toLowerCase());
  if (asked.challenge === null && !offered.includes('ntlm') && offered.includes('negotiate')) {
    identity.label = 'Negotiate';
    asked = await ask();
  }
  // The password was not tried: this must not pass for a wrong one, which closes the gate for good.
  if (asked.answer.status === 401 && asked.challenge === null) {
    const params = { host, schemes: schemes.join(', ') };
    throw new FaultError({ code: 'NtlmNotOffered', params, raw: 'no challenge' });
  }
  return asked;
}

const authorized = (request: PlainRequest, label: string, message: Buffer): PlainRequest => ({
  ...request,
  headers: { ...request.headers, Authorization: `${label} ${message.toString('base64')}` },
});
