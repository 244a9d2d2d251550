import { CallLog } from '../../sandbox/teams/call-log.ts';
import type { Fault, FaultRequest } from '../../sandbox/teams/faults.ts';
import type { Teams } from '../../sandbox/teams/start-teams.ts';
import { splitConversationId } from '../../sandbox/teams/state.ts';
import type { Progress } from './happenings.ts';
import { randomFrom } from './random.ts';

const faultShare = 0.2;
/** Of the faults of edits: the message, or in a channel its thread, is gone. */
const goneShare = 0.15;
const timeoutShare = 0.02;
/** Longer than a call may take. */
const tooLateMs = 11_000;

/** All calls together, in the log of attempts. */
export const everywhere = 'everywhere';

const done = { afterwards: true } as const;
type Kind = readonly [name: string, answer: Fault['answer']];

/** Kinds that can be drawn, with what the stand-in does. */
const kinds: readonly Kind[] = [
  ['412', { status: 412 }],
  ['429', { status: 429 }],
  ['429 with a wait', { status: 429, retryAfter: 1 }],
  ['500', { status: 500 }],
  ['502', { status: 502 }],
  ['503 with a wait', { status: 503, retryAfter: 1 }],
  ['504', { status: 504 }],
  ['504, but done', { status: 504, ...done }],
  ['401', { status: 401, code: 'Unauthorized' }],
  ['403 of something on the way', { status: 403, code: '' }],
  ['reset', { reset: true }],
  ['reset, but done', { reset: true, ...done }],
];
/** Of an edit the same would mean that its message is gone. */
const postKinds: readonly Kind[] = [...kinds, ['404 of something on the way', { status: 404, code: '' }]];
const timeouts: readonly Kind[] = [
  ['no answer in time', { delayMs: tooLateMs, status: 504 }],
  ['no answer in time, but done', { delayMs: tooLateMs, status: 504, ...done }],
];

/** What the stand-in saw and did. */
export interface Failures {
  /** Faulty calls by kind. */
  readonly faults: Readonly<Record<string, number>>;
  /** How many calls had come when a place was refused first, shut or at its old address. */
  readonly refusedAt: ReadonlyMap<string, number>;
  /** When posts were done whose answer was lost, by conversation. */
  readonly lostPosts: ReadonlyMap<string, readonly number[]>;
  /** Sends that were tried, also those that failed: what Teams counts nobody says. */
  readonly attempts: CallLog;
}

/** From now on every fifth call fails, and what is shut or has moved is refused. `called`: after each call was counted. */
export function letFail(
  teams: Teams,
  options: {
    readonly seed: number;
    readonly timeouts: boolean;
    readonly progress: Progress;
    readonly called: () => void;
  },
): Failures {
  const random = randomFrom(options.seed + 1);
  const faults: Record<string, number> = {};
  const refusedAt = new Map<string, number>();
  const lostPosts = new Map<string, number[]>();
  const attempts = new CallLog();
  const count = (name: string): void => void (faults[name] = (faults[name] ?? 0) + 1);
  const draw = (from: readonly Kind[]): Kind => from[Math.floor(random() * from.length)]!;
  /** The first edit is of a message that is gone: no run is too short for it. */
  let hasGone = false;
  teams.faults.always = (request) => {
    options.progress.calls += 1;
    options.called();
    return answerTo(request);
  };
  return { faults, refusedAt, lostPosts, attempts };

  function answerTo({ method, path, conversation = '', target = '' }: FaultRequest): Fault['answer'] | undefined {
    const place = splitConversationId(target === '' ? conversation : target).conversationId;
    if (target !== '') for (const id of [place, everywhere]) attempts.addSend(id, Date.now());
    const found = teams.state.conversations.get(place);
    if (found === undefined || found.blocked || !found.installed) {
      refuse(place);
      count('refused: blocked, removed or deleted');
      return undefined;
    }
    if (path.split('/')[1] !== found.region) {
      refuse(place);
      count('the old address');
      // By itself it answers that the conversation is elsewhere.
      return random() < 0.5 ? { reset: true } : undefined;
    }
    const isFirstEdit = method === 'PUT' && !hasGone;
    if (!isFirstEdit && random() >= faultShare) return undefined;
    const drawn = random();
    if (isFirstEdit || (method === 'PUT' && drawn < goneShare))
      return goneMessage(path, found.type === 'channel' && random() < 0.5);
    const from = method === 'POST' ? postKinds : kinds;
    const [name, answer] = draw(options.timeouts && drawn > 1 - timeoutShare ? timeouts : from);
    count(name);
    if (method === 'POST' && answer.afterwards === true) {
      lostPosts.set(place, [...(lostPosts.get(place) ?? []), Date.now()]);
    }
    return answer;
  }

  function refuse(place: string): void {
    if (!refusedAt.has(place)) refusedAt.set(place, options.progress.calls);
  }

  function goneMessage(path: string, withThread: boolean): Fault['answer'] | undefined {
    hasGone = true;
    const message = teams.state.messages.get(decodeURIComponent(path.split('/').at(-1) ?? ''));
    if (message !== undefined) teams.state.remove(message);
    count(withThread ? '404, the thread is gone' : '404, the message is gone');
    return withThread ? { status: 404, code: 'ConversationNotFound' } : undefined;
  }
}
