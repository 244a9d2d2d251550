import type { CardElement } from '@microsoft/teams.cards';
import type { Deciders } from '../services/model/who-decides.ts';
import { cardButtons, commandButton } from './card-action-buttons.ts';
import type { CardContext, CardView } from './card-context.ts';
import { cardHeader } from './card-header.ts';
import { nextStep, remark } from './card-notes.ts';
import { speaker } from './card-text.ts';
import { personName } from './person-name.ts';
import { renderTemplate } from './render-template.ts';
import template from './templates/approval-setup.json' with { type: 'json' };

export interface ApprovalSetup {
  /** Who may decide about what this person asks for. */
  readonly deciders: Pick<Deciders, 'count' | 'names'>;
  /** Mailboxes of some type need an approval. */
  readonly isRequired: boolean;
  /** Whoever asks is an approver, and held back by four-eyes alone. */
  readonly askerDecides: boolean;
}

/** Asks whoever sets Mailroom up how mailboxes are to be approved where nobody could do it: each answer is a way out. */
export function approvalSetupCard(
  { deciders, isRequired, askerDecides }: ApprovalSetup,
  context: CardContext,
): CardView {
  const say = speaker(context);
  const isOpen = isRequired && deciders.count === 0;
  const [first] = deciders.names;
  const part = isOpen ? 'open' : isRequired ? 'answered' : 'not-required';
  const ways = ['name', askerDecides ? 'alone' : 'become', 'not-required'] as const;
  return renderTemplate(
    template,
    {
      header: cardHeader(
        say('approval-setup.title'),
        isOpen
          ? { text: say('approval-setup.open'), color: 'Warning' }
          : { text: say('approval-setup.done'), color: 'Good' },
      ),
      text: remark(
        say(`approval-setup.${part}-text`, {
          own: askerDecides,
          count: deciders.count,
          who: personName(say, first ?? null),
        }),
      ),
      ways: isOpen
        ? ways.map((way): CardElement => ({
            type: 'TextBlock',
            text: say(`approval-setup.way-${way}`),
            wrap: true,
            spacing: 'Small',
          }))
        : [],
      next: nextStep(context, say(`approval-setup.${part}-next`)),
      actions: isOpen
        ? cardButtons(context, [
            commandButton(say('approval-setup.button-name'), 'roles', 'positive'),
            {
              verb: askerDecides ? 'approval-setup.decide-alone' : 'approval-setup.become-approver',
              title: say(askerDecides ? 'approval-setup.button-alone' : 'approval-setup.button-become'),
              id: 'approval',
              revision: 0,
            },
            {
              verb: 'approval-setup.not-required',
              title: say('approval-setup.button-not-required'),
              id: 'approval',
              revision: 0,
            },
          ])
        : [],
    },
    say(`approval-setup.${part}-summary`),
    context,
  );
}
