import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { ZipFile } from 'yazl';
import { colorIcon, outlineIcon, teamsManifest, type ManifestOptions } from './manifest.ts';
import { manifestProblems } from './validate.ts';

/**
 * The Teams app package: the manifest and two icons, in a zip.
 * @throws Error when the manifest breaks Microsoft's schema
 */
export async function appPackage(options: ManifestOptions): Promise<Buffer> {
  const manifest = teamsManifest(options);
  const problems = manifestProblems(manifest);
  if (problems.length > 0) throw new Error(`the manifest breaks Microsoft's schema: ${problems.join('; ')}`);

  // One moment in the local time that zips have: packages of the same settings are equal, byte for byte, whenever and
  // wherever they are made.
  const entryOptions = { mtime: new Date(2020, 0, 1), forceDosTimestamp: true, mode: 0o100644 };
  const zip = new ZipFile();
  zip.addBuffer(Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`), 'manifest.json', entryOptions);
  for (const icon of [colorIcon, outlineIcon]) {
    zip.addBuffer(await readFile(new URL(icon, import.meta.url)), icon, entryOptions);
  }
  zip.end();
  return buffer(zip.outputStream);
}
