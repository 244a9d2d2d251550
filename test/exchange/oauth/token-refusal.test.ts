import { describe, expect, it } from 'vitest';
import type { FaultCode } from '../../../services/model/fault-catalogue.ts';
import { judgeRefusal, type RefusalContext } from '../../../services/exchange/oauth/token-refusal.ts';

const context: RefusalContext = {
  clientId: 'app-1',
  loginHost: 'login.microsoftonline.com',
  authority: 'https://login.microsoftonline.com/contoso.test',
  resource: 'https://mail.contoso.test',
  certificateEndsAt: 2_000_000_000_000,
  nowMs: 1_900_000_000_000,
};

/** status, error, number -> code. Reviewed against learn.microsoft.com/entra/identity-platform/reference-error-codes. */
const table: readonly (readonly [number, string, number | null, FaultCode])[] = [
  [401, 'invalid_client', 7000215, 'OAuthInvalidClient'],
  [401, 'invalid_client', 7000222, 'OAuthInvalidClient'],
  [401, 'invalid_client', 7000218, 'OAuthInvalidClient'],
  [401, 'invalid_client', 700027, 'OAuthInvalidClient'],
  [400, 'invalid_client', 700030, 'OAuthInvalidClient'],
  [401, 'invalid_client', 50012, 'OAuthInvalidClient'],
  [400, 'invalid_grant', 50013, 'OAuthInvalidClient'],
  [401, 'invalid_client', 700024, 'OAuthClockSkew'],
  [400, 'invalid_grant', 500133, 'OAuthClockSkew'],
  [400, 'unauthorized_client', 700016, 'OAuthAppNotFound'],
  [400, 'unauthorized_client', 70001, 'OAuthAppNotFound'],
  [400, 'unauthorized_client', 7000112, 'OAuthAppNotFound'],
  [400, 'invalid_request', 90002, 'OAuthTenantNotFound'],
  [400, 'invalid_tenant', 90002, 'OAuthTenantNotFound'],
  [400, 'invalid_request', 900023, 'OAuthTenantNotFound'],
  [400, 'invalid_resource', 500011, 'OAuthResourceNotFound'],
  [400, 'invalid_resource', 500014, 'OAuthResourceNotFound'],
  [400, 'invalid_grant', 65001, 'OAuthConsentMissing'],
  [400, 'invalid_client', 650056, 'OAuthConsentMissing'],
  [400, 'invalid_resource', 650057, 'OAuthConsentMissing'],
  [401, 'invalid_client', 7000229, 'OAuthConsentMissing'],
  [400, 'invalid_grant', 501051, 'OAuthRoleMissing'],
  [400, 'temporarily_unavailable', 90033, 'OAuthUnreachable'],
  [429, 'temporarily_unavailable', null, 'OAuthUnreachable'],
  [503, '', null, 'OAuthUnreachable'],
  [500, 'server_error', 12_345, 'OAuthUnreachable'],
  [400, 'invalid_grant', 53003, 'OAuthOther'],
  [401, 'invalid_client', 9_999_999, 'OAuthOther'],
  [400, 'invalid_scope', 1_002_012, 'OAuthOther'],
  [401, 'invalid_client', null, 'OAuthInvalidClient'],
  [400, 'invalid_target', null, 'OAuthResourceNotFound'],
  [400, 'odd_word', null, 'OAuthOther'],
  [404, '', null, 'OAuthOther'],
];

const judge = (status: number, body: unknown, changes: Partial<RefusalContext> = {}, date?: string) =>
  judgeRefusal(
    {
      status,
      headers: date === undefined ? {} : { date },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    },
    { ...context, ...changes },
  );

describe('a refusal of the token endpoint', () => {
  it.each(table)('%s %s AADSTS%s is %s', (status, error, number, code) => {
    const fault = judge(status, number === null ? { error } : { error, error_codes: [number] });
    const raw = number === null ? error || `HTTP ${status}` : `AADSTS${number}`;
    expect(fault).toMatchObject({ code, raw, params: { account: 'app-1', responseCode: raw } });
  });

  it('is told apart by the number in the text when the list is missing', () => {
    const fault = judge(400, { error: 'invalid_grant', error_description: 'AADSTS65001: The user …' });
    expect([fault.code, fault.raw]).toEqual(['OAuthConsentMissing', 'AADSTS65001']);
  });

  it('takes the first number it knows', () => {
    expect(judge(400, { error_codes: [1, 'x', 90002, 65001] }).code).toBe('OAuthTenantNotFound');
  });

  it.each([
    ['by our clock', { certificateEndsAt: 1 }, undefined],
    ['by the hour on the answer', {}, new Date(2_000_000_001_000).toUTCString()],
  ])('of a certificate that has ended %s says so', (_, changes, date) => {
    expect(judge(401, { error_codes: [700027] }, changes, date).code).toBe('OAuthCertificateExpired');
  });

  it('of a client secret never speaks of a certificate’s end', () => {
    expect(judge(401, { error_codes: [7000222] }, { certificateEndsAt: null }).code).toBe('OAuthInvalidClient');
  });

  it.each(['', 'null', '[]', '"x"', '<html>', '{"error":{}}', '{"error_codes":{}}', '{"error":"<b>x</b>"}'])(
    'that is %j shows its status',
    (body) => {
      expect(judge(400, body)).toMatchObject({ code: 'OAuthOther', raw: 'HTTP 400' });
    },
  );

  it('names the tenant’s address for a wrong tenant, the resource for a wrong resource', () => {
    expect(judge(400, { error_codes: [90002] }).params['location']).toBe(context.authority);
    expect(judge(400, { error_codes: [500011] }).params['location']).toBe(context.resource);
  });
});
