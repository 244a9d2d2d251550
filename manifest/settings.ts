import type { ManifestOptions } from './manifest.ts';

/** A missing or wrong setting; the message is one line for whoever builds the package. */
export class PackageSettingError extends Error {
  constructor(variable: string, sentence: string) {
    super(`${variable} ${sentence}`);
    this.name = 'PackageSettingError';
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads what the manifest needs from the same variables as `npm start`, and the optional ones about the developer.
 * @throws PackageSettingError
 */
export function readPackageSettings(env: Environment, productVersion: string): ManifestOptions {
  const given = (name: string): string | undefined => env[name]?.trim() || undefined;

  const appId = given('MicrosoftAppId');
  if (appId === undefined)
    throw new PackageSettingError('MicrosoftAppId', 'is missing: set it to the GUID of the bot registration');
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(appId))
    throw new PackageSettingError('MicrosoftAppId', 'must be the GUID of the bot registration');

  const publicUrl = given('MAILROOM_PUBLIC_URL');
  if (publicUrl === undefined)
    throw new PackageSettingError(
      'MAILROOM_PUBLIC_URL',
      'is missing: set it to the https address under which people reach the one-time form',
    );
  const form = httpsAddress('MAILROOM_PUBLIC_URL', publicUrl);

  const version = given('MAILROOM_PACKAGE_VERSION') ?? productVersion;
  if (!/^\d+\.\d+\.\d+$/.test(version))
    throw new PackageSettingError('MAILROOM_PACKAGE_VERSION', 'must be three numbers such as 1.2.3');
  const name = given('MAILROOM_PACKAGE_DEVELOPER') ?? 'Mailroom';
  if (name.length > 32) throw new PackageSettingError('MAILROOM_PACKAGE_DEVELOPER', 'must have at most 32 characters');

  // Teams asks for these pages. An organization that packages the app for itself names its own.
  const page = (variable: string): string => httpsAddress(variable, given(variable) ?? form.origin).href;
  return {
    appId: appId.toLowerCase(),
    formHost: form.hostname,
    version,
    developer: {
      name,
      websiteUrl: page('MAILROOM_PACKAGE_WEBSITE'),
      privacyUrl: page('MAILROOM_PACKAGE_PRIVACY'),
      termsOfUseUrl: page('MAILROOM_PACKAGE_TERMS'),
    },
  };
}

function httpsAddress(variable: string, text: string): URL {
  const url = URL.parse(text);
  if (url === null || url.protocol !== 'https:' || url.username !== '' || url.password !== '')
    throw new PackageSettingError(variable, 'must be an address that begins with https://');
  return url;
}
