/** Longer than any name of the IANA time zone database. */
const longestName = 64;

/**
 * Names that were asked for before, as they are known: only those that are written exactly so, which bounds it by the
 * database and not by what anybody sends.
 */
const known = new Set<string>();

/**
 * The IANA name of a time zone, as `Intl` knows it; null for anything else. It comes from a client and is checked before it
 * is stored or used, since an unknown one throws where a time is written.
 */
export function timeZoneNamed(name: unknown): string | null {
  if (typeof name !== 'string' || name.length > longestName) return null;
  if (known.has(name)) return name;
  // `Intl` takes offsets (`+05:30`) too: no place has one all year.
  if (!/^[A-Z]/i.test(name)) return null;
  try {
    const { timeZone } = new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions();
    if (timeZone === name) known.add(name);
    return timeZone;
  } catch {
    return null;
  }
}
