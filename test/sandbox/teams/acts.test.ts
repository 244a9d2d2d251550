import { describe, expect, it } from 'vitest';
import { FABRIKAM_TENANT_ID, OBJECT_IDS, TEAM_ID } from '../../../sandbox/teams/people.ts';
import { UNREACHABLE } from '../../../sandbox/teams/invoke-answer.ts';
import { card, cardMessage, invokeAnswer } from './fake-bot.ts';
import { APPROVALS, stage } from './stage.ts';

describe('sending', () => {
  it('gives the bot the fields of a Teams message in a personal chat', async () => {
    const { teams, bot, chat } = await stage({ now: () => Date.UTC(2026, 10, 24, 12) });
    const result = await teams.acts.send('ada', 'personal', 'create profile');
    expect(result).toMatchObject({ delivered: true, status: 200 });
    expect(bot.turns[0]?.activity).toMatchObject({
      type: 'message',
      id: result.messageId,
      text: 'create profile',
      timestamp: '2026-11-24T12:00:00.000Z',
      localTimestamp: '2026-11-24T13:00:00.000+01:00',
      locale: 'en-US',
      channelId: 'msteams',
      serviceUrl: teams.serviceUrl,
      from: { name: 'Ada Admin', aadObjectId: OBJECT_IDS.ada },
      recipient: teams.bot,
      conversation: { id: chat('ada'), conversationType: 'personal' },
      channelData: { tenant: { id: teams.state.getPerson('ada').tenantId } },
    });
    expect(bot.turns[0]?.activity.from?.id).toMatch(/^29:/);
    expect(bot.turns[0]?.activity.conversation?.isGroup).toBeUndefined();
  });

  it('mentions the bot in a channel and opens a thread', async () => {
    const { teams, bot } = await stage();
    const { messageId } = await teams.acts.send('ada', 'Mailroom approvals', 'approvers here');
    const activity = bot.turns[0]?.activity;
    expect(activity?.text).toBe('<at>Mailroom</at> approvers here');
    expect(activity?.entities?.[0]).toEqual({
      type: 'mention',
      text: '<at>Mailroom</at>',
      mentioned: { id: teams.bot.id, name: 'Mailroom' },
    });
    expect(activity?.conversation).toMatchObject({ id: `${APPROVALS};messageid=${messageId}`, isGroup: true });
    expect(activity?.channelData).toMatchObject({ team: { id: TEAM_ID }, channel: { id: APPROVALS } });
    await teams.acts.send('ben', APPROVALS, 'and I', { inThreadOf: messageId });
    expect(bot.turns[1]?.activity.conversation?.id).toBe(`${APPROVALS};messageid=${messageId}`);
  });

  it('does not deliver a channel message without a mention', async () => {
    const { teams, bot } = await stage();
    const result = await teams.acts.send('ada', 'Mailroom approvals', 'among us', { mention: false });
    expect(result.delivered).toBe(false);
    expect(bot.turns).toEqual([]);
    expect(teams.state.visibleMessages(APPROVALS)).toHaveLength(1);
  });

  it('turns the names of people into mentions', async () => {
    const { teams, bot } = await stage();
    await teams.acts.send('ada', 'Mailroom approvals', 'grant approver @Ben Brandt');
    expect(bot.turns[0]?.activity.text).toBe('<at>Mailroom</at> grant approver <at>Ben Brandt</at>');
    const mentioned = bot.turns[0]?.activity.entities?.[1]?.mentioned;
    expect(mentioned).toMatchObject({ name: 'Ben Brandt', aadObjectId: OBJECT_IDS.ben });
  });

  it('keeps tabs and lines, and links addresses when they were pasted as HTML', async () => {
    const { teams, bot } = await stage();
    await teams.acts.send('ada', 'personal', 'a@b.test\tuser\nc@d.test\tqueue');
    await teams.acts.send('ada', 'personal', 'a@b.test\tuser', { htmlPaste: true });
    const [plain, pasted] = bot.turns.map(({ activity }) => activity);
    expect(plain?.text).toBe('a@b.test\tuser\nc@d.test\tqueue');
    expect(pasted?.text).toBe('[a@b.test](mailto:a@b.test)\tuser');
    expect(pasted?.attachments).toEqual([
      {
        contentType: 'text/html',
        content: '<p><a href="mailto:a@b.test" title="mailto:a@b.test">a@b.test</a>\tuser</p>',
      },
    ]);
  });

  it('carries the tenant of a stranger in the own chat', async () => {
    const { teams, bot } = await stage();
    await teams.acts.send('fay', 'personal', 'help');
    expect(bot.turns[0]?.activity.conversation?.tenantId).toBe(FABRIKAM_TENANT_ID);
    await expect(teams.acts.send('fay', APPROVALS, 'help')).rejects.toThrow('"fay" is not in "Mailroom approvals"');
  });

  it('tells the person when the bot is down', async () => {
    const { teams, bot } = await stage();
    await bot.close();
    expect((await teams.acts.send('ada', 'personal', 'help')).status).toBe(0);
    expect(teams.state.notices).toMatchObject([{ personId: 'ada', kind: 'error', text: UNREACHABLE }]);
  });

  it('attaches a file by a download address', async () => {
    const { teams, bot } = await stage();
    const attachment = teams.files.upload({ name: 'boxes.csv', content: 'address\na@b.test' });
    await teams.acts.send('ada', 'personal', '', { attachments: [attachment] });
    const received = bot.turns[0]?.activity.attachments?.[0];
    expect(received).toMatchObject({ name: 'boxes.csv', content: { fileType: 'csv' } });
    const { downloadUrl = '' } = (received?.content ?? {}) as { downloadUrl?: string };
    expect(await fetch(downloadUrl).then((answer) => answer.text())).toBe('address\na@b.test');
  });

  it.each([
    ['gone', 404, null],
    ['elsewhere', 302, 'http://169.254.169.254/latest/meta-data/'],
    ['packed', 200, null],
    ['huge', 200, null],
  ] as const)('attaches one that is %s', async (fault, status, location) => {
    const { teams } = await stage();
    const { content } = teams.files.upload({ name: 'boxes.csv', content: 'a@b.test', fault });
    const { downloadUrl } = content as { downloadUrl: string };
    const answer = await fetch(downloadUrl, { redirect: 'manual', headers: { 'accept-encoding': 'identity' } });
    expect([answer.status, answer.headers.get('location')]).toEqual([status, location]);
    await answer.body?.cancel();
    expect((await fetch(downloadUrl.replace('tempauth=sandbox', 'tempauth=x'))).status).toBe(403);
    expect(teams.files.downloads).toHaveLength(2);
  });
});

describe('pressing an Action.Submit', () => {
  it('arrives as a message with a value; what was entered is text, the data is not', async () => {
    const { teams, bot, post, chat } = await stage();
    const id = await post(chat('ada'), cardMessage(card([])));
    await teams.acts.submit(
      'ada',
      id,
      { verb: 'profile.save', revision: 3 },
      { connections: 5, incoming: true, name: 'HQ' },
    );
    expect(bot.turns[0]?.activity).toMatchObject({
      type: 'message',
      replyToId: id,
      value: { verb: 'profile.save', revision: 3, connections: '5', incoming: 'true', name: 'HQ' },
    });
    expect(bot.turns[0]?.activity.text).toBeUndefined();
  });
});

describe('pressing an Action.Execute', () => {
  const press = async (status: number, body: unknown) => {
    const { teams, bot, post } = await stage();
    const id = await post(APPROVALS, cardMessage(card([])));
    bot.answer = () => ({ status, body });
    const outcome = await teams.acts.execute('ben', id, { verb: 'approval.approve', data: { id: 'r1' } });
    return { teams, bot, id, outcome };
  };

  it('arrives as an invoke, and the returned card is seen by the person who pressed alone', async () => {
    const done = card([{ type: 'TextBlock', text: 'done' }]);
    const { teams, bot, id, outcome } = await press(
      200,
      invokeAnswer('application/vnd.microsoft.card.adaptive', done).body,
    );
    expect(bot.turns[0]?.activity).toMatchObject({
      type: 'invoke',
      name: 'adaptiveCard/action',
      replyToId: id,
      value: {
        action: { type: 'Action.Execute', verb: 'approval.approve', data: { id: 'r1' } },
        trigger: 'manual',
      },
    });
    expect(outcome.kind).toBe('card');
    expect([...teams.state.getMessage(id).views.keys()]).toEqual(['ben']);
  });

  it('shows a message as a notice', async () => {
    const { teams, outcome } = await press(200, {
      statusCode: 200,
      type: 'application/vnd.microsoft.activity.message',
      value: 'Ada decided a moment ago.',
    });
    expect(outcome.kind).toBe('message');
    expect(teams.state.notices).toMatchObject([
      { personId: 'ben', kind: 'message', text: 'Ada decided a moment ago.' },
    ]);
  });

  it('shows the error of a handled invoke', async () => {
    const { outcome } = await press(200, {
      statusCode: 400,
      type: 'application/vnd.microsoft.error',
      value: { code: 'BadRequest', message: 'Not now.' },
    });
    expect(outcome).toMatchObject({ kind: 'error', text: 'Not now.', code: 'BadRequest' });
  });

  it('is "Unable to reach app" for any HTTP status but 200, whatever the body says', async () => {
    const { teams, outcome } = await press(400, {
      statusCode: 400,
      type: 'application/vnd.microsoft.error',
      value: { code: 'BadRequest', message: 'Not now.' },
    });
    expect(outcome).toMatchObject({ kind: 'unreachable', status: 400, text: UNREACHABLE });
    expect(teams.state.notices.at(-1)?.kind).toBe('error');
  });

  it('gives up on a bot that does not answer in time', async () => {
    const { teams, bot, post } = await stage({ answerTimeoutMs: 20 });
    const id = await post(APPROVALS, cardMessage(card([])));
    bot.answer = () => 'never';
    expect((await teams.acts.execute('ben', id, { verb: 'x' })).kind).toBe('unreachable');
  });
});

describe('clicking by title', () => {
  const reject = {
    type: 'Action.ShowCard',
    title: 'Reject…',
    card: {
      type: 'AdaptiveCard',
      body: [{ type: 'Input.Text', id: 'reason', isRequired: true, errorMessage: 'Say why' }],
      actions: [{ type: 'Action.Execute', title: 'Reject', verb: 'approval.reject', data: { id: 'r1', revision: 2 } }],
    },
  };
  const form = card([{ type: 'Input.Number', id: 'hours', value: 4 }], {
    actions: [
      reject,
      { type: 'Action.Submit', title: 'Later', data: { verb: 'approval.later' } },
      { type: 'Action.OpenUrl', title: 'Open', url: 'https://a.test' },
    ],
  });

  it('merges what was entered with what the card preset, also from a show-card', async () => {
    const { teams, bot, post } = await stage();
    const id = await post(APPROVALS, cardMessage(form));
    await teams.acts.click('ben', id, 'Reject', { reason: 'no' });
    expect(bot.turns[0]?.activity.value).toMatchObject({
      action: { verb: 'approval.reject', data: { id: 'r1', revision: 2, reason: 'no', hours: '4' } },
    });
    await teams.acts.click('ben', id, { verb: 'approval.later' }, { hours: 8 });
    expect(bot.turns[1]?.activity.value).toEqual({ verb: 'approval.later', hours: '8' });
    expect(await teams.acts.click('ben', id, 'Open')).toEqual({ kind: 'openUrl', url: 'https://a.test' });
  });

  it('refuses what a client would not send', async () => {
    const { teams, post, bot } = await stage();
    const id = await post(APPROVALS, cardMessage(form));
    await expect(teams.acts.click('ben', id, 'Reject')).rejects.toThrow('the client refuses "reason": Say why');
    await expect(teams.acts.click('ben', id, 'Approve')).rejects.toThrow('it has "Reject", "Later", "Open"');
    await expect(teams.acts.click('ben', id, 'Later', { hors: 1 })).rejects.toThrow('no input "hors"');
    expect(bot.turns).toEqual([]);
  });
});

describe('installing', () => {
  it('tells the bot by conversationUpdate and installationUpdate, and opens the chat', async () => {
    const { teams, bot, chat } = await stage({ installed: false });
    await teams.installs.installFor('ada');
    expect(bot.turns.map(({ activity }) => [activity.type, activity.action])).toEqual([
      ['conversationUpdate', undefined],
      ['installationUpdate', 'add'],
    ]);
    expect(bot.turns[0]?.activity).toMatchObject({ membersAdded: [teams.bot], conversation: { id: chat('ada') } });
    await teams.installs.installInTeam('ada');
    expect(bot.turns.at(-1)?.activity).toMatchObject({
      action: 'add',
      conversation: { id: TEAM_ID, conversationType: 'channel' },
      channelData: { team: { id: TEAM_ID }, settings: { selectedChannel: { id: TEAM_ID } } },
    });
  });

  it('ends with writes that are blocked', async () => {
    const { teams, bot, connector, chat } = await stage();
    await teams.installs.uninstallFor('ada');
    expect(bot.turns.at(-1)?.activity).toMatchObject({ type: 'installationUpdate', action: 'remove' });
    const answer = await connector('POST', `conversations/${chat('ada')}/activities`, { type: 'message', text: 'hi' });
    expect(answer.body.error?.code).toBe('MessageWritesBlocked');
  });
});
