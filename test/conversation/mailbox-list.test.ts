import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { cardActions } from '../../bot/card-actions.ts';
import { sendFile } from '../../bot/web/file-download.ts';
import type { Verb } from '../../cards/verbs.ts';
import type { Role } from '../../services/model/access.ts';
import { newMailbox, type Mailbox } from '../../services/model/mailbox.ts';
import type { EmailServerProfile } from '../../services/model/profile.ts';
import { keyOf } from '../../services/storage/store.ts';
import { ofType, verbsOf } from '../cards/card-client.ts';
import { normal, profile as profileOf } from '../cards/card-fixtures.ts';
import { addresses } from '../support/mailroom-stage.ts';
import { send, type Seen } from './seen.ts';
import { ada, ben, cleo, openStage, type Person, type Stage } from './stage.ts';

let stage: Stage;

beforeEach(async () => {
  stage = await openStage();
});
afterEach(() => stage.dispose());

type Place = 'personal' | 'channel';

const say = (text: string, person: Person = ada, where: Place = 'personal'): Promise<Seen> =>
  send(stage.talk(person, where), { type: 'message', text: where === 'channel' ? `<at>Mailroom</at> ${text}` : text });

function click(seen: Seen, verb: Verb, inputs: object = {}, person: Person = ada, where?: Place): Promise<Seen> {
  const button = seen.nodes.find((node) => node['type'] === 'Action.Execute' && node['verb'] === verb);
  if (button === undefined) throw new Error(`no button ${verb}`);
  const action = { type: 'Action.Execute', verb, data: { ...(button['data'] as object), ...inputs } };
  const value = { action, trigger: 'manual' };
  return send(stage.talk(person, where), { type: 'invoke', name: 'adaptiveCard/action', value });
}

const labelsOf = (seen: Seen): string[] =>
  seen.nodes.filter(({ type }) => type === 'Input.Toggle').map(({ label }) => String(label));
const tickedOf = (seen: Seen): string[] =>
  seen.nodes.filter(({ type, value }) => type === 'Input.Toggle' && value === 'true').map(({ label }) => String(label));
const filterOf = (seen: Seen): unknown => seen.nodes.find(({ id }) => id === 'filter')?.['value'];

async function hold(person: Person, ...roles: Role[]): Promise<void> {
  const { environmentId } = stage;
  const { aadObjectId, name } = person;
  const value = { environmentId, aadObjectId, roles, name, grantedBy: 'configuration', grantedAt: 0 };
  await stage.services.store.commit([
    { kind: 'put', collection: 'role', key: keyOf(environmentId, aadObjectId), value },
  ]);
}

async function mailboxes(names: readonly string[], changes: Partial<Mailbox> = {}): Promise<void> {
  const { environmentId, services } = stage;
  await services.store.commit(
    names.map((address) => ({
      kind: 'put',
      collection: 'mailbox',
      key: keyOf(environmentId, address),
      value: {
        ...newMailbox(
          { environmentId, id: address, address, type: 'user', owner: '', importedBy: 'ada', createdAt: 0 },
          { profileId: 'p1', incomingMethod: 2, outgoingMethod: 2, actMethod: 1, approval: 1 },
        ),
        ...changes,
      },
    })),
  );
}

async function profile(id: string, name: string): Promise<EmailServerProfile> {
  const { environmentId, services } = stage;
  const value = { ...profileOf(normal), environmentId, id, name };
  await services.store.commit([{ kind: 'put', collection: 'profile', key: keyOf(environmentId, id), value }]);
  return value;
}

describe('a selection', () => {
  test('goes over pages and filters to an action, whose question names exactly those', async () => {
    await profile('p1', 'Contoso');
    await mailboxes(addresses(25));
    const first = await say('mailboxes');
    expect(labelsOf(first)).toEqual(addresses(10));
    const second = await click(first, 'mailboxes.next', { pick0: 'true', pick1: 'true' });
    expect(second.words).toContain('11 to 20 of 25 · 2 selected');
    const found = await click(second, 'mailboxes.filter', { filter: 'user0025', pick9: 'true' });
    expect([labelsOf(found), tickedOf(found)]).toEqual([['user0025@contoso.test'], []]);
    expect(found.words).toContain('3 selected');
    const question = await click(found, 'mailboxes.test', { pick0: 'true' });
    expect(question.words).toContain('Test 4 mailboxes?');
    const [action] = await stage.services.store.query('bulkAction', { limit: 10 });
    expect(action?.value.mailboxIds).toEqual([
      'user0001@contoso.test',
      'user0002@contoso.test',
      'user0020@contoso.test',
      'user0025@contoso.test',
    ]);
    const back = await click(found, 'mailboxes.filter', { filter: '' });
    expect(tickedOf(back)).toEqual(['user0001@contoso.test', 'user0002@contoso.test']);
    expect((await click(back, 'mailboxes.clear')).words).not.toContain('selected ·');
    expect(tickedOf(await click(back, 'mailboxes.clear'))).toEqual([]);
  });

  test('of all that match is those that were counted; what came since is not in it', async () => {
    await profile('p1', 'Contoso');
    await mailboxes(addresses(25), { status: 2 });
    const list = await say('mailboxes status:failure');
    await mailboxes(['late@contoso.test'], { status: 2 });
    const changed = await click(list, 'mailboxes.select-all');
    expect(changed.words).toContain('Nothing was selected: meanwhile other mailboxes match');
    expect(changed.words).toContain('26 mailboxes');
    const all = await click(changed, 'mailboxes.select-all');
    expect(all.words).toContain('26 selected');
    await mailboxes(['later@contoso.test'], { status: 2 });
    const question = await click(all, 'mailboxes.apply-defaults');
    expect(question.words).toContain('26');
    expect(question.words).not.toContain('27');
  });

  test('of nothing is told in words', async () => {
    await mailboxes(addresses(3));
    const list = await say('mailboxes');
    for (const verb of ['mailboxes.test', 'mailboxes.edit', 'mailboxes.deactivate'] as const)
      expect((await click(list, verb)).words).toContain('Nothing is selected. Tick mailboxes');
  });

  test.each(['mailboxes.edit', 'mailboxes.activate', 'mailboxes.deactivate', 'mailboxes.apply-defaults'] as const)(
    'goes to %s, and the list stays where it is',
    async (verb) => {
      await profile('p1', 'Contoso');
      await mailboxes(addresses(2), { state: verb === 'mailboxes.activate' ? 'inactive' : 'active' });
      await mailboxes(['other@contoso.test']);
      const list = await say('mailboxes user0');
      const question = await click(list, verb, { pick0: 'true', pick1: 'true' });
      expect(question.cards).toHaveLength(1);
      expect(question.words).toContain('The answer is below.');
      const [change] = await stage.services.store.query('mailboxChange', { limit: 10 });
      expect(change?.value.items.map(([id]) => id)).toEqual(addresses(2));
      expect(labelsOf(await click(list, 'mailboxes.filter', { filter: 'other' }))).toEqual(['other@contoso.test']);
    },
  );
});

describe('choices beside the filter', () => {
  test('make one filter with what is typed, and the other way round', async () => {
    await profile('p1', 'The "old" one');
    await mailboxes(addresses(12), { status: 2 });
    await mailboxes(['kim@contoso.test'], { state: 'inactive', profileId: null });
    const list = await say('mailboxes user');
    const failing = await click(list, 'mailboxes.filter', {
      filter: 'user',
      status: 'failure',
      approval: 'any',
      profile: 'p1',
      sort: 'lastTestedAt',
    });
    expect(filterOf(failing)).toBe('user status:failure profile:"The ""old"" one"');
    expect(failing.words).toContain('12 mailboxes');
    const again = await click(failing, 'mailboxes.filter', {
      filter: filterOf(failing),
      status: 'failure',
      profile: 'p1',
    });
    expect(again.words).toContain('12 mailboxes');
    const typed = await click(again, 'mailboxes.filter', { filter: 'state:inactive', status: 'any', profile: 'any' });
    expect([filterOf(typed), labelsOf(typed)]).toEqual(['state:inactive', ['kim@contoso.test']]);
    expect(typed.nodes.find(({ type }) => type === 'Input.Toggle')?.['title']).toContain('– Inactive');
  });

  test('that no card has are refused, and the list is still there', async () => {
    await mailboxes(addresses(3));
    const list = await say('mailboxes');
    expect((await click(list, 'mailboxes.filter', { status: 'x" type:"queue' })).words).toContain('is no value for');
    expect(labelsOf(await click(list, 'mailboxes.filter', { filter: 'user0002', sort: 'owner' }))).toHaveLength(1);
  });

  test('of a profile with quotes in its name: its button opens its mailboxes below its card', async () => {
    await profile('p1', 'The "old" one');
    await profile('p2', 'The old one');
    await mailboxes(addresses(2));
    await mailboxes(['kim@contoso.test'], { profileId: 'p2' });
    const action = { type: 'Action.Execute', verb: 'profile.mailboxes', data: { id: 'p1', revision: 1 } };
    const value = { action, trigger: 'manual' };
    const answer = await send(stage.talk(ada), { type: 'invoke', name: 'adaptiveCard/action', value });
    expect(labelsOf(answer)).toEqual(addresses(2));
    expect(answer.words).toContain('The answer is below.');
    expect(labelsOf(await say('mailboxes profile:"The ""old"" one"'))).toEqual(addresses(2));
    expect(labelsOf(await say('mailboxes profile:"The old one"'))).toEqual(['kim@contoso.test']);
  });
});

describe('two people at one list in a channel', () => {
  test('have a list each: what one selects, turns or looks for is not the other’s', async () => {
    await profile('p1', 'Contoso');
    await hold(cleo, 'admin');
    await mailboxes(addresses(25));
    const adas = await click(
      await say('mailboxes', ada, 'channel'),
      'mailboxes.next',
      { pick0: 'true' },
      ada,
      'channel',
    );
    const copy = await click(adas, 'mailboxes.test', { pick3: 'true' }, cleo, 'channel');
    expect(copy.words).toContain('Your own copy of the list of Ada Admin');
    expect([labelsOf(copy), tickedOf(copy)]).toEqual([addresses(20).slice(10), []]);
    expect(await stage.services.store.count('bulkAction', {})).toBe(0);
    const cleos = await click(copy, 'mailboxes.filter', { filter: 'user0007', pick0: 'true' }, cleo, 'channel');
    expect(cleos.words).toContain('1 selected');
    const question = await click(adas, 'mailboxes.test', {}, ada, 'channel');
    expect(question.words).toContain('Test one mailbox?');
    expect(await stage.services.store.query('bulkAction', { limit: 5 })).toMatchObject([
      { value: { actorId: ada.aadObjectId, mailboxIds: ['user0001@contoso.test'] } },
    ]);
    // Even the very card of the other one: whoever clicks is who counts.
    const stolen = await click(cleos, 'mailboxes.test', { pick0: 'true' }, ada, 'channel');
    expect(stolen.words).toContain('Your own copy of the list of Cleo Clark');
    expect(await stage.services.store.count('bulkAction', {})).toBe(1);
  });

  test('without the role for it, one reads and does nothing', async () => {
    await mailboxes(addresses(3));
    const list = await say('mailboxes', ada, 'channel');
    expect((await click(list, 'mailboxes.test', { pick0: 'true' }, ben, 'channel')).words).toContain('role');
    expect((await click(list, 'mailboxes.filter', { filter: 'user0002' }, ben, 'channel')).words).toContain(
      'Your own copy',
    );
  });
});

describe('clicks of before', () => {
  test('and second ones do nothing twice, and show the list as it is', async () => {
    await mailboxes(addresses(25));
    const first = await say('mailboxes');
    await click(first, 'mailboxes.next');
    const stale = await click(first, 'mailboxes.next');
    expect(stale.words).toContain('11 to 20 of 25');
    const ignored = await click(first, 'mailboxes.test', { pick0: 'true' });
    expect(ignored.words).toContain('11 to 20 of 25');
    expect(ignored.words).not.toContain('selected ·');
    expect(await stage.services.store.count('bulkAction', {})).toBe(0);
  });

  test('work after a restart', async () => {
    await mailboxes(addresses(25));
    const first = await click(await say('mailboxes'), 'mailboxes.next', { pick0: 'true' });
    stage.restart();
    expect(tickedOf(await click(first, 'mailboxes.previous'))).toEqual(['user0001@contoso.test']);
  });
});

describe('an export', () => {
  test('is a link in one’s own chat that gives what was selected, once', async () => {
    await mailboxes(addresses(12));
    const list = await click(await say('mailboxes'), 'mailboxes.next', { pick2: 'true' });
    const offered = await click(list, 'mailboxes.export', { pick1: 'true' });
    const url = String(ofType(offered.cards, 'Action.OpenUrl')[0]?.['url']);
    const token = url.slice(url.lastIndexOf('/') + 1);
    const answer = await sendFile(stage.services, { token, headers: {} });
    if (!('chunks' in answer)) throw new Error('no file');
    let text = '';
    for await (const chunk of answer.chunks) text += chunk;
    expect([...text.matchAll(/user\d+@/g)].map(String)).toEqual(['user0003@', 'user0012@']);
    expect(ofType((await click(offered, 'mailboxes.previous')).cards, 'Action.OpenUrl')).toEqual([]);
  });

  test('as a command takes a filter, and has a button', async () => {
    await mailboxes(addresses(12));
    const offered = await say('export mailboxes user000');
    expect(ofType(offered.cards, 'Action.OpenUrl')).toMatchObject([{ title: 'Download 9 mailboxes' }]);
    expect(verbsOf((await say('mailboxes')).cards)).toContain('mailboxes.export');
    expect((await say('export mailboxes nobody')).words).toContain('No mailbox matches nobody');
  });

  test('is refused where others read the link, and to whoever may not', async () => {
    await mailboxes(addresses(2));
    expect((await say('export mailboxes', ada, 'channel')).words).toContain('from your own chat with Mailroom');
    const list = await say('mailboxes', ada, 'channel');
    expect((await click(list, 'mailboxes.export', {}, ada, 'channel')).words).toContain('from your own chat');
    expect((await say('export mailboxes', ben)).words).toContain('role');
    expect(await stage.services.store.count('fileLink', {})).toBe(0);
  });
});

test('each button of the list has a handler', () => {
  expect(Object.keys(cardActions)).toEqual(expect.arrayContaining(['mailboxes.select-all', 'mailboxes.export']));
});
