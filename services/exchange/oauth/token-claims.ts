import { parseObject } from './token-refusal.ts';

/** The application permission of Office 365 Exchange Online that lets an app use EWS (facts/dynamics.md §6.8). */
export const ewsRole = 'full_access_as_app';

/**
 * The roles that a token says it has; null when it is no JWT that can be read. Mailroom is not the one whom the token
 * is for, so it checks no signature: it only asks why Exchange would refuse it.
 */
export function rolesOf(token: string): readonly string[] | null {
  const [, payload, signature, ...rest] = token.split('.');
  if (payload === undefined || signature === undefined || rest.length > 0) return null;
  const claims = parseObject(Buffer.from(payload, 'base64url').toString('utf8'));
  if (claims === null) return null;
  const { roles } = claims;
  return Array.isArray(roles) ? roles.filter((role): role is string => typeof role === 'string') : [];
}
