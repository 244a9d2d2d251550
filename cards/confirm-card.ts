import type { CardElement } from '@microsoft/teams.cards';
import { cardButtons } from './card-action-buttons.ts';
import type { CardContext, CardView } from './card-context.ts';
import { cardHeader, type StateWord } from './card-header.ts';
import { nextStep } from './card-notes.ts';
import { speaker, type Say } from './card-text.ts';
import { plainText } from './plain-text.ts';
import { renderTemplate } from './render-template.ts';
import { sampleLines } from './sample-lines.ts';
import template from './templates/confirm.json' with { type: 'json' };
import type { Verb } from './verbs.ts';

/** A bulk command that tells its effect in numbers and waits for a yes. Title and text come from the caller, translated. */
export interface Confirmation {
  readonly id: string;
  readonly revision: number;
  readonly verb: Verb;
  readonly cancelVerb: Verb;
  readonly title: string;
  readonly text: string;
  /** Mailboxes that the command will change: the ids are bound on the server. */
  readonly count: number;
  /** Of which profiles and types they are, a line each. */
  readonly groups?: readonly string[];
  /** Some of them, by address. */
  readonly sample: readonly string[];
  /** The run may overwrite the stamps of other organizations: a choice, off until somebody makes it. */
  readonly mayTakeOver?: boolean;
  /** `started`: the answer was yes, and a run does it now. */
  readonly state: 'waiting' | 'started' | 'done' | 'cancelled';
  /** The run that began: its reader follows it by its name. */
  readonly runId?: string;
  readonly resultText?: string;
  /** A decision about mailboxes: the list of those that still wait is a click away. */
  readonly hasList?: boolean;
}

export function confirmCard(confirmation: Confirmation, context: CardContext): CardView {
  const say = speaker(context);
  const { id, revision, count, state } = confirmation;
  const isWaiting = state === 'waiting';
  const hasRest = confirmation.hasList === true && state === 'done';
  const title = plainText(confirmation.title, 120);
  // The question without its mark is what the button does: `Reject 195 mailboxes`.
  const deed = title.replace(/\s*[?？]$/u, '');
  const result =
    confirmation.resultText === undefined ? say(`confirm.${state}`) : plainText(confirmation.resultText, 900);
  const text = isWaiting ? plainText(confirmation.text, 600) : result;
  return renderTemplate(
    template,
    {
      header: cardHeader(isWaiting ? title : deed, stateWord(say, state)),
      text,
      sample: isWaiting
        ? [...(confirmation.groups ?? []).map(groupLine), ...sampleLines(say, confirmation.sample, count)]
        : [],
      choices: isWaiting && confirmation.mayTakeOver === true ? [takeOverChoice(say)] : [],
      next: nextStep(
        context,
        confirmation.runId === undefined
          ? hasRest
            ? say('confirm.decided-next', { deed: say('button.still-waiting') })
            : say(`confirm.${state}-next`, { deed })
          : say('confirm.run-next', { id: confirmation.runId }),
      ),
      actions: isWaiting
        ? cardButtons(context, [
            { verb: confirmation.verb, title: deed, id, revision, style: 'positive' },
            { verb: confirmation.cancelVerb, title: say('button.cancel'), id, revision, inputs: 'none' },
          ])
        : hasRest
          ? cardButtons(context, [{ verb: 'bulk.list', title: say('button.still-waiting'), id, revision }])
          : [],
    },
    say(`confirm.${state}-summary`, { title, count }),
    context,
  );
}

const groupLine = (text: string): CardElement => ({ type: 'TextBlock', text, wrap: true, spacing: 'None' });

function takeOverChoice(say: Say): object {
  return {
    type: 'Input.Toggle',
    id: 'takeOver',
    label: say('confirm.take-over-label'),
    title: say('confirm.take-over'),
    value: 'false',
    valueOn: 'true',
    valueOff: 'false',
    wrap: true,
  };
}

function stateWord(say: Say, state: Confirmation['state']): StateWord {
  const words: Readonly<Record<Confirmation['state'], StateWord>> = {
    waiting: { text: say('state.waiting'), color: 'Warning' },
    started: { text: say('state.started'), color: 'Accent' },
    done: { text: say('state.done'), color: 'Good' },
    cancelled: { text: say('state.cancelled'), color: 'Default' },
  };
  return words[state];
}
