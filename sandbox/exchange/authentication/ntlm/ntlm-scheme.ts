import { randomBytes } from 'node:crypto';
import type { Account } from '../account.ts';
import type { AuthenticationScheme, ClientConnection, Verdict } from '../scheme.ts';
import { AV, writeTargetInfo, type TargetNames } from './av-pairs.ts';
import { messageType, readAuthenticate, readNegotiate, writeChallenge, type Authenticate } from './messages.ts';
import { announcesMic, ntlmV2Key, readClientAnswer, verifyAnswer, verifyMic, type ClientAnswer } from './ntlmv2.ts';
import { readNegotiateToken, writeNegotiateChallenge, writeNegotiateDone } from './spnego.ts';

/**
 * ExtendedProtectionTokenChecking: whether a client must prove that it talks to this very TLS end point. `allow` takes
 * clients that say nothing of it, and refuses those that say something wrong.
 */
export type ExtendedProtection = 'none' | 'allow' | 'require';

export const EXTENDED_PROTECTIONS: readonly ExtendedProtection[] = ['none', 'allow', 'require'];

export interface NtlmSetup {
  readonly accounts: readonly Account[];
  readonly names: TargetNames;
  /** Version of the Windows below. */
  readonly windows: readonly [major: number, minor: number, build: number];
  readonly extendedProtection: ExtendedProtection;
  /** What MsvAvChannelBindings must be here. */
  readonly channelBinding: Buffer;
}

/** Where a connection stands. NTLM signs on a TCP connection, not a request. */
interface Progress {
  readonly negotiate: Buffer;
  readonly challenge: Buffer;
  readonly serverChallenge: Buffer;
}

interface Leg {
  readonly verdict: Verdict;
  /** The NTLM message to send back. */
  readonly reply?: Buffer;
}

const NO_BINDING = Buffer.alloc(16);
const MALFORMED: Verdict = { outcome: 'malformed', userName: undefined };

/** NTLM and Negotiate of one virtual directory; they share the state of the connections. */
export function windowsSchemes(setup: NtlmSetup): readonly AuthenticationScheme[] {
  const verifier = new NtlmVerifier(setup);
  const remembered = (connection: ClientConnection): Account | undefined => verifier.signedIn.get(connection);
  return [
    {
      name: 'NTLM',
      challenge: 'NTLM',
      check(credentials, connection) {
        const { verdict, reply } = verifier.step(Buffer.from(credentials, 'base64'), connection);
        return reply ? { outcome: 'continue', challenge: `NTLM ${reply.toString('base64')}` } : verdict;
      },
      remembered,
    },
    {
      name: 'Negotiate',
      challenge: 'Negotiate',
      check(credentials, connection) {
        return negotiate(verifier, credentials, connection);
      },
      remembered,
    },
  ];
}

function negotiate(verifier: NtlmVerifier, credentials: string, connection: ClientConnection): Verdict {
  const value = (bytes: Buffer): string => `Negotiate ${bytes.toString('base64')}`;
  const token = readNegotiateToken(Buffer.from(credentials, 'base64'));
  if (!token) return MALFORMED;
  // There is no Kerberos here: a client that begins with it is asked to go on with NTLM.
  if (!token.ntlm) return { outcome: 'continue', challenge: value(writeNegotiateChallenge(undefined)) };
  const { verdict, reply } = verifier.step(token.ntlm, connection);
  if (reply) {
    return { outcome: 'continue', challenge: value(token.isWrapped ? writeNegotiateChallenge(reply) : reply) };
  }
  if (verdict.outcome !== 'accepted' || !token.isWrapped) return verdict;
  return { ...verdict, headers: [...(verdict.headers ?? []), 'WWW-Authenticate', value(writeNegotiateDone())] };
}

class NtlmVerifier {
  readonly signedIn = new WeakMap<ClientConnection, Account>();
  readonly #underWay = new WeakMap<ClientConnection, Progress>();
  readonly #setup: NtlmSetup;

  constructor(setup: NtlmSetup) {
    this.#setup = setup;
  }

  /** Takes the next message of a connection. A NEGOTIATE begins anew, whatever was before. */
  step(message: Buffer, connection: ClientConnection): Leg {
    this.signedIn.delete(connection);
    const progress = this.#underWay.get(connection);
    this.#underWay.delete(connection);
    const type = messageType(message);
    if (type === 1) return this.#begin(message, connection);
    if (type !== 3 || !progress) return { verdict: MALFORMED };
    const verdict = this.#finish(message, progress);
    if (verdict.outcome === 'accepted') {
      const account = this.#setup.accounts.find((candidate) => candidate === verdict.principal);
      if (account) this.signedIn.set(connection, account);
    }
    return { verdict };
  }

  #begin(negotiate: Buffer, connection: ClientConnection): Leg {
    const { names, windows } = this.#setup;
    const serverChallenge = randomBytes(8);
    const targetInfo = writeTargetInfo(names, new Date());
    const { flags } = readNegotiate(negotiate);
    const challenge = writeChallenge(flags, serverChallenge, names.netBiosDomain, targetInfo, windows);
    this.#underWay.set(connection, { negotiate, challenge, serverChallenge });
    return { verdict: MALFORMED, reply: challenge };
  }

  #finish(message: Buffer, progress: Progress): Verdict {
    const authenticate = readAuthenticate(message);
    const answer = authenticate && readClientAnswer(authenticate.ntResponse);
    if (!authenticate) return MALFORMED;
    const { domain, user } = authenticate;
    const userName = domain === '' ? user : `${domain}\\${user}`;
    if (!answer) return { outcome: 'malformed', userName };
    const account = this.#setup.accounts.find((candidate) => candidate.isNamedIn(domain, user));
    if (!account) return { outcome: 'unknown-user', userName };

    let sessionKey: Buffer | undefined;
    const outcome = account.checkBy((password) => {
      sessionKey = verifyAnswer(answer, progress.serverChallenge, ntlmV2Key(password, user, domain));
      return sessionKey !== undefined;
    });
    if (outcome !== 'accepted' || !sessionKey)
      return { outcome: outcome === 'locked' ? outcome : 'wrong-password', userName };
    const flaw = this.#flawOf(authenticate, answer, progress, sessionKey);
    if (flaw) return { outcome: flaw, userName };
    return { outcome: 'accepted', userName, principal: account, headers: ['Persistent-Auth', 'true'] };
  }

  /** What is wrong beside the password; none of it counts towards a lock-out. */
  #flawOf(
    authenticate: Authenticate,
    answer: ClientAnswer,
    progress: Progress,
    sessionKey: Buffer,
  ): 'altered' | 'channel-binding' | undefined {
    const { negotiate, challenge } = progress;
    if (announcesMic(answer) && !verifyMic(authenticate, negotiate, challenge, sessionKey)) return 'altered';
    const { extendedProtection, channelBinding } = this.#setup;
    const sent = answer.pairs.get(AV.channelBindings);
    const isSilent = sent === undefined || sent.equals(NO_BINDING);
    if (extendedProtection === 'none' || (isSilent && extendedProtection === 'allow')) return undefined;
    return sent?.equals(channelBinding) === true ? undefined : 'channel-binding';
  }
}
