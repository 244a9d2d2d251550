import { X509Certificate, createHash, randomUUID } from 'node:crypto';
import { decodeProtectedHeader, jwtVerify } from 'jose';

/** An application registered in the tenant, with the credentials Entra would accept for it. */
export interface Application {
  clientId: string;
  secret?: string;
  /** PEM of a certificate whose key may sign client assertions. */
  certificatePem?: string;
  /** The secret is right but past its end date. */
  secretExpired?: boolean;
}

/** What the token endpoint decided: an audience to issue for, or one of Entra's own refusals. */
export type TokenDecision =
  { kind: 'issue'; clientId: string; audience: string } | { kind: 'refuse'; status: number; body: EntraError };

export interface EntraError {
  error: string;
  error_description: string;
  error_codes: number[];
  timestamp: string;
  trace_id: string;
  correlation_id: string;
  error_uri?: string;
}

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** Entra's error body: the AADSTS number appears in the text and in `error_codes`, and clients look at both. */
export function entraError(
  status: number,
  error: string,
  code: number,
  text: string,
): TokenDecision & { kind: 'refuse' } {
  const traceId = randomUUID();
  const correlationId = randomUUID();
  const timestamp = `${new Date().toISOString().slice(0, 19).replace('T', ' ')}Z`;
  return {
    kind: 'refuse',
    status,
    body: {
      error,
      error_description: `AADSTS${code}: ${text} Trace ID: ${traceId} Correlation ID: ${correlationId} Timestamp: ${timestamp}`,
      error_codes: [code],
      timestamp,
      trace_id: traceId,
      correlation_id: correlationId,
      error_uri: `https://login.microsoftonline.com/error?code=${code}`,
    },
  };
}

/** The rules of `/oauth2/v2.0/token` for client credentials. `tokenEndpoint` is the audience a client assertion must name. */
export async function decideToken(
  form: URLSearchParams,
  context: { tenantKnown: boolean; tenant: string; applications: readonly Application[]; tokenEndpoints: string[] },
): Promise<TokenDecision> {
  if (!context.tenantKnown) {
    return entraError(400, 'invalid_request', 90002, `Tenant '${context.tenant}' not found.`);
  }
  if (form.get('grant_type') !== 'client_credentials') {
    return entraError(400, 'unsupported_grant_type', 70003, `The app requested an unsupported grant type.`);
  }
  const clientId = form.get('client_id') ?? '';
  const application = context.applications.find((entry) => entry.clientId === clientId);
  if (application === undefined) {
    const text = `Application with identifier '${clientId}' was not found in the directory '${context.tenant}'.`;
    return entraError(400, 'unauthorized_client', 700016, text);
  }
  const refusal = await refuseCredential(form, application, context.tokenEndpoints);
  if (refusal !== undefined) return refusal;
  const audience = audienceOfScope(form.get('scope') ?? '');
  if (audience === undefined) {
    const text = `The provided value for scope ${form.get('scope') ?? ''} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).`;
    return entraError(400, 'invalid_scope', 1002012, text);
  }
  return { kind: 'issue', clientId, audience };
}

async function refuseCredential(
  form: URLSearchParams,
  application: Application,
  tokenEndpoints: string[],
): Promise<TokenDecision | undefined> {
  const secret = form.get('client_secret');
  const assertion = form.get('client_assertion');
  if (secret !== null) {
    if (application.secret !== secret) {
      const text = `Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '${application.clientId}'.`;
      return entraError(401, 'invalid_client', 7000215, text);
    }
    if (application.secretExpired === true) {
      const text = `The provided client secret keys for app '${application.clientId}' are expired.`;
      return entraError(401, 'invalid_client', 7000222, text);
    }
    return undefined;
  }
  if (assertion !== null && form.get('client_assertion_type') === ASSERTION_TYPE) {
    const reason = await assertionFault(assertion, application, tokenEndpoints);
    return reason === undefined ? undefined : entraError(401, 'invalid_client', 700027, reason);
  }
  const text = `The request body must contain the following parameter: 'client_assertion' or 'client_secret'.`;
  return entraError(401, 'invalid_client', 7000218, text);
}

/** Undefined when the assertion is good. Both thumbprints are accepted: older MSAL sends `x5t`, newer `x5t#S256`. */
async function assertionFault(
  assertion: string,
  application: Application,
  tokenEndpoints: string[],
): Promise<string | undefined> {
  if (application.certificatePem === undefined) return 'The certificate is not registered on the application.';
  const certificate = new X509Certificate(application.certificatePem);
  try {
    const header = decodeProtectedHeader(assertion);
    const sha1 = createHash('sha1').update(certificate.raw).digest('base64url');
    const sha256 = createHash('sha256').update(certificate.raw).digest('base64url');
    if (header.x5t !== sha1 && header['x5t#S256'] !== sha256) {
      return 'The certificate with identifier used to sign the client assertion is not registered on application.';
    }
    await jwtVerify(assertion, certificate.publicKey, {
      audience: tokenEndpoints,
      issuer: application.clientId,
      subject: application.clientId,
      algorithms: ['RS256', 'PS256'],
      // MSAL rounds its clock up, so a fresh assertion can begin half a second from now. Entra allows five minutes.
      clockTolerance: 300,
    });
    return undefined;
  } catch {
    return 'Client assertion failed signature validation.';
  }
}

/** `https://api.botframework.com/.default` -> `https://api.botframework.com`; undefined for any other form. */
function audienceOfScope(scope: string): string | undefined {
  const resources = scope.split(' ').filter((word) => word.endsWith('/.default'));
  const [resource] = resources;
  return resources.length === 1 && resource !== undefined ? resource.slice(0, -'/.default'.length) : undefined;
}
