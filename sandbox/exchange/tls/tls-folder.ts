import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createAuthority,
  createServerCertificate,
  keyTypeFor,
  type CertificateKind,
  type KeyPair,
  type ServerCertificate,
} from './certificates.ts';

/** Where the certificates lie. */
export interface TlsFolder {
  /** `ca.pem`, what clients are to trust. */
  readonly caFile: string;
  readonly caCertificate: string;
  readonly server: ServerCertificate;
  /** Removes the folder if it was made for this run only. */
  dispose(): Promise<void>;
}

/**
 * Prepares `ca.pem`, `server.pem` and `server-key.pem`. In a folder of the caller's the authority is kept and used
 * again, so that a restarted stand-in is trusted by who trusted the last one.
 */
export async function prepareTls(
  directory: string | undefined,
  kind: CertificateKind,
  host: string,
): Promise<TlsFolder> {
  const folder = directory ?? (await mkdtemp(join(tmpdir(), 'mailroom-exchange-')));
  await mkdir(folder, { recursive: true });
  const suffix = keyTypeFor(kind) === 'rsa' ? '-rsa' : '';
  const caFile = join(folder, 'ca.pem');
  const keptFile = join(folder, `ca${suffix}-kept.pem`);
  const keyFile = join(folder, `ca${suffix}-key.pem`);
  const kept = directory === undefined ? undefined : await readKept(keptFile, keyFile);
  const authority = kept ?? (await createAuthority(keyTypeFor(kind)));
  const server = await createServerCertificate(kind, host, authority);

  await writeFile(caFile, authority.certificate);
  if (directory !== undefined) {
    await writeFile(keptFile, authority.certificate);
    await writeFile(keyFile, authority.key, { mode: 0o600 });
  }
  await writeFile(join(folder, 'server.pem'), server.certificate);
  await writeFile(join(folder, 'server-key.pem'), server.key, { mode: 0o600 });
  return {
    caFile,
    caCertificate: authority.certificate,
    server,
    dispose: async () => {
      if (directory === undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}

async function readKept(certificateFile: string, keyFile: string): Promise<KeyPair | undefined> {
  try {
    return { certificate: await readFile(certificateFile, 'utf8'), key: await readFile(keyFile, 'utf8') };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
