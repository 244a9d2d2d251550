import { expect, onTestFinished, test } from 'vitest';
import { Storm } from '../support/storm.ts';

/** `npm run bench -- storm` plays the same with 20,000, at the pace that Teams allows. */
const mailboxes = 5000;
/** New messages to a channel, from the first failure to the end of the last. */
const mostMessages = 25;

test('thousands that fail for six causes on three servers make a card a cause; all is exact, and recovery resolves it', async () => {
  const unpaced = { conversation: [{ count: 1000, spanMs: 1000 }], perSecond: 1000 };
  const storm = await Storm.open(mailboxes, unpaced);
  onTestFinished(() => storm.close());

  storm.weather('bad');
  await storm.testAll();
  await storm.delivered(60_000);
  expect(await storm.wrongInStorm()).toEqual([]);
  expect(storm.posted().length).toBeLessThanOrEqual(mostMessages);

  storm.weather('good');
  await storm.testAll();
  await storm.delivered(60_000);
  expect(await storm.wrongAfterwards()).toEqual([]);
  expect(storm.posted().length).toBeLessThanOrEqual(mostMessages);
}, 120_000);
