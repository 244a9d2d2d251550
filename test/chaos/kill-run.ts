import { join } from 'node:path';
import type { BotProcess } from '../../sandbox/bot-process.ts';
import { Journey, linkOf } from '../../sandbox/journey.ts';
import { readActions } from '../../sandbox/teams/card-reading.ts';
import { shownActivity, type Message } from '../../sandbox/teams/state.ts';
import { cardOf, type JsonObject } from '../../sandbox/teams/wire.ts';
import { csvOf, startWorld, type World } from '../../sandbox/world.ts';
import { directions, isEnabled, type Mailbox } from '../../services/model/mailbox.ts';
import type { ApprovalRequest } from '../../services/model/approval-request.ts';
import type { Outcome, Run } from '../../services/model/run.ts';
import { openJournalStore } from '../../services/storage/journal-store.ts';
import { population } from './population.ts';
import { randomFrom } from './random.ts';

/*
 * The whole job with some mailboxes, once undisturbed and once with the bot killed (SIGKILL) again and again while the run
 * goes on. When to kill is drawn from a seed and measured by what Exchange has seen, so the same seed kills at the same
 * places of the work.
 */

const personal = 'personal';
const approvals = 'Mailroom approvals';
const alerts = 'Mailroom alerts';

/** Slow enough that something is in flight at every kill, and retries that end within the test. */
const pace = { latencyMs: 15, retryMinutes: 0.01, retryAttempts: 4 } as const;
/** The longest there is: who is checked after the end of its test is none that was tested twice. */
const pollMinutes = { MAILROOM_POLL_MINUTES: '1440' } as const;
/** What Teams takes in one message. */
const rowsOfMessage = 1000;
const endWithinMs = 480_000;

export interface KillRunOptions {
  readonly seed: number;
  readonly kills: number;
  readonly mailboxes: number;
  readonly note?: (line: string) => void;
}

export interface KillRunFigures {
  readonly seed: number;
  readonly kills: number;
  readonly mailboxes: number;
  /** EWS requests of the run with kills, and of the one without. */
  readonly requests: number;
  readonly requestsUndisturbed: number;
  /** EWS requests that a kill cut off. */
  readonly inFlight: number;
  /** Of them: those that send a message. Only these may have to be sent a second time. */
  readonly sendsInFlight: number;
  /** Mailboxes whose final state differs from that of the undisturbed run. */
  readonly different: number;
  /** Mailboxes that Exchange was asked for by a test after their last outcome was recorded, or tested again after the run's. */
  readonly testedAfterOutcome: number;
  /** Test messages beyond the first of a mailbox. */
  readonly secondMessages: number;
  /** Of them: sent although a search that began after the first was there could have found it. Must be none. */
  readonly secondMessagesDespiteMarker: number;
  /** Cards that stand in a conversation beside the one that Mailroom knows of: posted, but killed before that was written. */
  readonly duplicateCards: number;
  readonly ms: number;
  /** What does not hold, in words; empty when all is well. */
  readonly broken: readonly string[];
}

interface Ending {
  readonly mailboxes: ReadonlyMap<string, Mailbox>;
  readonly runs: readonly Run[];
  readonly requests: readonly ApprovalRequest[];
  /** How often each mailbox was enabled, by the audit trail. */
  readonly enabled: ReadonlyMap<string, number>;
  /** Of each address, how often the trail says that it was approved. */
  readonly approvedEntries: ReadonlyMap<string, number>;
  readonly tasks: number;
  /** What the run recorded, by mailbox: when, and whether tries were to follow. */
  readonly outcomes: ReadonlyMap<string, Pick<Outcome, 'at' | 'willRetry'>>;
  /** Mailboxes that were checked after they had been enabled. */
  readonly checked: ReadonlySet<string>;
  /** Ids of the messages that Mailroom knows it has sent. */
  readonly known: ReadonlySet<string>;
}

/** Runs the job twice and compares. */
export async function runWithKills({
  seed,
  kills,
  mailboxes: count,
  note = () => undefined,
}: KillRunOptions): Promise<KillRunFigures> {
  const startedAt = Date.now();
  const mailboxes = population(seed, count);
  const calm = await runOnce(mailboxes, [], note);
  const points = drawPoints(seed, kills, calm.requests);
  note(`kills after ${points.join(', ')} requests`);
  const wild = await runOnce(mailboxes, points, note);
  return { seed, ms: Date.now() - startedAt, ...compare(calm, wild) };
}

interface Played {
  readonly ending: Ending;
  readonly requests: number;
  readonly killed: number;
  readonly inFlight: number;
  readonly sendsInFlight: number;
  readonly secondMessages: number;
  readonly despiteMarker: number;
  readonly duplicateCards: number;
  readonly testedAfterOutcome: number;
  readonly total: number;
}

async function runOnce(
  mailboxes: World['mailboxes'],
  points: readonly number[],
  note: (line: string) => void,
): Promise<Played> {
  const { latencyMs, ...retries } = pace;
  const world = await startWorld({ mailboxes, exchange: { latencyMs }, ...retries });
  const journey = new Journey(world);
  let bot = await world.startBot(pollMinutes);
  try {
    await prepare(world, journey);
    const before = world.exchange.requests().length;
    const seen = (): number => world.exchange.requests().length - before;
    await approveAll(journey);

    const killedAt: number[] = [];
    for (const point of points) {
      await until(() => seen() >= point, `request ${point}`);
      killedAt.push(Date.now());
      await bot.crash();
      note(`killed after ${seen()} requests`);
      bot = await world.startBot(pollMinutes);
    }
    bot = await settle(world, journey, bot);
    const ending = await readEnding(world);
    const played: Played = {
      ending,
      requests: seen(),
      killed: killedAt.length,
      ...cutOff(world, killedAt),
      ...secondMessages(world),
      duplicateCards: duplicateCards(world, ending.known),
      testedAfterOutcome: testedAfterOutcome(world, ending),
      total: world.mailboxes.length,
    };
    note(`ended after ${played.requests} requests`);
    return played;
  } finally {
    await bot.crash();
    await world.close();
  }
}

/** From nothing to the approval card of all mailboxes. */
export async function prepare(world: World, journey: Journey): Promise<void> {
  await world.teams.installs.installEverywhere('ada');
  await journey.say('ada', personal, 'create profile');
  const details = {
    name: 'Contoso on-premises',
    isDefault: 'true',
    serverLocation: world.ewsUrl,
    userName: world.exchange.serviceAccount.principalName,
    probeAddress: world.mailboxes[0]?.address ?? '',
  };
  await journey.click('ada', personal, { verb: 'profile.answer' }, details);
  const isLink = (card: JsonObject): boolean => readActions(card).some(({ type }) => type === 'Action.OpenUrl');
  const { card } = await journey.see('ada', personal, (seen) => isLink(seen.card), 'the link');
  const { page } = await journey.postForm(linkOf(card), { password: world.exchange.serviceAccount.password });
  await journey.click(
    'ada',
    personal,
    { verb: 'profile.confirm-code' },
    { code: /class="code"[^>]*>(\d{4})</.exec(page)?.[1] ?? '' },
  );
  await journey.click('ada', personal, { verb: 'profile.save' });
  await journey.say('ada', approvals, 'approvers here');
  await journey.say('ada', alerts, 'subscribe');
  for (let from = 0; from < world.mailboxes.length; from += rowsOfMessage) {
    const rows = world.mailboxes.slice(from, from + rowsOfMessage);
    await journey.say('ada', personal, `import mailboxes\n${csvOf(rows)}`);
    await journey.click('ada', personal, { verb: 'import.confirm' }, { testWhenApproved: 'true' });
    const isThere = (): boolean =>
      journey.cards('ben', approvals).filter(({ card }) => hasVerb(card, 'approval.approve-all')).length >
      from / rowsOfMessage;
    await until(isThere, 'the approval card', 20);
  }
}

/** By command: several imports are several cards, and one command is one run. */
export async function approveAll(journey: Journey): Promise<void> {
  await journey.say('ben', personal, 'approve all');
  await journey.click('ben', personal, { verb: 'bulk.confirm' });
}

/** Waits for the end of the run and of all its retries. Returns after the bot has stopped in order. */
async function settle(world: World, journey: Journey, running: BotProcess): Promise<BotProcess> {
  let bot = running;
  await journey.see(
    'ada',
    personal,
    ({ card }) => hasVerb(card, 'run.retest-failed'),
    'the run has ended',
    endWithinMs,
  );
  for (let look = 1; ; look += 1) {
    // Asked in a chat of its own. The alert cards tell the same, but one that stands twice is edited once.
    await until(async () => /no warnings/.test(await askForAlerts(journey)), 'no mailbox waits for a retry', 250);
    await bot.stop();
    // Between two retries there may be a moment without any warning: the store knows.
    const { tasks, intents } = await withStore(world, async (store) => ({
      tasks: await store.count('task', {}),
      intents: await store.count('intent', {}),
    }));
    if (tasks === 0 && intents === 0) return bot;
    if (look === 50) throw new Error(`${tasks} tasks and ${intents} cards are left over`);
    bot = await world.startBot(pollMinutes);
  }
}

/** What the bot says now about open alerts, as Ben reads it in his notification: the card lists the first ten only. */
async function askForAlerts(journey: Journey): Promise<string> {
  await journey.say('ben', personal, 'alerts');
  const newest = journey.cards('ben', personal).at(-1);
  return newest === undefined ? '' : (shownActivity(newest.message).summary ?? '');
}

async function readEnding(world: World): Promise<Ending> {
  return withStore(world, async (store) => {
    const all = { limit: 100_000 };
    const enabled = new Map<string, number>();
    const approvedEntries = new Map<string, number>();
    for await (const { kind, subjects } of store.readLog('audit')) {
      const counts = kind === 'approval.approved' ? approvedEntries : kind === 'mailbox.enabled' ? enabled : null;
      for (const address of subjects) counts?.set(address, (counts.get(address) ?? 0) + 1);
    }
    return {
      mailboxes: new Map((await store.query('mailbox', all)).map(({ value }) => [value.address, value])),
      runs: (await store.query('run', all)).map(({ value }) => value),
      requests: (await store.query('approvalRequest', all)).map(({ value }) => value),
      enabled,
      approvedEntries,
      tasks: await store.count('task', {}),
      outcomes: new Map((await store.query('outcome', all)).map(({ value }) => [value.mailboxId, value])),
      checked: new Set(
        (await store.query('poll', all)).flatMap(({ value }) => (value.checkedAt === null ? [] : value.mailboxId)),
      ),
      known: new Set((await store.query('message', all)).map(({ value }) => value.activityId)),
    };
  });
}

type OpenStore = Awaited<ReturnType<typeof openJournalStore>>;

export async function withStore<T>(world: World, look: (store: OpenStore) => Promise<T>): Promise<T> {
  const store = await openJournalStore({
    folder: world.environment['MAILROOM_DATA_DIR'] ?? join(world.folder, 'data'),
  });
  try {
    return await look(store);
  } finally {
    await store.close();
  }
}

function compare(calm: Played, wild: Played): Omit<KillRunFigures, 'seed' | 'ms'> {
  const broken: string[] = [];
  const hold = (condition: boolean, otherwise: string): void => {
    if (!condition) broken.push(otherwise);
  };
  const { ending, total } = wild;
  const different = [...calm.ending.mailboxes.keys()].filter(
    (address) => stateOf(ending.mailboxes.get(address)) !== stateOf(calm.ending.mailboxes.get(address)),
  );
  hold(calm.ending.mailboxes.size === total, `the undisturbed run has ${calm.ending.mailboxes.size} mailboxes`);
  hold(ending.mailboxes.size === total, `${ending.mailboxes.size} mailboxes instead of ${total}`);
  for (const address of different.slice(0, 5)) {
    const [is, should] = [ending, calm.ending].map(({ mailboxes }) => stateOf(mailboxes.get(address)));
    broken.push(`${address} ended as ${is} instead of ${should}`);
  }
  const [run] = ending.runs;
  hold(ending.runs.length === 1, `${ending.runs.length} runs instead of one`);
  hold(run?.state === 'completed' && run.done === total && run.total === total, `the run ended as ${shownRun(run)}`);
  hold(run !== undefined && run.succeeded + run.failed === total, `the run counts ${shownRun(run)}`);
  const approved = ending.requests.reduce((sum, request) => sum + request.approved, 0);
  hold(
    approved === total && ending.requests.every(({ pending, rejected }) => pending === 0 && rejected === 0),
    `the requests ended as ${JSON.stringify(ending.requests)}`,
  );
  const { approvedEntries } = ending;
  hold(
    approvedEntries.size === total && [...approvedEntries.values()].every((count) => count === 1),
    `the audit trail has approvals of ${approvedEntries.size} mailboxes, or one of them twice`,
  );
  hold(ending.tasks === 0, `${ending.tasks} tasks are left over`);
  for (const [address, mailbox] of ending.mailboxes) {
    const times = ending.enabled.get(address) ?? 0;
    hold(times === (isEnabled(mailbox) ? 1 : 0), `${address} was enabled ${times} times`);
  }
  hold(
    wild.testedAfterOutcome === 0,
    `${wild.testedAfterOutcome} mailboxes were tested after their outcome was recorded`,
  );
  hold(ending.outcomes.size === total, `${ending.outcomes.size} outcomes instead of ${total}`);
  hold(wild.despiteMarker === 0, `${wild.despiteMarker} second test messages although the first could be found`);
  hold(
    wild.secondMessages <= wild.sendsInFlight,
    `${wild.secondMessages} second messages, ${wild.sendsInFlight} were in flight`,
  );
  // Killed between a post and the note of its id, which one kill can do once in each conversation that gets cards.
  hold(wild.duplicateCards <= 2 * wild.killed, `${wild.duplicateCards} cards stand twice`);
  hold(calm.duplicateCards === 0 && calm.secondMessages === 0, 'the undisturbed run did something twice');
  return {
    kills: wild.killed,
    mailboxes: total,
    requests: wild.requests,
    requestsUndisturbed: calm.requests,
    inFlight: wild.inFlight,
    sendsInFlight: wild.sendsInFlight,
    different: different.length,
    testedAfterOutcome: wild.testedAfterOutcome,
    secondMessages: wild.secondMessages,
    secondMessagesDespiteMarker: wild.despiteMarker,
    duplicateCards: wild.duplicateCards,
    broken,
  };
}

/** What people and Dynamics see of a mailbox at the end; times and revisions may differ. */
function stateOf(mailbox: Mailbox | undefined): string {
  if (mailbox === undefined) return 'nothing';
  const { approval, status, transientFailureCount, postponedUntil } = mailbox;
  const parts = directions.map((direction) => {
    const { status: result, enabled, fault } = mailbox[direction];
    return `${direction} ${result}${enabled ? ' enabled' : ''} ${fault?.code ?? ''}`.trim();
  });
  return `approval ${approval}, status ${status}, ${parts.join(', ')}, tries ${transientFailureCount}${postponedUntil === null ? '' : ', waits'}`;
}

function shownRun(run: Run | undefined): string {
  if (run === undefined) return 'nothing';
  const { state, total, done, succeeded, failed } = run;
  return JSON.stringify({ state, total, done, succeeded, failed });
}

/** Requests that had arrived at Exchange and were not answered yet when the process was killed. */
function cutOff(world: World, killedAt: readonly number[]): Pick<Played, 'inFlight' | 'sendsInFlight'> {
  const cut = killedAt.flatMap((at) =>
    world.exchange.requests().filter(({ time, ms }) => {
      const arrived = Date.parse(time);
      return arrived <= at && arrived + ms >= at;
    }),
  );
  const sends = cut.filter(({ operation }) => operation === 'CreateItem' || operation === 'SendItem');
  return { inFlight: cut.length, sendsInFlight: sends.length };
}

/**
 * Who was tested although it had an outcome. The time of an outcome is taken after the last call of its test, so a later call
 * belongs to another test; and where no try was to follow, the run's outcome is the last.
 */
function testedAfterOutcome(world: World, { mailboxes, outcomes, checked }: Ending): number {
  const lastCallAt = new Map<string, number>();
  for (const { mailbox, time } of world.exchange.requests())
    if (mailbox !== null) lastCallAt.set(mailbox, Math.max(lastCallAt.get(mailbox) ?? 0, Date.parse(time)));
  return [...mailboxes.values()].filter(({ address, lastTestedAt }) => {
    if (checked.has(address)) return false;
    const outcome = outcomes.get(address);
    const isAskedAgain = (lastCallAt.get(address) ?? 0) > (lastTestedAt ?? 0);
    return isAskedAgain || (outcome?.willRetry === false && outcome.at !== lastTestedAt);
  }).length;
}

/** Counts what Exchange delivered, mailbox by mailbox. */
export function secondMessages(world: World): Pick<Played, 'secondMessages' | 'despiteMarker'> {
  let secondMessages = 0;
  let despiteMarker = 0;
  for (const [mailbox, mails] of Map.groupBy(world.exchange.mail(), (mail) => mail.mailbox)) {
    secondMessages += mails.length - 1;
    const [first] = mails;
    for (const later of mails.slice(1)) {
      const searched = world.exchange
        .requests()
        .some(
          (request) =>
            request.mailbox === mailbox &&
            request.operation === 'FindItem' &&
            request.code === 'NoError' &&
            request.time > (first?.time ?? '') &&
            request.time < later.time,
        );
      if (searched) despiteMarker += 1;
    }
  }
  return { secondMessages, despiteMarker };
}

/** Cards that stand in a conversation and that Mailroom does not know of; answers to questions, and to `subscribe`, are no such cards. */
function duplicateCards(world: World, known: ReadonlySet<string>): number {
  const asked = world.teams.state.personalChat('ben').id;
  return [...world.teams.state.messages.values()].filter(
    (message) =>
      message.from === 'bot' &&
      !message.deleted &&
      message.conversationId !== asked &&
      cardOf(shownActivity(message)) !== undefined &&
      !known.has(message.id) &&
      !isAnswer(message),
  ).length;
}

function isAnswer(message: Message): boolean {
  const card = cardOf(shownActivity(message));
  return card !== undefined && hasVerb(card, 'subscription.change');
}

export function hasVerb(card: JsonObject, verb: string): boolean {
  return readActions(card).some((action) => action.verb === verb);
}

/** So many different numbers from 1 to `most`, in order; the same for the same seed. */
export function drawPoints(seed: number, count: number, most: number): number[] {
  const random = randomFrom(seed);
  const points = new Set<number>();
  while (points.size < Math.min(count, most)) points.add(1 + Math.floor(random() * most));
  return [...points].sort((a, b) => a - b);
}

/** Exchange's log tells nobody when it grows, nor the bot when it rests: they are asked again and again. */
export async function until(condition: () => boolean | Promise<boolean>, what: string, everyMs = 2): Promise<void> {
  const giveUpAt = Date.now() + endWithinMs;
  while (!(await condition())) {
    if (Date.now() > giveUpAt) throw new Error(`waited ${endWithinMs} ms for ${what}`);
    await new Promise((resolve) => {
      setTimeout(resolve, everyMs);
    });
  }
}
