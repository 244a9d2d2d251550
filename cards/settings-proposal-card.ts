import type { TextColor } from '@microsoft/teams.cards';
import type { SettingsProposal } from '../services/model/settings-proposal.ts';
import { cardButtons } from './card-action-buttons.ts';
import { mayUse, type CardContext, type CardView } from './card-context.ts';
import { cardFacts } from './card-facts.ts';
import { cardHeader } from './card-header.ts';
import { nextStep } from './card-notes.ts';
import { localTime, speaker } from './card-text.ts';
import { personName } from './person-name.ts';
import { renderTemplate } from './render-template.ts';
import template from './templates/settings-proposal.json' with { type: 'json' };

const colors: Readonly<Record<SettingsProposal['state'], TextColor>> = {
  waiting: 'Warning',
  agreed: 'Warning',
  refused: 'Good',
  void: 'Default',
  alone: 'Warning',
};

/** The question to a second person whether an approval requirement may be switched off, and its answer. */
export function settingsProposalCard(proposal: SettingsProposal, context: CardContext): CardView {
  const say = speaker(context);
  const { id, revision, state, decidedAt } = proposal;
  const isWaiting = state === 'waiting';
  const who = personName(say, proposal.proposedByName);
  const off = requirementOf(proposal);
  const isAnswered = !isWaiting && state !== 'alone';
  // Whoever asked cannot agree: on a card of their own they are not offered to.
  const isOwn = context.viewerId === proposal.proposedBy;
  const mayAnswer = isWaiting && !isOwn && (mayUse(context, 'manage') || mayUse(context, 'decide'));
  return renderTemplate(
    template,
    {
      header: cardHeader(say(isWaiting ? 'proposal.title' : 'proposal.title-over', { off }), {
        text: say(`proposal.${state}`),
        color: colors[state],
      }),
      text: say(`proposal.${state}-text`),
      facts: cardFacts([
        [say('fact.asked-by'), who],
        [say('fact.asked-at'), localTime(proposal.proposedAt)],
        [say('proposal.affected'), say('number', { count: proposal.affected })],
        [say(answeredBy(state)), isAnswered ? personName(say, proposal.decidedByName) : null],
        [say('proposal.answered-at'), isAnswered && decidedAt !== null ? localTime(decidedAt) : null],
      ]),
      next: nextStep(context, say(`proposal.${state}-next`, { who })),
      actions: mayAnswer
        ? cardButtons(context, [
            { verb: 'proposal.agree', title: say('button.agree'), id, revision },
            { verb: 'proposal.refuse', title: say('button.refuse'), id, revision },
          ])
        : [],
    },
    say(`proposal.${state}-summary`, { who, off }),
    context,
  );
}

function answeredBy(state: SettingsProposal['state']): string {
  if (state === 'agreed') return 'proposal.agreed-by';
  return state === 'refused' ? 'proposal.refused-by' : 'proposal.answered-by';
}

function requirementOf({ switchedOff }: SettingsProposal): 'users' | 'queues' | 'all' {
  if (switchedOff.length !== 1) return 'all';
  return switchedOff[0] === 'requireApprovalForUsers' ? 'users' : 'queues';
}
