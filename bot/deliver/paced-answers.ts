import type { Activity, TurnContext } from 'botbuilder';
import type { Log } from '../../services/service-context.ts';
import type { AnswerEnd, Outbox } from './outbox.ts';
import { teamsPace } from './pace.ts';

type Turn = (context: TurnContext) => Promise<void>;

/**
 * What a turn answers is sent by the SDK, past the outbox, and counts for the limits of Teams all the same: the outbox is told,
 * so that its messages step back. An answer waits only where Teams would refuse it; whoever asks faster than Teams lets
 * anybody answer gets no answer to some of it, which is kinder than a bot that Teams shuts out.
 */
export function pacedAnswers(turn: Turn, environmentId: string, outbox: Pick<Outbox, 'admitAnswer'>, log: Log): Turn {
  return (context) => {
    const { type, conversation } = context.activity;
    const conversationId = conversation.id.split(';', 1)[0] ?? conversation.id;
    const place = { environmentId, conversationId, isShared: conversation.conversationType !== 'personal' };
    const waitMs = type === 'invoke' ? teamsPace.invokeWaitMs : teamsPace.answerWaitMs;
    context.onSendActivities(async (_context, activities, next) => {
      const ends: AnswerEnd[] = [];
      // What fails in between may have been sent.
      let called = true;
      try {
        for (const activity of activities.filter(isSent)) {
          const end = await outbox.admitAnswer(place, waitMs);
          if (end !== null) {
            ends.push(end);
            continue;
          }
          called = false;
          log.warn(
            { conversationId, kind: activity.type },
            'more is asked than Teams lets anybody answer: an answer is left out',
          );
          return [];
        }
        return await next();
      } finally {
        for (const end of ends) end(called);
      }
    });
    return turn(context);
  };
}

/** The outcome of an invoke is the answer to the request itself, and no send. */
function isSent({ type }: Partial<Activity>): boolean {
  return (type as string) !== 'invokeResponse' && type !== 'trace';
}
