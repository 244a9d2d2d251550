import type { Fault } from '../../model/fault.ts';

/**
 * The first builds that take tokens of Entra: Exchange 2013 CU19 and 2016 CU8; every build of 2019 and SE does
 * (techcommunity.microsoft.com, "Announcing Hybrid Modern Authentication for Exchange On-Premises", 2017-12-06; builds
 * of CSS-Exchange, Shared/Get-ExchangeBuildVersionInformation.ps1).
 */
const firstBuild: Readonly<Record<number, number>> = { 0: 1365, 1: 1415 };

/**
 * Judges major.minor.build.revision of `ServerVersionInfo`. Null: the server can do Hybrid Modern Authentication, or
 * says nothing that can be judged (then Exchange itself tells by refusing the token).
 */
export function hmaSupportFault(build: string, host = ''): Fault | null {
  const numbers = /^(\d{1,5})\.(\d{1,5})\.(\d{1,5})(?:\.\d{1,5})?$/.exec(build.trim())?.slice(1).map(Number);
  if (numbers === undefined) return null;
  const [major = 0, minor = 0, number = 0] = numbers;
  const canDoIt = major > 15 || (major === 15 && number >= (firstBuild[minor] ?? 0));
  return canDoIt ? null : { code: 'HmaNotSupported', params: { ...(host === '' ? {} : { host }), build } };
}
