import { cpus, loadavg } from 'node:os';

export const rounded = (value: number, digits = 2): number => Number(value.toFixed(digits));

export const median = (values: readonly number[]): number => percentile(values, 0.5);

/** The value that this share (0 to 1) of the values lies below. */
export const percentile = (values: readonly number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? 0;

/** Figures tell of what else the machine does as well. */
export const machine = (): { cores: number; load: number } => ({
  cores: cpus().length,
  load: rounded(loadavg()[0] ?? 0),
});
