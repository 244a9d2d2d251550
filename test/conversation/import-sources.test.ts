import MarkdownIt from 'markdown-it';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fileDownloadInfo } from '../../bot/activity-schema.ts';
import { renderIntent } from '../../bot/deliver/render-intent.ts';
import type { Verb } from '../../cards/verbs.ts';
import type { DirectoryReport } from '../../services/exchange/exchange-port.ts';
import type { ConversationReference } from '../../services/model/conversation.ts';
import type { DirectoryEntry } from '../../services/model/directory.ts';
import type { DirectoryLookup } from '../../services/model/directory-lookup.ts';
import type { ImportBatch } from '../../services/model/import-batch.ts';
import { secretTargetOfProfile } from '../../services/model/secret-target.ts';
import { bindingText } from '../../services/secrets/credential-access.ts';
import { Secret } from '../../services/secrets/secret.ts';
import { keyOf } from '../../services/storage/store.ts';
import { nodesOf, textOf, type CardNode } from '../cards/card-client.ts';
import { ScriptedExchange } from '../support/scripted-exchange.ts';
import { ScriptedFiles } from '../support/scripted-files.ts';
import { savedProfile } from '../support/saved-profile.ts';
import { send, type Seen } from './seen.ts';
import { ada, ben, openStage, type Person, type Stage } from './stage.ts';

let stage: Stage;
let exchange: ScriptedExchange;
let files: ScriptedFiles;

beforeEach(async () => {
  exchange = new ScriptedExchange();
  files = new ScriptedFiles();
  stage = await openStage(undefined, exchange, files);
});
afterEach(() => stage.dispose());

const say = (text: string, person = ada): Promise<Seen> => send(stage.talk(person), { type: 'message', text });
const click = (verb: Verb, id: string, revision: number, inputs: object = {}, person: Person = ada): Promise<Seen> => {
  const action = { type: 'Action.Execute', verb, data: { id, revision, ...inputs } };
  return send(stage.talk(person), {
    type: 'invoke',
    name: 'adaptiveCard/action',
    value: { action, trigger: 'manual' },
  });
};

const url = 'https://contoso-my.sharepoint.com/download.aspx?tempauth=v1.secret';
const csv = (text: string): Uint8Array => Buffer.from(text);

/** A message with files, each under an address of its own. */
function attach(contents: readonly [name: string, content: Uint8Array][], text = '', person = ada, where?: 'channel') {
  const attachments = contents.map(([name, content], index) => {
    files.contents.set(`${url}&n=${index}`, content);
    const fileType = name.split('.').at(-1) ?? '';
    return {
      contentType: fileDownloadInfo,
      name,
      content: { downloadUrl: `${url}&n=${index}`, uniqueId: '1', fileType },
    };
  });
  // Teams sends the words once more as HTML.
  const html = { contentType: 'text/html', content: `<p>${text}</p>` };
  return send(stage.talk(person, where), { type: 'message', text, attachments: [...attachments, html] });
}

const batches = async (): Promise<ImportBatch[]> =>
  (await stage.services.store.query('importBatch', { limit: 10 })).map(({ value }) => value);
const lookups = async (): Promise<DirectoryLookup[]> =>
  (await stage.services.store.query('directoryLookup', { limit: 10 })).map(({ value }) => value);
async function lookup(): Promise<DirectoryLookup> {
  const [only] = await lookups();
  if (only === undefined) throw new Error('nothing is looked up');
  return only;
}

/** The card of the wish of this kind, as the outbox would draw it. */
async function drawn(kind: 'import' | 'directory-lookup'): Promise<CardNode[]> {
  const intents = await stage.services.store.query('intent', { limit: 10 });
  const intent = intents.find(({ value }) => value.kind === kind)?.value;
  if (intent === undefined) throw new Error(`no wish for ${kind}`);
  const reference = { kind: 'personal', aadObjectId: ada.aadObjectId, locale: 'en-US', language: null };
  const rendered = await renderIntent(stage.services, intent, reference as ConversationReference);
  return rendered === 'gone' ? [] : nodesOf(rendered.card);
}

const card = async (kind: 'import' | 'directory-lookup'): Promise<string> =>
  textOf((await drawn(kind))[0]).replaceAll('\\', '');

/** A profile whose secret can be opened. */
async function profile(id = 'p1', name = 'Contoso'): Promise<void> {
  const { services, environmentId } = stage;
  const key = keyOf(environmentId, id);
  const value = { ...savedProfile(environmentId, id, ada.aadObjectId), name };
  const binding = { ...secretTargetOfProfile(value), ownerRecord: key };
  await services.store.commit([
    { kind: 'put', collection: 'profile', key, value },
    {
      kind: 'put',
      collection: 'credential',
      key: keyOf(environmentId, value.credentialId),
      value: {
        environmentId,
        id: value.credentialId,
        binding,
        envelope: services.keys.seal(new Secret('Sync!Pass1-plain'), bindingText(binding)),
        certificate: null,
        setBy: ada.aadObjectId,
        setAt: 0,
        refused: false,
        revision: 1,
      },
    },
  ]);
}

const entry = (address: string, name: string, kind: DirectoryEntry['kind']): DirectoryEntry => ({
  address,
  name,
  kind,
});
const found = (...entries: DirectoryEntry[]): DirectoryReport => ({ entries, isComplete: true, fault: null });

describe('import mailboxes, alone', () => {
  test('shows the ways, and takes rows from its field', async () => {
    const { words, nodes } = await say('import mailboxes');
    expect(words).toContain('attach a CSV file');
    expect(nodes.filter(({ type }) => type === 'Input.Text').map(({ id }) => id)).toEqual(['rows']);
    const answer = await click('import.paste', 'import', 0, { rows: 'kim@contoso.test,queue,Lee\nno address' });
    expect(answer.words).toContain('dry run');
    expect((await batches())[0]).toMatchObject({
      source: { kind: 'paste' },
      rows: [{ verdict: 'new' }, { verdict: 'refused' }],
    });
    expect((await click('import.paste', 'import', 0, { rows: '' })).words).toContain('no rows');
  });

  test('makes one dry run, and one look-up, of a double click; what was corrected or cancelled is another', async () => {
    const paste = (rows: string): Promise<Seen> => click('import.paste', 'c1', 0, { rows });
    await Promise.all([paste('kim@contoso.test'), paste('kim@contoso.test')]);
    await paste('kim@contoso.test');
    const [kim, ...others] = await batches();
    expect(others).toEqual([]);
    await paste('lee@contoso.test');
    await click('import.cancel', kim?.id ?? '', 1);
    await paste('kim@contoso.test');
    const states = (await batches()).map(({ rows, state }) => `${rows[0]?.address ?? ''} ${state}`);
    expect(states.toSorted()).toEqual([' cancelled', 'kim@contoso.test waiting', 'lee@contoso.test waiting']);
    await profile();
    const look = (list: string): Promise<Seen> => click('import.look-up', 'c1', 0, { list });
    await Promise.all([look('kim'), look('kim')]);
    expect(await lookups()).toHaveLength(1);
    await look('lee');
    await click('lookup.cancel', (await lookup()).id, 1);
    await Promise.all([look('kim'), look('lee')]);
    expect(await lookups()).toHaveLength(3);
  });

  test('does not cut rows off that are too many for its field', async () => {
    const rows = 'kim@contoso.test\n'.repeat(400);
    expect((await click('import.paste', 'import', 0, { rows })).words).toContain('up to 4,000 characters');
    expect(await batches()).toEqual([]);
  });

  test('offers a name or list once there is a profile, and which profile when there are several', async () => {
    await profile();
    const ids = async (): Promise<unknown[]> =>
      (await say('import mailboxes')).nodes.filter(({ type }) => String(type).startsWith('Input.')).map(({ id }) => id);
    expect(await ids()).toEqual(['rows', 'list']);
    await profile('p2', 'Fabrikam');
    expect(await ids()).toEqual(['rows', 'list', 'profileId']);
  });

  test('is for admins', async () => {
    expect((await say('import mailboxes', ben)).words).not.toContain('CSV');
    expect((await click('import.paste', 'import', 0, { rows: 'kim@contoso.test' }, ben)).words).toContain('admin');
    expect((await click('import.look-up', 'import', 0, { list: 'sales' }, ben)).words).toContain('admin');
    expect([await batches(), await lookups()]).toEqual([[], []]);
  });
});

describe('a file', () => {
  test.each(['', 'import mailboxes', 'IMPORT  mailboxes:', 'here is my list'])(
    'is imported with the words %j beside it',
    async (text) => {
      expect((await attach([['boxes.csv', csv('Owner;Address;Note\nLee;kim@contoso.test;x')]], text)).words).toBe('');
      expect((await batches())[0]).toMatchObject({
        source: { kind: 'file', name: 'boxes.csv', encoding: 'utf-8' },
        ignoredColumns: ['Note'],
        rows: [{ line: 2, address: 'kim@contoso.test', owner: 'Lee', verdict: 'new' }],
      });
      const shown = await card('import');
      expect(shown).toContain('File boxes.csv');
      expect(shown).toContain('does not read: Note');
    },
  );

  test('is one dry run each, and one that cannot be read says why', async () => {
    const { words } = await attach([
      ['one.csv', csv('kim@contoso.test')],
      ['two.xlsx', csv('PK')],
      ['three.csv', csv('lee@contoso.test')],
      ['four.csv', Buffer.from([0x50, 0x4b, 3, 4])],
    ]);
    expect(words).toContain('two.xlsx is an Excel workbook');
    expect(words).toContain('four.csv is an Excel workbook');
    expect((await batches()).map(({ source }) => (source?.kind === 'file' ? source.name : '')).toSorted()).toEqual([
      'one.csv',
      'three.csv',
    ]);
    // What its name tells is not fetched.
    expect(files.fetched).toHaveLength(3);
  });

  test('is not fetched with rows, a list or many others beside it', async () => {
    const one: [string, Uint8Array] = ['boxes.csv', csv('kim@contoso.test')];
    expect((await attach([one], 'import mailboxes\nlee@contoso.test')).words).toContain('a file and rows');
    expect((await attach([one], 'import mailboxes from sales@contoso.test')).words).toContain('a file and rows');
    expect((await attach([one, one, one, one, one, one])).words).toContain('at most 5 files');
    expect([files.fetched, await batches()]).toEqual([[], []]);
  });

  test('is not fetched for whoever is no admin, in a channel, or beside another command', async () => {
    const one: [string, Uint8Array] = ['boxes.csv', csv('kim@contoso.test')];
    expect((await attach([one], '', ben)).words).toContain('admin');
    expect((await attach([one], '', ada, 'channel')).words).toContain('your own chat with me');
    const reference = {
      type: 'message',
      text: 'import mailboxes',
      attachments: [{ contentType: 'reference', name: 'a.csv' }],
    };
    expect((await send(stage.talk(ada, 'channel'), reference)).words).toContain('your own chat with me');
    expect((await attach([one], 'profiles')).words).toContain('profile');
    expect([files.fetched, await batches()]).toEqual([[], []]);
  });

  test('has a name that is only a name', async () => {
    const name = '[click](https://evil.example) <at>All</at> **x**.xlsx';
    const adapter = stage.talk(ada);
    const attachments = [{ contentType: fileDownloadInfo, name, content: { downloadUrl: url, fileType: 'xlsx' } }];
    await adapter.send({ type: 'message', text: '', attachments }).startTest();
    const markdown = new MarkdownIt().render(adapter.activeQueue[0]?.text ?? '');
    expect(markdown).toContain('[click](https://evil.example)');
    expect(markdown).not.toMatch(/<a |<at>|<strong>/);
  });

  test('leaves its address nowhere', async () => {
    await attach([['boxes.csv', csv('kim@contoso.test')]]);
    const all = await Promise.all(
      (['importBatch', 'intent', 'turnState', 'conversation'] as const).map((name) =>
        stage.services.store.query(name, { limit: 100 }),
      ),
    );
    expect(JSON.stringify(all)).not.toMatch(/tempauth|secret|sharepoint/);
  });

  test('in letters that are only assumed says so on its card', async () => {
    await attach([['boxes.csv', Buffer.from('kim@contoso.test;queue;Zoë', 'latin1')]]);
    expect((await batches())[0]?.rows[0]).toMatchObject({ owner: 'Zoë' });
    expect(await card('import')).toContain('Windows-1252');
  });
});

describe('import mailboxes from', () => {
  test('a list answers at once, and its dry run follows', async () => {
    await profile();
    exchange.directory = ({ operation }) =>
      operation === 'resolve-names'
        ? found(entry('sales@contoso.test', 'Sales', 'group'))
        : found(entry('kim@contoso.test', 'Kim', 'mailbox'), entry('pat@other.test', 'Pat', 'contact'));
    expect((await say('import mailboxes from sales@contoso.test')).words).toBe('');
    expect(exchange.questions).toEqual([]);
    expect(await card('directory-lookup')).toContain('Looking up');
    await stage.work();
    expect(await card('directory-lookup')).toContain('2 entries were found');
    const shown = await card('import');
    expect(shown).toContain('Sales · sales@contoso.test');
    expect(shown).toContain('pat@other.test is a contact or a mail user');
    expect(shown).not.toContain('Line 2');
  });

  test('a name that several have asks which one, and a stale click is shown how it stands', async () => {
    await profile();
    exchange.directory = ({ operation }) =>
      operation === 'resolve-names'
        ? found(entry('kim.a@contoso.test', 'Kim A', 'mailbox'), entry('kim.b@contoso.test', 'Kim B', 'mailbox'))
        : found();
    await click('import.look-up', 'import', 0, { list: 'kim' });
    await stage.work();
    const { id, revision } = await lookup();
    const [choice] = (await drawn('directory-lookup')).filter(({ type }) => type === 'Input.ChoiceSet');
    expect(choice?.['choices']).toEqual([
      { title: 'Kim A · kim.a@contoso.test · mailbox', value: '0' },
      { title: 'Kim B · kim.b@contoso.test · mailbox', value: '1' },
    ]);
    expect((await click('lookup.choose', id, revision, { choice: 'x' })).words).toContain('Choose one of the entries');
    expect((await click('lookup.choose', id, revision, { choice: '1' })).words).toContain('Looking up');
    expect((await click('lookup.cancel', id, revision)).words).toContain('Looking up');
    await stage.work();
    expect((await batches())[0]?.rows).toMatchObject([{ address: 'kim.b@contoso.test' }]);
    expect((await click('lookup.choose', id, revision, { choice: '0' })).words).toContain('One entry was found');
  });

  test('asks for the profile, or takes the one of the form', async () => {
    await profile('p1', 'Contoso');
    await profile('p2', 'Fabrikam');
    await click('import.look-up', 'import', 0, { list: 'kim', profileId: 'p2' });
    expect(await lookup()).toMatchObject({ profileId: 'p2', state: 'working' });
    await click('lookup.cancel', (await lookup()).id, 1);
    await say('import mailboxes from kim');
    const asked = (await lookups()).find(({ state }) => state === 'asking-profile');
    const shown = await click('lookup.use-profile', asked?.id ?? '', asked?.revision ?? 0, { profileId: 'p1' });
    expect(shown.words).toContain('Looking up');
  });

  test('needs a name and an active profile', async () => {
    expect((await say('import mailboxes from sales@contoso.test')).words).toContain('active profile');
    await profile();
    expect((await click('import.look-up', 'import', 0, { list: ' ' })).words).toContain('Type a name');
    expect((await say(`import mailboxes from ${'x'.repeat(300)}`)).words).toContain('too long');
    // Rows below it are rows: nothing of a paste is taken for a question.
    await say('import mailboxes\nfrom,user\nkim@contoso.test,user');
    expect((await batches())[0]?.rows).toMatchObject([{ verdict: 'refused' }, { verdict: 'new' }]);
    expect(await lookups()).toEqual([]);
  });
});
