import { beforeAll, describe, expect, test } from 'vitest';
import { loadLibrary, type Library } from '../../services/exchange/ews/library.ts';
import { testMailbox } from '../../services/exchange/ews/mailbox-test.ts';
import { EwsSession } from '../../services/exchange/ews/session.ts';
import type { Transport } from '../../services/exchange/transport.ts';
import { codesOf, requestFor } from './access.ts';
import { envelope, namespaces } from './soap-samples.ts';

let library: Library;
beforeAll(async () => {
  library = await loadLibrary();
});

const created = envelope(
  `<m:CreateItemResponse ${namespaces}><m:ResponseMessages><m:CreateItemResponseMessage ResponseClass="Success"><m:ResponseCode>NoError</m:ResponseCode><m:Items/></m:CreateItemResponseMessage></m:ResponseMessages></m:CreateItemResponse>`,
);
const found = (count: number): string =>
  envelope(
    `<m:FindItemResponse ${namespaces}><m:ResponseMessages><m:FindItemResponseMessage ResponseClass="Success"><m:ResponseCode>NoError</m:ResponseCode><m:RootFolder IndexedPagingOffset="${count}" TotalItemsInView="${count}" IncludesLastItemInRange="true"><t:Items>${'<t:Message><t:ItemId Id="AAA=" ChangeKey="CQ=="/></t:Message>'.repeat(count)}</t:Items></m:RootFolder></m:FindItemResponseMessage></m:ResponseMessages></m:FindItemResponse>`,
  );

function looked(counts: (number | null)[]): string {
  const count = counts.length === 0 ? 0 : (counts.shift() ?? null);
  return count === null ? found(0).replace(/<m:RootFolder.*<\/m:RootFolder>/, '') : found(count);
}

/** A server that answers looks into Sent Items with these counts, one after the other; null: with nothing to count in. */
async function outgoing(counts: (number | null)[], lookForMarker = false) {
  const asked: string[] = [];
  const transport: Transport = {
    async send({ body = '' }) {
      const isLook = body.includes('<m:FindItem');
      asked.push(isLook ? 'look' : 'send');
      const text = isLook ? looked(counts) : created;
      return { answer: { status: 200, headers: {}, body: text }, fault: null, errorCode: null };
    },
    close: () => Promise.resolve(),
  };
  const session = new EwsSession({
    library,
    transport,
    serverLocation: 'https://mail.contoso.test/EWS/Exchange.asmx',
    authentication: { scheme: 'bearer', token: 't' },
    access: 'impersonation',
    address: 'user1@contoso.test',
    deadlineMs: 1000,
    signal: new AbortController().signal,
  });
  const request = requestFor('user1@contoso.test', { directions: ['outgoing'], lookForMarker });
  const report = await testMailbox(session, request, { sentItemsDelayMs: 0 });
  return { report, asked };
}

describe('the test message', () => {
  test('is found again in Sent Items', async () => {
    const { report, asked } = await outgoing([1]);
    expect(codesOf(report)).toEqual([null]);
    expect(asked).toEqual(['send', 'look']);
  });

  test('may be filed a moment later', async () => {
    const { report, asked } = await outgoing([0, 1]);
    expect(codesOf(report)).toEqual([null]);
    expect(asked).toEqual(['send', 'look', 'look']);
  });

  test('that Exchange took and never filed is a fault of its own', async () => {
    const { report } = await outgoing([0, 0]);
    expect(report.phases[0]?.fault).toEqual({ code: 'TestMessageNotFound', params: { address: 'user1@contoso.test' } });
  });

  test('that is looked for in an answer without a folder is that answer’s fault, not one of ours', async () => {
    const { report } = await outgoing([null]);
    expect(codesOf(report)).toEqual(['AnswerNotSoap']);
  });

  test('takes four calls at most, so that a whole test stays within eight', async () => {
    const { report } = await outgoing([0, 0, 0], true);
    expect(codesOf(report)).toEqual(['TestMessageNotFound']);
    expect(report.calls).toBe(4);
  });
});
