import { expect, it } from 'vitest';
import { connectorClient } from './fake-bot.ts';
import { APPROVALS, stage } from './stage.ts';

const hello = { type: 'message', text: 'hello' };
const group = { id: '19:on-call@thread.v2', name: 'On call', members: ['ada', 'ben'] };

it('a group chat takes messages of the bot, and tells it what its members write and nobody else', async () => {
  const { teams, bot, post } = await stage({ groups: [group] });
  expect(teams.state.getMessage(await post(group.id, hello)).threadId).toBeUndefined();
  await teams.acts.send('ada', group.id, 'status');
  expect(bot.turns.at(-1)?.activity.conversation).toMatchObject({ id: group.id, conversationType: 'groupChat' });
  await expect(teams.acts.send('cleo', group.id, 'status')).rejects.toThrow(/not in/);
});

it('a conversation that moved is served at its new address only, which its next activity names', async () => {
  const { teams, bot, connector } = await stage();
  teams.state.move(APPROVALS, 'emea');
  const thread = { isGroup: true, channelData: { channel: { id: APPROVALS } }, activity: hello };
  const refused = await connector('POST', 'conversations', thread);
  expect([refused.status, refused.body.error?.code]).toEqual([403, 'InvalidBotApiHost']);
  expect(teams.state.visibleMessages(APPROVALS)).toEqual([]);
  await teams.acts.send('ada', APPROVALS, 'status');
  const { serviceUrl = '' } = bot.turns.at(-1)?.activity ?? {};
  expect(serviceUrl).toBe(`${teams.url}/emea/`);
  expect((await connectorClient(serviceUrl)('POST', 'conversations', thread)).status).toBe(201);
});

it('a rule for everything knows where a new thread goes, though its path does not', async () => {
  const { teams, connector } = await stage();
  const targets: (string | undefined)[] = [];
  teams.faults.always = ({ target }) => void targets.push(target);
  await connector('POST', 'conversations', {
    isGroup: true,
    channelData: { channel: { id: APPROVALS } },
    activity: hello,
  });
  await connector('GET', `conversations/${APPROVALS}/members`);
  expect(targets).toEqual([APPROVALS, undefined]);
});
