import { runCard } from '../../cards/run-card.ts';
import { runsCard } from '../../cards/runs-card.ts';
import { MailroomError } from '../../services/model/error.ts';
import type { Mailbox } from '../../services/model/mailbox.ts';
import type { Run, RunTitle } from '../../services/model/run.ts';
import { planBulkAction } from '../../services/mailboxes/bulk-actions.ts';
import { isNamedAddress, selectMailboxes } from '../../services/mailboxes/find-mailboxes.ts';
import { findProfileByName } from '../../services/profiles/profile-names.ts';
import { keyOf, type Stored } from '../../services/storage/store.ts';
import { cancelRun, getRun } from '../../services/testing/cancel-run.ts';
import { startRun, type LeftOut, type PreparedRun } from '../../services/testing/start-run.ts';
import { cardContext } from '../card-context.ts';
import { chatText } from '../chat-text.ts';
import type { RenderedCard, Reply, TurnInput } from '../turn-input.ts';
import { renderBulkAction } from './mailbox-commands.ts';

/** `test ADDRESS…|FILTER|profile NAME`: the answer comes at once; the run's live card comes through the outbox. */
export async function testMailboxes(input: TurnInput, text: string): Promise<Reply[]> {
  const { services, environmentId, actor } = input;
  if (text === '') throw new MailroomError('command.argument-missing', { usage: 'test ADDRESS…|FILTER|profile NAME' });
  const profileName = /^profile\s/i.test(text) ? text.slice('profile'.length).trim() : '';
  if (profileName !== '')
    return testProfile(input, (await findProfileByName(services.store, environmentId, profileName)).id);
  // Anything else may match many mailboxes, so it is counted and asked about first.
  const isList = text.split(/[\s,;]+/).every(isNamedAddress);
  if (!isList) return [renderBulkAction(input, await planBulkAction(services, environmentId, actor, 'test', text))];
  const mailboxes = await selectMailboxes(services.store, environmentId, text);
  const title = { kind: 'selection', text: text.slice(0, 80) } as const;
  return begin(input, title, mailboxes);
}

/** Test & Enable for all mailboxes of a profile. */
export async function testProfile(input: TurnInput, profileId: string): Promise<Reply[]> {
  const { services, environmentId } = input;
  const profile = (await services.store.get('profile', keyOf(environmentId, profileId)))?.value;
  if (profile === undefined) throw new MailroomError('profile.unknown', { name: profileId.slice(0, 100) });
  const mailboxes = await services.store.query('mailbox', {
    prefix: keyOf(environmentId, ''),
    where: { profileId },
    limit: 100_000,
  });
  const title = { kind: 'profile', name: profile.name } as const;
  return begin(input, title, mailboxes);
}

async function begin(input: TurnInput, title: RunTitle, mailboxes: readonly Stored<Mailbox>[]): Promise<Reply[]> {
  const { services, environmentId, actor, conversation } = input;
  const named = mailboxes.map(({ value }) => value);
  return runStarted(input, await startRun(services, environmentId, actor, conversation.conversationId, title, named));
}

/** One sentence about a run that began, and about what was left out of it. */
export function runStarted(input: TurnInput, prepared: PreparedRun): Reply[] {
  return [
    {
      text: [
        chatText(input.locale, 'chat.run.started', { id: prepared.run.id, total: prepared.run.total }),
        leftOutText(input.locale, prepared.leftOut),
      ]
        .join(' ')
        .trim(),
    },
  ];
}

function leftOutText(locale: string, leftOut: LeftOut): string {
  return (Object.entries(leftOut) as [keyof LeftOut, number][])
    .filter(([, count]) => count > 0)
    .map(([reason, count]) => chatText(locale, `chat.left-out.${reason}`, { count }))
    .join(' ');
}

/** `runs` */
export async function showRuns(input: TurnInput): Promise<Reply[]> {
  const stored = await input.services.store.query('run', { prefix: keyOf(input.environmentId, ''), limit: 10_000 });
  const runs = stored.map(({ value }) => value).sort((a, b) => b.startedAt - a.startedAt);
  return [runsCard(runs.slice(0, 10), cardContext(input))];
}

/** `run ID` */
export async function showRun(input: TurnInput, id: string): Promise<Reply[]> {
  if (id === '') throw new MailroomError('command.argument-missing', { usage: 'run ID' });
  const run = (await getRun(input.services.store, input.environmentId, id)).value;
  return [renderRun(run, cardContext(input))];
}

export function renderRun(run: Run, context: ReturnType<typeof cardContext>): RenderedCard {
  return runCard(run, pace(run, context.now), context);
}

/** `cancel run ID` */
export async function cancelRunCommand(input: TurnInput, id: string): Promise<Reply[]> {
  if (id === '') throw new MailroomError('command.argument-missing', { usage: 'cancel run ID' });
  const run = await cancelRun(input.services, input.environmentId, input.actor, id);
  return [{ text: chatText(input.locale, `chat.run.${run.state}`, { id: run.id, done: run.done, total: run.total }) }];
}

/** Speed so far and what it promises for the rest; nothing before there is something to measure. */
function pace(run: Run, now: number): { rate: number | null; etaMs: number | null } {
  const elapsedMs = (run.finishedAt ?? now) - run.startedAt;
  if (run.done === 0 || elapsedMs < 1000) return { rate: null, etaMs: null };
  const perMs = run.done / elapsedMs;
  return {
    rate: Math.round(perMs * 60_000),
    etaMs: run.state === 'running' ? Math.round((run.total - run.done) / perMs) : null,
  };
}
