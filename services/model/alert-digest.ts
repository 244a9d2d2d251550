import type { DailyTime } from './conversation.ts';
import { hasComeSince } from './quiet-hours.ts';

/**
 * Something that channels may have to tell in their digest: an incident without a card of its own that began or is over, or
 * a run that finished. Written in the commit of the change itself, and taken away in the commit that notes it down in the
 * digests: so each is told once, whenever the process is killed and whatever the clock says.
 */
export interface AlertEvent {
  readonly environmentId: string;
  readonly about: 'incident' | 'run';
  /** Of the incident or of the run. */
  readonly id: string;
  /** A snooze is over: where its card stands it comes back as the newest message. */
  readonly returns: boolean;
  readonly at: number;
}

/** A cause that came and went. */
export interface EndedCause {
  readonly causeId: string;
  /** Its last incident. */
  readonly incidentId: string;
  readonly times: number;
}

/** What a channel is told together. It holds ids and counts: what is written about them is of the moment when it is sent. */
export interface AlertDigest {
  readonly environmentId: string;
  readonly conversationId: string;
  /** Of the one that gathers: what it will have. */
  readonly id: string;
  readonly state: 'gathering' | 'sent';
  /** When the first thing of it happened. */
  readonly since: number;
  readonly sentAt: number | null;
  /** It tells of something: of warnings that began, or of what is listed here. */
  readonly hasNews: boolean;
  readonly ended: readonly EndedCause[];
  /** Incidents of further causes. */
  readonly moreEnded: number;
  /** Ids of runs that finished. */
  readonly runs: readonly string[];
  readonly moreRuns: number;
  /** Errors wait until quiet hours or a pause are over. */
  readonly cardsWait: boolean;
  /** Incidents whose cards come back then, as the newest messages. */
  readonly returning: readonly string[];
}

/** What a digest holds at most: the rest is counted. */
export const digestLimits = { ended: 50, runs: 20, returning: 100 } as const;

const hourMs = 60 * 60_000;

export function newDigest(environmentId: string, conversationId: string, id: string, since: number): AlertDigest {
  return {
    environmentId,
    conversationId,
    id,
    state: 'gathering',
    since,
    sentAt: null,
    hasNews: false,
    ended: [],
    moreEnded: 0,
    runs: [],
    moreRuns: 0,
    cardsWait: false,
    returning: [],
  };
}

/** One more time that a cause came and went. */
export function withEnded(digest: AlertDigest, causeId: string, incidentId: string): AlertDigest {
  const known = digest.ended.find((cause) => cause.causeId === causeId);
  const told = { ...digest, hasNews: true };
  if (known !== undefined) {
    const again = { causeId, incidentId, times: known.times + 1 };
    return { ...told, ended: digest.ended.map((cause) => (cause === known ? again : cause)) };
  }
  return digest.ended.length < digestLimits.ended
    ? { ...told, ended: [...digest.ended, { causeId, incidentId, times: 1 }] }
    : { ...told, moreEnded: digest.moreEnded + 1 };
}

export function withRun(digest: AlertDigest, runId: string): AlertDigest {
  const told = { ...digest, hasNews: true };
  return digest.runs.length < digestLimits.runs
    ? { ...told, runs: [...digest.runs, runId] }
    : { ...told, moreRuns: digest.moreRuns + 1 };
}

/** An incident comes back after quiet hours. Beyond the limit its card stays where it stands, and goes on telling the truth. */
export function withReturning(digest: AlertDigest, incidentId: string): AlertDigest {
  if (digest.returning.includes(incidentId) || digest.returning.length >= digestLimits.returning) return digest;
  return { ...digest, returning: [...digest.returning, incidentId] };
}

/**
 * True when a digest that gathers since then goes: each day at its time, or an hour after its first news. Nothing is written
 * down as due, so that a change of the subscription holds at once; a beginning that lies ahead is of before the clock was
 * set back, and nobody knows how long ago it was.
 */
export function isDigestDue(time: DailyTime | null, since: number, now: number): boolean {
  if (since > now) return true;
  return time === null ? now - since >= hourMs : hasComeSince(time, since, now);
}
