import { parseArgs } from 'node:util';
import { runConnectorChaos } from './connector-faults.ts';
import { runWithKills } from './kill-run.ts';
import { playRandomDrafts } from './random-drafts.ts';

// `npm run chaos -- --seed N --kills N --mailboxes N`, or with `--drafts N` so many guided creations at random and as many ends of
// the process, or with `--connector` a Teams that fails every fifth call and whose conversations die, live again and move: one JSON line with the figures; exit code 1 if something does not hold.
const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    // 100, and 20 with `--connector`.
    kills: { type: 'string' },
    mailboxes: { type: 'string', default: '5000' },
    drafts: { type: 'string', default: '0' },
    connector: { type: 'boolean', default: false },
    messages: { type: 'string', default: '10000' },
    conversations: { type: 'string', default: '500' },
  },
});
const kills = Number(values.kills ?? (values.connector ? '20' : '100'));
const [seed, mailboxes, drafts] = [values.seed, values.mailboxes, values.drafts].map(Number);
const [messages, conversations] = [values.messages, values.conversations].map(Number);
const isWithin = (value: number | undefined, least: number, most: number): value is number =>
  Number.isSafeInteger(value) && value !== undefined && value >= least && value <= most;
if (
  !isWithin(seed, 0, 2 ** 32) ||
  !isWithin(kills, 0, 500) ||
  !isWithin(mailboxes, 200, 5000) ||
  !isWithin(drafts, 0, 2000) ||
  !isWithin(messages, 100, 50_000) ||
  !isWithin(conversations, 20, 2000)
) {
  process.stderr.write(
    'usage: npm run chaos -- [--seed N] [--kills 0…500] [--mailboxes 200…5000 | --drafts 1…2000 | --connector [--messages 100…50000] [--conversations 20…2000]]\n',
  );
  process.exit(2);
}
const note = (line: string): void => void process.stderr.write(`${line}\n`);
const figures = values.connector
  ? await runConnectorChaos({
      seed,
      messages,
      conversations,
      kills,
      retryMs: 2000,
      wishesPerSecond: 40,
      timeouts: true,
      note,
    })
  : drafts > 0
    ? await playRandomDrafts({ seed, sequences: drafts, restarts: Math.min(kills, drafts), note })
    : await runWithKills({ seed, kills, mailboxes, note });
process.stdout.write(`${JSON.stringify(figures)}\n`);
process.exitCode = figures.broken.length === 0 ? 0 : 1;
