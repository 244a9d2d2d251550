import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SeenCard } from '../../sandbox/journey.ts';
import type { FileFault } from '../../sandbox/teams/file-share.ts';
import { approvals, goodMailboxes, personal, Stage, wordsOf } from './stage.ts';

let stage: Stage;

const first = goodMailboxes(1)[0]?.address ?? '';

beforeAll(async () => {
  stage = await Stage.open({
    exchange: {
      distributionLists: [
        { address: 'sales@contoso.test', displayName: 'Sales', members: ['east@contoso.test', 'pat@fabrikam.test'] },
        { address: 'east@contoso.test', displayName: 'Sales East', members: [first, 'sales@contoso.test'] },
      ],
      directoryEntries: [{ address: 'pat@fabrikam.test', displayName: 'Pat', type: 'Contact' }],
    },
  });
});
afterAll(() => stage?.close());

/** The dry run whose card says this. */
const dryRun = (words: string): Promise<SeenCard> =>
  stage.journey.see('ada', personal, ({ text, buttons }) => text.includes(words) && buttons.includes('Cancel'), words);

/** Attaches a file in a person's own chat; returns what the bot says to it in that turn. */
async function attach(
  name: string,
  content: string | Uint8Array,
  fault?: FileFault,
  where = personal,
): Promise<string> {
  const attachment = stage.world.teams.files.upload({ name, content, fault });
  return stage.ask('ada', where, '', { attachments: [attachment] });
}

describe('a CSV file in a personal chat', () => {
  test('becomes a dry run that is confirmed, and again one that changes nothing', async () => {
    const rows =
      'Besitzer;Typ;E-Mail\r\nZoë;queue;file1@contoso.test\r\n;user;file2@contoso.test\r\nx;robot;file3@contoso.test';
    const utf16 = Buffer.from(`\uFEFF${rows.replaceAll(';', '\t')}`, 'utf16le');
    await attach('Postfächer.csv', utf16);
    const seen = await dryRun('File Postfächer.csv');
    for (const words of ['Zoë', 'Line 4', '“robot” is no type']) expect(seen.text).toContain(words);
    await stage.pressOn('ada', seen.message.id, 'import.confirm', { testWhenApproved: 'false' });
    await attach('again.txt', rows.replace('x;robot', 'x;user'));
    expect((await dryRun('File again.txt')).buttons).toContain('Import 1 mailbox');
  });

  test('is fetched from where it was moved to within Teams', async () => {
    await attach('moved.csv', 'moved@contoso.test,user', 'moved');
    expect((await dryRun('File moved.csv')).text).toContain('moved@contoso.test');
  });

  test.each([
    ['gone', 'Attach it once more'],
    ['huge', 'larger than 2 MB'],
    ['packed', 'is no text'],
    ['elsewhere', 'did not open it'],
  ] as const)('that is %s is refused with what to do', async (fault, words) => {
    const imports = stage.world.teams.files.downloads.length;
    expect(await attach(`${fault}.csv`, 'kim@contoso.test', fault)).toContain(words);
    expect(stage.world.teams.files.downloads).toHaveLength(imports + 1);
  });

  test('that is a workbook, or lies elsewhere, is not even fetched', async () => {
    const { teams } = stage.world;
    const before = teams.files.downloads.length;
    expect(await attach('list.xlsx', 'PK')).toContain('CSV UTF-8');
    const attachment = teams.files.upload({ name: 'list.csv', content: 'kim@contoso.test' });
    for (const downloadUrl of [
      'http://169.254.169.254/latest/meta-data/',
      `${teams.url.replace('127.0.0.1', 'localhost')}/files/download.aspx?tempauth=v1.token`,
      'https://contoso.sharepoint.com.evil.example/x?tempauth=v1.token',
    ]) {
      const content = { downloadUrl, uniqueId: '1', fileType: 'csv' };
      const words = await stage.ask('ada', personal, '', { attachments: [{ ...attachment, content }] });
      expect(words).toContain('did not open it');
    }
    expect(teams.files.downloads).toHaveLength(before);
  });

  test('is refused in a channel with what to do instead', async () => {
    expect(await attach('list.csv', 'kim@contoso.test', undefined, approvals)).toContain('your own chat with me');
  });

  test('is asked for without cookies and tokens, and leaves its address nowhere', async () => {
    const { downloads } = stage.world.teams.files;
    expect(downloads.length).toBeGreaterThan(0);
    for (const headers of downloads)
      expect(Object.keys(headers)).not.toEqual(expect.arrayContaining(['cookie', 'authorization']));
    const traces = (await stage.traces()).filter(({ place }) => place !== 'calls and deliveries');
    expect(traces.filter(({ text }) => /tempauth|UniqueId=/.test(text)).map(({ place }) => place)).toEqual([]);
  });
});

describe('a distribution list', () => {
  test('is looked up over EWS, opened with those within it, and becomes a dry run', async () => {
    await stage.createProfile();
    const { journey, world } = stage;
    await stage.ask('ada', personal, 'import mailboxes from sales@contoso.test');
    const done = await journey.see('ada', personal, ({ text }) => text.includes('2 entries were found'), 'the end');
    expect(done.text).toContain('Sales · sales@contoso.test');
    expect((await dryRun('with one list within it')).text).toContain('pat@fabrikam.test is a contact');
    const operations = world.exchange.requests().map(({ operation }) => operation);
    expect(operations.filter((name) => name === 'ResolveNames' || name === 'ExpandDL')).toEqual([
      'ResolveNames',
      'ExpandDL',
      'ExpandDL',
    ]);
  });

  test('whose name several have is chosen on the card, which stands where it stood', async () => {
    await stage.ask('ada', personal, 'import mailboxes');
    const asked = await stage.press('ada', personal, 'import.look-up', { list: 'Sales' });
    expect(wordsOf(asked)).toContain('looking it up');
    // The exact name goes before those that only begin so.
    await stage.journey.see('ada', personal, ({ text }) => text.includes('Sales · sales@contoso.test'), 'the list');
    await stage.ask('ada', personal, 'import mailboxes from sal');
    const { seen } = await stage.find('ada', personal, 'lookup.choose');
    expect(seen.text).toContain('Several entries');
    const chosen = await stage.pressOn('ada', seen.message.id, 'lookup.choose', { choice: '1' });
    expect(wordsOf(chosen)).toContain('Looking up');
    await stage.journey.see(
      'ada',
      personal,
      ({ text, message }) => message.id === seen.message.id && text.includes('Found'),
      'the end',
    );
  });

  test('of a server that is out of order fails with its next step, and is tried again', async () => {
    stage.world.exchange.setFaults([
      { mailbox: '*', operation: 'ResolveNames', then: { message: 'ErrorADUnavailable' } },
    ]);
    await stage.ask('ada', personal, 'import mailboxes from sales@contoso.test');
    const { seen } = await stage.find('ada', personal, 'lookup.repeat');
    expect(seen.text).toContain('How to fix');
    stage.world.exchange.setFaults([]);
    await stage.pressOn('ada', seen.message.id, 'lookup.repeat');
    await stage.journey.see(
      'ada',
      personal,
      ({ text, message }) => message.id === seen.message.id && text.includes('Found'),
      'the end',
    );
  });
});
