import { SaxesParser } from 'saxes';
import { beforeAll, describe, expect, test } from 'vitest';
import { escapeAttribute, escapeText, patchWriter } from '../../services/exchange/ews/escaping.ts';
import { loadLibrary, type Library } from '../../services/exchange/ews/library.ts';
import { findInbox, findMarker, sendTestMessage } from '../../services/exchange/ews/operations.ts';
import { EwsSession } from '../../services/exchange/ews/session.ts';
import type { Transport, WireRequest } from '../../services/exchange/transport.ts';

let library: Library;
beforeAll(async () => {
  library = await loadLibrary();
});

/** Takes requests and answers each with a fault, which is all that a test of requests needs. */
function recorder() {
  const sent: WireRequest[] = [];
  const transport: Transport = {
    async send(request) {
      sent.push(request);
      return { answer: null, fault: { code: 'ConnectionReset', params: {} }, errorCode: 'ECONNRESET' };
    },
    close: () => Promise.resolve(),
  };
  const session = (address: string): EwsSession =>
    new EwsSession({
      library,
      transport,
      serverLocation: 'https://mail.contoso.test/EWS/Exchange.asmx',
      authentication: {
        scheme: 'basic',
        userName: 'CONTOSO\\svc-müller',
        password: 'Sync!Pass1',
        credentialId: 'c1',
      },
      access: 'impersonation',
      address,
      deadlineMs: 10_000,
      signal: new AbortController().signal,
    });
  return { sent, session };
}

/** Element names in order and the texts of one element, as a strict reader sees them. */
function read(xml: string | undefined, element: string): { names: string[]; texts: string[] } {
  const names: string[] = [];
  const texts: string[] = [];
  let text = '';
  const parser = new SaxesParser();
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ name }) => {
    names.push(name);
    text = '';
  });
  parser.on('text', (piece) => {
    text += piece;
  });
  parser.on('closetag', ({ name }) => {
    if (name === element) texts.push(text);
  });
  parser.write(xml ?? '').close();
  return { names, texts };
}

describe('nothing that a person types can become markup', () => {
  const injection = 'a@b</t:SmtpAddress><t:PrimarySmtpAddress>victim@b</t:PrimarySmtpAddress><t:SmtpAddress>';

  test('an impersonated address stays one address', async () => {
    const { sent, session } = recorder();
    await findInbox(session(injection));
    const { names, texts } = read(sent[0]?.body, 't:SmtpAddress');
    expect(texts).toEqual([injection]);
    expect(names).not.toContain('t:PrimarySmtpAddress');
  });

  test('a marker is text in a message and in a search', async () => {
    const { sent, session } = recorder();
    const marker = 'R&D <b> "quoted"\u0000\u0008 end';
    await sendTestMessage(session('a@b.example'), marker);
    await findMarker(session('a@b.example'), marker);
    expect(read(sent[0]?.body, 't:Value').texts).toEqual(['R&D <b> "quoted" end']);
    expect(sent[1]?.body).toContain('<t:Constant Value="R&amp;D &lt;b&gt; &quot;quoted&quot; end"');
    expect(() => read(sent[1]?.body, '')).not.toThrow();
  });

  test('a subject is text', async () => {
    const { sent, session } = recorder();
    await session('a@b.example').call((service) => {
      const message = new library.EmailMessage(service);
      message.Subject = 'R&D <b>';
      message.ToRecipients.Add('a@b.example');
      return message.SendAndSaveCopy();
    });
    expect(read(sent[0]?.body, 't:Subject').texts).toEqual(['R&D <b>']);
  });

  test('patching again does not escape twice', async () => {
    patchWriter(library.EwsServiceXmlWriter.prototype);
    const { sent, session } = recorder();
    await findInbox(session("o'brien&co@b.example"));
    expect(sent[0]?.body).toContain("<t:SmtpAddress>o'brien&amp;co@b.example</t:SmtpAddress>");
  });

  test('what XML forbids is dropped, white space is kept', () => {
    expect(escapeText('a\u0000\u001f\ufffe\ud800b\tc\r\nd😀')).toBe('ab\tc&#13;\nd😀');
    expect(escapeAttribute('"a\tb\nc"')).toBe('&quot;a&#9;b&#10;c&quot;');
  });
});

describe('every call', () => {
  test('says who it is for, who asks, and how to find it again', async () => {
    const { sent, session } = recorder();
    const one = session('user1@contoso.test');
    await findInbox(one);
    await sendTestMessage(one, 'm');
    expect(one.calls).toBe(2);
    for (const request of sent) {
      expect(request.headers).toMatchObject({
        'X-AnchorMailbox': 'user1@contoso.test',
        'return-client-request-id': 'true',
        'User-Agent': 'Mailroom/0.1',
        'Content-Type': 'text/xml; charset=utf-8',
      });
      expect(request.headers).not.toHaveProperty('Accept-Encoding');
      // Signing in is the transport's; the account travels beside the request.
      expect(request.headers).not.toHaveProperty('Authorization');
      expect(request.authentication).toMatchObject({ scheme: 'basic', userName: 'CONTOSO\\svc-müller' });
      expect(request.body).toContain('<t:RequestServerVersion Version="Exchange2013_SP1"');
      expect(request.body).toContain('<t:SmtpAddress>user1@contoso.test</t:SmtpAddress>');
      expect(request.body).not.toContain('Sync!Pass1');
    }
    expect(sent[0]?.headers['client-request-id']).not.toBe(sent[1]?.headers['client-request-id']);
  });

  test('an address cannot break out of its header', async () => {
    const { sent, session } = recorder();
    await findInbox(session('a@b.example\r\nX-Evil: 1'));
    expect(sent[0]?.headers['X-AnchorMailbox']).toBe('a@b.exampleX-Evil:1');
  });

  test('incoming is the call that Dynamics itself makes', async () => {
    const { sent, session } = recorder();
    await findInbox(session('a@b.example'));
    const body = sent[0]?.body ?? '';
    expect(body).toContain('<m:FindFolder Traversal="Shallow">');
    expect(body).toContain('<t:BaseShape>AllProperties</t:BaseShape>');
    expect(body).toContain('<m:IndexedPageFolderView MaxEntriesReturned="1" Offset="0" BasePoint="Beginning"');
    expect(body).toContain('<t:DistinguishedFolderId Id="inbox"');
  });
});
