/**
 * `npm run bench -- chat`: what Mailroom adds to the SDK. A typed step of the guided creation beside a turn of a bare
 * waterfall, and the first page of 10,000 mailboxes beside a bare echo: the same web server, adapter and token checks, each
 * bot in a process of its own, in turns, several times. Then the times of list, search and page at the HTTP edge. People
 * write one thing after the other, three at once. Prints one JSON line.
 */
import { fileURLToPath } from 'node:url';
import { startBotProcess, type BotProcess } from '../../sandbox/bot-process.ts';
import { OBJECT_IDS } from '../../sandbox/teams/people.ts';
import { startWorld } from '../../sandbox/world.ts';
import { newMailbox, type Mailbox } from '../../services/model/mailbox.ts';
import { firstEnvironmentId } from '../../services/platform/environments.ts';
import { openJournalStore } from '../../services/storage/journal-store.ts';
import { keyOf, type Change } from '../../services/storage/store.ts';
import { metric, metricsPortOf } from './bot/loaded-world.ts';
import { machine, median, percentile, rounded } from './figures.ts';

const mailboxes = 10_000;
const rounds = 3;
const turnsARound = 400;
const people = ['ada', 'ben', 'cleo'] as const;
const aims = { dialogShare: 0.7, medianMs: 200 };

/** Turns of one kind: how fast they went, and what they cost the bot's process. */
interface Pace {
  readonly turnsPerSecond: number;
  readonly cpuMsPerTurn: number;
}

const speed = ({ turnsPerSecond }: Pace): number => turnsPerSecond;

const world = await startWorld({ mailboxes: [] });
const folder = world.environment['MAILROOM_DATA_DIR'] ?? '';
await fill(folder);
for (const who of people) await world.teams.installs.installEverywhere(who);
const environment = {
  LOG_LEVEL: 'silent',
  MAILROOM_ADMINS: people.map((who) => OBJECT_IDS[who]).join(','),
  MAILROOM_APPROVERS: '',
};
const bareEntry = fileURLToPath(new URL('bot/bare-bot.ts', import.meta.url));
const bare: Record<'waterfall' | 'echo', Pace[]> = { waterfall: [], echo: [] };
const own: Record<'dialog' | 'list', Pace[]> = { dialog: [], list: [] };
let edge: Record<'list' | 'search' | 'page', readonly number[]> = { list: [], search: [], page: [] };
try {
  for (let round = 0; round < rounds; round += 1) {
    const bareBot = await startBotProcess({ ...world.environment, ...environment }, world.botPort, bareEntry);
    bare.waterfall.push(await pace(bareBot, () => 'user17@contoso.test', bareCpu));
    bare.echo.push(await pace(bareBot, () => 'echo mailboxes', bareCpu));
    await bareBot.crash();

    const bot = await world.startBot({ ...environment, LOG_LEVEL: 'info' });
    for (const who of people) await say(who, 'create profile');
    own.dialog.push(await pace(bot, () => 'user17@contoso.test', ownCpu));
    for (const who of people) await say(who, 'cancel');
    own.list.push(await pace(bot, () => 'mailboxes', ownCpu));
    if (round === rounds - 1) edge = await edgeTimes();
    await bot.stop();
  }
  const dialogShare = median(own.dialog.map(speed)) / median(bare.waterfall.map(speed));
  const line = {
    bench: 'chat',
    ...machine(),
    mailboxes,
    turns: rounds * turnsARound,
    dialog: summary(own.dialog),
    waterfall: summary(bare.waterfall),
    dialogShare: rounded(dialogShare),
    list: summary(own.list),
    echo: summary(bare.echo),
    listShare: rounded(median(own.list.map(speed)) / median(bare.echo.map(speed))),
    edge: Object.fromEntries(
      Object.entries(edge).map(([what, times]) => [
        what,
        { medianMs: rounded(median(times), 1), p99Ms: rounded(percentile(times, 0.99), 1) },
      ]),
    ),
    aims: {
      [`dialog >=${aims.dialogShare} of a bare waterfall`]: dialogShare >= aims.dialogShare,
      [`list, search, page <=${aims.medianMs} ms`]: Object.values(edge).every(
        (times) => median(times) <= aims.medianMs,
      ),
    },
  };
  process.stdout.write(`${JSON.stringify(line)}\n`);
} finally {
  await world.close();
}

function summary(paces: readonly Pace[]): Pace {
  return {
    turnsPerSecond: rounded(median(paces.map(speed)), 1),
    cpuMsPerTurn: rounded(median(paces.map(({ cpuMsPerTurn }) => cpuMsPerTurn))),
  };
}

/** People write at once, each the next thing when the last one is answered. */
async function pace(
  bot: BotProcess,
  words: (turn: number) => string,
  cpuSeconds: (bot: BotProcess) => Promise<number>,
): Promise<Pace> {
  await Promise.all(people.map((who) => say(who, words(0))));
  const cpuBefore = await cpuSeconds(bot);
  const startedAt = performance.now();
  let turns = 0;
  await Promise.all(
    people.map(async (who) => {
      while (turns < turnsARound) {
        turns += 1;
        await say(who, words(turns));
      }
    }),
  );
  const seconds = (performance.now() - startedAt) / 1000;
  return {
    turnsPerSecond: turns / seconds,
    cpuMsPerTurn: (((await cpuSeconds(bot)) - cpuBefore) / turns) * 1000,
  };
}

async function say(who: string, words: string): Promise<number> {
  const { status, tookMs } = await world.teams.acts.send(who, 'personal', words);
  if (status !== 200) throw new Error(`"${words}" was answered with ${status}`);
  return tookMs;
}

async function ownCpu(bot: BotProcess): Promise<number> {
  return metric(metricsPortOf(bot), 'process_cpu_seconds_total');
}

async function bareCpu(): Promise<number> {
  await say('ada', 'cpu');
  const id = world.teams.state.personalChat('ada').id;
  return Number(world.teams.state.visibleMessages(id).at(-1)?.versions.at(-1)?.activity.text ?? 0);
}

/** One person, one thing after the other: what somebody waits for. */
async function edgeTimes(): Promise<typeof edge> {
  const times = { list: [] as number[], search: [] as number[], page: [] as number[] };
  for (let turn = 0; turn < 100; turn += 1) {
    times.list.push(await say('ada', 'mailboxes'));
    const list = world.teams.state.visibleMessages(world.teams.state.personalChat('ada').id).at(-1);
    if (list === undefined) throw new Error('no list');
    const click = await world.teams.acts.click('ada', list.id, { verb: 'mailboxes.next' });
    if (click.kind !== 'execute' || click.outcome.kind !== 'card') throw new Error('no next page');
    times.page.push(click.outcome.tookMs);
    times.search.push(await say('ada', `mailboxes user${turn * 97}`));
  }
  return times;
}

/** Mailboxes on the disk, before the first start. */
async function fill(folder: string): Promise<void> {
  const store = await openJournalStore({ folder });
  const all = Array.from({ length: mailboxes }, (_, index) => numbered(index + 1));
  await store.commit(
    all.map((value): Change => ({
      kind: 'put',
      collection: 'mailbox',
      key: keyOf(firstEnvironmentId, value.id),
      value,
    })),
  );
  await store.close();
}

function numbered(index: number): Mailbox {
  const address = `user${index}@contoso.test`;
  const identity = { environmentId: firstEnvironmentId, id: address, address, owner: address, importedBy: 'ada' };
  return newMailbox(
    { ...identity, type: 'user', createdAt: 1 },
    { profileId: null, incomingMethod: 2, outgoingMethod: 2, actMethod: 1, approval: 2 },
  );
}
