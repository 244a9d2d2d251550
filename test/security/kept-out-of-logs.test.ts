import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { redact, redactText } from '../../bot/redaction.ts';

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const traditional = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
const encrypted = privateKey
  .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'pw' })
  .toString();

test.each([
  ['PKCS#8', pem, pem],
  ['the form before it', traditional, traditional],
  ['an encrypted one', encrypted, encrypted],
  ['one on a single line', pem.replaceAll('\n', ''), pem],
  ['one as JSON writes it', JSON.stringify(pem), pem],
  ['one that is cut', pem.slice(0, 700), pem],
  ['one behind so much text that its end is cut', `${'x'.repeat(3500)} ${pem}`, pem],
])('a private key in the text of an error stays out of the log: %s', (_name, text, key) => {
  const line = key.split('\n')[3] ?? '';
  expect(text).toContain(line);
  const error = new Error(`the library did not like this: ${text}`);
  for (const written of [redactText(error.message), JSON.stringify(redact({ error, note: text }))]) {
    expect(written).toContain('[redacted]');
    expect(written).not.toContain(line.slice(0, 20));
  }
});

test('what stands around a key is still told, and a certificate is no secret', () => {
  expect(redactText(`before ${pem}after`)).toMatch(/^before \[redacted\]\s*after$/);
  expect(redactText('-----BEGIN CERTIFICATE----- MIIB')).toContain('MIIB');
});
