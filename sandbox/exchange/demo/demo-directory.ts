import type { DirectoryEntry, DistributionList } from '../mailbox/organization.ts';
import type { MailboxSeed } from '../mailbox/mailbox.ts';

/** The list that the demo offers for an import. */
export const DEMO_LIST = 'all-sales@contoso.test';

const PARTNER: DirectoryEntry = {
  address: 'dana@fabrikam.test',
  displayName: 'Dana of Fabrikam',
  type: 'Contact',
};
const MEMBERS = 24;

/** Lists of the demo: one with others within it that know each other, and members that have no mailbox here. */
export function demoDirectory(mailboxes: readonly MailboxSeed[]): {
  readonly distributionLists: readonly DistributionList[];
  readonly directoryEntries: readonly DirectoryEntry[];
} {
  const members = mailboxes.slice(0, MEMBERS).map(({ address }) => address);
  const half = Math.ceil(members.length / 2);
  const list = (address: string, displayName: string, of: readonly string[]): DistributionList => ({
    address,
    displayName,
    members: of,
  });
  return {
    distributionLists: [
      list(DEMO_LIST, 'All of Sales', ['sales-east@contoso.test', 'sales-west@contoso.test', PARTNER.address]),
      list('sales-east@contoso.test', 'Sales East', members.slice(0, half)),
      // Knows the list above it, as real ones do.
      list('sales-west@contoso.test', 'Sales West', [...members.slice(half - 1), DEMO_LIST]),
    ],
    directoryEntries: [PARTNER],
  };
}
