import type { SubscribedLevel, Subscription } from './conversation.ts';
import { isLocalTime } from './local-time.ts';
import { quietMinutes } from './quiet-hours.ts';
import { timeZoneNamed } from './time-zone.ts';

/** Inputs of the form, as typed. */
export const subscriptionFields = [
  'alerts',
  'profiles',
  'profileAlerts',
  'nature',
  'quietFrom',
  'quietTo',
  'digest',
  'digestTime',
  'timeZone',
] as const;
export type SubscriptionField = (typeof subscriptionFields)[number];
export type SubscriptionValues = Readonly<Record<SubscriptionField, string>>;

/** Error codes by field: `error.subscription.CODE`. */
export type SubscriptionErrors = Readonly<Partial<Record<SubscriptionField, string>>>;

export const alertChoices = ['none', 'errors', 'warnings', 'all'] as const;
export const natureChoices = ['both', 'permanent', 'transient'] as const;
export const digestChoices = ['hourly', 'daily'] as const;
/** `keep`: single profiles have several levels, and each stays as it is. */
export const profileAlertChoices = ['errors', 'warnings', 'all', 'keep'] as const;

/** So many single profiles are offered beside those that are chosen: more would fill the card; `subscribe … profile NAME` takes any. */
export const mostProfiles = 25;

/** Longer ones would be a channel that sleeps. */
export const longestQuietMinutes = 16 * 60;

const usualDigestTime = '08:00';

/** Single profiles that the form shows: those that are chosen first. */
export function offeredProfiles<P extends { readonly id: string }>(
  { profiles }: Pick<Subscription, 'profiles'>,
  all: readonly P[],
): P[] {
  const isChosen = ({ id }: P): boolean => Object.hasOwn(profiles, id);
  return [...all.filter(isChosen), ...all.filter((one) => !isChosen(one))].slice(0, mostProfiles);
}

/** What the form shows at first. `viewerZone`: of whoever sets it; null: the client did not say. */
export function valuesOf(subscription: Subscription, viewerZone: string | null): SubscriptionValues {
  const { alerts, profiles, nature, quietHours, digest } = subscription;
  const levels = new Set(Object.values(profiles));
  const [level] = levels;
  return {
    alerts: alerts ?? 'none',
    profiles: Object.keys(profiles).join(','),
    profileAlerts: levels.size > 1 ? 'keep' : (level ?? 'errors'),
    nature: nature ?? 'both',
    quietFrom: quietHours?.from ?? '',
    quietTo: quietHours?.to ?? '',
    digest: digest === null ? 'hourly' : 'daily',
    digestTime: digest?.time ?? usualDigestTime,
    timeZone: quietHours?.timeZone ?? digest?.timeZone ?? viewerZone ?? 'UTC',
  };
}

export type ReadSubscription =
  | {
      readonly kind: 'change';
      readonly change: Pick<Subscription, 'alerts' | 'profiles' | 'nature' | 'quietHours' | 'digest'>;
    }
  | { readonly kind: 'errors'; readonly errors: SubscriptionErrors };

/** Reads the form. `offered`: ids of the profiles that it showed; single profiles that it did not show stay as they are. */
export function readSubscription(
  values: SubscriptionValues,
  before: Pick<Subscription, 'profiles'>,
  offered: readonly string[],
): ReadSubscription {
  const errors: { -readonly [F in SubscriptionField]?: string } = {};
  const choice = <C extends string>(field: SubscriptionField, choices: readonly C[]): C | null => {
    const found = choices.find((known) => known === values[field]);
    if (found === undefined) errors[field] = 'choose';
    return found ?? null;
  };
  const alerts = choice('alerts', alertChoices);
  const nature = choice('nature', natureChoices);
  const digest = choice('digest', digestChoices);
  const level = choice('profileAlerts', profileAlertChoices);
  const timeZone = timeZoneNamed(values.timeZone.trim());
  const quiet = readQuiet(values, errors);
  const digestTime = digest === 'daily' ? readTime(values, 'digestTime', errors) : null;
  // Of no use without a time, but nobody shall wonder why it is gone.
  if (timeZone === null) errors.timeZone = 'zone-unknown';
  if (digest === 'daily' && values.digestTime.trim() === '') errors.digestTime = 'time-missing';
  if (Object.keys(errors).length > 0 || timeZone === null) return { kind: 'errors', errors };
  return {
    kind: 'change',
    change: {
      alerts: alerts === 'none' ? null : alerts,
      profiles: readProfiles(values, before, offered, level ?? 'keep'),
      nature: nature === 'both' ? null : nature,
      quietHours: quiet === null ? null : { ...quiet, timeZone },
      digest: digestTime === null ? null : { time: digestTime, timeZone },
    },
  };
}

function readQuiet(
  values: SubscriptionValues,
  errors: { -readonly [F in SubscriptionField]?: string },
): { readonly from: string; readonly to: string } | null {
  const from = readTime(values, 'quietFrom', errors);
  const to = readTime(values, 'quietTo', errors);
  if (errors.quietFrom !== undefined || errors.quietTo !== undefined) return null;
  if (from === null && to === null) return null;
  if (from === null || to === null) {
    errors[from === null ? 'quietFrom' : 'quietTo'] = 'time-missing';
    return null;
  }
  if (from === to) errors.quietTo = 'quiet-same';
  else if (quietMinutes({ from, to }) > longestQuietMinutes) errors.quietTo = 'quiet-long';
  return { from, to };
}

/** Null where nothing is typed, or what is typed is no time. */
function readTime(
  values: SubscriptionValues,
  field: 'quietFrom' | 'quietTo' | 'digestTime',
  errors: { -readonly [F in SubscriptionField]?: string },
): string | null {
  // Some clients send seconds.
  const time = values[field].trim().replace(/^(\d\d:\d\d):\d\d$/, '$1');
  if (time === '') return null;
  if (isLocalTime(time)) return time;
  errors[field] = 'time-invalid';
  return null;
}

function readProfiles(
  values: SubscriptionValues,
  { profiles: before }: Pick<Subscription, 'profiles'>,
  offered: readonly string[],
  level: (typeof profileAlertChoices)[number],
): Subscription['profiles'] {
  const hidden = Object.entries(before).filter(([id]) => !offered.includes(id));
  const chosen = values.profiles.split(',').filter((id) => offered.includes(id));
  const levelOf = (id: string): SubscribedLevel =>
    level === 'keep' ? ((Object.hasOwn(before, id) ? before[id] : undefined) ?? 'errors') : level;
  return Object.fromEntries([...hidden, ...chosen.map((id) => [id, levelOf(id)] as const)]);
}
