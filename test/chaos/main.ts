import { parseArgs } from 'node:util';
import { runWithKills } from './kill-run.ts';

// `npm run chaos -- --seed N --kills N --mailboxes N`: one JSON line with the figures; exit code 1 if something does not hold.
const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    kills: { type: 'string', default: '100' },
    mailboxes: { type: 'string', default: '5000' },
  },
});
const [seed, kills, mailboxes] = [values.seed, values.kills, values.mailboxes].map(Number);
const isWithin = (value: number | undefined, least: number, most: number): value is number =>
  Number.isSafeInteger(value) && value !== undefined && value >= least && value <= most;
if (!isWithin(seed, 0, 2 ** 32) || !isWithin(kills, 0, 500) || !isWithin(mailboxes, 200, 5000)) {
  process.stderr.write('usage: npm run chaos -- [--seed N] [--kills 0…500] [--mailboxes 200…5000]\n');
  process.exit(2);
}
const figures = await runWithKills({ seed, kills, mailboxes, note: (line) => process.stderr.write(`${line}\n`) });
process.stdout.write(`${JSON.stringify(figures)}\n`);
process.exitCode = figures.broken.length === 0 ? 0 : 1;
