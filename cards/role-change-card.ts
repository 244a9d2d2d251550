import type { TextColor } from '@microsoft/teams.cards';
import type { Role } from '../services/model/access.ts';
import { rolesAfter, type RoleChange } from '../services/model/role-change.ts';
import { cardButtons } from './card-action-buttons.ts';
import { mayUse, type CardContext, type CardView } from './card-context.ts';
import { cardFacts } from './card-facts.ts';
import { cardHeader } from './card-header.ts';
import { nextStep } from './card-notes.ts';
import { localTime, speaker, type Say } from './card-text.ts';
import { personName } from './person-name.ts';
import { plainText } from './plain-text.ts';
import { renderTemplate } from './render-template.ts';
import template from './templates/role-change.json' with { type: 'json' };

const colors: Readonly<Record<RoleChange['state'], TextColor>> = {
  asked: 'Warning',
  waiting: 'Warning',
  done: 'Good',
  agreed: 'Good',
  alone: 'Warning',
  refused: 'Default',
  cancelled: 'Default',
  void: 'Default',
};

/** A change of a role: the question to whoever asks for it, the one to a second person, and what became of it. */
export function roleChangeCard(change: RoleChange, context: CardContext): CardView {
  const say = speaker(context);
  const { id, revision, state, deed, decidedAt } = change;
  const who = personName(say, change.personName);
  const by = personName(say, change.askedByName);
  const role = roleWord(say, change.role);
  const words = { who, by, role, deed };
  const isOpen = state === 'asked' || state === 'waiting';
  const isDecided = !isOpen && state !== 'alone';
  // Neither the one who asks nor the one who would get the role is offered to agree.
  const isParty = context.viewerId === change.askedBy || context.viewerId === change.personId;
  const mayAgree = state === 'waiting' && !isParty && (mayUse(context, 'manage') || mayUse(context, 'decide'));
  const mayConfirm = state === 'asked' && (context.viewerId === undefined || context.viewerId === change.askedBy);
  return renderTemplate(
    template,
    {
      header: cardHeader(say(isOpen ? 'role-change.title' : 'role-change.title-over', words), {
        text: say(`role-change.${state}`),
        color: colors[state],
      }),
      text: textOf(change, say, words),
      facts: cardFacts([
        [say('role-change.person'), who],
        [say('role-change.account'), change.personAccount === '' ? null : plainText(change.personAccount)],
        [say('role-change.before'), roleList(say, change.before)],
        [say('role-change.after'), roleList(say, rolesAfter(change))],
        [say('fact.asked-by'), by],
        [say('fact.asked-at'), localTime(change.askedAt)],
        [say('role-change.decided-by'), isDecided ? personName(say, change.decidedByName) : null],
        [say('role-change.decided-at'), isDecided && decidedAt !== null ? localTime(decidedAt) : null],
      ]),
      next: nextStep(context, say(`role-change.${state}-next`, words)),
      actions: [
        ...(mayConfirm
          ? cardButtons(context, [
              { verb: 'role.confirm', title: say('role-change.button', words), id, revision, style: 'positive' },
              { verb: 'role.cancel', title: say('button.cancel'), id, revision },
            ])
          : []),
        ...(mayAgree
          ? cardButtons(context, [
              { verb: 'role.agree', title: say('button.agree'), id, revision },
              { verb: 'role.refuse', title: say('button.refuse'), id, revision },
            ])
          : []),
      ],
    },
    say(`role-change.${state}-summary`, words),
    context,
  );
}

/** The effect, and what has to happen first; of a change that is over, what became of it. */
function textOf(
  { state, deed, role, second, leavesNobody }: RoleChange,
  say: Say,
  words: Readonly<Record<string, string>>,
): string {
  if (state === 'refused' || state === 'cancelled' || state === 'void') return say(`role-change.${state}-text`, words);
  const parts = [say(`role-change.${deed}.${role}`, words)];
  if (leavesNobody) parts.push(say('role-change.leaves-nobody', words));
  if (state === 'asked') parts.push(say(`role-change.second.${second}`, words));
  if (state === 'alone') parts.push(say('role-change.alone-text', words));
  return parts.join(' ');
}

export function roleWord(say: Say, role: Role): string {
  return say(`role.${role}`);
}

function roleList(say: Say, roles: readonly Role[]): string {
  return roles.length === 0 ? say('role.none') : roles.map((role) => roleWord(say, role)).join(', ');
}
