import type { AlertLevel } from './alert.ts';
import type { EmailSettings } from './environment.ts';

/** The switch of each level, `generatealertsforerrors` and its twins. */
export const alertSwitchOf = {
  error: 'alertsForErrors',
  warning: 'alertsForWarnings',
  information: 'alertsForInformation',
} as const satisfies Readonly<Record<AlertLevel, keyof EmailSettings>>;

export const alertLevels = Object.keys(alertSwitchOf) as readonly AlertLevel[];

/**
 * True when alerts of this level are shown and sent. What a mailbox fails with is kept whatever the switches say, since its
 * next test and the retry rule need it; so a level that is switched on again shows what is open.
 */
export function alertsOf(settings: EmailSettings, level: AlertLevel): boolean {
  return settings[alertSwitchOf[level]];
}
