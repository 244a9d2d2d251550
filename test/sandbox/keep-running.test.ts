import { expect, test } from 'vitest';
import type { BotProcess } from '../../sandbox/bot-process.ts';
import { keepRunning } from '../../sandbox/keep-running.ts';

/** Bots that end when the test says so. */
function bots() {
  const ends: ((code: number | null) => void)[] = [];
  const lines: string[] = [];
  let now = 0;
  let broken = false;
  const waiting: (() => void)[] = [];
  const start = async (): Promise<BotProcess> => {
    if (broken) throw new Error('the bot ended at its start:\nMAILROOM_KEY is missing');
    let end: (code: number | null) => void = () => undefined;
    const exited = new Promise<number | null>((resolve) => {
      end = resolve;
    });
    ends.push(end);
    for (const resolve of waiting.splice(0)) resolve();
    return {
      url: '',
      output: () => `output of bot ${ends.length}`,
      exited,
      crash: async () => end(null),
      stop: async () => {
        end(0);
        return exited;
      },
    };
  };
  return {
    lines,
    start,
    options: { start, say: (text: string) => void lines.push(text), now: () => now },
    pass: (ms: number) => void (now += ms),
    breakDown: () => void (broken = true),
    started: () => ends.length,
    /** Ends the newest one, and resolves when another has started. */
    async endAndWait(code: number | null): Promise<void> {
      const next = new Promise<void>((resolve) => waiting.push(resolve));
      ends.at(-1)?.(code);
      await next;
    },
    end: (code: number | null) => ends.at(-1)?.(code),
  };
}

test('a bot that is killed is started again, and that is said', async () => {
  const stage = bots();
  const kept = await keepRunning(stage.options);
  await stage.endAndWait(null);
  expect(stage.started()).toBe(2);
  expect(stage.lines).toEqual(['the bot ended (killed); it is started again']);
  await kept.stop();
  expect(stage.started()).toBe(2);
});

test('one that ends over and over is given up, with what it wrote', async () => {
  const stage = bots();
  const kept = await keepRunning(stage.options);
  for (let times = 0; times < 3; times += 1) await stage.endAndWait(1);
  stage.end(1);
  await kept.givenUp;
  expect(stage.started()).toBe(4);
  expect(stage.lines.at(-1)).toBe(
    'the bot ended (exit code 1) and was started again 3 times within a minute: given up\noutput of bot 4',
  );
});

test('a minute later it may end again', async () => {
  const stage = bots();
  const kept = await keepRunning(stage.options);
  for (let times = 0; times < 5; times += 1) {
    await stage.endAndWait(null);
    stage.pass(30_000);
  }
  expect(stage.started()).toBe(6);
  await kept.stop();
});

test('one that cannot start any more is given up with the reason', async () => {
  const stage = bots();
  const kept = await keepRunning(stage.options);
  stage.breakDown();
  stage.end(null);
  await kept.givenUp;
  expect(stage.lines.at(-1)).toContain('MAILROOM_KEY is missing');
  expect(stage.lines).toHaveLength(4);
});
