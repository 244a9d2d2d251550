import { X509Certificate, createHash, randomUUID } from 'node:crypto';
import { decodeProtectedHeader, errors, jwtVerify } from 'jose';
import { scriptedRefusal, type ScriptedRefusal } from './scripted-refusals.ts';

/** An application registered in the tenant, with the credentials Entra would accept for it. */
export interface Application {
  clientId: string;
  secret?: string;
  /** PEM of a certificate whose key may sign client assertions. */
  certificatePem?: string;
  /** The secret is right but past its end date. */
  secretExpired?: boolean;
  /** Application permissions with consent: the `roles` claim of its tokens. Without it there is no such claim. */
  roles?: readonly string[];
  /** Refuses every request of this application, whatever its credential. May be set and cleared while the Entra runs. */
  refusal?: ScriptedRefusal;
}

/** What the token endpoint decided: an audience to issue for, or one of Entra's own refusals. */
export type TokenDecision =
  | { kind: 'issue'; clientId: string; audience: string; roles?: readonly string[] }
  | { kind: 'refuse'; status: number; body: EntraError };

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

/** What the rules look at besides the form. */
export interface TokenContext {
  tenantKnown: boolean;
  tenant: string;
  applications: readonly Application[];
  /** What a client assertion may name as its audience. */
  tokenEndpoints: string[];
  /** Entra's own clock. */
  nowMs: number;
  /** Resources that have a service principal in the tenant; undefined: every one. */
  resources?: readonly string[];
}

/** The rules of `/oauth2/v2.0/token` for client credentials. */
export async function decideToken(form: URLSearchParams, context: TokenContext): Promise<TokenDecision> {
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
  if (application.refusal !== undefined) {
    const { status, error, code, text } = scriptedRefusal(application.refusal, application.clientId);
    return entraError(status, error, code, text);
  }
  const refusal = await refuseCredential(form, application, context);
  if (refusal !== undefined) return refusal;
  const audience = audienceOfScope(form.get('scope') ?? '');
  if (audience === undefined) {
    const text = `The provided value for scope ${form.get('scope') ?? ''} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).`;
    return entraError(400, 'invalid_scope', 1002012, text);
  }
  if (context.resources !== undefined && !context.resources.includes(audience)) {
    const text = `The resource principal named ${audience} was not found in the tenant named ${context.tenant}. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant.`;
    return entraError(400, 'invalid_resource', 500011, text);
  }
  const { roles } = application;
  return { kind: 'issue', clientId, audience, ...(roles === undefined ? {} : { roles }) };
}

async function refuseCredential(
  form: URLSearchParams,
  application: Application,
  context: TokenContext,
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
    const fault = await assertionFault(assertion, application, context);
    return fault === undefined ? undefined : entraError(401, 'invalid_client', fault.code, fault.text);
  }
  const text = `The request body must contain the following parameter: 'client_assertion' or 'client_secret'.`;
  return entraError(401, 'invalid_client', 7000218, text);
}

/** Undefined when the assertion is good. Both thumbprints are accepted: older MSAL sends `x5t`, newer `x5t#S256`. */
async function assertionFault(
  assertion: string,
  application: Application,
  { tokenEndpoints, nowMs }: TokenContext,
): Promise<{ code: number; text: string } | undefined> {
  const notRegistered =
    'The certificate with identifier used to sign the client assertion is not registered on application.';
  if (application.certificatePem === undefined) return { code: 700027, text: notRegistered };
  const certificate = new X509Certificate(application.certificatePem);
  try {
    const header = decodeProtectedHeader(assertion);
    const sha1 = createHash('sha1').update(certificate.raw).digest('base64url');
    const sha256 = createHash('sha256').update(certificate.raw).digest('base64url');
    if (header.x5t !== sha1 && header['x5t#S256'] !== sha256) return { code: 700027, text: notRegistered };
    if (Date.parse(certificate.validTo) < nowMs) {
      const thumbprint = certificate.fingerprint.replaceAll(':', '');
      const reason = `[Reason - The key used is expired., Thumbprint of key used by client: '${thumbprint}']`;
      return { code: 700027, text: `Client assertion contains an invalid signature. ${reason}` };
    }
    await jwtVerify(assertion, certificate.publicKey, {
      audience: tokenEndpoints,
      issuer: application.clientId,
      subject: application.clientId,
      algorithms: ['RS256', 'PS256'],
      currentDate: new Date(nowMs),
      // MSAL rounds its clock up, so a fresh assertion can begin half a second from now. Entra allows five minutes.
      clockTolerance: 300,
    });
    return undefined;
  } catch (error) {
    const isTime =
      error instanceof errors.JWTExpired || (error instanceof errors.JWTClaimValidationFailed && error.claim === 'nbf');
    if (isTime) {
      const current = new Date(nowMs).toISOString();
      const text = `Client assertion is not within its valid time range. Current time: ${current}.`;
      return { code: 700024, text };
    }
    return { code: 700027, text: 'Client assertion failed signature validation.' };
  }
}

/** `https://api.botframework.com/.default` -> `https://api.botframework.com`; undefined for any other form. */
function audienceOfScope(scope: string): string | undefined {
  const resources = scope.split(' ').filter((word) => word.endsWith('/.default'));
  const [resource] = resources;
  return resources.length === 1 && resource !== undefined ? resource.slice(0, -'/.default'.length) : undefined;
}
