/** The day on which the clock changes every year: so many hours after midnight, the nth (or -1, the last) weekday. */
export type Change = readonly [hour: number, month: number, weekday: string, occurrence: number];

export interface Zone {
  readonly id: string;
  readonly name: string;
  /** Hours behind UTC, as Bias counts them. */
  readonly bias: number;
  /** Daylight time begins and ends. */
  readonly daylight?: readonly [Change, Change];
}

/** A few of the hundred that Windows has; enough for clients that look up their own or the server's. */
const EUROPE: readonly [Change, Change] = [
  [2, 3, 'Sunday', -1],
  [3, 10, 'Sunday', -1],
];
const AMERICA: readonly [Change, Change] = [
  [2, 3, 'Sunday', 2],
  [2, 11, 'Sunday', 1],
];
export const ZONES: readonly Zone[] = [
  { id: 'Pacific Standard Time', name: '(UTC-08:00) Pacific Time (US & Canada)', bias: 8, daylight: AMERICA },
  { id: 'Eastern Standard Time', name: '(UTC-05:00) Eastern Time (US & Canada)', bias: 5, daylight: AMERICA },
  { id: 'UTC', name: '(UTC) Coordinated Universal Time', bias: 0 },
  { id: 'GMT Standard Time', name: '(UTC+00:00) Dublin, Edinburgh, Lisbon, London', bias: 0, daylight: EUROPE },
  {
    id: 'W. Europe Standard Time',
    name: '(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna',
    bias: -1,
    daylight: EUROPE,
  },
  { id: 'Romance Standard Time', name: '(UTC+01:00) Brussels, Copenhagen, Madrid, Paris', bias: -1, daylight: EUROPE },
  { id: 'Russian Standard Time', name: '(UTC+03:00) Moscow, St. Petersburg', bias: -3 },
  { id: 'Tokyo Standard Time', name: '(UTC+09:00) Osaka, Sapporo, Tokyo', bias: -9 },
];
