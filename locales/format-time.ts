import { formatLocaleOf, translate } from './translate.ts';

/** A length of time with its two largest units, or one where the other is zero: `2 h 5 min`, `15 min`. Under a second counts as one. */
export function formatDuration(locale: string, ms: number): string {
  const seconds = Math.max(1, Math.round(ms / 1000));
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const days = Math.floor(hours / 24);
  if (days > 0) return translate(locale, 'duration.days', { days, hours: hours % 24 });
  if (hours > 0) return translate(locale, 'duration.hours', { hours, minutes: minutes % 60 });
  if (minutes > 0) return translate(locale, 'duration.minutes', { minutes, seconds: seconds % 60 });
  return translate(locale, 'duration.seconds', { seconds });
}

/**
 * A moment for texts that no client fills in (chat, pages, files): date and time of the reader's zone in the reader's
 * manner, with the zone named, since the text may be read elsewhere. `23 Nov 2026, 09:05 CET`. Without a zone: UTC.
 */
export function formatMoment(locale: string, ms: number, timeZone: string | null): string {
  return formatOf(locale, timeZone ?? 'UTC', 'moment').format(ms);
}

/** The same without the day, for what is near. */
export function formatTimeOfDay(locale: string, ms: number, timeZone: string | null): string {
  return formatOf(locale, timeZone ?? 'UTC', 'time').format(ms);
}

const time = { hour: 'numeric', minute: '2-digit', timeZoneName: 'short' } as const;
const shapes = { moment: { year: 'numeric', month: 'short', day: 'numeric', ...time }, time } as const;

/** A format costs more than a thousand uses of it. Zones and locales come from clients, checked but many: hence a bound. */
const formats = new Map<string, Intl.DateTimeFormat>();
const mostFormats = 500;

function formatOf(locale: string, timeZone: string, shape: keyof typeof shapes): Intl.DateTimeFormat {
  const used = formatLocaleOf(locale);
  const id = `${used} ${timeZone} ${shape}`;
  const known = formats.get(id);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat(used, { ...shapes[shape], timeZone });
  if (formats.size >= mostFormats) formats.clear();
  formats.set(id, made);
  return made;
}
