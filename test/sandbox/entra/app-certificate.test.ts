import { X509Certificate, createPrivateKey } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { makeAppCertificate } from '../../../sandbox/entra/app-certificate.ts';

describe('the certificate of an app', () => {
  it('is a PFX that opens with its password alone, and the same as PEM', async () => {
    const { pfx, pem, password, certificatePem } = await makeAppCertificate('Mailroom HMA');
    expect(() => createSecureContext({ pfx, passphrase: password })).not.toThrow();
    expect(() => createSecureContext({ pfx, passphrase: `${password}x` })).toThrow(/mac verify/);
    const certificate = new X509Certificate(pem);
    expect(certificate.subject).toBe('CN=Mailroom HMA');
    expect(certificate.checkPrivateKey(createPrivateKey(pem))).toBe(true);
    expect(certificate.raw).toEqual(new X509Certificate(certificatePem).raw);
    expect(certificate.validToDate.getTime()).toBeGreaterThan(Date.now());
  });

  it('can be one that ended', async () => {
    const { certificatePem } = await makeAppCertificate('Old', true);
    expect(new X509Certificate(certificatePem).validToDate.getTime()).toBeLessThan(Date.now());
  });
});
