import { randomUUID } from 'node:crypto';
import { historyCard } from '../../cards/history-card.ts';
import { fileToken, offerFile, openLinkOf } from '../../services/access/file-links.ts';
import { peopleWithRoles } from '../../services/access/change-roles.ts';
import { checkTrail } from '../../services/audit/check-trail.ts';
import { readHistory } from '../../services/audit/read-history.ts';
import { MailroomError } from '../../services/model/error.ts';
import { listPageSize, type ListView } from '../../services/model/list-view.ts';
import { keyOf } from '../../services/storage/store.ts';
import { cardContext } from '../card-context.ts';
import type { CardData } from '../card-data.ts';
import type { RenderedCard, Reply, TurnInput } from '../turn-input.ts';
import { profileNamesById } from './mailbox-commands.ts';

const file = { kind: 'history', subjectId: 'all' } as const;

/** Kept apart from the lists of mailboxes: a view of one kind is none of the other. */
const viewKey = (input: TurnInput, id: string): string => keyOf(input.environmentId, 'history', id);

/** `history [ADDRESS|NAME]`: newest first; a person may be mentioned as well. */
export async function showHistory(input: TurnInput, rest: string): Promise<Reply[]> {
  const filter = [rest, ...input.mentions.map(({ name }) => name)].join(' ').trim().slice(0, 500);
  return [await openHistory(input, filter)];
}

/** `export history`: a link that works once, in the reader's own chat. */
export async function exportHistory(input: TurnInput, rest: string): Promise<Reply[]> {
  if (rest !== '') throw new MailroomError('command.argument-unknown', { usage: 'export history' });
  await offerHistory(input);
  return [await openHistory(input, '')];
}

async function openHistory(input: TurnInput, filter: string): Promise<RenderedCard> {
  const { store, clock } = input.services;
  const view: ListView = {
    environmentId: input.environmentId,
    id: randomUUID(),
    actorId: input.actor.aadObjectId,
    filter,
    page: 0,
    upTo: (await store.logHead('audit')).position,
    createdAt: clock.now(),
    revision: 1,
  };
  await store.commit([{ kind: 'put', collection: 'listView', key: viewKey(input, view.id), value: view }]);
  return renderHistory(input, view);
}

/** A click on the card: another page, or other words. A double click turns one page, not two. */
export async function changeHistoryView(
  input: TurnInput,
  data: CardData,
  change: (view: ListView) => Partial<ListView>,
): Promise<RenderedCard> {
  const view = await viewOf(input, data.id);
  if (view.revision !== data.revision) return renderHistory(input, view, turningMs);
  const changed: ListView = { ...view, ...change(view), revision: view.revision + 1 };
  await input.services.store.commit([
    { kind: 'put', collection: 'listView', key: viewKey(input, view.id), value: changed },
  ]);
  return renderHistory(input, changed, changed.filter === view.filter ? turningMs : 0);
}

/** The button for the file, on the card of the history. */
export async function offerExport(input: TurnInput, data: CardData): Promise<RenderedCard> {
  const view = await viewOf(input, data.id);
  await offerHistory(input);
  return renderHistory(input, view);
}

/** A search begins with what is there now; turning pages stays with what was there. */
export async function searchHistory(input: TurnInput, data: CardData): Promise<RenderedCard> {
  const { position } = await input.services.store.logHead('audit');
  return changeHistoryView(input, data, () => ({
    filter: (data.inputs['filter'] ?? '').slice(0, 500),
    page: 0,
    upTo: position,
  }));
}

async function offerHistory({ services, environmentId, actor, conversation }: TurnInput): Promise<void> {
  if (conversation.kind !== 'personal') throw new MailroomError('history.personal-only');
  await offerFile(services, environmentId, actor, file, conversation.conversationId);
}

async function viewOf(input: TurnInput, id: string): Promise<ListView> {
  const view = (await input.services.store.get('listView', viewKey(input, id)))?.value;
  if (view?.id !== id) throw new MailroomError('history.view-unknown');
  return view;
}

/** Whoever turns pages does not have the whole trail checked each time, ms. */
const turningMs = 60_000;

async function renderHistory(input: TurnInput, view: ListView, maxAgeMs = 0): Promise<RenderedCard> {
  const { services, environmentId, actor, conversation } = input;
  const { store, keys, publicUrl } = services;
  const names = await namesById(input);
  const { filter, page, upTo = 0 } = view;
  const [found, trail, link] = await Promise.all([
    readHistory(services, environmentId, { filter, page, size: listPageSize, upTo, names }),
    checkTrail(services, { maxAgeMs }),
    conversation.kind === 'personal' ? openLinkOf(services, environmentId, file, actor.aadObjectId) : null,
  ]);
  const places: Record<string, string> = {};
  for (const from of new Set(found.rows.flatMap(({ entry }) => entry.from ?? []))) {
    const known = (await store.get('conversation', keyOf(environmentId, from)))?.value;
    if (known !== undefined) places[from] = placeName(known.kind, known.name);
  }
  return historyCard(
    {
      view,
      ...found,
      trail: trail === null ? null : { ...trail, position: trail.head.position, hash: trail.head.hash },
      names,
      places,
      exportUrl: link === null ? null : `${publicUrl}/files/${fileToken(keys, link)}`,
    },
    cardContext(input),
  );
}

/** Of a 1:1 chat the person is known already: it is who did it. */
const placeName = (kind: string, name: string): string => (kind === 'personal' ? '' : name);

async function namesById(input: TurnInput): Promise<Record<string, string>> {
  const people = await peopleWithRoles(input.services.store, input.environmentId);
  const known = people.flatMap(({ value }) => (value.name === '' ? [] : [[value.aadObjectId, value.name] as const]));
  return { ...Object.fromEntries(known), ...(await profileNamesById(input)) };
}
