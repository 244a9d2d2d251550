import { SEND_LIMITS } from '../../sandbox/teams/call-log.ts';
import type { Teams } from '../../sandbox/teams/start-teams.ts';
import type { Message } from '../../sandbox/teams/state.ts';
import { connectorDeadlineMs } from '../../bot/connector-clients.ts';
import type { ConversationReference } from '../../services/model/conversation.ts';
import type { SentMessage } from '../../services/model/intent.ts';
import type { Place } from './chaos-places.ts';
import type { Fates, Happenings } from './happenings.ts';
import { everywhere, type Failures } from './teams-failures.ts';
import type { Wish } from './wish-plan.ts';

/** What is known when all is over. */
export interface Ending {
  readonly teams: Teams;
  readonly plan: readonly Wish[];
  readonly homes: readonly Place[];
  readonly admins: readonly Place[];
  readonly fates: Fates;
  readonly failures: Failures;
  readonly happenings: Pick<Happenings, 'revivals'>;
  readonly killedAt: readonly number[];
  /** Mailroom's own records. */
  readonly known: readonly SentMessage[];
  readonly conversations: readonly ConversationReference[];
  readonly intents: number;
  /** When a change was wished. */
  readonly wishedAt: (wish: Pick<Wish, 'subjectId' | 'version'>) => number;
}

export interface Duplicates {
  /** Messages beside the one that Mailroom knows of. */
  readonly duplicates: number;
  /** Of them: their post was done and its answer lost; and: their process was killed before it wrote the answer down. */
  readonly duplicatesByLostAnswer: number;
  readonly duplicatesByKill: number;
}

/** The most sends in a span, to one conversation or to all of them, beside what Teams allows. */
export interface Peak {
  readonly of: 'a conversation' | 'everything';
  readonly spanMs: number;
  readonly most: number;
  readonly allowed: number;
}

export interface Verdict extends Duplicates {
  /** Subjects that had to be visible in the end. */
  readonly subjects: number;
  /** Open subjects of dead conversations that an admin sees in their place. */
  readonly movedElsewhere: number;
  /** Subjects whose record was deleted. */
  readonly ended: number;
  /** Messages that were posted anew, since they were gone or were to be the newest. */
  readonly postedAnew: number;
  /** Answers to people in threads of channels, and elsewhere. */
  readonly answersInThreads: number;
  readonly answers: number;
  readonly peaks: readonly Peak[];
  /** What does not hold, in words; empty when all is well. */
  readonly broken: readonly string[];
}

interface Card {
  readonly kind: string;
  readonly subjectId: string;
  readonly version: number;
  readonly rest: string;
}

const perSecondOfApp = 50;
/** So long after a post its commit may come, on a busy machine. */
const slowestCommitMs = 5000;

/** What people see in the end against what they had to. */
export function judge(ending: Ending): Verdict {
  const { teams, plan, killedAt, failures } = ending;
  const broken: string[] = [];
  const mine = [...teams.state.messages.values()].filter(({ from }) => from === 'bot');
  // With a channel that is deleted goes what stood there.
  const cards = mine.filter(
    (message) => cardAt(message, 0) !== null && teams.state.conversations.has(message.conversationId),
  );
  const answers = mine.filter((message) => cardAt(message, 0) === null);
  const incidents = cards.filter((message) => cardAt(message, 0)?.kind === 'incident');
  const bySubject = Map.groupBy(incidents, (message) => cardAt(message, 0)?.subjectId ?? '');
  const visible = visibility(ending, bySubject);
  const doubled = duplicates(ending, cards);
  const peaks = peaksOf(teams, failures);
  broken.push(
    ...visible.broken,
    ...doubled.broken,
    ...backwards(cards),
    ...outOfOrder(ending, incidents),
    ...afterTheEnd(ending, bySubject),
    ...inForeignThreads(ending, cards),
    ...deadOnes(ending),
    ...untoldDeaths(ending),
    ...peaks
      .filter(({ most, allowed }) => most > allowed)
      .map(({ of, most, spanMs, allowed }) => `${most} sends to ${of} in ${spanMs} ms, where Teams allows ${allowed}`),
    ...(ending.intents === 0 ? [] : [`${ending.intents} intents are left`]),
    ...(killedAt.length === 0 || cards.length > 0 ? [] : ['nothing was shown at all']),
  );
  return {
    subjects: visible.subjects,
    movedElsewhere: visible.movedElsewhere,
    ended: plan.filter(({ deed }) => deed === 'end' || deed === 'never').length,
    postedAnew: cards.filter(({ deleted }) => deleted).length,
    answersInThreads: answers.filter(({ id, threadId }) => threadId !== undefined && threadId !== id).length,
    answers: answers.length,
    ...doubled.figures,
    peaks,
    broken,
  };
}

/** Every change that still matters stands where it has to, and what Mailroom knows of says what is true now. */
function visibility(
  { plan, homes, admins, known, conversations, teams }: Ending,
  bySubject: ReadonlyMap<string, readonly Message[]>,
): { subjects: number; movedElsewhere: number; broken: string[] } {
  const broken: string[] = [];
  const last = new Map(plan.map((wish) => [wish.subjectId, wish]));
  const records = Map.groupBy(
    known.filter(({ kind }) => kind === 'incident'),
    ({ subjectId }) => subjectId,
  );
  const states = new Map(conversations.map((place) => [place.conversationId, place]));
  const adminIds = new Set(admins.map(({ id }) => id));
  const isLive = (id: string): boolean => states.get(id)?.deadReason === null;
  let subjects = 0;
  let movedElsewhere = 0;
  for (const { subjectId, version, deed, conversationId } of last.values()) {
    if (deed === 'end' || deed === 'never') continue;
    const shown = new Set<string>();
    for (const { conversationId: place, activityId } of records.get(subjectId) ?? []) {
      if (!isLive(place)) continue;
      const message = teams.state.messages.get(activityId);
      const card = message === undefined || message.deleted ? null : cardAt(message, message.versions.length - 1);
      if (card === null) broken.push(`${subjectId} is gone from ${nameOf(place)}`);
      else if (card.version !== version) broken.push(`${subjectId} is old in ${nameOf(place)}`);
      else shown.add(place);
    }
    const hasDied = states.get(conversationId)?.deathNotice !== null;
    if (hasDied && deed === 'resolve') continue;
    subjects += 1;
    if (isLive(conversationId)) {
      if (!shown.has(conversationId)) broken.push(`${subjectId} is not visible in ${nameOf(conversationId)}`);
    } else if ([...shown].some((place) => adminIds.has(place))) movedElsewhere += 1;
    else broken.push(`${subjectId} of ${nameOf(conversationId)}, which is dead, came to no admin`);
  }
  for (const [subjectId, messages] of bySubject) {
    if (last.has(subjectId) || messages.length === 0) continue;
    broken.push(`${subjectId} is nothing that was wished`);
  }
  return { subjects, movedElsewhere, broken };

  function nameOf(id: string): string {
    return [...homes, ...admins].find((place) => place.id === id)?.name ?? id;
  }
}

/** Each message beside the known one is explained by one lost answer, or by a kill that left one in its conversation. */
function duplicates(
  { known, failures, killedAt }: Ending,
  cards: readonly Message[],
): { figures: Duplicates; broken: string[] } {
  const broken: string[] = [];
  const knownIds = new Set(known.map(({ activityId }) => activityId));
  const lost = new Map([...failures.lostPosts].map(([place, times]) => [place, [...times]]));
  const kills = killedAt.map((at) => ({ at, places: new Set<string>() }));
  const figures = { duplicates: 0, duplicatesByLostAnswer: 0, duplicatesByKill: 0 };
  for (const extra of cards.filter(({ id, deleted }) => !deleted && !knownIds.has(id))) {
    figures.duplicates += 1;
    const at = extra.versions[0]?.at ?? 0;
    const answers = lost.get(extra.conversationId) ?? [];
    const answer = answers.findIndex((lostAt) => Math.abs(lostAt - at) <= 50);
    const kill = kills.find(
      ({ at: killed, places }) =>
        at > killed - slowestCommitMs && at < killed + 1000 && !places.has(extra.conversationId),
    );
    if (answer >= 0) {
      answers.splice(answer, 1);
      figures.duplicatesByLostAnswer += 1;
    } else if (kill !== undefined) {
      kill.places.add(extra.conversationId);
      figures.duplicatesByKill += 1;
    } else broken.push(`${cardAt(extra, 0)?.subjectId} stands twice for no reason`);
  }
  return { figures, broken };
}

function backwards(cards: readonly Message[]): string[] {
  return cards.flatMap((message) => {
    const versions = message.versions.map((_unused, index) => cardAt(message, index)?.version ?? -1);
    const isBack = versions.some((value, index) => value < (versions[index - 1] ?? 0));
    return isBack ? [`${cardAt(message, 0)?.subjectId} went backwards`] : [];
  });
}

/**
 * Subjects appear in their conversation in the order in which they came to be. A change before the first post may cost a
 * subject its place (a restart knows its newest wish only), so it counts by the change that its first post shows. What a
 * conversation missed comes when it lives again, before all that is wished from then on.
 */
function outOfOrder({ plan, happenings, wishedAt }: Ending, incidents: readonly Message[]): string[] {
  const homeOf = new Map(plan.map(({ subjectId, conversationId }) => [subjectId, conversationId]));
  const latest = new Map<string, number>();
  const seen = new Set<string>();
  const broken: string[] = [];
  for (const message of incidents) {
    const { conversationId } = message;
    const { subjectId = '', version = 0 } = cardAt(message, 0) ?? {};
    if (homeOf.get(subjectId) !== conversationId || seen.has(subjectId)) continue;
    seen.add(subjectId);
    const postedAt = message.versions[0]?.at ?? 0;
    const revived = (happenings.revivals.get(conversationId) ?? []).findLast(([from]) => from <= postedAt);
    const placeAt = (at: number): number => (revived !== undefined && at < revived[1] ? revived[0] : at);
    if (placeAt(wishedAt({ subjectId, version })) < placeAt(latest.get(conversationId) ?? 0))
      broken.push(`${subjectId} came too late`);
    latest.set(conversationId, Math.max(wishedAt({ subjectId, version: 1 }), latest.get(conversationId) ?? 0));
  }
  return broken;
}

/** Of what was deleted nothing is sent any more, but for a call that was on its way. */
function afterTheEnd({ plan, wishedAt }: Ending, bySubject: ReadonlyMap<string, readonly Message[]>): string[] {
  return plan.flatMap((wish) => {
    const messages = bySubject.get(wish.subjectId) ?? [];
    if (wish.deed === 'never') return messages.length === 0 ? [] : [`${wish.subjectId} was gone before and was posted`];
    if (wish.deed !== 'end') return [];
    const until = wishedAt(wish) + connectorDeadlineMs;
    const late = messages.some(({ versions }) => versions.some(({ at }) => at > until));
    return late ? [`${wish.subjectId} was sent after its end`] : [];
  });
}

/** In a channel each card begins a thread of its own: in somebody's thread nobody would see it. */
function inForeignThreads({ homes }: Ending, cards: readonly Message[]): string[] {
  const channels = new Set(homes.filter(({ kind }) => kind === 'channel').map(({ id }) => id));
  return cards
    .filter(({ id, conversationId, threadId }) => channels.has(conversationId) && threadId !== id)
    .map((message) => `${cardAt(message, 0)?.subjectId} stands in a thread of something else`);
}

/** Dead in Mailroom's eyes is what Teams refuses, and nothing else. */
function deadOnes({ conversations, fates, happenings, failures }: Ending): string[] {
  const forGood = new Set(fates.diesForGood.map(({ id }) => id));
  const unrevived = fates.diesForAWhile.filter(({ id }) => !happenings.revivals.has(id));
  return [
    ...conversations
      .filter(({ conversationId, deadReason }) => forGood.has(conversationId) !== (deadReason !== null))
      .map(({ name, deadReason }) => `${name} has the wrong state: ${deadReason ?? 'alive'}`),
    ...unrevived.map(({ name }) => `${name} did not live again`),
    ...([...forGood].filter((id) => !failures.refusedAt.has(id)).length > forGood.size - 1
      ? ['nothing was ever refused']
      : []),
  ];
}

/** The admins whose own chats lived through it read which conversations died, and how many still are. */
function untoldDeaths({ conversations, admins, fates, known, teams }: Ending): string[] {
  const readers = admins.filter(({ id }) => !fates.diesForAWhile.some((place) => place.id === id));
  return [...deathNoticeCounts(conversations)].flatMap(([notice, words]) =>
    readers.flatMap(({ id, name }) => {
      const record = known.find(
        ({ kind, subjectId, conversationId }) =>
          kind === 'dead-conversation' && subjectId === notice && conversationId === id,
      );
      const message = record === undefined ? undefined : teams.state.messages.get(record.activityId);
      if (message === undefined || message.deleted) return [`${name} was not told of the deaths of ${notice}`];
      const shown = cardAt(message, message.versions.length - 1)?.rest;
      return shown === words ? [] : [`${name} reads ${shown} of ${notice}, where ${words} is true`];
    }),
  );
}

/** Of each notice of dead conversations, how many it tells of and how many of them are dead: `DEAD/TOTAL`. */
function deathNoticeCounts(conversations: readonly ConversationReference[]): Map<string, string> {
  const told = Map.groupBy(conversations, ({ deathNotice }) => deathNotice);
  const counts = new Map<string, string>();
  for (const [notice, places] of told) {
    if (notice === null) continue;
    counts.set(notice, `${places.filter(({ deadReason }) => deadReason !== null).length}/${places.length}`);
  }
  return counts;
}

function peaksOf(teams: Teams, { attempts }: Failures): Peak[] {
  const ofConversations = SEND_LIMITS.map(({ windowMs, sends }): Peak => {
    const most = [...teams.state.conversations.keys()].map((id) => attempts.peak(id, windowMs));
    return { of: 'a conversation', spanMs: windowMs, most: Math.max(...most), allowed: sends };
  });
  const most = attempts.peak(everywhere, 1000);
  return [...ofConversations, { of: 'everything', spanMs: 1000, most, allowed: perSecondOfApp }];
}

/** `KIND SUBJECT VERSION …`; null: a text. */
function cardAt(message: Message, index: number): Card | null {
  const summary = message.versions[index]?.activity.summary;
  if (summary === undefined) return null;
  const [kind = '', subjectId = '', rest = ''] = summary.split(' ');
  return { kind, subjectId, version: kind === 'incident' ? Number(rest) : 0, rest };
}
