import { describe, expect, it } from 'vitest';
import { APPROVALS, stage } from './stage.ts';

const hello = { type: 'message', text: 'hello' };

describe('planned faults', () => {
  it('hit as many requests as they say, with and without Retry-After', async () => {
    const { teams, connector, chat } = await stage();
    teams.faults.add(
      { match: { method: 'POST', conversation: chat('ada') }, times: 2, answer: { status: 429, retryAfter: 3 } },
      { match: {}, answer: { status: 429 } },
    );
    const send = () => connector('POST', `conversations/${chat('ada')}/activities`, hello);
    const answers = [await send(), await send(), await send(), await send()];
    expect(answers.map(({ status, retryAfter }) => [status, retryAfter])).toEqual([
      [429, '3'],
      [429, '3'],
      [429, null],
      [201, null],
    ]);
    expect(teams.state.visibleMessages(chat('ada'))).toHaveLength(1);
    expect(teams.faults.pending).toBe(0);
  });

  it('leave other conversations alone and count a thread to its channel', async () => {
    const { teams, connector, chat } = await stage();
    teams.faults.add({ match: { conversation: APPROVALS }, answer: { status: 404 } });
    expect((await connector('POST', `conversations/${chat('ada')}/activities`, hello)).status).toBe(201);
    const answer = await connector('POST', `conversations/${APPROVALS};messageid=1/activities`, hello);
    expect([answer.status, answer.body.error?.code]).toEqual([404, 'ConversationNotFound']);
  });

  it('can lose the answer after the work is done', async () => {
    const { teams, connector, chat } = await stage();
    teams.faults.add({ match: {}, answer: { status: 502, afterwards: true } });
    expect((await connector('POST', `conversations/${chat('ada')}/activities`, hello)).status).toBe(502);
    expect(teams.state.visibleMessages(chat('ada'))).toHaveLength(1);
  });

  it('can break the connection', async () => {
    const { teams, connector, chat } = await stage();
    teams.faults.add({ match: {}, answer: { reset: true } });
    await expect(connector('POST', `conversations/${chat('ada')}/activities`, hello)).rejects.toThrow();
    expect(teams.state.messages.size).toBe(0);
    expect(teams.log.calls()).toMatchObject([{ method: 'POST', status: 0 }]);
  });

  it('can make an answer slow', async () => {
    const { teams, connector, chat } = await stage();
    teams.faults.add({ match: {}, answer: { delayMs: 15 } });
    expect((await connector('POST', `conversations/${chat('ada')}/activities`, hello)).status).toBe(201);
    expect(teams.log.calls()[0]?.tookMs).toBeGreaterThanOrEqual(14);
  });
});

describe('rate limits', () => {
  it('are recorded per conversation, threads and edits included', async () => {
    let now = 0;
    const { teams, connector } = await stage({ now: () => now });
    for (let sends = 0; sends < 3; sends += 1) {
      now += 400;
      await connector('POST', `conversations/${APPROVALS}/activities`, hello);
    }
    now += 5_000;
    await connector('POST', 'conversations', {
      isGroup: true,
      channelData: { channel: { id: APPROVALS } },
      activity: hello,
    });
    expect(teams.log.sendTimes(APPROVALS)).toEqual([400, 800, 1200, 6200]);
    expect([teams.log.peak(APPROVALS, 1_000), teams.log.peak(APPROVALS, 500)]).toEqual([3, 2]);
  });

  it('answer 429 to the eighth send in a second when they are enforced', async () => {
    let now = 10_000;
    const { connector, chat } = await stage({ enforceRateLimits: true, now: () => now });
    const send = async () => (await connector('POST', `conversations/${chat('ada')}/activities`, hello)).status;
    for (let sends = 0; sends < 7; sends += 1) expect(await send()).toBe(201);
    expect(await send()).toBe(429);
    now += 1_001;
    expect(await send()).toBe(201);
    expect(await send()).toBe(429);
  });
});
