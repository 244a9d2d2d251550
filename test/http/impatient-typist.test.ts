import { expect, onTestFinished, test } from 'vitest';
import { SEND_LIMITS } from '../../sandbox/teams/call-log.ts';
import { alerts, approvals, personal, Stage } from './stage.ts';

/** In each place: far more than Teams lets anybody answer in the time that an answer waits at most. */
const wishes = 150;

/**
 * What the bot admits and what Teams counts are two moments: only the log of Teams tells whether its limits hold. No time is
 * asserted: each call counts for the bot from before it is made until after it was answered, on a slow machine as well.
 */
test('hundreds of commands typed at once in two channels and a chat push no send over what Teams allows', async () => {
  const stage = await Stage.open();
  onTestFinished(() => stage.close());
  const { acts, log } = stage.world.teams;
  const places = [personal, alerts, approvals];
  const typed = await Promise.all(
    places.flatMap((where) => Array.from({ length: wishes }, () => acts.send('ada', where, 'profiles'))),
  );
  for (const { status } of typed) expect(status, 'a message that is not answered is no error').toBeLessThan(300);
  for (const where of places) {
    const id = stage.journey.conversationId('ada', where);
    expect(log.sendTimes(id).length, `answers in "${where}"`).toBeGreaterThan(5);
    for (const { windowMs, sends } of SEND_LIMITS)
      expect(log.peak(id, windowMs), `sends to "${where}" in ${windowMs} ms`).toBeLessThanOrEqual(sends);
  }
}, 60_000);
