import { describe, expect, it } from 'vitest';
import type { Dialog, DialogOutcome } from '../../../sandbox/teams/dialogs.ts';
import { SOMETHING_WRONG, UNREACHABLE } from '../../../sandbox/teams/invoke-answer.ts';
import { ADAPTIVE_CARD } from '../../../sandbox/teams/wire.ts';
import { card, cardMessage } from './fake-bot.ts';
import { APPROVALS, stage } from './stage.ts';
import type { Stage } from './stage.ts';

const data = { verb: 'approval.reject', id: 'r1', revision: 2, msteams: { type: 'task/fetch' } };
const base = card([{ type: 'Input.Text', id: 'search', value: 'berg' }], {
  actions: [
    { type: 'Action.Submit', title: 'Reject…', data },
    { type: 'Action.Submit', title: 'Later', data: { verb: 'approval.later' } },
  ],
});

const form = card([{ type: 'Input.Text', id: 'reason', isRequired: true, errorMessage: 'Say why' }], {
  actions: [
    { type: 'Action.Submit', title: 'Reject', data: { verb: 'approval.reject-send', id: 'r1', revision: 2 } },
    { type: 'Action.Submit', title: 'Cancel', associatedInputs: 'none', data: { verb: 'dialog.cancel' } },
  ],
});

const task = (type: string, value: unknown) => ({ status: 200, body: { task: { type, value } } });
const shows = (content: unknown, title = 'Reject the request') =>
  task('continue', { title, height: 'medium', width: 400, card: { contentType: ADAPTIVE_CARD, content } });

async function opened(play: Stage): Promise<{ id: string; dialog: Dialog }> {
  const id = await play.post(APPROVALS, cardMessage(base));
  play.bot.answer = () => shows(form);
  const outcome = await play.teams.dialogs.open('ben', id, 'Reject…');
  if (outcome.kind !== 'dialog') throw new Error(outcome.kind);
  return { id, dialog: outcome.dialog };
}

describe('a button that opens a dialog', () => {
  it('asks the bot by an invoke with its data and the inputs of the card, and posts no message', async () => {
    const play = await stage();
    const { id, dialog } = await opened(play);
    expect(play.bot.turns[0]?.activity).toMatchObject({
      type: 'invoke',
      name: 'task/fetch',
      replyToId: id,
      conversation: { id: `${APPROVALS};messageid=${id}` },
      value: { data: { ...data, search: 'berg' }, context: { theme: 'default' } },
    });
    expect(dialog).toEqual({ messageId: id, title: 'Reject the request', height: 'medium', width: 400, card: form });
    expect(play.teams.state.visibleMessages(APPROVALS)).toHaveLength(1);
    expect(play.teams.state.getMessage(id).views.size).toBe(0);
  });

  it('does the same when it is clicked among the others', async () => {
    const { teams, bot, post } = await stage();
    const id = await post(APPROVALS, cardMessage(base));
    bot.answer = () => shows(form);
    expect(await teams.acts.click('ben', id, 'Reject…')).toMatchObject({ kind: 'dialog', outcome: { kind: 'dialog' } });
    expect((await teams.acts.click('ben', id, 'Later')).kind).toBe('submit');
    expect(bot.turns.map(({ activity }) => activity.name)).toEqual(['task/fetch', undefined]);
    await expect(teams.dialogs.open('ben', id, 'Later')).rejects.toThrow('"Later" opens no dialog');
  });

  it.each([
    [
      'a sentence',
      task('message', 'Ada decided a moment ago.'),
      { kind: 'message', text: 'Ada decided a moment ago.' },
    ],
    ['HTTP 501', { status: 501 }, { kind: 'unreachable', text: UNREACHABLE }],
    ['no content', { status: 200 }, { kind: 'error', text: SOMETHING_WRONG }],
    ['a card that is no attachment', task('continue', { card: form }), { kind: 'error', text: SOMETHING_WRONG }],
    ['an empty sentence', task('message', ''), { kind: 'error', text: SOMETHING_WRONG }],
    ['a card instead of a task', { status: 200, body: { task: form } }, { kind: 'error', text: SOMETHING_WRONG }],
  ] as const)('shows what comes instead: %s', async (_what, answer, seen) => {
    const { teams, bot, post } = await stage();
    const id = await post(APPROVALS, cardMessage(base));
    bot.answer = () => answer;
    expect(await teams.dialogs.open('ben', id, 'Reject…')).toMatchObject(seen);
    const notices = teams.state.notices.map(({ personId, messageId, text }) => ({ personId, messageId, text }));
    expect(notices).toEqual(seen.kind === 'message' ? [] : [{ personId: 'ben', messageId: id, text: seen.text }]);
  });

  it('is only for those who see the message', async () => {
    const { teams, post } = await stage();
    const id = await post(APPROVALS, cardMessage(base));
    await expect(teams.dialogs.open('fay', id, 'Reject…')).rejects.toThrow('"fay" is not in "Mailroom approvals"');
    await expect(teams.dialogs.send('fay', id, {})).rejects.toThrow('"fay" is not in "Mailroom approvals"');
  });
});

describe('a button in a dialog', () => {
  const press = async (answer: {
    status: number;
    body?: unknown;
  }): Promise<{ play: Stage; outcome: DialogOutcome }> => {
    const play = await stage();
    const { dialog } = await opened(play);
    play.bot.answer = () => answer;
    return { play, outcome: await play.teams.dialogs.submit('ben', dialog, 'Reject', { reason: 'Left in May' }) };
  };

  it('sends what was typed with its own data, and not which message it belongs to', async () => {
    const { play, outcome } = await press({ status: 200, body: {} });
    expect(outcome.kind).toBe('closed');
    const activity = play.bot.turns[1]?.activity;
    expect(activity).toMatchObject({
      type: 'invoke',
      name: 'task/submit',
      value: {
        data: { verb: 'approval.reject-send', id: 'r1', revision: 2, reason: 'Left in May' },
        context: { theme: 'default' },
      },
    });
    expect(activity).not.toHaveProperty('replyToId');
    expect(play.teams.state.visibleMessages(APPROVALS)).toHaveLength(1);
  });

  it.each([
    ['the next page', shows(card([]), 'Sure?'), { kind: 'dialog', dialog: { title: 'Sure?', card: card([]) } }],
    ['a sentence', task('message', 'Rejected.'), { kind: 'message', text: 'Rejected.' }],
    ['nothing', { status: 200 }, { kind: 'closed' }],
    ['an error', { status: 500 }, { kind: 'unreachable', text: UNREACHABLE }],
    ['something else', { status: 200, body: { task: { type: 'open' } } }, { kind: 'error', text: SOMETHING_WRONG }],
  ])('is followed by %s', async (_what, answer, seen) => {
    const { play, outcome } = await press(answer);
    expect(outcome).toMatchObject(seen);
    // It stands in the dialog, which stays open; nothing shows below the card behind it.
    expect(play.teams.state.notices).toEqual([]);
  });

  it('refuses what a client would not send, but lets go without it', async () => {
    const play = await stage();
    const { dialog } = await opened(play);
    await expect(play.teams.dialogs.submit('ben', dialog, 'Reject')).rejects.toThrow('the client refuses "reason"');
    play.bot.answer = () => ({ status: 200 });
    expect((await play.teams.dialogs.submit('ben', dialog, 'Cancel')).kind).toBe('closed');
    expect(play.bot.turns).toHaveLength(2);
  });

  it('works when the message behind it was edited or is gone', async () => {
    const play = await stage();
    const { id, dialog } = await opened(play);
    play.bot.answer = () => ({ status: 200 });
    await play.connector('PUT', `conversations/${APPROVALS}/activities/${id}`, cardMessage(card([])));
    expect((await play.teams.dialogs.submit('ben', dialog, 'Reject', { reason: 'a' })).kind).toBe('closed');
    await play.connector('DELETE', `conversations/${APPROVALS}/activities/${id}`);
    expect((await play.teams.dialogs.submit('ben', dialog, 'Reject', { reason: 'a' })).kind).toBe('closed');
    await expect(play.teams.dialogs.open('ben', id, 'Reject…')).rejects.toThrow('there is no message');
  });
});
