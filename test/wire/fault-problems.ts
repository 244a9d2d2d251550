import faults from '../../locales/en/faults.json' with { type: 'json' };
import { faultText } from '../../locales/fault-text.ts';
import { maxBackOffMs } from '../../services/exchange/ews/answer-fault.ts';
import { faultCatalogue } from '../../services/model/fault-catalogue.ts';
import type { Fault } from '../../services/model/fault.ts';

/** No card is drowned by what a server said. */
const longestFault = 1500;

/** What the wire itself must name; the account is added by the use cases, which know the profile. */
const named = ['host', 'address', 'location', 'schemes', 'folder', 'build'] as const;
const texts: Readonly<Record<string, string>> = faults;

/** What is wrong with a fault that a user would see: nothing, one hopes. */
export function problemsOf(fault: Fault, secrets: readonly string[]): string[] {
  if (!Object.hasOwn(faultCatalogue, fault.code)) return [`${fault.code} is not in the catalogue`];
  const problems: string[] = [];
  for (const name of named) {
    if (isAsked(fault.code, name) && isMissing(fault.params[name])) problems.push(`${fault.code} without ${name}`);
  }
  const waits = fault.params['backOffMs'] ?? 0;
  if (!(Number(waits) >= 0 && Number(waits) <= maxBackOffMs)) problems.push(`${fault.code} waits ${waits} ms`);
  const shown = JSON.stringify(fault);
  if (shown.length > longestFault) problems.push(`${fault.code} has ${shown.length} characters`);
  const { title, cause, nextStep } = faultText('en', fault);
  const read = [title, cause, nextStep].join('\n');
  const [hole] = /undefined|NaN|\[object|(?<!@)\{\w/.exec(read) ?? [];
  // A server may say "NaN" itself.
  const isHole = hole !== undefined && !shown.includes(hole);
  if (isHole || [title, cause, nextStep].includes('')) problems.push(`${fault.code} reads: ${read}`);
  if (secrets.some((secret) => shown.includes(secret) || read.includes(secret)))
    problems.push(`${fault.code} tells a secret`);
  return problems;
}

/** A sentence that has words of its own for a missing value does not ask for it, and a cmdlet has a place to fill in. */
const isAsked = (code: string, name: string): boolean =>
  ['title', 'cause', 'nextStep'].some((part) => {
    const text = texts[`fault.${code}.${part}`] ?? '';
    return text.includes(`{${name}}`) && !text.includes(`{${name}, select`);
  });

const isMissing = (value: unknown): boolean => value === undefined || value === '';
