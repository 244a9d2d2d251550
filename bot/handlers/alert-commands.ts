import { randomUUID } from 'node:crypto';
import { alertsCard, readAlertSearch } from '../../cards/alerts-card.ts';
import type { Verb } from '../../cards/verbs.ts';
import { faultTitle } from '../../locales/fault-text.ts';
import { alertsOpen } from '../../services/alerts/count-alerts.ts';
import { listAlerts, readAlertFilter } from '../../services/alerts/list-alerts.ts';
import { formatAlertFilter, parseAlertFilter } from '../../services/model/alert-filter.ts';
import { alertsOf } from '../../services/model/alert-levels.ts';
import { MailroomError } from '../../services/model/error.ts';
import { alertsPageSize, type ListView } from '../../services/model/list-view.ts';
import { getEnvironment } from '../../services/platform/environments.ts';
import { keyOf } from '../../services/storage/store.ts';
import { cardContext } from '../card-context.ts';
import type { CardData } from '../card-data.ts';
import type { CardAction, RenderedCard, Reply, TurnInput } from '../turn-input.ts';

/** Kept apart from other lists: a view of one kind is none of the other. */
const viewKey = (input: TurnInput, id: string): string => keyOf(input.environmentId, 'alerts', id);

/** `alerts [FILTER]`: the open ones where nothing is said, errors first and the widest of them first. */
export async function showAlerts(input: TurnInput, rest: string): Promise<Reply[]> {
  const { services, environmentId, actor } = input;
  const view: ListView = {
    environmentId,
    id: randomUUID(),
    actorId: actor.aadObjectId,
    filter: await canonical(input, rest),
    page: 0,
    createdAt: services.clock.now(),
    revision: 1,
  };
  await services.store.commit([{ kind: 'put', collection: 'listView', key: viewKey(input, view.id), value: view }]);
  return [await render(input, view)];
}

export const alertActions = {
  'alerts.filter': async (input, data) => {
    const view = await viewOf(input, data.id);
    const filter = readAlertSearch(view, await profileNameOf(input, view), data.inputs);
    return change(input, data, view, { filter: await canonical(input, filter), page: 0 });
  },
  'alerts.next': (input, data) => turn(input, data, 1),
  'alerts.previous': (input, data) => turn(input, data, -1),
} satisfies Partial<Record<Verb, CardAction>>;

async function turn(input: TurnInput, data: CardData, step: 1 | -1): Promise<RenderedCard> {
  const view = await viewOf(input, data.id);
  return change(input, data, view, { page: Math.max(0, view.page + step) });
}

/** A double click turns one page, not two: the second one is of a card of before. */
async function change(
  input: TurnInput,
  { revision }: CardData,
  view: ListView,
  what: Partial<Pick<ListView, 'filter' | 'page'>>,
): Promise<RenderedCard> {
  if (view.revision !== revision) return render(input, view);
  const changed: ListView = { ...view, ...what, revision: view.revision + 1 };
  await input.services.store.commit([
    { kind: 'put', collection: 'listView', key: viewKey(input, view.id), value: changed },
  ]);
  return render(input, changed);
}

async function viewOf(input: TurnInput, id: string): Promise<ListView> {
  const view = (await input.services.store.get('listView', viewKey(input, id)))?.value;
  if (view === undefined) throw new MailroomError('alerts.view-unknown');
  return view;
}

/** One spelling, with the id of its profile: a name that changes, or reads like another, is no other filter. */
async function canonical({ services, environmentId }: TurnInput, text: string): Promise<string> {
  return formatAlertFilter(await readAlertFilter(services.store, environmentId, text.slice(0, 500)));
}

async function profileNameOf({ services, environmentId }: TurnInput, { filter }: ListView): Promise<string | null> {
  const { profile } = parseAlertFilter(filter);
  if (profile === undefined) return null;
  return (await services.store.get('profile', keyOf(environmentId, profile)))?.value.name ?? null;
}

async function render(input: TurnInput, view: ListView): Promise<RenderedCard> {
  const { services, environmentId } = input;
  const { store } = services;
  const context = cardContext(input);
  const titleOf = (code: Parameters<typeof faultTitle>[1]): string => faultTitle(context.locale, code).toLowerCase();
  const filter = parseAlertFilter(view.filter);
  const list = await listAlerts(store, environmentId, filter, titleOf, view.page, alertsPageSize);
  const { settings } = (await getEnvironment(store, environmentId)).value;
  const wantsInformation = view.filter === '' && alertsOf(settings, 'information');
  return alertsCard(
    {
      ...list,
      view: { ...view, page: list.page },
      succeeded: wantsInformation ? await alertsOpen(store, environmentId, 'information') : null,
      profileName: await profileNameOf(input, view),
    },
    context,
  );
}
