import { describe, expect, test } from 'vitest';
import { parse } from 'csv-parse/sync';
import { sendFile, showFile } from '../../bot/web/file-download.ts';
import { mailboxesCsv } from '../../bot/web/mailboxes-csv.ts';
import { fileToken } from '../../services/access/file-links.ts';
import { changeMailboxList, openMailboxList } from '../../services/mailboxes/change-mailbox-list.ts';
import { offerMailboxes } from '../../services/mailboxes/export-mailboxes.ts';
import { readFileRows } from '../../services/mailboxes/read-pasted-rows.ts';
import type { Mailbox } from '../../services/model/mailbox.ts';
import { keyOf } from '../../services/storage/store.ts';
import { hostileText } from '../cards/card-fixtures.ts';
import { ada, adaChat, addresses, audit, env, MailroomStage, pia, refusal } from '../support/mailroom-stage.ts';

async function textOf(chunks: AsyncIterable<string>): Promise<string> {
  let text = '';
  for await (const chunk of chunks) text += chunk;
  return text;
}

async function csvOf(mailboxes: readonly Mailbox[], locale = 'en'): Promise<string> {
  async function* pages() {
    yield mailboxes;
  }
  return textOf(mailboxesCsv(pages(), { p1: 'Contoso "old"' }, { locale }));
}

const rowsOf = (text: string): Record<string, string>[] => parse(text, { bom: true, columns: true });

const failed: Partial<Mailbox> = {
  owner: 'Kim; "K"',
  state: 'inactive',
  approval: 3,
  decidedBy: 'Pia Approver',
  decidedAt: Date.UTC(2026, 0, 5, 10),
  decisionReason: 'Not yet',
  status: 2,
  incoming: { status: 1, enabled: true, fault: null },
  outgoing: { status: 2, enabled: false, fault: { code: 'ErrorSendAsDenied', params: {} } },
  lastTestedAt: Date.UTC(2026, 0, 5, 11),
  transientFailureCount: 3,
  postponedUntil: Date.UTC(2026, 0, 5, 12),
  processEmailsReceivedAfter: '2025-01-31',
};

describe('the file of mailboxes', () => {
  test('has every column, with the platform’s numbers beside the words', async () => {
    const stage = await MailroomStage.open();
    const [row] = rowsOf(await csvOf(await stage.mailboxes(['kim@contoso.test'], failed)));
    expect(row).toMatchObject({
      address: 'kim@contoso.test',
      type: 'user',
      owner: 'Kim; "K"',
      State: 'Inactive',
      'Email server profile': 'Contoso "old"',
      'Process emails received after': '2025-01-31',
      'Incoming method': 'Server-Side Synchronization',
      'Incoming method (number)': '2',
      'Outgoing method (number)': '2',
      'ACT method': 'Server-Side Synchronization',
      'ACT method (number)': '1',
      Approval: '✗ Rejected',
      'Decided by': 'Pia Approver',
      'Decided (UTC)': '2026-01-05 10:00:00',
      Reason: 'Not yet',
      'Test result': '✗ Failure',
      'Incoming enabled': 'yes',
      'Outgoing status': '✗ Failure',
      'Outgoing enabled': 'no',
      'Outgoing error code': 'ErrorSendAsDenied',
      'Last test (UTC)': '2026-01-05 11:00:00',
      'Failed tries so far': '3',
      'Next try (UTC)': '2026-01-05 12:00:00',
    });
    expect(row?.['Outgoing fault']).not.toBe('');
  });

  test.each(['en', 'de'])('can be imported again as it is, in %s', async (locale) => {
    const stage = await MailroomStage.open();
    const mailboxes = [
      ...(await stage.mailboxes(['kim@contoso.test'], failed)),
      ...(await stage.mailboxes(['info@contoso.test'], { type: 'queue', owner: '' })),
    ];
    const { rows } = readFileRows(await csvOf(mailboxes, locale));
    expect(rows.map(({ address, type, owner }) => [address, type, owner])).toEqual([
      ['kim@contoso.test', 'user', 'Kim; "K"'],
      ['info@contoso.test', 'queue', ''],
    ]);
    expect(rows.map(({ refusal: reason }) => reason)).toEqual([null, null]);
  });

  test('runs nothing in a spreadsheet, whatever people typed', async () => {
    const stage = await MailroomStage.open();
    const mailboxes = await stage.mailboxes(['=cmd@contoso.test'], {
      owner: '=HYPERLINK("https://evil.example")',
      decidedBy: '@SUM(A1)',
      decisionReason: `+1\r\n=2 ${hostileText}`,
    });
    const text = await csvOf(mailboxes);
    expect(text.trimEnd().split('\r\n')).toHaveLength(2);
    const cells = Object.values(rowsOf(text)[0] ?? {});
    expect(cells.filter((cell) => /^\s*[=+\-@|]/.test(cell))).toEqual([]);
    expect(cells[0]).toBe("'=cmd@contoso.test");
  });
});

interface Offered {
  readonly stage: MailroomStage;
  readonly token: string;
}

async function offered(filter = '', select = false): Promise<Offered> {
  const stage = await MailroomStage.open();
  await stage.profile();
  await stage.mailboxes(addresses(25));
  await stage.mailboxes(['info@contoso.test'], { type: 'queue' });
  let list = await openMailboxList(stage, env, ada, filter);
  if (select) {
    const { id, revision } = list.view;
    const inputs = { pick1: 'true', pick2: 'true' };
    list = await changeMailboxList(stage, env, ada, { id, revision, inputs }, { kind: 'turn', step: 1 });
  }
  const link = await offerMailboxes(stage, ada, list.view, list.selected, adaChat);
  return { stage, token: fileToken(stage.keys, link) };
}

const download = async ({ stage, token }: Offered): Promise<string> => {
  const answer = await sendFile(stage, { token, headers: {} });
  if (!('chunks' in answer)) throw new Error(`no file: ${answer.status} ${answer.html}`);
  return textOf(answer.chunks);
};

describe('the download of mailboxes', () => {
  test('has those that were counted when the link was made, as they are now; once, and written down', async () => {
    const offer = await offered('type:user');
    const { stage } = offer;
    await stage.mailboxes(['new@contoso.test']);
    await stage.change('user0003@contoso.test', { type: 'queue', owner: 'Someone else' });
    await stage.store.commit([{ kind: 'delete', collection: 'mailbox', key: keyOf(env, 'user0004@contoso.test') }]);
    const rows = rowsOf(await download(offer));
    expect(rows.map(({ address }) => address)).toEqual(
      addresses(25).filter((address) => address !== 'user0004@contoso.test'),
    );
    expect(rows[2]).toMatchObject({ type: 'queue', owner: 'Someone else' });
    await expect(download(offer)).rejects.toThrow('410');
    expect(await stage.audit('mailboxes.exported')).toMatchObject([
      { actorId: 'ada', details: { count: 25, filter: 'type:user' } },
    ]);
    expect((await stage.all('fileLink'))[0]?.content).toMatchObject({ count: 25, mailboxIds: [] });
  });

  test('has the selection where there is one', async () => {
    const rows = rowsOf(await download(await offered('', true)));
    // `info@…` stands first.
    expect(rows.map(({ address }) => address)).toEqual(addresses(2));
  });

  test('shows what it holds before anybody takes it, and no address', async () => {
    const { stage, token } = await offered('type:user');
    const page = await showFile(stage, { token, headers: {} }, 'GET');
    const html = 'html' in page ? page.html : '';
    expect(html).toContain('25 mailboxes: type:user');
    expect(html).not.toContain('user0001');
    expect((await stage.all('fileLink'))[0]?.state).toBe('open');
  });

  test('is for those who may read the history, then and at the download', async () => {
    const offer = await offered();
    const { stage } = offer;
    const { view } = await openMailboxList(stage, env, audit, '');
    expect((await offerMailboxes(stage, audit, view, [], 'chat-otto')).ownerId).toBe('audit');
    expect(await refusal(offerMailboxes(stage, pia, view, [], 'chat-pia'))).toBe('access.denied');
    await stage.store.commit([{ kind: 'delete', collection: 'role', key: keyOf(env, ada.aadObjectId) }]);
    await expect(download(offer)).rejects.toThrow('403');
    expect(await stage.audit('mailboxes.exported')).toEqual([]);
  });

  test('of nothing is refused', async () => {
    const stage = await MailroomStage.open();
    const { view } = await openMailboxList(stage, env, ada, 'nobody');
    expect(await refusal(offerMailboxes(stage, ada, view, [], adaChat))).toBe('bulk.nothing');
  });
});
