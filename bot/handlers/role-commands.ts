import { randomUUID } from 'node:crypto';
import { roleChangeCard } from '../../cards/role-change-card.ts';
import { rolesCard } from '../../cards/roles-card.ts';
import { peopleWithRoles, planRoleChange } from '../../services/access/change-roles.ts';
import { roles, type Person, type Role, type RoleAssignment } from '../../services/model/access.ts';
import { MailroomError } from '../../services/model/error.ts';
import { listPageSize, type ListView } from '../../services/model/list-view.ts';
import type { RoleChange } from '../../services/model/role-change.ts';
import { keyOf } from '../../services/storage/store.ts';
import { cardContext } from '../card-context.ts';
import type { CardData } from '../card-data.ts';
import type { RenderedCard, Reply, TurnInput } from '../turn-input.ts';

/** `roles`: who holds which one, since when and from whom. */
export async function showRoles(input: TurnInput, rest: string): Promise<Reply[]> {
  if (rest !== '') throw new MailroomError('command.argument-unknown', { usage: 'roles' });
  const view: ListView = {
    environmentId: input.environmentId,
    id: randomUUID(),
    actorId: input.actor.aadObjectId,
    filter: '',
    page: 0,
    createdAt: input.services.clock.now(),
    revision: 1,
  };
  await input.services.store.commit([
    { kind: 'put', collection: 'listView', key: viewKey(input, view.id), value: view },
  ]);
  return [await renderRoles(input, view)];
}

/** Kept apart from the lists of mailboxes: a view of one kind is none of the other. */
const viewKey = (input: TurnInput, id: string): string => keyOf(input.environmentId, 'roles', id);

/** Another page; a double click turns one, not two. */
export async function turnRoles(input: TurnInput, { id, revision }: CardData, step: 1 | -1): Promise<RenderedCard> {
  const { store } = input.services;
  const view = (await store.get('listView', viewKey(input, id)))?.value;
  if (view?.id !== id) throw new MailroomError('role.view-unknown');
  if (view.revision !== revision) return renderRoles(input, view);
  const turned: ListView = { ...view, page: Math.max(0, view.page + step), revision: view.revision + 1 };
  await store.commit([{ kind: 'put', collection: 'listView', key: viewKey(input, id), value: turned }]);
  return renderRoles(input, turned);
}

/** People that the form offers without a search. */
const mostKnown = 20;

/** Admins first, each role by name. */
async function renderRoles(input: TurnInput, view: ListView): Promise<RenderedCard> {
  const people = (await peopleWithRoles(input.services.store, input.environmentId)).map(({ value }) => value);
  const rank = ({ roles: held }: RoleAssignment): number => roles.findIndex((role) => held.includes(role));
  const inOrder = people.toSorted((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name));
  // Somebody may have lost the last role of the page meanwhile.
  const lastPage = Math.max(0, Math.ceil(inOrder.length / listPageSize) - 1);
  const chats = await input.services.store.query('conversation', {
    prefix: keyOf(input.environmentId, ''),
    where: { kind: 'personal' },
    limit: mostKnown,
  });
  const known = chats.flatMap(({ value: { aadObjectId, name } }) =>
    aadObjectId === null ? [] : { aadObjectId, name },
  );
  const page = Math.min(view.page, lastPage);
  return rolesCard({ people: inOrder, view: { ...view, page }, known }, cardContext(input));
}

/** `grant ROLE @PERSON`: says what it would do, and asks. */
export function grantRole(input: TurnInput, rest: string): Promise<Reply[]> {
  return changeRole(input, 'grant', rest);
}

/** `revoke ROLE @PERSON` */
export function revokeRole(input: TurnInput, rest: string): Promise<Reply[]> {
  return changeRole(input, 'revoke', rest);
}

async function changeRole(input: TurnInput, deed: RoleChange['deed'], rest: string): Promise<Reply[]> {
  const [word = '', ...more] = rest.split(/\s+/).filter((part) => part !== '');
  const usage = `${deed} ROLE @PERSON`;
  if (word === '') throw new MailroomError('command.argument-missing', { usage });
  const role = roles.find((known) => known === word.toLowerCase());
  if (role === undefined) throw new MailroomError('role.unknown', { text: word.slice(0, 60) });
  // Words beside the mention are a name that somebody typed, or a second thing that is meant: only a mention says who.
  if (more.length > 0) throw new MailroomError('person.typed', { usage: `${deed} ${role} @PERSON` });
  const [mention, ...others] = input.mentions;
  if (mention === undefined) throw new MailroomError('person.missing', { usage: `${deed} ${role} @PERSON` });
  if (others.length > 0) throw new MailroomError('person.several');
  const person = await input.findPerson(mention);
  return [await askForRoleChange(input, deed, role, person)];
}

/** The question, with its effect. */
export async function askForRoleChange(
  input: TurnInput,
  deed: RoleChange['deed'],
  role: Role,
  person: Person,
): Promise<RenderedCard> {
  const { services, environmentId, actor } = input;
  return renderRoleChange(input, await planRoleChange(services, environmentId, actor, { deed, role, person }));
}

export function renderRoleChange(input: TurnInput, change: RoleChange): RenderedCard {
  return roleChangeCard(change, cardContext(input));
}

/** The form on the card of the roles. An id of a form is as good as any other wish: the roster says whose it is, if anybody's. */
export async function grantChosen(input: TurnInput, word: string, id: string): Promise<RenderedCard> {
  const role = roles.find((known) => known === word);
  if (role === undefined || !/^[\da-f-]{36}$/i.test(id)) throw new MailroomError('role.nobody-chosen');
  const aadObjectId = id.toLowerCase();
  return askForRoleChange(input, 'grant', role, await input.findPerson({ id: aadObjectId, aadObjectId, name: null }));
}

/** The choice on the card of the roles: `ROLE ID`. It comes from outside and may be anything. */
export async function revokeChosen(input: TurnInput, choice: string): Promise<RenderedCard> {
  const [word, id = ''] = choice.split(' ');
  const role = roles.find((known) => known === word);
  const people = await peopleWithRoles(input.services.store, input.environmentId);
  const chosen = people.find(({ value }) => value.aadObjectId === id)?.value;
  if (role === undefined || chosen === undefined) throw new MailroomError('role.none-chosen');
  const person: Person = { aadObjectId: chosen.aadObjectId, name: chosen.name, account: '' };
  return askForRoleChange(input, 'revoke', role, person);
}
