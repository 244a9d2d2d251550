import type { TextColor } from '@microsoft/teams.cards';
import type { SettingsProposal } from '../services/model/settings-proposal.ts';
import { weakenedControls } from '../services/model/weakened-controls.ts';
import { cardButtons } from './card-action-buttons.ts';
import { mayUse, type CardContext, type CardView } from './card-context.ts';
import { cardFacts } from './card-facts.ts';
import { cardHeader } from './card-header.ts';
import { nextStep } from './card-notes.ts';
import { localTime, speaker } from './card-text.ts';
import { personName } from './person-name.ts';
import { renderTemplate } from './render-template.ts';
import type { NamesById } from './approver-set-words.ts';
import { settingsChanges } from './settings-changes.ts';
import template from './templates/settings-proposal.json' with { type: 'json' };

const colors: Readonly<Record<SettingsProposal['state'], TextColor>> = {
  waiting: 'Warning',
  agreed: 'Warning',
  refused: 'Good',
  void: 'Default',
  alone: 'Warning',
};

/**
 * The question to a second person whether a control may be weakened, and its answer. It shows every setting that would
 * change, since the answer is to all of them.
 */
export function settingsProposalCard(proposal: SettingsProposal, names: NamesById, context: CardContext): CardView {
  const say = speaker(context);
  const { id, revision, state, decidedAt, before, settings } = proposal;
  const isWaiting = state === 'waiting';
  const who = personName(say, proposal.proposedByName);
  const off = weakenedBy(proposal);
  // Sentences of their own: one is about people, the other replaces something, and neither switches off what mailboxes need.
  const sayOff = (part: string): string =>
    hasOwnSentences(off) ? say(`proposal-${off}.${part}`, { who }) : say(`proposal.${part}`, { who, off });
  const isAnswered = !isWaiting && state !== 'alone';
  // Whoever asked cannot agree: on a card of their own they are not offered to.
  const isOwn = context.viewerId === proposal.proposedBy;
  const mayAnswer = isWaiting && !isOwn && (mayUse(context, 'manage') || mayUse(context, 'decide'));
  return renderTemplate(
    template,
    {
      header: cardHeader(sayOff(isWaiting ? 'title' : 'title-over'), {
        // Who decides is neither on nor off.
        text: say(`${off === 'sets' || off === 'self' ? 'proposal-state' : 'proposal'}.${state}`),
        color: colors[state],
      }),
      text: sayOff(`${state}-text`),
      facts: cardFacts([
        ...settingsChanges(say, before, settings, names),
        [say('fact.asked-by'), who],
        [say('fact.asked-at'), localTime(proposal.proposedAt)],
        [say('proposal.affected'), isAboutApproval(off) ? say('number', { count: proposal.affected }) : null],
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
    sayOff(`${state}-summary`),
    context,
  );
}

function answeredBy(state: SettingsProposal['state']): string {
  if (state === 'agreed') return 'proposal.agreed-by';
  return state === 'refused' ? 'proposal.refused-by' : 'proposal.answered-by';
}

type OwnSentences = 'eyes' | 'router' | 'sets' | 'self';
type Weakened = 'users' | 'queues' | 'all' | 'errors' | 'files' | 'several' | OwnSentences;

const hasOwnSentences = (off: Weakened): off is OwnSentences => ['eyes', 'router', 'sets', 'self'].includes(off);

const isAboutApproval = (off: Weakened): boolean => !['errors', 'files'].includes(off) && !hasOwnSentences(off);

/** What the sentences call it: one control, both approvals, or several controls. */
function weakenedBy({ before, settings }: SettingsProposal): Weakened {
  const weakened = weakenedControls(before, settings);
  const words = {
    requireApprovalForUsers: 'users',
    requireApprovalForQueues: 'queues',
    fourEyes: 'eyes',
    selfApproval: 'self',
    approverSets: 'sets',
    alertsForErrors: 'errors',
    blockedAttachments: 'files',
    emailConnectionChannel: 'router',
  } as const;
  const [first] = weakened;
  if (first !== undefined && weakened.length === 1) return words[first];
  const isBoth = weakened.length === 2 && weakened.every((control) => control.startsWith('requireApproval'));
  return isBoth ? 'all' : 'several';
}
