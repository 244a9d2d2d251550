import { describe, expect, it } from 'vitest';
import {
  CONTOSO_TENANT_ID,
  FABRIKAM_TENANT_ID,
  MAILROOM_APP_ID,
  OBJECT_IDS,
  TEAM_ID,
} from '../../../sandbox/teams/people.ts';
import { card, cardMessage, connectorClient } from './fake-bot.ts';
import { APPROVALS, stage } from './stage.ts';

const hello = { type: 'message', text: 'hello' };

describe('creating a conversation', () => {
  it('leads to the existing chat of a person who has the app', async () => {
    const { connector, chat } = await stage();
    const answer = await connector('POST', 'conversations', {
      members: [{ id: OBJECT_IDS.ada }],
      tenantId: CONTOSO_TENANT_ID,
    });
    expect([answer.status, answer.body.id]).toEqual([201, chat('ada')]);
  });

  it('is forbidden for a person who has not, and for one who blocked the bot', async () => {
    const { connector, teams } = await stage({ installed: false });
    const create = () =>
      connector('POST', 'conversations', { members: [{ id: OBJECT_IDS.ada }], tenantId: CONTOSO_TENANT_ID });
    expect((await create()).body.error?.code).toBe('ForbiddenOperationException');
    teams.installs.presetInstalled();
    teams.installs.setBlocked('ada', true);
    const blocked = await create();
    expect([blocked.status, blocked.body.error?.code]).toEqual([403, 'MessageWritesBlocked']);
  });

  it('refuses another tenant than the member lives in', async () => {
    const { connector } = await stage();
    const members = [{ id: OBJECT_IDS.fay }];
    expect((await connector('POST', 'conversations', { members, tenantId: CONTOSO_TENANT_ID })).status).toBe(400);
    expect((await connector('POST', 'conversations', { members, tenantId: FABRIKAM_TENANT_ID })).status).toBe(201);
  });

  it('starts a thread in a channel', async () => {
    const { connector, teams } = await stage();
    const channelData = { channel: { id: APPROVALS } };
    const { body } = await connector('POST', 'conversations', { isGroup: true, channelData, activity: hello });
    expect(body.id).toBe(`${APPROVALS};messageid=${body.activityId ?? ''}`);
    const reply = await connector('POST', `conversations/${body.id ?? ''}/activities`, hello);
    expect(teams.state.getMessage(reply.body.id ?? '').threadId).toBe(body.activityId);
  });

  it('cannot make group chats', async () => {
    const { connector } = await stage();
    expect((await connector('POST', 'conversations', { isGroup: true, members: [] })).status).toBe(400);
  });
});

describe('messages of the bot', () => {
  it('keep every version and vanish when deleted', async () => {
    const { connector, teams, post, chat } = await stage();
    const path = `conversations/${chat('ada')}/activities`;
    const id = await post(chat('ada'), hello);
    expect((await connector('PUT', `${path}/${id}`, { type: 'message', text: 'bye' })).status).toBe(200);
    expect(teams.state.messages.get(id)?.versions.map(({ activity }) => activity.text)).toEqual(['hello', 'bye']);
    expect((await connector('DELETE', `${path}/${id}`)).status).toBe(200);
    expect(teams.state.visibleMessages(chat('ada'))).toEqual([]);
    const again = await connector('PUT', `${path}/${id}`, hello);
    expect([again.status, again.body.error?.code]).toEqual([404, 'ActivityNotFoundInConversation']);
  });

  it('are the only ones that the bot may change', async () => {
    const { connector, teams, chat } = await stage();
    const { messageId } = await teams.acts.send('ada', 'personal', 'mine');
    expect((await connector('DELETE', `conversations/${chat('ada')}/activities/${messageId}`)).status).toBe(403);
  });

  it('answer a thread when they reply to one of its messages', async () => {
    const { connector, teams } = await stage();
    const { messageId } = await teams.acts.send('ada', 'Mailroom approvals', 'hi');
    const { body } = await connector('POST', `conversations/${APPROVALS}/activities/${messageId}`, hello);
    expect(teams.state.getMessage(body.id ?? '').threadId).toBe(messageId);
  });

  it('come without an id when a text and a card are one activity', async () => {
    const { connector, teams, chat } = await stage();
    const both = { ...cardMessage(card([])), text: 'and a text' };
    const answer = await connector('POST', `conversations/${chat('ada')}/activities`, both);
    expect([answer.status, answer.body.id]).toEqual([201, undefined]);
    expect(teams.state.visibleMessages(chat('ada'))).toHaveLength(2);
  });

  it('are refused above 100 KB of UTF-16', async () => {
    const { connector, chat } = await stage();
    const path = `conversations/${chat('ada')}/activities`;
    const big = await connector('POST', path, { type: 'message', text: 'x'.repeat(52_000) });
    expect([big.status, big.body.error?.code]).toEqual([413, 'MessageSizeTooBig']);
    expect((await connector('POST', path, { type: 'message', text: 'x'.repeat(51_000) })).status).toBe(201);
  });

  it.each([
    ['empty', { type: 'message' }],
    ['of an unknown type', { type: 'trace' }],
    ['with a mention that the text lacks', { ...hello, entities: [{ type: 'mention', text: '<at>Ada</at>' }] }],
    ['with an attachment that is no card', cardMessage({ body: [] })],
  ])('are refused when %s', async (_what, activity) => {
    const { connector, chat } = await stage();
    expect((await connector('POST', `conversations/${chat('ada')}/activities`, activity)).body.error?.code).toBe(
      'BadSyntax',
    );
  });

  it('are refused where the bot is not installed or the conversation is unknown', async () => {
    const { connector, chat } = await stage({ installed: false });
    const outside = await connector('POST', `conversations/${chat('ada')}/activities`, hello);
    expect([outside.status, outside.body.error?.code]).toEqual([403, 'BotNotInConversationRoster']);
    expect((await connector('POST', 'conversations/19:none/activities', hello)).status).toBe(404);
    expect((await connector('POST', `conversations/${APPROVALS};messageid=1/activities`, hello)).status).toBe(403);
  });

  it('do not include the typing sign', async () => {
    const { connector, teams, post, chat } = await stage();
    await connector('POST', `conversations/${chat('ada')}/activities`, { type: 'typing' });
    expect(teams.state.personalChat('ada').typingAt).toBeTypeOf('number');
    expect(teams.state.messages.size).toBe(0);
    await post(chat('ada'), hello);
    expect(teams.state.personalChat('ada').typingAt).toBeUndefined();
  });
});

describe('the roster', () => {
  it('names a member by either id, with address and role', async () => {
    const { connector, teams } = await stage();
    const gus = teams.state.getPerson('gus');
    for (const id of [gus.mri, gus.aadObjectId]) {
      const { body } = await connector('GET', `conversations/${encodeURIComponent(APPROVALS)}/members/${id}`);
      expect(body).toMatchObject({
        id: gus.mri,
        aadObjectId: gus.aadObjectId,
        email: 'gus@partner.test',
        userPrincipalName: 'gus@partner.test',
        userRole: 'guest',
        tenantId: CONTOSO_TENANT_ID,
      });
    }
    const stranger = await connector('GET', `conversations/${APPROVALS}/members/${OBJECT_IDS.fay}`);
    expect([stranger.status, stranger.body.error?.code]).toEqual([404, 'MemberNotFoundInConversation']);
  });

  it('pages', async () => {
    const { connector } = await stage();
    const path = `conversations/${APPROVALS}/pagedmembers?pageSize=4`;
    const first = await connector('GET', path);
    expect(first.body.members).toHaveLength(4);
    const second = await connector('GET', `${path}&continuationToken=${first.body.continuationToken ?? ''}`);
    expect(second.body.members).toHaveLength(2);
    expect(second.body.continuationToken).toBeUndefined();
  });

  it('knows the team and its channels; General has no name there', async () => {
    const { connector } = await stage();
    expect((await connector('GET', `teams/${TEAM_ID}`)).body).toMatchObject({ name: 'Contoso IT', channelCount: 3 });
    const { body } = await connector('GET', `teams/${TEAM_ID}/conversations`);
    expect(body.conversations?.map(({ name }) => name)).toEqual([undefined, 'Mailroom approvals', 'Mailroom alerts']);
  });
});

describe('with an Entra', () => {
  const entra = {
    issueConnectorToken: ({ audience, serviceUrl }: { audience: string; serviceUrl: string }) =>
      Promise.resolve(`for ${audience} at ${serviceUrl}`),
    verifyBotToken: (token: string) => Promise.resolve({ appId: token }),
  };

  it('only the own bot may call', async () => {
    const { teams, chat } = await stage({ entra });
    for (const [token, status] of [
      [undefined, 401],
      ['another-app', 401],
      [MAILROOM_APP_ID, 201],
    ] as const) {
      const call = connectorClient(teams.serviceUrl, token);
      expect((await call('POST', `conversations/${chat('ada')}/activities`, hello)).status).toBe(status);
    }
  });

  it('each activity carries a token for the bot at this service url', async () => {
    const { teams, bot } = await stage({ entra });
    await teams.acts.send('ada', 'personal', 'hi');
    expect(bot.turns[0]?.headers.authorization).toBe(`Bearer for ${MAILROOM_APP_ID} at ${teams.serviceUrl}`);
  });
});
