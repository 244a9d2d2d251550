import { describe, expect, it } from 'vitest';
import { shownCard } from '../../../sandbox/teams/state.ts';
import type { Activity } from '../../../sandbox/teams/wire.ts';
import { card, cardMessage, invokeAnswer } from './fake-bot.ts';
import { APPROVALS, stage } from './stage.ts';
import type { Stage } from './stage.ts';

function base(text: string, userIds?: string[]): Activity {
  const action = { type: 'Action.Execute', verb: 'approval.view', data: { id: 'r1' } };
  const refresh = { action, ...(userIds === undefined ? {} : { userIds }) };
  return cardMessage(card([{ type: 'TextBlock', text }], { refresh }));
}

function named(text: string | undefined, more: Record<string, unknown> = {}): Record<string, unknown> {
  return card([{ type: 'TextBlock', text }], more);
}

/** The bot shows each person a card of their own. */
function answerWithNames({ bot }: Stage, more: Record<string, unknown> = {}): void {
  bot.answer = ({ activity }) =>
    invokeAnswer('application/vnd.microsoft.card.adaptive', named(activity.from?.name, more));
}

describe('user-specific views', () => {
  it('are fetched for the listed people when a card appears, with an automatic trigger', async () => {
    const play = await stage();
    const { teams, bot, post } = play;
    answerWithNames(play);
    const id = await post(APPROVALS, base('neutral', [teams.state.getPerson('ben').mri]));
    await teams.views.settled();
    expect(bot.turns.map(({ activity }) => [activity.from?.name, activity.value])).toEqual([
      ['Ben Brandt', expect.objectContaining({ trigger: 'automatic' })],
    ]);
    const message = teams.state.getMessage(id);
    expect(shownCard(message, 'ben')).toEqual(named('Ben Brandt'));
    expect(shownCard(message, 'ada')).toMatchObject({ body: [{ text: 'neutral' }] });
  });

  it('are fetched for everybody in a small conversation when nobody is listed, and for none when the list is empty', async () => {
    const play = await stage();
    answerWithNames(play);
    await play.post(APPROVALS, base('for all'));
    await play.post(APPROVALS, base('for none', []));
    await play.teams.views.settled();
    expect(play.bot.turns.map(({ activity }) => activity.from?.name)).toEqual([
      'Ada Admin',
      'Ben Brandt',
      'Cleo Clark',
      'Gus Guest',
      'Dora Dietz',
      'Greta Garcia',
    ]);
  });

  it('count sixty listed people at most', async () => {
    const play = await stage();
    answerWithNames(play);
    const strangers = Array.from({ length: 60 }, (_, index) => `29:stranger-${index}`);
    await play.post(APPROVALS, base('too many', [...strangers, play.teams.state.getPerson('ben').mri]));
    await play.teams.views.settled();
    expect(play.bot.turns).toEqual([]);
  });

  it('are dropped by an edit, which fetches them anew', async () => {
    const play = await stage();
    const { teams, connector, post } = play;
    answerWithNames(play);
    const id = await post(APPROVALS, base('neutral', [teams.state.getPerson('ben').mri]));
    await teams.views.settled();
    await connector('PUT', `conversations/${APPROVALS}/activities/${id}`, cardMessage(card([])));
    await teams.views.settled();
    expect(shownCard(teams.state.getMessage(id), 'ben')).toEqual(card([]));
    expect(play.bot.turns).toHaveLength(1);
  });

  it('that answer an older version do not cover a newer one', async () => {
    const play = await stage();
    const { teams, bot, connector, post } = play;
    const ben = teams.state.getPerson('ben').mri;
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    bot.answer = async () => {
      await held;
      return invokeAnswer('application/vnd.microsoft.card.adaptive', card([{ type: 'TextBlock', text: 'old' }]));
    };
    const id = await post(APPROVALS, base('pending', [ben]));
    await connector('PUT', `conversations/${APPROVALS}/activities/${id}`, cardMessage(card([])));
    release();
    await teams.views.settled();
    expect(shownCard(teams.state.getMessage(id), 'ben')).toEqual(card([]));
  });

  it('say nothing to the person when an automatic refresh fails', async () => {
    const { teams, bot, post } = await stage();
    bot.answer = () => ({ status: 500 });
    await post(APPROVALS, base('neutral', [teams.state.getPerson('ben').mri]));
    await teams.views.settled();
    expect(teams.state.notices).toEqual([]);
  });

  it('are fetched on display only when they are missing or older than a minute', async () => {
    let now = 1_000_000;
    const play = await stage({ autoRefresh: false, now: () => now });
    const { teams, bot, post } = play;
    const ben = teams.state.getPerson('ben');
    answerWithNames(play, {
      refresh: { action: { type: 'Action.Execute', verb: 'approval.view' }, userIds: [ben.mri] },
    });
    await post(APPROVALS, base('neutral', [ben.mri]));
    for (const [later, turns] of [
      [0, 1],
      [59_000, 1],
      [61_000, 2],
    ] as const) {
      now += later;
      await teams.views.display(ben, APPROVALS);
      expect(bot.turns).toHaveLength(turns);
    }
  });

  it('can be asked for by hand', async () => {
    const play = await stage();
    answerWithNames(play);
    const id = await play.post(APPROVALS, base('neutral', []));
    expect((await play.teams.acts.refresh('ada', id)).kind).toBe('card');
    expect(play.bot.turns[0]?.activity.value).toMatchObject({ trigger: 'manual' });
  });
});
