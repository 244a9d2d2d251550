/** What an Entra can be told to answer to one application. */
export type ScriptedRefusal =
  | 'wrong-secret'
  | 'expired-secret'
  | 'unknown-certificate'
  | 'clock-skew'
  | 'app-not-found'
  | 'app-disabled'
  | 'tenant-not-found'
  | 'resource-not-found'
  | 'consent-missing'
  | 'role-missing'
  | 'conditional-access'
  | 'throttled'
  | 'unavailable';

export interface RefusalShape {
  status: number;
  error: string;
  code: number;
  text: string;
}

type Script = Omit<RefusalShape, 'text'> & { text: (clientId: string) => string };

/** Numbers, words and statuses as Entra sends them (learn.microsoft.com/entra/identity-platform/reference-error-codes). */
const scripts: Readonly<Record<ScriptedRefusal, Script>> = {
  'wrong-secret': {
    status: 401,
    error: 'invalid_client',
    code: 7000215,
    text: (id) => `Invalid client secret provided. Ensure the secret is the value for app '${id}'.`,
  },
  'expired-secret': {
    status: 401,
    error: 'invalid_client',
    code: 7000222,
    text: (id) => `The provided client secret keys for app '${id}' are expired.`,
  },
  'unknown-certificate': {
    status: 401,
    error: 'invalid_client',
    code: 700027,
    text: () => 'The certificate with identifier used to sign the client assertion is not registered on application.',
  },
  'clock-skew': {
    status: 401,
    error: 'invalid_client',
    code: 700024,
    text: () => 'Client assertion is not within its valid time range.',
  },
  'app-not-found': {
    status: 400,
    error: 'unauthorized_client',
    code: 700016,
    text: (id) => `Application with identifier '${id}' was not found in the directory.`,
  },
  'app-disabled': {
    status: 400,
    error: 'unauthorized_client',
    code: 7000112,
    text: (id) => `Application '${id}' is disabled.`,
  },
  'tenant-not-found': { status: 400, error: 'invalid_request', code: 90002, text: () => 'Tenant not found.' },
  'resource-not-found': {
    status: 400,
    error: 'invalid_resource',
    code: 500011,
    text: () => 'The resource principal was not found in the tenant.',
  },
  'consent-missing': {
    status: 400,
    error: 'invalid_grant',
    code: 65001,
    text: (id) => `The user or administrator has not consented to use the application with ID '${id}'.`,
  },
  'role-missing': {
    status: 400,
    error: 'invalid_grant',
    code: 501051,
    text: (id) => `Application '${id}' is not assigned to a role for the application.`,
  },
  'conditional-access': {
    status: 400,
    error: 'invalid_grant',
    code: 53003,
    text: () => 'Access has been blocked by Conditional Access policies.',
  },
  throttled: {
    status: 429,
    error: 'temporarily_unavailable',
    code: 90024,
    text: () => 'The request budget has been exceeded.',
  },
  unavailable: {
    status: 503,
    error: 'temporarily_unavailable',
    code: 90033,
    text: () => 'A transient error has occurred. Try again.',
  },
};

export function scriptedRefusal(refusal: ScriptedRefusal, clientId: string): RefusalShape {
  const { text, ...rest } = scripts[refusal];
  return { ...rest, text: text(clientId) };
}
