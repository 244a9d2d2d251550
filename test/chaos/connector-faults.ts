import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { SEND_LIMITS } from '../../sandbox/teams/call-log.ts';
import type { Fault } from '../../sandbox/teams/faults.ts';
import { CONTOSO_TENANT_ID, MAILROOM_APP_ID, person } from '../../sandbox/teams/people.ts';
import { startTeams, type Teams } from '../../sandbox/teams/start-teams.ts';
import { personalChatId, splitConversationId, type Message } from '../../sandbox/teams/state.ts';
import type { ConversationReference } from '../../services/model/conversation.ts';
import type { SentMessage } from '../../services/model/intent.ts';
import { openJournalStore } from '../../services/storage/journal-store.ts';
import { makeTempFolder } from '../storage/open-temp-store.ts';
import { randomFrom } from './random.ts';
import { planWishes, type Wish } from './wish-plan.ts';

/*
 * Many messages to a Teams of which every fifth call goes wrong, by a process that is killed again and again. Limits are
 * Teams' own and in real time; what is scaled is the hour, which no conversation here reaches: `outbox.test.ts` measures it
 * on a clock that is moved. Faults and kills are drawn from the seed.
 */

const outboxScript = fileURLToPath(new URL('outbox-process.ts', import.meta.url));
const faultShare = 0.2;
/** One conversation in so many is blocked for good, at a moment of its own. */
const blockedEvery = 50;
const endWithinMs = 20 * 60_000;

export interface ConnectorChaosOptions {
  readonly seed: number;
  readonly messages: number;
  readonly conversations: number;
  readonly kills: number;
  readonly retryMs: number;
  readonly wishesPerSecond: number;
  /** Answers that come after the deadline of 10 s are among the faults. */
  readonly timeouts: boolean;
  readonly note?: (line: string) => void;
}

export interface ConnectorChaosFigures {
  readonly seed: number;
  readonly messages: number;
  readonly conversations: number;
  readonly kills: number;
  readonly calls: number;
  /** Faulty calls by kind. */
  readonly faults: Readonly<Record<string, number>>;
  /** Subjects that had to be visible in the end. */
  readonly subjects: number;
  /** Conversations that Teams refused for good. */
  readonly blocked: number;
  /** Messages beside the one that Mailroom knows of. */
  readonly duplicates: number;
  /** Of them: their post was done and its answer lost; and: their process was killed before it wrote the answer down. */
  readonly duplicatesByLostAnswer: number;
  readonly duplicatesByKill: number;
  /** The most sends of any conversation in each span, beside what Teams allows. */
  readonly peaks: readonly { readonly spanMs: number; readonly most: number; readonly allowed: number }[];
  readonly ms: number;
  /** What does not hold, in words; empty when all is well. */
  readonly broken: readonly string[];
}

/** Plays it and looks at what people see in the end. */
export async function runConnectorChaos(options: ConnectorChaosOptions): Promise<ConnectorChaosFigures> {
  const startedAt = Date.now();
  const folder = await makeTempFolder();
  const people = Array.from({ length: options.conversations }, (_unused, index) =>
    person({
      id: `p${index}`,
      name: `Person ${index}`,
      aadObjectId: `aaaaaaaa-0000-4000-8000-${String(index).padStart(12, '0')}`,
    }),
  );
  const teams = await startTeams({
    appId: MAILROOM_APP_ID,
    tenantId: CONTOSO_TENANT_ID,
    people,
    team: { id: '19:none', name: 'none', aadGroupId: '', channels: [], members: [] },
    autoRefresh: false,
  });
  try {
    teams.installs.presetInstalled();
    const conversations = people.map((entry) => personalChatId(entry));
    const plan = planWishes({ ...options, conversations });
    const world = letFail(teams, conversations, options);
    const killedAt = await runAndKill(folder, teams, plan, { ...options, conversations });
    const store = await openJournalStore({ folder });
    const messages = (await store.query('message', { limit: 1_000_000 })).map(({ value }) => value);
    const places = (await store.query('conversation', { limit: 1_000_000 })).map(({ value }) => value);
    const intents = await store.count('intent', {});
    await store.close();
    const seen = look(teams, plan, messages, { ...world, killedAt });
    return {
      seed: options.seed,
      messages: options.messages,
      conversations: options.conversations,
      kills: killedAt.length,
      calls: world.calls(),
      faults: world.faults,
      blocked: world.blocked.size,
      peaks: seen.peaks,
      subjects: seen.subjects,
      ...seen.doubled,
      ms: Date.now() - startedAt,
      broken: [
        ...seen.broken,
        ...deadOnes(places, world.blocked),
        ...(intents === 0 ? [] : [`${intents} intents are left`]),
      ],
    };
  } finally {
    await teams.close();
    await rm(folder, { recursive: true, force: true });
  }
}

interface Failing {
  readonly faults: Record<string, number>;
  /** Refused conversations. */
  readonly blocked: ReadonlySet<string>;
  /** When posts were done whose answer was lost, by conversation. */
  readonly lostPosts: ReadonlyMap<string, readonly number[]>;
  readonly calls: () => number;
}

const lostAnswer = { afterwards: true } as const;
/** Kinds that can be drawn, with what the stand-in does. */
const kinds: readonly (readonly [name: string, answer: Fault['answer']])[] = [
  ['412', { status: 412 }],
  ['429', { status: 429 }],
  ['429 with a wait', { status: 429, retryAfter: 1 }],
  ['500', { status: 500 }],
  ['502', { status: 502 }],
  ['503 with a wait', { status: 503, retryAfter: 1 }],
  ['504', { status: 504 }],
  ['504, but done', { status: 504, ...lostAnswer }],
  ['reset', { reset: true }],
  ['reset, but done', { reset: true, ...lostAnswer }],
];

function letFail(teams: Teams, conversations: readonly string[], options: ConnectorChaosOptions): Failing {
  const random = randomFrom(options.seed + 1);
  const faults: Record<string, number> = {};
  const blocked = new Set<string>();
  const lostPosts = new Map<string, number[]>();
  const toBlock = new Map(
    conversations.flatMap((id, index) =>
      index % blockedEvery === blockedEvery - 1 ? [[id, 1 + Math.floor(random() * 5)] as const] : [],
    ),
  );
  let calls = 0;
  const count = (name: string): void => void (faults[name] = (faults[name] ?? 0) + 1);
  teams.faults.always = ({ method, path, conversation = '' }) => {
    calls += 1;
    const place = splitConversationId(conversation).conversationId;
    const left = toBlock.get(place);
    if (left !== undefined) {
      toBlock.set(place, left - 1);
      if (left <= 0) {
        blocked.add(place);
        count('403 for good');
        return { status: 403 };
      }
    }
    if (random() >= faultShare) return undefined;
    const drawn = random();
    if (method === 'PUT' && drawn < 0.15) {
      const message = teams.state.messages.get(decodeURIComponent(path.split('/').at(-1) ?? ''));
      if (message !== undefined) teams.state.remove(message);
      count('404, the message is gone');
      return undefined;
    }
    if (options.timeouts && drawn > 0.98) {
      count('no answer in time');
      return { delayMs: 11_000, status: 504 };
    }
    const [name, answer] = kinds[Math.floor(random() * kinds.length)]!;
    count(name);
    if (method === 'POST' && answer.afterwards === true) {
      lostPosts.set(place, [...(lostPosts.get(place) ?? []), Date.now()]);
    }
    return answer;
  };
  return { faults, blocked, lostPosts, calls: () => calls };
}

/** Kills the process after so many calls as the seed says, and starts it again, until all is sent. */
async function runAndKill(
  folder: string,
  teams: Teams,
  plan: readonly Wish[],
  options: Omit<ConnectorChaosOptions, 'conversations'> & { readonly conversations: readonly string[] },
): Promise<number[]> {
  const random = randomFrom(options.seed + 2);
  const points = Array.from({ length: options.kills }, () => Math.ceil(random() * plan.length * 0.7)).toSorted(
    (left, right) => left - right,
  );
  const note = options.note ?? (() => undefined);
  const endAt = Date.now() + endWithinMs;
  const killedAt: number[] = [];
  const { seed, messages, conversations, retryMs, wishesPerSecond } = options;
  const given = JSON.stringify({ seed, messages, conversations, retryMs, wishesPerSecond });
  for (;;) {
    const child = spawn(process.execPath, [outboxScript, folder, teams.serviceUrl, given], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exit = once(child, 'exit');
    const stopWatching = killAt(child, teams, points[killedAt.length], killedAt, endAt);
    const [code, signal] = (await exit) as [number | null, string | null];
    stopWatching();
    if (signal !== 'SIGKILL') {
      if (code !== 0) throw new Error(`the outbox process ended with ${code}`);
      return killedAt;
    }
    if (Date.now() > endAt) throw new Error('the outbox did not come to its end');
    note(`killed after ${teams.log.entries.length} calls`);
  }
}

function killAt(
  child: ChildProcess,
  teams: Teams,
  point: number | undefined,
  killedAt: number[],
  endAt: number,
): () => void {
  const done = teams.state.onChange(() => {
    if (point === undefined || child.killed || teams.state.messages.size < point) return;
    killedAt.push(Date.now());
    child.kill('SIGKILL');
  });
  const tooLong = setTimeout(() => child.kill('SIGKILL'), Math.max(1, endAt - Date.now() + 1));
  // Each kill hits a process that has come to work: its own next message at the earliest.
  return () => {
    done();
    clearTimeout(tooLong);
  };
}

/** What stands in each conversation against what had to. */
function look(
  teams: Teams,
  plan: readonly Wish[],
  known: readonly SentMessage[],
  world: Failing & { readonly killedAt: readonly number[] },
): Pick<ConnectorChaosFigures, 'peaks' | 'subjects' | 'broken'> & {
  readonly doubled: Pick<ConnectorChaosFigures, 'duplicates' | 'duplicatesByKill' | 'duplicatesByLostAnswer'>;
} {
  const broken: string[] = [];
  const last = new Map(plan.map((wish) => [wish.subjectId, wish]));
  const knownIds = new Map(known.map((sent) => [sent.subjectId, sent.activityId]));
  const posts = Map.groupBy(teams.state.messages.values(), (message) => wordsOf(message, 0).subjectId);
  const doubled = { duplicates: 0, duplicatesByLostAnswer: 0, duplicatesByKill: 0 };
  let subjects = 0;
  for (const { subjectId, version, conversationId } of last.values()) {
    const all = posts.get(subjectId) ?? [];
    for (const message of all) {
      const versions = message.versions.map((_unused, index) => wordsOf(message, index).version);
      if (versions.some((value, index) => value < (versions[index - 1] ?? 0)))
        broken.push(`${subjectId} went backwards`);
    }
    if (world.blocked.has(conversationId)) continue;
    subjects += 1;
    const standing = all.find(({ id, deleted }) => id === knownIds.get(subjectId) && !deleted);
    if (standing === undefined) broken.push(`${subjectId} is not visible`);
    else if (wordsOf(standing, standing.versions.length - 1).version !== version) broken.push(`${subjectId} is old`);
    for (const extra of all.filter((message) => message !== standing && !message.deleted)) {
      doubled.duplicates += 1;
      const at = extra.versions[0]?.at ?? 0;
      if ((world.lostPosts.get(conversationId) ?? []).some((lostAt) => Math.abs(lostAt - at) <= 50)) {
        doubled.duplicatesByLostAnswer += 1;
      } else if (world.killedAt.some((kill) => at >= kill - 1000 && at <= kill + 1000)) doubled.duplicatesByKill += 1;
      else broken.push(`${subjectId} stands twice for no reason`);
    }
  }
  broken.push(...outOfOrder(teams, plan));
  const peaks = SEND_LIMITS.map(({ windowMs, sends }) => {
    const most = [...teams.state.conversations.keys()].map((id) => teams.log.peak(id, windowMs));
    return { spanMs: windowMs, most: Math.max(...most), allowed: sends };
  });
  for (const { spanMs, most, allowed } of peaks) {
    if (most > allowed) broken.push(`${most} sends in ${spanMs} ms, where Teams allows ${allowed}`);
  }
  return { subjects, peaks, doubled, broken };
}

/**
 * Subjects appear in a conversation in the order in which they came to be. A change before the first post may cost a subject
 * its place (a restart knows its newest wish only), so it counts by the change that its first post shows.
 */
function outOfOrder(teams: Teams, plan: readonly Wish[]): string[] {
  const born = new Map<string, number>();
  const wished = new Map(plan.map(({ subjectId, version }, index) => [`${subjectId} ${version}`, index]));
  for (const [index, { subjectId }] of plan.entries()) if (!born.has(subjectId)) born.set(subjectId, index);
  const latest = new Map<string, number>();
  const seen = new Set<string>();
  const broken: string[] = [];
  for (const message of teams.state.messages.values()) {
    const { subjectId, version } = wordsOf(message, 0);
    if (seen.has(subjectId)) continue;
    seen.add(subjectId);
    const at = born.get(subjectId) ?? -1;
    const shown = wished.get(`${subjectId} ${version}`) ?? -1;
    if (shown < (latest.get(message.conversationId) ?? 0)) broken.push(`${subjectId} came too late`);
    latest.set(message.conversationId, Math.max(at, latest.get(message.conversationId) ?? 0));
  }
  return broken;
}

function deadOnes(places: readonly ConversationReference[], blocked: ReadonlySet<string>): string[] {
  return places
    .filter(({ conversationId, deadReason }) => blocked.has(conversationId) !== (deadReason !== null))
    .map(({ name, deadReason }) => `${name} has the wrong state: ${deadReason ?? 'alive'}`);
}

function wordsOf(message: Message, index: number): { subjectId: string; version: number } {
  const [subjectId = '', version = '0'] = (message.versions[index]?.activity.summary ?? '').split(' ');
  return { subjectId, version: Number(version) };
}
