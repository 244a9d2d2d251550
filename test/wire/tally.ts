import type { FaultCode } from '../../services/model/fault-catalogue.ts';
import type { Fault } from '../../services/model/fault.ts';

type Counts = Map<string, number>;

/** What an entry point came to; plain values, since it crosses threads. */
export interface Tally {
  readonly name: string;
  /** Answers that were mutated and read. */
  answers: number;
  /** Runs that ended well or in a fault. */
  readonly ends: Counts;
  /** What fell into a default code, in the words of who answered. */
  readonly defaults: Map<FaultCode, Counts>;
  /** One line each; the first few tell enough. */
  readonly problems: string[];
}

export const newTally = (name: string): Tally => ({
  name,
  answers: 0,
  ends: new Map(),
  defaults: new Map(),
  problems: [],
});

/** Codes for what has no code of its own: they show what came and can tell no cause. */
export const defaultCodes: ReadonlySet<FaultCode> = new Set<FaultCode>([
  'EwsOther',
  'HttpStatus',
  'ConnectionOther',
  'TlsFailure',
  'AutodiscoverError',
  'OAuthOther',
  'KeyVaultOther',
]);

const mostProblems = 20;

/** @param well what to count where there is no fault */
export function countEnd(tally: Tally, fault: Fault | null, well: string): void {
  add(tally.ends, fault?.code ?? well);
  if (fault === null || !defaultCodes.has(fault.code)) return;
  const said = tally.defaults.get(fault.code) ?? new Map<string, number>();
  tally.defaults.set(fault.code, said);
  add(said, String(fault.raw ?? fault.params['responseCode'] ?? fault.params['status'] ?? '?').slice(0, 40));
}

export function addProblems(tally: Tally, where: string, problems: readonly string[]): void {
  for (const problem of problems) if (tally.problems.length < mostProblems) tally.problems.push(`${where}: ${problem}`);
}

/** The share of the default codes among all ends, 0 … 1. */
export function defaultShare(tallies: readonly Tally[]): number {
  const counts = tallies.flatMap(({ defaults }) => [...defaults.values()]);
  return total(counts) / total(tallies.map(({ ends }) => ends));
}

/** A few lines for people: how many, where they ended, and what fell into the default codes. */
export function describeTally(tally: Tally): string {
  const share = percent(defaultShare([tally]));
  const ends = sum(tally.ends);
  return [
    `${tally.name}: ${tally.answers} mutated answers, ${ends} ends, ${share} of them in a default code`,
    `  ends: ${listed(tally.ends, Number.POSITIVE_INFINITY)}`,
    ...[...tally.defaults].map(([code, said]) => `  ${code} ${sum(said)}: ${listed(said, 8)}`),
  ].join('\n');
}

function add(counts: Counts, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

export const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

const total = (many: readonly Counts[]): number => many.reduce((whole, counts) => whole + sum(counts), 0);
const sum = (counts: Counts): number => [...counts.values()].reduce((whole, count) => whole + count, 0);

/** The most frequent first. */
function listed(counts: Counts, most: number): string {
  const sorted = [...counts].sort(([, left], [, right]) => right - left);
  const names = sorted.slice(0, most).map(([name, count]) => `${JSON.stringify(name).slice(1, -1)} ${count}`);
  return names.join(', ') + (sorted.length > most ? ` and ${sorted.length - most} more` : '');
}
