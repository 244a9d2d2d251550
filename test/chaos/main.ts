import { parseArgs } from 'node:util';
import { runWithKills } from './kill-run.ts';
import { playRandomDrafts } from './random-drafts.ts';

// `npm run chaos -- --seed N --kills N --mailboxes N`, or with `--drafts N` so many guided creations at random and as many ends of
// the process: one JSON line with the figures; exit code 1 if something does not hold.
const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    kills: { type: 'string', default: '100' },
    mailboxes: { type: 'string', default: '5000' },
    drafts: { type: 'string', default: '0' },
  },
});
const [seed, kills, mailboxes, drafts] = [values.seed, values.kills, values.mailboxes, values.drafts].map(Number);
const isWithin = (value: number | undefined, least: number, most: number): value is number =>
  Number.isSafeInteger(value) && value !== undefined && value >= least && value <= most;
if (
  !isWithin(seed, 0, 2 ** 32) ||
  !isWithin(kills, 0, 500) ||
  !isWithin(mailboxes, 200, 5000) ||
  !isWithin(drafts, 0, 2000)
) {
  process.stderr.write('usage: npm run chaos -- [--seed N] [--kills 0…500] [--mailboxes 200…5000 | --drafts 1…2000]\n');
  process.exit(2);
}
const note = (line: string): void => void process.stderr.write(`${line}\n`);
const figures =
  drafts > 0
    ? await playRandomDrafts({ seed, sequences: drafts, restarts: Math.min(kills, drafts), note })
    : await runWithKills({ seed, kills, mailboxes, note });
process.stdout.write(`${JSON.stringify(figures)}\n`);
process.exitCode = figures.broken.length === 0 ? 0 : 1;
