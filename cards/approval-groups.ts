import type { CardElement } from '@microsoft/teams.cards';
import type { Mailbox } from '../services/model/mailbox.ts';
import type { PendingGroup } from '../services/model/pending-group.ts';
import type { Say } from './card-text.ts';
import { plainText } from './plain-text.ts';

const mostGroups = 5;

/** How many of which profile and type: what somebody decides about when they decide about many at once. */
export function groupTexts(
  groups: readonly PendingGroup[],
  names: Readonly<Record<string, string>>,
  say: Say,
): string[] {
  const left = groups.slice(mostGroups).reduce((sum, { count }) => sum + count, 0);
  return [
    ...groups
      .slice(0, mostGroups)
      .map(({ profileId, type, count }) =>
        say('approve.group', { profile: profileName(profileId, names, say), type, count }),
      ),
    ...(left === 0 ? [] : [say('more', { count: left })]),
  ];
}

/** The groups as lines of a card and, where they are asked for, some of the addresses. */
export function groupLines(
  {
    groups,
    sample,
  }: { readonly groups: readonly PendingGroup[]; readonly sample: readonly Pick<Mailbox, 'address'>[] },
  names: Readonly<Record<string, string>>,
  { total, withAddresses }: { readonly total: number; readonly withAddresses: boolean },
  say: Say,
): CardElement[] {
  const lines = groupTexts(groups, names, say);
  if (lines.length === 0) return [];
  const addresses = sample.map(({ address }) => plainText(address, 72));
  const left = total - addresses.length;
  return [
    ...lines.map((text, index): CardElement => ({
      type: 'TextBlock',
      text,
      wrap: true,
      ...(index === 0 ? {} : { spacing: 'None' }),
    })),
    ...(withAddresses && addresses.length > 0
      ? [
          {
            type: 'TextBlock',
            text: say('approve.sample', { addresses: addresses.join(', '), left }),
            wrap: true,
            isSubtle: true,
            size: 'Small',
          } as const,
        ]
      : []),
  ];
}

/** The name of a profile, or a word for none. */
export function profileName(profileId: string | null, names: Readonly<Record<string, string>>, say: Say): string {
  const name = profileId !== null && Object.hasOwn(names, profileId) ? names[profileId] : undefined;
  return name === undefined ? say('profile.none') : plainText(name, 60);
}
