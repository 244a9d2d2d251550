import type { EditErrors, EditField } from '../services/model/mailbox-edit.ts';
import { noProfileChoice } from '../services/model/mailbox-edit.ts';
import {
  approvalStatus,
  serverSideDirections,
  type Direction,
  type Mailbox,
  type MailboxType,
} from '../services/model/mailbox.ts';
import type { EmailServerProfile } from '../services/model/profile.ts';
import { cardButtons, type Button, type ButtonWithInputs } from './card-action-buttons.ts';
import type { CardContext, CardView } from './card-context.ts';
import { cardHeader, type StateWord } from './card-header.ts';
import { nextStep, remark } from './card-notes.ts';
import { speaker, type Say } from './card-text.ts';
import { choiceInput, fieldProblem, methodInput, profileInput, textInput } from './mailbox-inputs.ts';
import { plainText } from './plain-text.ts';
import { renderTemplate } from './render-template.ts';
import template from './templates/mailbox-form.json' with { type: 'json' };

export interface MailboxForm {
  readonly profiles: readonly EmailServerProfile[];
  readonly errors: EditErrors;
  /** What was typed into the form that is shown again since something in it is wrong. */
  readonly typed?: Readonly<Record<string, string>>;
  /** It was saved, and this is what that meant. Null: nothing was changed by it. */
  readonly saved?: {
    readonly voided: readonly Direction[];
    readonly stopped: readonly Direction[];
    readonly asked: boolean;
  } | null;
  /** The click was on a card of before; the values are those of now. */
  readonly stale?: boolean;
}

const types: readonly MailboxType[] = ['user', 'queue'];

/** One mailbox as a form. Its address has a form of its own, since another address is another mailbox to everybody else. */
export function mailboxEditCard(mailbox: Mailbox, form: MailboxForm, context: CardContext): CardView {
  const say = speaker(context);
  const { id, revision } = mailbox;
  const { errors, typed = {}, saved, stale = false } = form;
  const address = plainText(mailbox.address);
  const wrong = Object.keys(errors).length;
  const value = (field: EditField, now: string): string => (wrong > 0 ? (typed[field] ?? now) : now);
  const problem = (field: EditField): object[] => fieldProblem(errors, field, context);
  const method = (direction: Direction, now: number): object[] => {
    const field = `${direction}Method` as const;
    return [methodInput(direction, value(field, String(now)), false, context), ...problem(field)];
  };
  const day = value('processEmailsReceivedAfter', mailbox.processEmailsReceivedAfter ?? '');
  const mayTest = saved !== undefined && isTestable(mailbox);
  const save: Button = { verb: 'mailbox.save', title: say('button.save'), id, revision };
  return renderTemplate(
    template,
    {
      header: cardHeader(say('mailbox-edit.title', { address }), stateOf(say, wrong, stale, saved)),
      intro: [...remark(stale ? say('mailbox-edit.stale') : null, 'Warning'), ...problem('address')],
      said: saved === undefined ? [] : saidOf(saved, mailbox, say),
      fields: [
        choiceInput(
          'type',
          say('mailbox-edit.type'),
          types.map((type) => ({ title: say(`type.${type}`), value: type })),
          value('type', mailbox.type),
        ),
        ...problem('type'),
        textInput('owner', say('mailbox-edit.owner'), value('owner', mailbox.owner).slice(0, 200)),
        ...problem('owner'),
        profileInput(form.profiles, value('profileId', mailbox.profileId ?? noProfileChoice), false, context),
        ...problem('profileId'),
        ...method('incoming', mailbox.incomingMethod),
        ...method('outgoing', mailbox.outgoingMethod),
        ...(mailbox.type === 'queue'
          ? [...remark(say('mailbox-edit.no-act')), ...problem('actMethod')]
          : method('act', mailbox.actMethod)),
        {
          type: 'Input.Date',
          id: 'processEmailsReceivedAfter',
          label: say('mailbox-edit.processEmailsReceivedAfter'),
          ...(/^\d{4}-\d{2}-\d{2}$/.test(day) ? { value: day } : {}),
        },
        ...problem('processEmailsReceivedAfter'),
      ],
      next: nextStep(context, say(nextKey(wrong, mayTest, saved, mailbox))),
      actions: cardButtons(context, [
        mayTest
          ? { verb: 'mailbox.test', title: say('button.test-now'), id, revision, style: 'positive', inputs: 'none' }
          : null,
        mayTest ? save : { ...save, style: 'positive' },
        renameButton(mailbox, typed, say),
        { verb: 'mailbox.show', title: say('button.open-mailbox'), id, revision, inputs: 'none' },
      ]),
    },
    say('mailbox-edit.summary', { address, state: wrong > 0 ? 'wrong' : saved === undefined ? 'form' : 'saved' }),
    context,
  );
}

function renameButton({ id, revision }: Mailbox, typed: Readonly<Record<string, string>>, say: Say): ButtonWithInputs {
  const input = {
    type: 'Input.Text',
    id: 'newAddress',
    label: say('mailbox-edit.new-address'),
    value: (typed['newAddress'] ?? '').slice(0, 100),
    maxLength: 100,
    isRequired: true,
    errorMessage: say('mailbox-edit.new-address-missing'),
  };
  return {
    title: say('button.change-address'),
    body: [{ type: 'TextBlock', text: say('mailbox-edit.new-address-note'), wrap: true }, input],
    submit: { verb: 'mailbox.rename', title: say('button.rename'), id, revision },
  };
}

function isTestable(mailbox: Mailbox): boolean {
  const mayWait = mailbox.approval === approvalStatus.pending || mailbox.approval === approvalStatus.rejected;
  return (
    mailbox.state === 'active' &&
    !mayWait &&
    mailbox.profileId !== null &&
    serverSideDirections(mailbox).some((direction) => !mailbox[direction].enabled)
  );
}

/** What the change means, in words: a form that only says "saved" would leave a mailbox off without a word. */
function saidOf(saved: MailboxForm['saved'], mailbox: Mailbox, say: Say): object[] {
  if (saved === undefined || saved === null) return remark(say('mailbox-edit.same'));
  const names = (list: readonly Direction[]): string => list.map((direction) => say(`column.${direction}`)).join(', ');
  const used = serverSideDirections(mailbox);
  const again = saved.voided.filter((direction) => used.includes(direction));
  const off = saved.voided.filter((direction) => !used.includes(direction));
  const stopped = saved.stopped.length === 0 ? 'none' : names(saved.stopped);
  return [
    ...remark(
      again.length === 0 ? null : say('mailbox-edit.test-again', { directions: names(again), stopped }),
      'Warning',
    ),
    ...remark(off.length === 0 ? null : say('mailbox-edit.not-tested', { directions: names(off) })),
    ...remark(saved.asked ? say('mailbox-edit.asked') : null, 'Warning'),
    ...remark(saved.voided.length === 0 ? say('mailbox-edit.goes-on') : null, 'Good'),
  ];
}

function stateOf(say: Say, wrong: number, stale: boolean, saved: MailboxForm['saved']): StateWord {
  if (wrong > 0) return { text: say('draft.to-correct', { count: wrong }), color: 'Attention' };
  if (stale) return { text: say('mailbox-edit.stale-state'), color: 'Warning' };
  if (saved === undefined) return { text: say('settings.current'), color: 'Accent' };
  return { text: say('state.saved'), color: 'Good' };
}

function nextKey(wrong: number, mayTest: boolean, saved: MailboxForm['saved'], mailbox: Mailbox): string {
  if (wrong > 0) return 'mailbox-edit.wrong-next';
  if (mayTest) return isVoided(saved, mailbox) ? 'mailbox-edit.test-next' : 'mailbox-edit.retest-next';
  if (saved === undefined) return 'mailbox-edit.next';
  return mailbox.approval === approvalStatus.pending ? 'mailbox-edit.pending-next' : 'mailbox-edit.saved-next';
}

/** True when the change itself made a test necessary; otherwise what is not enabled was so before. */
function isVoided(saved: MailboxForm['saved'], mailbox: Mailbox): boolean {
  const used = serverSideDirections(mailbox);
  return saved?.voided.some((direction) => used.includes(direction)) ?? false;
}
