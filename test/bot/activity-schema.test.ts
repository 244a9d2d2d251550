import { describe, expect, test } from 'vitest';
import { checkActivity, fileDownloadInfo, tenantOf } from '../../bot/activity-schema.ts';
import { adaId, personalMessage, tenantId } from './activity-samples.ts';

const open = { loopbackOnly: false };

function nested(depth: number): Record<string, unknown> {
  return depth <= 1 ? { leaf: true } : { next: nested(depth - 1) };
}

describe('activities as Teams sends them pass', () => {
  const cases: [string, Record<string, unknown>][] = [
    ['a message', {}],
    [
      'a card click',
      {
        type: 'invoke',
        name: 'adaptiveCard/action',
        text: undefined,
        value: {
          action: { type: 'Action.Execute', verb: 'approval.approve', data: { id: 'r1', revision: 3, reason: 'ok' } },
          trigger: 'manual',
        },
      },
    ],
    ['a submit', { text: undefined, value: { verb: 'profile.save', id: 'd1' }, replyToId: '1485983408500' }],
    [
      'a message in a thread with a mention',
      {
        conversation: {
          isGroup: true,
          conversationType: 'channel',
          tenantId,
          id: '19:abc@thread.tacv2;messageid=1481567603816',
        },
        entities: [{ type: 'mention', text: '<at>Mailroom</at>', mentioned: { id: '28:x', name: 'Mailroom' } }],
        channelData: {
          tenant: { id: tenantId },
          team: { id: '19:t@thread.tacv2' },
          channel: { id: '19:abc@thread.tacv2' },
        },
      },
    ],
    ['a pasted table with its HTML', { attachments: [{ contentType: 'text/html', content: '<table></table>' }] }],
    [
      'a file',
      {
        attachments: [
          {
            contentType: 'application/vnd.microsoft.teams.file.download.info',
            contentUrl: 'https://x.sharepoint.com/f',
            name: 'list.csv',
            content: { downloadUrl: 'https://x', uniqueId: '1', fileType: 'csv' },
          },
        ],
      },
    ],
    [
      'an installation without the object id of a person',
      { type: 'installationUpdate', action: 'add', text: undefined, from: { id: '29:1' } },
    ],
    [
      'a new team member, tenant in the channel data only',
      {
        type: 'conversationUpdate',
        text: undefined,
        from: { id: '29:1' },
        membersAdded: [{ id: '28:x' }],
        conversation: { isGroup: true, conversationType: 'channel', id: '19:abc@thread.tacv2' },
      },
    ],
  ];
  test.each(cases)('%s', (_name, changes) => {
    const body = JSON.parse(JSON.stringify(personalMessage(changes))) as unknown;
    const checked = checkActivity(body, open);
    expect(checked).toEqual({ ok: true, activity: body });
  });
});

describe('everything else is refused', () => {
  const cases: [string, unknown, string][] = [
    ['nothing', undefined, 'body'],
    ['a text', 'message', 'body'],
    ['a list', [personalMessage()], 'body'],
    ['no type', personalMessage({ type: undefined }), 'type'],
    ['no id', personalMessage({ id: undefined }), 'id'],
    ['another channel', personalMessage({ channelId: 'emulator' }), 'channelId'],
    ['the ASE channel', personalMessage({ channelId: 'AseChannel' }), 'channelId'],
    ['no sender', personalMessage({ from: undefined }), 'from'],
    ['a message of nobody', personalMessage({ from: { id: '29:1' } }), 'from.aadObjectId'],
    ['an invoke of nobody', personalMessage({ type: 'invoke', from: { id: '29:1' } }), 'from.aadObjectId'],
    [
      'an object id that is none',
      personalMessage({ from: { id: '29:1', aadObjectId: '../admin' } }),
      'from.aadObjectId',
    ],
    ['no conversation', personalMessage({ conversation: undefined }), 'conversation'],
    [
      'an unknown kind of conversation',
      personalMessage({ conversation: { id: 'a', tenantId, conversationType: 'meeting' } }),
      'conversation.conversationType',
    ],
    [
      'no tenant',
      personalMessage({ conversation: { id: 'a', conversationType: 'personal' }, channelData: {} }),
      'conversation.tenantId',
    ],
    ['two tenants', personalMessage({ channelData: { tenant: { id: adaId } } }), 'conversation.tenantId'],
    ['no service address', personalMessage({ serviceUrl: undefined }), 'serviceUrl'],
    ['a service address in the clear', personalMessage({ serviceUrl: 'http://smba.test/' }), 'serviceUrl'],
    ['a service address of a file', personalMessage({ serviceUrl: 'file:///etc/passwd' }), 'serviceUrl'],
    ['a service address with a password', personalMessage({ serviceUrl: 'https://a:b@smba.test/' }), 'serviceUrl'],
    ['an endless text', personalMessage({ text: 'x'.repeat(400_001) }), 'text'],
    ['a text that is none', personalMessage({ text: { $ne: '' } }), 'text'],
    ['a value that is a list', personalMessage({ value: [1] }), 'value'],
    ['a value that is a text', personalMessage({ value: 'x' }), 'value'],
    ['a large value', personalMessage({ value: { note: 'x'.repeat(65_537) } }), 'value'],
    ['a deep value', personalMessage({ value: nested(7) }), 'value'],
    ['a deep activity', personalMessage({ extra: nested(30) }), 'depth'],
    [
      'too many attachments',
      personalMessage({ attachments: Array.from({ length: 33 }, () => ({ contentType: 'a/b' })) }),
      'attachments',
    ],
    ...[
      undefined,
      null,
      'https://x',
      {},
      { downloadUrl: '' },
      { downloadUrl: 1 },
      { downloadUrl: 'x'.repeat(8193) },
    ].map((content): [string, unknown, string] => [
      `a file whose content is ${JSON.stringify(content)?.slice(0, 30)}`,
      personalMessage({ attachments: [{ contentType: fileDownloadInfo, name: 'a.csv', content }] }),
      'attachments.0',
    ]),
    ['an attachment without a type', personalMessage({ attachments: [{ content: 1 }] }), 'attachments.0.contentType'],
    ['an answer wanted in the response', personalMessage({ deliveryMode: 'expectReplies' }), 'deliveryMode'],
    [
      '__proto__ in the value',
      JSON.parse(JSON.stringify(personalMessage()).replace(/}$/, ',"value":{"a":{"__proto__":{"admin":true}}}}')),
      '__proto__',
    ],
    [
      '__proto__ at the top',
      JSON.parse(JSON.stringify(personalMessage()).replace(/}$/, ',"__proto__":{"type":"message"}}')),
      '__proto__',
    ],
  ];
  test.each(cases)('%s', (_name, body, field) => {
    expect(checkActivity(body, open)).toEqual({ ok: false, field });
  });

  test('a value of exactly six levels passes, so the bound is where it says', () => {
    expect(checkActivity(personalMessage({ value: nested(6) }), open).ok).toBe(true);
  });

  test('a hundred thousand brackets overflow nothing', () => {
    const body = JSON.parse(`{"type":"message","value":${'['.repeat(100_000)}${']'.repeat(100_000)}}`) as unknown;
    expect(checkActivity(body, open)).toEqual({ ok: false, field: 'depth' });
  });
});

describe('without authentication', () => {
  test('replies go to this machine only', () => {
    const rules = { loopbackOnly: true };
    expect(checkActivity(personalMessage(), rules)).toEqual({ ok: false, field: 'serviceUrl' });
    expect(checkActivity(personalMessage({ serviceUrl: 'http://127.0.0.1:4000/amer/' }), rules).ok).toBe(true);
    expect(checkActivity(personalMessage({ serviceUrl: 'http://127.0.0.1.evil.test/' }), rules).ok).toBe(false);
  });
});

test('the tenant is read from the conversation or the channel data, in lower case', () => {
  expect(tenantOf(personalMessage({ channelData: undefined }))).toBe(tenantId);
  const inData = { conversation: { id: 'a' }, channelData: { tenant: { id: tenantId.toUpperCase() } } };
  expect(tenantOf(personalMessage(inData))).toBe(tenantId);
});
