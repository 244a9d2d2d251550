import type { QuietHours, Subscription } from '../services/model/conversation.ts';
import type { Say } from './card-text.ts';
import { plainText } from './plain-text.ts';

const mostNames = 10;

/** Which alerts come of every profile, in words; null: none do. */
export function levelText(say: Say, { alerts }: Pick<Subscription, 'alerts'>): string | null {
  return alerts === null ? null : say(`subscription-alerts.${alerts}`);
}

/** Single profiles with their levels; those that were deleted meanwhile have no alerts any more, and no line. */
export function profileTexts(
  say: Say,
  { profiles }: Pick<Subscription, 'profiles'>,
  names: Readonly<Record<string, string>>,
  most = mostNames,
): string[] {
  const lines = Object.entries(profiles).flatMap(([id, level]) =>
    Object.hasOwn(names, id)
      ? [
          say('subscription.of-profile', {
            alerts: say(`subscription-alerts.${level}`),
            name: plainText(names[id] ?? '', 60),
          }),
        ]
      : [],
  );
  const left = lines.length - most;
  return left > 0 ? [...lines.slice(0, most), say('more', { count: left })] : lines;
}

export function quietText(say: Say, quiet: QuietHours | null): string | null {
  return quiet === null ? null : say('subscription.quiet', { from: quiet.from, to: quiet.to, zone: quiet.timeZone });
}

/** When the digest comes; null: nothing that it could tell. */
export function digestText(say: Say, { digest }: Pick<Subscription, 'digest'>): string {
  return digest === null
    ? say('subscription.digest-hourly')
    : say('subscription.digest-daily', { time: digest.time, zone: digest.timeZone });
}
