import { grantOf, roles as allRoles, type RoleAssignment } from '../services/model/access.ts';
import { listPageSize, type ListView } from '../services/model/list-view.ts';
import { cardButtons } from './card-action-buttons.ts';
import type { CardContext, CardView } from './card-context.ts';
import { cardHeader } from './card-header.ts';
import { nextStep } from './card-notes.ts';
import { localTime, speaker, type Say } from './card-text.ts';
import { listPage } from './list-page.ts';
import { personName } from './person-name.ts';
import { plainText } from './plain-text.ts';
import { renderTemplate } from './render-template.ts';
import { roleWord } from './role-change-card.ts';
import template from './templates/roles.json' with { type: 'json' };

export interface RoleList {
  /** Everybody who holds a role, in the order in which they are shown. */
  readonly people: readonly RoleAssignment[];
  readonly view: ListView;
  /** People whom the form can offer without a search: those who have a chat with Mailroom. */
  readonly known: readonly Pick<RoleAssignment, 'aadObjectId' | 'name'>[];
}

/** Who holds which role, since when and from whom; with a way to take one away. */
export function rolesCard({ people, view, known }: RoleList, context: CardContext): CardView {
  const say = speaker(context);
  const names = new Map(people.map(({ aadObjectId, name }) => [aadObjectId, name]));
  const { id, revision } = view;
  const shown = people.slice(view.page * listPageSize, (view.page + 1) * listPageSize);
  const page = listPage(view.page, listPageSize, people.length, shown.length);
  const nameOf = (person: Pick<RoleAssignment, 'aadObjectId' | 'name'>): string =>
    person.name === '' ? say('roles.unseen', { id: plainText(person.aadObjectId, 40) }) : personName(say, person.name);
  const held = shown.flatMap((person) =>
    inOrder(person).map((role) => ({
      title: say('roles.choice', { who: nameOf(person), role: roleWord(say, role) }),
      value: `${role} ${person.aadObjectId}`,
    })),
  );
  return renderTemplate(
    template,
    {
      header: cardHeader(
        say('roles.title'),
        { text: say('roles.total', { count: people.length }), color: 'Accent' },
        say('roles.page', { from: page.from, to: page.to, count: people.length }),
      ),
      people: shown.map((person) => ({
        name: nameOf(person),
        roles: inOrder(person).map((role) => {
          const { by, byName, at } = grantOf(person, role);
          return {
            text: say('roles.role', {
              role: roleWord(say, role),
              since: localTime(at),
              by: giver(say, by, byName || (names.get(by) ?? '')),
            }),
          };
        }),
      })),
      next: nextStep(context, say('roles.next')),
      actions: cardButtons(context, [
        {
          title: say('roles.grant'),
          body: [personInput(known, say), roleInput(say)],
          submit: { verb: 'roles.grant', title: say('button.continue'), id, revision },
        },
        {
          title: say('roles.revoke'),
          body: [
            {
              type: 'Input.ChoiceSet',
              id: 'assignment',
              label: say('roles.which'),
              style: 'compact',
              isRequired: true,
              errorMessage: say('roles.whose-missing'),
              choices: held,
            },
          ],
          submit: { verb: 'roles.revoke', title: say('button.continue'), id, revision },
        },
        page.hasPrevious ? { verb: 'roles.previous', title: say('button.previous'), id, revision } : null,
        page.hasNext ? { verb: 'roles.next', title: say('button.next'), id, revision } : null,
      ]),
    },
    say('roles.summary', { count: people.length }),
    context,
  );
}

/** Teams searches the organization's people and sends the object id; where a client cannot, those who are known are offered. */
function personInput(known: RoleList['known'], say: Say): object {
  return {
    type: 'Input.ChoiceSet',
    id: 'person',
    label: say('roles.who'),
    style: 'compact',
    isRequired: true,
    errorMessage: say('roles.who-missing'),
    choices: known.map(({ aadObjectId, name }) => ({ title: personName(say, name), value: aadObjectId })),
    'choices.data': { type: 'Data.Query', dataset: 'graph.microsoft.com/users' },
  };
}

function roleInput(say: Say): object {
  return {
    type: 'Input.ChoiceSet',
    id: 'role',
    label: say('roles.which'),
    style: 'compact',
    isRequired: true,
    errorMessage: say('roles.which-missing'),
    choices: allRoles.map((role) => ({ title: roleWord(say, role), value: role })),
  };
}

const inOrder = ({ roles }: RoleAssignment) => allRoles.filter((role) => roles.includes(role));

function giver(say: Say, by: string, name: string): string {
  return by === 'configuration' ? say('roles.by-configuration') : personName(say, name);
}
