import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import product from '../package.json' with { type: 'json' };
import { appPackage } from './app-package.ts';
import { PackageSettingError, readPackageSettings } from './settings.ts';

// npm run package [-- --out FILE]: the Teams app package, from the same environment as `npm start`.
try {
  const { values: flags } = parseArgs({ options: { out: { type: 'string', default: 'mailroom.zip' } } });
  const settings = readPackageSettings(process.env, product.version);
  const zip = await appPackage(settings);
  await writeFile(flags.out, zip);
  process.stdout.write(`${flags.out}: Mailroom ${settings.version} for bot ${settings.appId}, ${zip.length} bytes\n`);
} catch (error) {
  const reason = error instanceof Error ? error.message : String(error);
  process.stderr.write(`No package was made: ${reason}\n`);
  process.exitCode = error instanceof PackageSettingError ? 2 : 1;
}
