import type { ChangeResult, MailboxChange } from '../services/model/mailbox-change.ts';
import { keepChoice, type EditErrors, type EditField } from '../services/model/mailbox-edit.ts';
import { directions, type Direction } from '../services/model/mailbox.ts';
import type { EmailServerProfile } from '../services/model/profile.ts';
import { cardButtons, commandButton, type Button } from './card-action-buttons.ts';
import type { CardContext, CardView } from './card-context.ts';
import { cardFacts, type FactLine } from './card-facts.ts';
import { cardHeader, type StateWord } from './card-header.ts';
import { nextStep, remark } from './card-notes.ts';
import { speaker, type Say } from './card-text.ts';
import { filterText } from './filter-text.ts';
import { fieldProblem, methodFields, methodInput, profileInput } from './mailbox-inputs.ts';
import { plainText } from './plain-text.ts';
import { renderTemplate } from './render-template.ts';
import { sampleLines } from './sample-lines.ts';
import { methodWord } from './status-words.ts';
import changeTemplate from './templates/mailbox-change.json' with { type: 'json' };
import formTemplate from './templates/mailbox-form.json' with { type: 'json' };

export interface ChangeDetails {
  readonly profiles: readonly EmailServerProfile[];
  readonly errors: EditErrors;
  readonly typed?: Readonly<Record<string, string>>;
}

/** A bulk change of mailboxes: its form, the question with its effect in numbers, or what became of it. */
export function mailboxChangeCard(change: MailboxChange, details: ChangeDetails, context: CardContext): CardView {
  if (change.state === 'form') return formCard(change, details, context);
  return change.state === 'waiting' ? questionCard(change, details, context) : overCard(change, context);
}

function formCard(
  { id, revision, effect, filter }: MailboxChange,
  details: ChangeDetails,
  context: CardContext,
): CardView {
  const say = speaker(context);
  const { errors, typed = {}, profiles } = details;
  const wrong = Object.keys(errors).length;
  const value = (field: EditField): string => (wrong > 0 ? (typed[field] ?? keepChoice) : keepChoice);
  const problem = (field: EditField): object[] => fieldProblem(errors, field, context);
  const count = effect.matching;
  const state: StateWord =
    wrong > 0
      ? { text: say('draft.to-correct', { count: wrong }), color: 'Attention' }
      : { text: say('mailbox-change.counted', { count }), color: 'Accent' };
  return renderTemplate(
    formTemplate,
    {
      header: cardHeader(say('mailbox-change.edit.form-title'), state, filterText(say, filter)),
      intro: [...remark(say('mailbox-change.edit.form-text', { count })), ...problem('form')],
      said: [],
      fields: [
        profileInput(profiles, value('profileId'), true, context),
        ...problem('profileId'),
        ...directions.flatMap((direction) => {
          const field = methodFields[direction];
          return [methodInput(direction, value(field), true, context), ...problem(field)];
        }),
        ...remark(say('mailbox-change.queues-note')),
      ],
      next: nextStep(context, say('mailbox-change.edit.form-next')),
      actions: cardButtons(context, [
        { verb: 'change.fill', title: say('button.review'), id, revision, style: 'positive' },
        { verb: 'change.cancel', title: say('button.cancel'), id, revision, inputs: 'none' },
      ]),
    },
    say('mailbox-change.edit.form-summary', { count }),
    context,
  );
}

function questionCard(change: MailboxChange, { profiles }: ChangeDetails, context: CardContext): CardView {
  const say = speaker(context);
  const { id, revision, kind, effect } = change;
  const count = effect.changing;
  const title = say(`mailbox-change.${kind}.title`, { count: kind === 'apply-defaults' ? effect.matching : count });
  const deed = say(`mailbox-change.${kind}.button`, { count: kind === 'apply-defaults' ? effect.matching : count });
  const number = (key: string, many: number): FactLine => [
    say(`mailbox-change.${key}`),
    many === 0 ? null : say('number', { count: many }),
  ];
  return renderTemplate(
    changeTemplate,
    {
      header: cardHeader(title, { text: say('state.waiting'), color: 'Warning' }, filterText(say, change.filter)),
      text: say(`mailbox-change.${kind}.text`),
      facts: cardFacts([
        ...newValues(change, profiles, say),
        number('matching', effect.matching),
        number('changing', effect.changing),
        number('unchanged', effect.matching - effect.changing),
        number('stopping', effect.stopping),
        number('testing', effect.testing),
        number('queues', effect.queues),
        number('unapproved', kind === 'deactivate' ? 0 : effect.unapproved),
        number('withdrawn', effect.withdrawn),
      ]),
      notes: [],
      sample: sampleLines(say, effect.sample.slice(0, 5), effect.changing),
      choices: kind === 'apply-defaults' ? [testChoice(say)] : [],
      next: nextStep(context, say('mailbox-change.waiting-next', { deed })),
      actions: cardButtons(context, [
        {
          verb: 'change.confirm',
          title: deed,
          id,
          revision,
          style: kind === 'deactivate' ? 'destructive' : 'positive',
        },
        kind === 'edit' ? { verb: 'change.form', title: say('button.back'), id, revision, inputs: 'none' } : null,
        { verb: 'change.cancel', title: say('button.cancel'), id, revision, inputs: 'none' },
      ]),
    },
    say('mailbox-change.waiting-summary', { title, count }),
    context,
  );
}

/** The platform's command tests by default too, and has the same choice. */
function testChoice(say: Say): object {
  return {
    type: 'Input.Toggle',
    id: 'test',
    label: say('mailbox-change.test-label'),
    title: say('mailbox-change.test'),
    value: 'true',
    valueOn: 'true',
    valueOff: 'false',
    wrap: true,
  };
}

function newValues({ edit }: MailboxChange, profiles: readonly EmailServerProfile[], say: Say): FactLine[] {
  const method = (direction: Direction, value: number | undefined): FactLine => [
    say(`mailbox-edit.${methodFields[direction]}`),
    value === undefined ? null : methodWord(say, direction, value),
  ];
  const name = profiles.find(({ id }) => id === edit.profileId)?.name;
  const none = edit.profileId === undefined ? null : say('profile.none');
  return [
    [say('fact.profile'), name === undefined ? none : plainText(name, 80)],
    method('incoming', edit.incomingMethod),
    method('outgoing', edit.outgoingMethod),
    method('act', edit.actMethod),
  ];
}

function overCard(change: MailboxChange, context: CardContext): CardView {
  const say = speaker(context);
  const { kind, result, state, id, revision } = change;
  const title = say(`mailbox-change.${kind}.over-title`);
  const isDone = state === 'done' && result !== null;
  const text = isDone ? say(`mailbox-change.${kind}.done`, { count: result.changed }) : say('mailbox-change.cancelled');
  const test: Button | null =
    isDone && result.changed > 0 && result.runId === null && kind !== 'deactivate'
      ? {
          verb: 'change.test',
          title: say('button.test-these', { count: result.changed }),
          id,
          revision,
          style: 'positive',
        }
      : null;
  return renderTemplate(
    changeTemplate,
    {
      header: cardHeader(title, isDone ? doneWord(result, say) : { text: say('state.cancelled'), color: 'Default' }),
      text,
      facts: isDone ? resultFacts(result, say) : [],
      notes: isDone ? remark(leftText(result, say), 'Warning') : [],
      sample: isDone ? sampleLines(say, result.left, result.changedSince + result.gone) : [],
      choices: [],
      next: nextStep(
        context,
        say(isDone ? `mailbox-change.${doneNext(change, result)}` : 'mailbox-change.cancelled-next', {
          run: result?.runId ?? 'none',
        }),
      ),
      actions: isDone
        ? cardButtons(context, [
            test,
            result.changed > 0 ? { verb: 'undo.ask', title: say('button.undo'), id, revision } : null,
            commandButton(say('button.mailboxes'), 'mailboxes'),
          ])
        : [],
    },
    say('mailbox-change.over-summary', { title, text }),
    context,
  );
}

function doneNext({ kind }: MailboxChange, { changed, runId, asked }: ChangeResult): string {
  if (runId !== null) return 'run-next';
  if (changed === 0) return 'nothing-next';
  if (kind === 'deactivate') return 'deactivate.next';
  return asked > 0 ? 'asked-next' : 'test-next';
}

function doneWord({ changed, changedSince, gone }: ChangeResult, say: Say): StateWord {
  if (changedSince + gone > 0) return { text: say('mailbox-change.partly'), color: 'Warning' };
  return changed === 0
    ? { text: say('mailbox-change.nothing'), color: 'Default' }
    : { text: say('state.done'), color: 'Good' };
}

function resultFacts(result: ChangeResult, say: Say): object[] {
  const number = (key: string, many: number): FactLine => [
    say(`mailbox-change.${key}`),
    many === 0 ? null : say('number', { count: many }),
  ];
  return cardFacts([
    number('changed', result.changed),
    number('unchanged', result.unchanged),
    number('stopped', result.stopped),
    number('asked', result.asked),
    number('withdrawn', result.withdrawn),
    number('tested', result.tested),
    number('changed-since', result.changedSince),
    number('gone', result.gone),
  ]);
}

function leftText({ changedSince, gone }: ChangeResult, say: Say): string | null {
  return changedSince + gone === 0 ? null : say('mailbox-change.left', { count: changedSince + gone });
}
