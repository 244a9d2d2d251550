import type { BotAnswer } from './bot-endpoint.ts';
import type { Person } from './people.ts';
import type { Message, TeamsState } from './state.ts';
import { ADAPTIVE_CARD, isObject } from './wire.ts';
import type { JsonObject } from './wire.ts';

export const UNREACHABLE = 'Unable to reach app. Please try again.';
export const SOMETHING_WRONG = 'Something went wrong. Please try again.';

/** What a person sees after an Action.Execute. */
export type InvokeOutcome = { status: number; tookMs: number } & (
  | { kind: 'card'; card: JsonObject }
  | { kind: 'message'; text: string }
  | { kind: 'error'; text: string; code?: string }
  | { kind: 'unreachable'; text: string }
);

/**
 * Does what a client does with the answer. Everything but HTTP 200 is "Unable to reach app", whatever the body says:
 * the outcome of a handled invoke stands in `statusCode` of the body (facts B3.1).
 */
export function applyInvokeAnswer(
  state: TeamsState,
  answer: BotAnswer,
  about: { person: Person; message: Message; quiet: boolean; stale: boolean },
): InvokeOutcome {
  const outcome = readAnswer(answer);
  const { person, message } = about;
  if (outcome.kind === 'card') {
    if (!about.stale && !message.deleted) state.setView(message, person.id, outcome.card);
    return outcome;
  }
  if (!about.quiet) {
    state.notify({
      personId: person.id,
      conversationId: message.conversationId,
      messageId: message.id,
      kind: outcome.kind === 'message' ? 'message' : 'error',
      text: outcome.text,
    });
  }
  return outcome;
}

function readAnswer({ status, body, tookMs }: BotAnswer): InvokeOutcome {
  if (status !== 200) return { status, tookMs, kind: 'unreachable', text: UNREACHABLE };
  const { statusCode, type, value } = isObject(body) ? body : {};
  if (statusCode === 200 && type === ADAPTIVE_CARD && isObject(value) && value['type'] === 'AdaptiveCard') {
    return { status, tookMs, kind: 'card', card: value };
  }
  if (statusCode === 200 && type === 'application/vnd.microsoft.activity.message' && typeof value === 'string') {
    return { status, tookMs, kind: 'message', text: value };
  }
  if (type === 'application/vnd.microsoft.error' && isObject(value)) {
    const { code, message } = value;
    const text = typeof message === 'string' && message !== '' ? message : SOMETHING_WRONG;
    return { status, tookMs, kind: 'error', text, ...(typeof code === 'string' ? { code } : {}) };
  }
  return { status, tookMs, kind: 'error', text: SOMETHING_WRONG };
}
