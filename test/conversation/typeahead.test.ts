import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { nodesOf, ofType, textOf } from '../cards/card-client.ts';
import { mailbox, normal, profile } from '../cards/card-fixtures.ts';
import { mailboxKey } from '../../services/mailboxes/mailbox-key.ts';
import { keyOf, type Change } from '../../services/storage/store.ts';
import { ada, cleo, openStage, type Person, type Stage } from './stage.ts';

let stage: Stage;

beforeEach(async () => {
  stage = await openStage();
  await stage.services.store.commit([
    ...Array.from({ length: 100 }, (_, index) => storedMailbox(stage.environmentId, index)),
    ...['Zürich', 'Basel [x](https://evil.example)', 'Bern'].map((name, index) =>
      storedProfile(stage.environmentId, `p${index}`, name),
    ),
    storedMailbox('other', 500),
    storedProfile('other', 'p9', 'Basel of others'),
  ]);
});

afterEach(() => stage.dispose());

function storedMailbox(environmentId: string, index: number): Change {
  const value = { ...mailbox(normal, index), environmentId };
  return { kind: 'put', collection: 'mailbox', key: mailboxKey(environmentId, value.address), value };
}

function storedProfile(environmentId: string, id: string, name: string): Change {
  const value = { ...profile(normal), environmentId, id, name };
  return { kind: 'put', collection: 'profile', key: keyOf(environmentId, id), value };
}

interface Answer {
  readonly status: number;
  readonly body: {
    readonly statusCode: number;
    readonly type: string;
    readonly value: Readonly<Record<string, unknown>>;
  };
}

async function invoke(value: unknown, person: Person = ada): Promise<Answer> {
  const adapter = stage.talk(person);
  await adapter.send({ type: 'invoke', name: 'application/search', value }).startTest();
  return adapter.activeQueue[0]?.value as Answer;
}

const search = (dataset: string, queryText: string, queryOptions: object = { skip: 0, top: 15 }): Promise<Answer> =>
  invoke({ queryText, queryOptions, dataset });

const titles = ({ body }: Answer): string[] => (body.value['results'] as { title: string }[]).map(({ title }) => title);

describe('typing into an input that searches', () => {
  test('offers the first ones before the first letter', async () => {
    const answer = await search('mailboxes', '');
    expect(answer).toMatchObject({
      status: 200,
      body: { statusCode: 200, type: 'application/vnd.microsoft.search.searchResponse' },
    });
    expect(titles(answer)).toHaveLength(15);
    expect(titles(await invoke({ dataset: 'profiles' }))).toEqual([
      'Basel [x](https://evil.example)',
      'Bern',
      'Zürich',
    ]);
  });

  test('finds by parts in any order and case, with the value that the form sends', async () => {
    const { body } = await search('mailboxes', 'CONTOSO user77');
    expect(body.value).toEqual({ results: [{ title: 'user77@contoso.com', value: 'user77@contoso.com' }] });
    expect((await search('profiles', ' zür ')).body.value).toEqual({ results: [{ title: 'Zürich', value: 'p0' }] });
    expect(titles(await search('profiles', 'nobody'))).toEqual([]);
  });

  test('turns pages, and gives 25 at most', async () => {
    expect(titles(await search('mailboxes', 'user', { skip: 0, top: 500 }))).toHaveLength(25);
    const all = titles(await search('mailboxes', 'user', { skip: 0, top: 20 }));
    expect(titles(await search('mailboxes', 'user', { skip: 10, top: 10 }))).toEqual(all.slice(10));
    expect(titles(await search('mailboxes', 'user', { skip: 100, top: 10 }))).toEqual([]);
  });

  test('never looks into another environment', async () => {
    expect(titles(await search('mailboxes', 'user501'))).toEqual([]);
    expect(titles(await search('profiles', 'others'))).toEqual([]);
  });

  test('takes every text as words to look for', async () => {
    const hostile = [
      '.*',
      '(a+)+$',
      '${x}',
      '__proto__',
      '\u0000',
      '\\',
      '%',
      '"; DROP TABLE mailbox',
      'x'.repeat(60_000),
    ];
    for (const text of hostile) expect(titles(await search('mailboxes', text)), text.slice(0, 20)).toEqual([]);
    expect(titles(await search('profiles', '[x](https://'))).toEqual(['Basel [x](https://evil.example)']);
  });

  test.each([
    undefined,
    {},
    { queryText: 'user' },
    { dataset: 'credentials', queryText: '' },
    { dataset: ['profiles'], queryText: '' },
    { dataset: 'profiles', queryText: 7 },
    { dataset: 'profiles', queryText: { toString: 'x' } },
    { dataset: 'mailboxes', queryText: '', queryOptions: { skip: -1, top: 15 } },
    { dataset: 'mailboxes', queryText: '', queryOptions: { skip: 0.5, top: 15 } },
    { dataset: 'mailboxes', queryText: '', queryOptions: { skip: 1e9, top: 15 } },
    { dataset: 'mailboxes', queryText: '', queryOptions: 'all' },
  ])('answers what it cannot read with the status 400: %j', async (value) => {
    expect(await invoke(value)).toMatchObject({
      status: 400,
      body: { statusCode: 400, type: 'application/vnd.microsoft.error', value: { code: 'BadRequest' } },
    });
  });

  test('tells nothing to whoever may not read, and leaves a trace', async () => {
    const answer = await invoke({ queryText: '', dataset: 'mailboxes' }, cleo);
    expect(answer).toMatchObject({ status: 403, body: { statusCode: 403, value: { code: 'Forbidden' } } });
    expect(JSON.stringify(answer)).not.toContain('@contoso.com');
    const entries = [];
    for await (const entry of stage.services.store.readLog('audit')) entries.push(entry);
    expect(entries.at(-1)).toMatchObject({ kind: 'access.refused', subjects: ['search mailboxes'] });
  });
});

describe('help', () => {
  test('offers to find a mailbox by typing, and opens the one that was chosen below', async () => {
    const adapter = stage.talk(ada);
    await adapter.send('help').startTest();
    const card = adapter.activeQueue[0]?.attachments?.[0]?.content as unknown;
    const input = ofType(card, 'Input.ChoiceSet')[0];
    expect(input).toMatchObject({ style: 'filtered', 'choices.data': { type: 'Data.Query', dataset: 'mailboxes' } });
    expect(input?.['choices']).toHaveLength(15);
    const button = nodesOf(card).find(({ verb }) => verb === 'mailbox.find');
    const { verb, data } = button ?? {};
    adapter.activeQueue.length = 0;
    const action = { type: 'Action.Execute', verb, data: { ...(data as object), address: 'user77@contoso.com' } };
    await adapter
      .send({ type: 'invoke', name: 'adaptiveCard/action', value: { action, trigger: 'manual' } })
      .startTest();
    const shown = adapter.activeQueue.flatMap(({ attachments = [] }) =>
      attachments.map(({ content }) => textOf(content)),
    );
    expect(shown.join('\n')).toContain('user77@contoso.com');
  });

  test('has no such input for whoever may not see mailboxes', async () => {
    const adapter = stage.talk(cleo);
    await adapter.send('help').startTest();
    expect(JSON.stringify(adapter.activeQueue)).not.toContain('Input.ChoiceSet');
  });
});
