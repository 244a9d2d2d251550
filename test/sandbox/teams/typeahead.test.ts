import { expect, it } from 'vitest';
import { OBJECT_IDS } from '../../../sandbox/teams/people.ts';
import { card, cardMessage } from './fake-bot.ts';
import { stage } from './stage.ts';

const input = (id: string, dataset: string): object => ({
  type: 'Input.ChoiceSet',
  id,
  label: id,
  choices: [{ title: 'One', value: '1' }],
  'choices.data': { type: 'Data.Query', dataset },
});

const results = [{ title: 'Contoso', value: 'p1' }];
const found = { status: 200, body: { type: 'application/vnd.microsoft.search.searchResponse', value: { results } } };

it('asks the bot as Teams does, also before the first letter and inside a form that unfolds', async () => {
  const { teams, bot, post, chat } = await stage();
  const form = { type: 'Action.ShowCard', title: 'Edit', card: card([input('profile', 'profiles')]) };
  const messageId = await post(chat('ada'), cardMessage(card([], { actions: [form] })));
  bot.answer = () => found;
  expect(await teams.acts.search('ada', messageId, 'profile', '')).toMatchObject({ kind: 'choices', choices: results });
  expect(bot.turns.at(-1)?.activity).toMatchObject({
    type: 'invoke',
    name: 'application/search',
    replyToId: messageId,
    value: { queryText: '', queryOptions: { skip: 0, top: 15 }, dataset: 'profiles' },
  });
});

it('searches for an input of a dialog, which is on no card of the message', async () => {
  const { teams, bot, post, chat } = await stage();
  const messageId = await post(chat('ada'), cardMessage(card([])));
  bot.answer = () => found;
  const form = card([input('profile', 'profiles')]);
  expect(await teams.acts.search('ada', messageId, 'profile', 'c', form)).toMatchObject({ choices: results });
  await expect(teams.acts.search('ada', messageId, 'profile', 'c')).rejects.toThrow('no input "profile"');
  expect(bot.turns.map(({ activity }) => activity.value)).toMatchObject([{ queryText: 'c', dataset: 'profiles' }]);
});

it('shows a failure for every answer that holds no choices', async () => {
  const { teams, bot, post, chat } = await stage();
  const messageId = await post(chat('ada'), cardMessage(card([input('profile', 'profiles')])));
  for (const answer of [
    { status: 403, body: found.body },
    { status: 200 },
    { status: 200, body: { type: 'x', value: {} } },
  ]) {
    bot.answer = () => answer;
    expect(await teams.acts.search('ada', messageId, 'profile', 'c')).toMatchObject({ kind: 'error' });
  }
});

it('finds people of the organization without the bot: no guests, nobody from elsewhere', async () => {
  const { teams, bot, post, chat } = await stage();
  const messageId = await post(chat('ada'), cardMessage(card([input('person', 'graph.microsoft.com/users')])));
  const turns = bot.turns.length;
  const all = await teams.acts.search('ada', messageId, 'person', '');
  const names = ['Ada Admin', 'Ben Brandt', 'Cleo Clark', 'Dora Dietz', 'Greta Garcia'];
  expect(all).toMatchObject({ choices: names.map((title) => ({ title })) });
  const one = await teams.acts.search('ada', messageId, 'person', 'BRAN');
  expect(one).toMatchObject({ choices: [{ title: 'Ben Brandt', value: OBJECT_IDS.ben }] });
  expect(bot.turns).toHaveLength(turns);
});

it('refuses an input that does not search', async () => {
  const { teams, post, chat } = await stage();
  const messageId = await post(chat('ada'), cardMessage(card([{ type: 'Input.Text', id: 'name' }])));
  await expect(teams.acts.search('ada', messageId, 'name', '')).rejects.toThrow('no input "name" that searches');
});
