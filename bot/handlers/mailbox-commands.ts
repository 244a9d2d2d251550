import { groupTexts } from '../../cards/approval-groups.ts';
import { speaker } from '../../cards/card-text.ts';
import { confirmCard } from '../../cards/confirm-card.ts';
import { mailboxCard } from '../../cards/mailbox-card.ts';
import { translate } from '../../locales/translate.ts';
import type { BulkAction } from '../../services/model/bulk-action.ts';
import { MailroomError } from '../../services/model/error.ts';
import type { Mailbox } from '../../services/model/mailbox.ts';
import { getMailbox } from '../../services/mailboxes/find-mailboxes.ts';
import { alertsOf } from '../../services/model/alert-levels.ts';
import { getEnvironment } from '../../services/platform/environments.ts';
import { listProfiles } from '../../services/profiles/profile-names.ts';
import { keyOf } from '../../services/storage/store.ts';
import { checksOf } from '../../services/testing/mailbox-checks.ts';
import { isAccountRefused } from '../../services/testing/refused-account.ts';
import { readTestHistory } from '../../services/testing/test-history.ts';
import { cardContext } from '../card-context.ts';
import type { RenderedCard, Reply, TurnInput } from '../turn-input.ts';

/** Tests and checks that a card shows. */
const historyRows = 5;

/** `mailbox ADDRESS` */
export async function showMailbox(input: TurnInput, address: string): Promise<Reply[]> {
  if (address === '') throw new MailroomError('command.argument-missing', { usage: 'mailbox ADDRESS' });
  return [await renderMailbox(input, (await getMailbox(input.services.store, input.environmentId, address)).value)];
}

export async function renderMailbox(input: TurnInput, mailbox: Mailbox): Promise<RenderedCard> {
  const { profileId } = mailbox;
  const profile =
    profileId === null
      ? undefined
      : (await input.services.store.get('profile', keyOf(input.environmentId, profileId)))?.value;
  const { settings } = (await getEnvironment(input.services.store, input.environmentId)).value;
  return mailboxCard(
    mailbox,
    {
      profileName: profile?.name ?? null,
      profileInactive: profile?.state === 'inactive',
      secretRefused: profile !== undefined && (await isAccountRefused(input.services.store, profile)),
      attempts: input.services.retry.attempts,
      history: mailbox.lastTestedAt === null ? [] : await readTestHistory(input.services.store, mailbox, historyRows),
      emailRouter: settings.emailConnectionChannel === 1,
      information: alertsOf(settings, 'information'),
      alerts: (
        await input.services.store.query('alert', { prefix: keyOf(input.environmentId, mailbox.id, ''), limit: 100 })
      ).map(({ value }) => value),
      ...(await checksOf(input.services, mailbox)),
    },
    cardContext(input),
  );
}

/** The question, or what became of it. `profileNames`: of a decision, for its numbers by profile. */
export function renderBulkAction(
  input: TurnInput,
  action: BulkAction,
  result?: { readonly text: string; readonly runId?: string },
  profileNames: Readonly<Record<string, string>> = {},
): RenderedCard {
  const matching = action.mailboxIds.length;
  const leftOut = Object.entries(action.leftOut ?? {}).filter(([, left]) => left > 0);
  // The question is about those that would be tested, not about all that match.
  const count = leftOut.reduce((rest, [, left]) => rest - left, matching);
  const text = (part: string, number: number): string =>
    translate(cardContext(input).locale, `chat.bulk.${action.kind}.${part}`, {
      count: number,
      filter: action.filter,
      reason: action.reason ?? '',
    });
  return confirmCard(
    {
      id: action.id,
      revision: action.revision,
      verb: 'bulk.confirm',
      cancelVerb: 'bulk.cancel',
      title: text('title', count),
      text: [
        text(action.kind === 'approve' && action.listId !== undefined ? 'selected' : 'text', matching),
        ...(action.own === undefined ? [] : [translate(input.locale, 'chat.bulk.own', { count: action.own })]),
        ...(action.ofOtherSets === undefined
          ? []
          : [translate(input.locale, 'chat.bulk.of-other-sets', { count: action.ofOtherSets })]),
        ...(action.notPending === undefined
          ? []
          : [translate(cardContext(input).locale, 'chat.bulk.not-pending', { count: action.notPending })]),
        ...leftOut.map(([reason, left]) =>
          translate(cardContext(input).locale, `chat.not-tested.${reason}`, { count: left }),
        ),
      ].join(' '),
      count,
      ...(action.groups === undefined
        ? {}
        : { groups: groupTexts(action.groups, profileNames, speaker(cardContext(input))), hasList: true }),
      sample: action.mailboxIds.slice(0, 5),
      mayTakeOver: action.mayTakeOver ?? false,
      state: action.kind === 'test' && action.state === 'done' ? 'started' : action.state,
      ...(result === undefined ? {} : { resultText: result.text }),
      ...(result?.runId === undefined ? {} : { runId: result.runId }),
    },
    cardContext(input),
  );
}

export async function profileNamesById(input: TurnInput): Promise<Record<string, string>> {
  return Object.fromEntries(
    (await listProfiles(input.services.store, input.environmentId)).map((profile) => [profile.id, profile.name]),
  );
}
