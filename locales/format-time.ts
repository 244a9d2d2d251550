import { translate } from './translate.ts';

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
