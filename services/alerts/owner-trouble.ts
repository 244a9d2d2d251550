import type { Alert } from '../model/alert.ts';
import { alertsOf } from '../model/alert-levels.ts';
import type { EmailSettings } from '../model/environment.ts';
import { directions, isEnabled, type Mailbox } from '../model/mailbox.ts';
import { concernsOwner, matterOf } from '../model/owner-matter.ts';
import type { OwnerTrouble } from '../model/owner-view.ts';
import { checksOf } from '../testing/mailbox-checks.ts';
import { isAccountRefused } from '../testing/refused-account.ts';
import type { ServiceContext } from '../service-context.ts';
import { keyOf, type Store } from '../storage/store.ts';

type Context = Pick<ServiceContext, 'store' | 'clock'>;

export type OwnerState =
  | ({ readonly kind: 'failing' } & OwnerTrouble)
  /** It works in all that is set up. */
  | { readonly kind: 'works' }
  /** Not tested, switched off, or what its owner is not told. */
  | { readonly kind: 'nothing' };

/** How these mailboxes stand for their owners, by id; alerts of all of them are looked up at once. */
export async function ownerStates(
  context: Context,
  environmentId: string,
  settings: EmailSettings,
  mailboxes: readonly Mailbox[],
): Promise<ReadonlyMap<string, OwnerState>> {
  const alerts = await alertsOfMailboxes(
    context.store,
    environmentId,
    mailboxes.map(({ id }) => id),
  );
  const states = new Map<string, OwnerState>();
  for (const mailbox of mailboxes)
    states.set(mailbox.id, await stateOf(context, settings, mailbox, alerts.get(mailbox.id) ?? []));
  return states;
}

async function stateOf(
  context: Context,
  settings: EmailSettings,
  mailbox: Mailbox,
  alerts: readonly Alert[],
): Promise<OwnerState> {
  const told = alerts
    .filter((alert) => alertsOf(settings, alert.level) && concernsOwner(alert, settings.notifyMailboxOwner))
    .toSorted(worstFirst);
  const [worst] = told;
  if (worst !== undefined) {
    const stopped = new Set(told.flatMap((alert) => alert.directions));
    return {
      kind: 'failing',
      matter: matterOf(worst.fault),
      level: worst.level,
      directions: directions.filter((direction) => stopped.has(direction)),
      since: Math.min(...told.map(({ firstAt }) => firstAt)),
    };
  }
  const waiting = settings.notifyMailboxOwner ? await serverTrouble(context, mailbox) : null;
  if (waiting !== null && alertsOf(settings, waiting.level)) return { kind: 'failing', ...waiting };
  return { kind: isEnabled(mailbox) ? 'works' : 'nothing' };
}

/** What is to be mended weighs more than what passes, and trouble of the mailbox itself more than that of a server. */
function worstFirst(a: Alert, b: Alert): number {
  const isError = ({ level }: Alert): number => Number(level === 'error');
  const isOwn = ({ fault }: Alert): number => Number(matterOf(fault) !== 'server');
  return isError(b) - isError(a) || isOwn(b) - isOwn(a) || a.firstAt - b.firstAt;
}

/** A mailbox that works, as far as anybody knows, and whose checks wait for a server or for a new password. */
async function serverTrouble(context: Context, mailbox: Mailbox): Promise<OwnerTrouble | null> {
  const { environmentId, profileId } = mailbox;
  const { poll, outage } = await checksOf(context, mailbox);
  if (poll === null || profileId === null) return null;
  const trouble = { matter: 'server', directions: ['incoming'] } as const;
  if (outage !== null) return { ...trouble, level: outage.level, since: outage.since };
  const profile = (await context.store.get('profile', keyOf(environmentId, profileId)))?.value;
  if (profile === undefined || !(await isAccountRefused(context.store, profile))) return null;
  return { ...trouble, level: 'error', since: poll.checkedAt ?? mailbox.lastTestedAt ?? mailbox.createdAt };
}

async function alertsOfMailboxes(
  store: Store,
  environmentId: string,
  mailboxIds: readonly string[],
): Promise<ReadonlyMap<string, Alert[]>> {
  const found = await store.query('alert', {
    prefix: keyOf(environmentId, ''),
    where: { mailboxId: mailboxIds },
    limit: 100 * Math.max(1, mailboxIds.length),
  });
  const byMailbox = new Map<string, Alert[]>();
  for (const { value } of found) byMailbox.set(value.mailboxId, [...(byMailbox.get(value.mailboxId) ?? []), value]);
  return byMailbox;
}
