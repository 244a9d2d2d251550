import type { CardContext } from '../../cards/card-context.ts';
import { runCard } from '../../cards/run-card.ts';
import { runsCard, type MissingForRun } from '../../cards/runs-card.ts';
import { formatMoment } from '../../locales/format-time.ts';
import { fileToken, offerFile, openLinkOf } from '../../services/access/file-links.ts';
import type { Actor } from '../../services/model/access.ts';
import type { ConversationReference } from '../../services/model/conversation.ts';
import { MailroomError } from '../../services/model/error.ts';
import type { Mailbox } from '../../services/model/mailbox.ts';
import { isOver, paceOf, type LeftOut, type Run, type RunTitle } from '../../services/model/run.ts';
import { planBulkAction, planProfileTest } from '../../services/mailboxes/bulk-actions.ts';
import { isNamedAddress, mailboxesOfProfile, selectMailboxes } from '../../services/mailboxes/find-mailboxes.ts';
import { getEnvironment } from '../../services/platform/environments.ts';
import { waitingTests } from '../../services/profiles/maintenance-windows.ts';
import { findProfileByName, getProfile } from '../../services/profiles/profile-names.ts';
import type { ServiceContext } from '../../services/service-context.ts';
import { keyOf } from '../../services/storage/store.ts';
import { cancelRun, getRun } from '../../services/testing/cancel-run.ts';
import { pauseRun, resumeRun } from '../../services/testing/pause-run.ts';
import { stillFailingOf } from '../../services/testing/retest.ts';
import { getRunWithResults, resultDays } from '../../services/testing/run-results.ts';
import { startRun, type StartedRun } from '../../services/testing/start-run.ts';
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
  // Where mailboxes are stamped, the question also carries the choice to take them over.
  const { settings } = (await getEnvironment(services.store, environmentId)).value;
  if (!isList || settings.organizationStamp)
    return [renderBulkAction(input, await planBulkAction(services, environmentId, actor, 'test', text))];
  const mailboxes = (await selectMailboxes(services.store, environmentId, text)).map(({ value }) => value);
  return begin(input, { kind: 'selection', text: text.slice(0, 80) }, mailboxes);
}

/** Test & Enable for all mailboxes of a profile. Where mailboxes are stamped, it asks first, as for any other test. */
export async function testProfile(input: TurnInput, profileId: string): Promise<Reply[]> {
  const { services, environmentId, actor } = input;
  const profile = (await getProfile(services.store, environmentId, profileId)).value;
  const { settings } = (await getEnvironment(services.store, environmentId)).value;
  if (settings.organizationStamp)
    return [renderBulkAction(input, await planProfileTest(services, environmentId, actor, profile))];
  const mailboxes = await mailboxesOfProfile(services.store, environmentId, profileId);
  if (mailboxes.length === 0) throw new MailroomError('bulk.nothing', { filter: profile.name.slice(0, 100) });
  return begin(input, { kind: 'profile', name: profile.name }, mailboxes);
}

async function begin(input: TurnInput, title: RunTitle, mailboxes: readonly Mailbox[]): Promise<Reply[]> {
  const { services, environmentId, actor, conversation } = input;
  return runStarted(
    input,
    await startRun(services, environmentId, actor, conversation.conversationId, title, mailboxes),
  );
}

/** What began, what it joined, and what was left out; where nothing began, the card of the run that was joined. */
export async function runStarted(input: TurnInput, started: StartedRun): Promise<Reply[]> {
  const said: Reply = { text: await startedText(input, started) };
  return started.isNew ? [said] : [said, await renderRun(input.services, started.run, cardContext(input))];
}

/** Which run began, and where its card is: it stands in one conversation only. */
export async function runBegun(
  { services, conversation, actor, locale, timeZone }: TurnInput,
  run: Run,
): Promise<string> {
  const { environmentId, id, total, conversationId } = run;
  const found = (await services.store.get('conversation', keyOf(environmentId, conversationId)))?.value;
  const place = conversationId === conversation.conversationId ? 'here' : placeOf(found, actor);
  const begun = chatText(locale, 'chat.run.started', { id, total, place, name: found?.name ?? '' });
  const waiting = await waitingTests(services.store, run, services.clock.now());
  if (waiting === null) return begun;
  const time = formatMoment(locale, waiting.until, timeZone);
  return `${begun} ${chatText(locale, 'chat.run.maintenance', { count: waiting.count, time })}`;
}

/** Teams does not always name a channel. */
function placeOf(
  found: ConversationReference | undefined,
  { aadObjectId }: Actor,
): 'nowhere' | 'own' | 'chat' | 'channel' | 'unnamed' {
  if (found === undefined || found.deadReason !== null) return 'nowhere';
  if (found.kind !== 'personal') return found.name === '' ? 'unnamed' : 'channel';
  return found.aadObjectId === aadObjectId ? 'own' : 'chat';
}

/** The same in sentences. */
export async function startedText(input: TurnInput, { run, isNew, leftOut, joined }: StartedRun): Promise<string> {
  const { locale } = input;
  // Those that are in no run are on a try of their own at this moment.
  const alone = leftOut.alreadyInRun - joined.reduce((sum, { count }) => sum + count, 0);
  return [
    isNew ? await runBegun(input, run) : '',
    ...joined.map(({ run: { id, state }, count }) => chatText(locale, 'chat.run.joined', { id, state, count })),
    ...(Object.entries({ ...leftOut, alreadyInRun: alone }) as [keyof LeftOut, number][])
      .filter(([, count]) => count > 0)
      .map(([reason, count]) => chatText(locale, `chat.left-out.${reason}`, { count })),
  ]
    .filter((sentence) => sentence !== '')
    .join(' ');
}

/** `runs` */
export async function showRuns(input: TurnInput): Promise<Reply[]> {
  const stored = await input.services.store.query('run', { prefix: keyOf(input.environmentId, ''), limit: 10_000 });
  const runs = stored.map(({ value }) => value).sort((a, b) => b.startedAt - a.startedAt);
  const missing = runs.length > 0 ? 'none' : await missingForRun(input);
  return [runsCard(runs.slice(0, 10), missing, cardContext(input))];
}

/** What has to be there before anything can be tested. */
async function missingForRun({ services, environmentId }: TurnInput): Promise<MissingForRun> {
  const isThere = async (collection: 'profile' | 'mailbox'): Promise<boolean> =>
    (await services.store.query(collection, { prefix: keyOf(environmentId, ''), limit: 1 })).length > 0;
  if (!(await isThere('profile'))) return 'profile';
  return (await isThere('mailbox')) ? 'none' : 'mailboxes';
}

/** `run ID` */
export async function showRun(input: TurnInput, id: string): Promise<Reply[]> {
  if (id === '') throw new MailroomError('command.argument-missing', { usage: 'run ID' });
  const run = (await getRun(input.services.store, input.environmentId, id)).value;
  return [await renderRun(input.services, run, cardContext(input))];
}

/** The card of a run. A reader's own download is on it as long as it works, in the reader's own chat and nowhere else. */
export async function renderRun(
  services: Pick<ServiceContext, 'store' | 'clock' | 'keys' | 'publicUrl'>,
  run: Run,
  context: CardContext,
): Promise<RenderedCard> {
  const file = { kind: 'run-report', subjectId: run.id } as const;
  const link =
    context.viewerId === undefined ? null : await openLinkOf(services, run.environmentId, file, context.viewerId);
  const reportUrl = link === null ? null : `${services.publicUrl}/files/${fileToken(services.keys, link)}`;
  const still = await stillFailingOf(services.store, run);
  const waiting = isOver(run) ? null : await waitingTests(services.store, run, context.now);
  return runCard(run, { pace: paceOf(run, context.now), reportUrl, resultDays, still, waiting }, context);
}

/** The button for the report: a link that works once, on the card of the run. */
export async function offerReport(input: TurnInput, id: string): Promise<RenderedCard> {
  const { services, environmentId, actor, conversation } = input;
  const run = await getRunWithResults(services.store, environmentId, id);
  if (conversation.kind !== 'personal') throw new MailroomError('file.personal-only', { id: run.id });
  const file = { kind: 'run-report', subjectId: run.id } as const;
  await offerFile(services, environmentId, actor, file, conversation.conversationId);
  return renderRun(services, run, cardContext(input));
}

/** `pause run ID` */
export async function pauseRunCommand(input: TurnInput, id: string): Promise<Reply[]> {
  if (id === '') throw new MailroomError('command.argument-missing', { usage: 'pause run ID' });
  return runChanged(input, await pauseRun(input.services, input.environmentId, input.actor, id));
}

/** `resume run ID` */
export async function resumeRunCommand(input: TurnInput, id: string): Promise<Reply[]> {
  if (id === '') throw new MailroomError('command.argument-missing', { usage: 'resume run ID' });
  return runChanged(input, await resumeRun(input.services, input.environmentId, input.actor, id));
}

/** `cancel run ID` */
export async function cancelRunCommand(input: TurnInput, id: string): Promise<Reply[]> {
  if (id === '') throw new MailroomError('command.argument-missing', { usage: 'cancel run ID' });
  return runChanged(input, await cancelRun(input.services, input.environmentId, input.actor, id));
}

function runChanged({ locale }: TurnInput, { id, state, done, total }: Run): Reply[] {
  return [{ text: chatText(locale, `chat.run.${state}`, { id, done, total }) }];
}
