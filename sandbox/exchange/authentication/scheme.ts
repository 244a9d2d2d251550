import type { RawHeaders } from '../http/raw-headers.ts';

/** A TLS connection of a client. Schemes that sign on the connection instead of the request keep their state by it. */
export interface ClientConnection {
  readonly id: number;
}

/** Who signed in: the service account, or an application with a token. */
export interface Principal {
  /** `CONTOSO\svc-mailroom`, or `APP@TENANT`. */
  readonly userName: string;
  /** The address of its own mailbox; an application has none. */
  readonly principalName: string | undefined;
}

export type SignInOutcome =
  | 'accepted'
  | 'wrong-password'
  | 'unknown-user'
  | 'locked'
  | 'malformed'
  | 'not-offered'
  /** The message integrity code of NTLM does not fit. */
  | 'altered'
  /** The channel binding is missing where it is required, or is not this server's. */
  | 'channel-binding'
  | 'invalid-token';

/** What became of the credentials in one request. */
export type Verdict =
  | {
      readonly outcome: 'accepted';
      readonly userName: string;
      readonly principal: Principal;
      /** Go with the answer, whatever it is. */
      readonly headers?: RawHeaders;
    }
  | {
      readonly outcome: Exclude<SignInOutcome, 'accepted'>;
      readonly userName: string | undefined;
      /** In place of the scheme's usual WWW-Authenticate. */
      readonly challenge?: string;
      /** Go with the 401. */
      readonly headers?: RawHeaders;
    }
  /** Half way through a handshake, which is no attempt yet. */
  | { readonly outcome: 'continue'; readonly challenge: string };

/** A way to sign in that the server understands. */
export interface AuthenticationScheme {
  /** As in the headers; compared without regard to case. */
  readonly name: SchemeName;
  /** Value of WWW-Authenticate. */
  readonly challenge: string;
  /** @param credentials what follows the name in the Authorization header */
  check(credentials: string, connection: ClientConnection): Verdict | Promise<Verdict>;
  /** Who signed in on the connection and need not do so again. */
  remembered?(connection: ClientConnection): Principal | undefined;
}

/** The schemes Exchange can list in a 401. Listing one does not mean that the stand-in can sign anybody in with it. */
export type SchemeName = 'Negotiate' | 'NTLM' | 'Basic' | 'Bearer';

export const SCHEME_NAMES: readonly SchemeName[] = ['Negotiate', 'NTLM', 'Basic', 'Bearer'];
