import { request } from 'node:http';
import { describe, expect, it } from 'vitest';
import { snapshot } from '../../../sandbox/teams/snapshot.ts';
import type { Snapshot } from '../../../sandbox/teams/snapshot.ts';
import { card, cardMessage, invokeAnswer } from './fake-bot.ts';
import { APPROVALS, stage } from './stage.ts';

async function act(url: string, body: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(`${url}/api/act`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  return {
    status: response.status,
    body: (await response.json()) as { result?: Record<string, unknown>; error?: { message: string } },
  };
}

const getState = (url: string, query = ''): Promise<Snapshot> =>
  fetch(`${url}/api/state${query}`).then((answer) => answer.json() as Promise<Snapshot>);

describe('the control API', () => {
  it('does the acts of people', async () => {
    const { teams, bot, post } = await stage();
    const sent = await act(teams.url, { act: 'send', person: 'ada', conversation: 'personal', text: 'help' });
    expect(sent.body.result).toMatchObject({ delivered: true, status: 200 });
    const actions = [{ type: 'Action.Execute', title: 'Approve', verb: 'approval.approve', data: { id: 'r1' } }];
    const id = await post(APPROVALS, cardMessage(card([], { actions })));
    bot.answer = () => invokeAnswer('application/vnd.microsoft.card.adaptive', card([]));
    const clicked = await act(teams.url, { act: 'click', person: 'ben', messageId: id, action: 'Approve' });
    expect(clicked.body.result).toMatchObject({ kind: 'execute', outcome: { kind: 'card' } });
    const message = (await getState(teams.url)).messages.find((entry) => entry.id === id);
    expect(Object.keys(message?.views ?? {})).toEqual(['ben']);
  });

  it('opens dialogs by a button or with any data, and presses what stands in them', async () => {
    const { teams, bot, post } = await stage();
    const data = { verb: 'approval.reject', id: 'r1', revision: 1, msteams: { type: 'task/fetch' } };
    const actions = [{ type: 'Action.Submit', title: 'Reject…', data }];
    const messageId = await post(APPROVALS, cardMessage(card([], { actions })));
    const about = { person: 'ben', messageId };
    bot.answer = () => ({ status: 200, body: { task: { type: 'message', value: 'Decided already.' } } });
    for (const how of [{ action: 'Reject…' }, { action: { verb: 'approval.reject' } }, { data }]) {
      const opened = await act(teams.url, { act: 'openDialog', ...about, ...how });
      expect(opened.body.result).toMatchObject({ kind: 'message', text: 'Decided already.' });
    }
    bot.answer = () => ({ status: 200 });
    const sent = await act(teams.url, { act: 'submitDialog', ...about, data: { id: 'r1' }, inputs: { count: 3 } });
    expect(sent.body.result).toMatchObject({ kind: 'closed' });
    expect(bot.turns.map(({ activity }) => [activity.name, activity.value])).toEqual([
      ...Array.from({ length: 3 }, () => ['task/fetch', { data, context: { theme: 'default' } }]),
      ['task/submit', { data: { id: 'r1', count: '3' }, context: { theme: 'default' } }],
    ]);
  });

  it('answers in words what cannot be done', async () => {
    const { teams } = await stage();
    const wrong = await act(teams.url, { act: 'send', person: 'zoe', conversation: 'personal', text: 'hi' });
    expect([wrong.status, wrong.body.error?.message]).toEqual([400, 'nobody is called "zoe" here']);
    expect((await act(teams.url, { act: 'constructor' })).status).toBe(400);
  });

  it('waits for news', async () => {
    const { teams, post, chat } = await stage();
    const { version } = await getState(teams.url);
    const news = getState(teams.url, `?since=${version}`);
    await post(chat('ada'), { type: 'message', text: 'hello' });
    const { messages } = await news;
    expect(messages).toMatchObject([{ from: 'bot', text: 'hello', edited: false }]);
  });

  it('gives the log with the calls, the deliveries and the peaks', async () => {
    const { teams, post, chat } = await stage();
    await teams.acts.send('ada', 'personal', 'hi');
    await post(chat('ada'), { type: 'message', text: 'hello' });
    const log = (await fetch(`${teams.url}/api/log`).then((answer) => answer.json())) as {
      entries: { kind: string }[];
      limits: Record<string, { sends: number }>;
    };
    expect(log.entries.map(({ kind }) => kind)).toEqual(['delivery', 'call']);
    expect(log.limits[chat('ada')]?.sends).toBe(1);
  });

  it('plans faults', async () => {
    const { teams, connector, chat } = await stage();
    await act(teams.url, { act: 'addFaults', faults: [{ match: {}, answer: { status: 503, retryAfter: 1 } }] });
    const hello = { type: 'message', text: 'hello' };
    expect((await connector('POST', `conversations/${chat('ada')}/activities`, hello)).status).toBe(503);
  });

  it('refuses other hosts, other sites and forms', async () => {
    const { teams } = await stage();
    const status = await new Promise((resolve) => {
      request(`${teams.url}/api/state`, { headers: { host: 'evil.test' } }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      }).end();
    });
    expect(status).toBe(421);
    expect((await act(teams.url, { act: 'settle' }, { origin: 'https://evil.test' })).status).toBe(403);
    expect((await act(teams.url, { act: 'settle' }, { 'content-type': 'text/plain' })).status).toBe(415);
  });

  it('shows no more than the newest messages', async () => {
    const { teams } = await stage();
    const conversationId = teams.state.personalChat('ada').id;
    for (let count = 0; count < 160; count += 1) {
      teams.state.post({ conversationId, from: 'bot', activity: { type: 'message', text: String(count) } });
    }
    const { messages } = snapshot(teams.state, 'Mailroom');
    expect([messages.length, messages[0]?.text]).toEqual([150, '10']);
  });
});

describe('the page', () => {
  it('is served with its packages under a policy that allows nothing from elsewhere', async () => {
    const { teams } = await stage({
      page: {
        hints: [{ label: 'Account', value: 'svc' }],
        ways: [{ title: 'Other', text: 'Choose it.', files: [{ name: 'own.pem', content: Buffer.from('PEM') }] }],
        sampleCsv: 'address',
        about: { ada: 'admin' },
      },
    });
    for (const path of [
      '/',
      '/page.js',
      '/cards.js',
      '/column.js',
      '/dialog.js',
      '/header.js',
      '/elements.js',
      '/page.css',
      '/card.css',
    ]) {
      const answer = await fetch(teams.url + path);
      expect([path, answer.status]).toEqual([path, 200]);
      expect(answer.headers.get('content-security-policy')).toMatch(/^default-src 'none'; script-src 'self';/);
    }
    expect(await fetch(`${teams.url}/vendor/adaptivecards.js`).then((answer) => answer.text())).toContain(
      'AdaptiveCards',
    );
    expect(await fetch(`${teams.url}/vendor/markdown-it.js`).then((answer) => answer.text())).toContain('markdownit');
    expect(await fetch(`${teams.url}/api/page`).then((answer) => answer.json())).toEqual({
      hints: [{ label: 'Account', value: 'svc' }],
      ways: [{ title: 'Other', text: 'Choose it.', files: ['own.pem'] }],
      sampleCsv: 'address',
      about: { ada: 'admin' },
    });
    const file = await fetch(`${teams.url}/files/own.pem`);
    expect([file.headers.get('content-disposition'), await file.text()]).toEqual([
      'attachment; filename="own.pem"',
      'PEM',
    ]);
    expect((await fetch(`${teams.url}/../package.json`)).status).toBe(404);
  });
});

describe('waiting', () => {
  it('ends with what was looked for, or says what did not come', async () => {
    const { teams, post, chat } = await stage();
    const found = teams.waitFor(() => teams.state.visibleMessages(chat('ada'))[0]);
    const id = await post(chat('ada'), { type: 'message', text: 'hello' });
    expect((await found).id).toBe(id);
    await expect(teams.waitFor(() => false, { timeoutMs: 5, what: 'a miracle' })).rejects.toThrow('5 ms for a miracle');
  });
});
