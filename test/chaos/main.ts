import { parseArgs } from 'node:util';
import { runWithKills } from './kill-run.ts';

// `npm run chaos -- --seed N --kills N`: one JSON line with the figures; exit code 1 if something does not hold.
const { values } = parseArgs({
  options: { seed: { type: 'string', default: '1' }, kills: { type: 'string', default: '20' } },
});
const [seed, kills] = [Number(values.seed), Number(values.kills)];
if (!Number.isSafeInteger(seed) || !Number.isSafeInteger(kills) || kills < 0 || kills > 500) {
  process.stderr.write('usage: npm run chaos -- [--seed N] [--kills N]\n');
  process.exit(2);
}
const figures = await runWithKills({ seed, kills, note: (line) => process.stderr.write(`${line}\n`) });
process.stdout.write(`${JSON.stringify(figures)}\n`);
process.exitCode = figures.broken.length === 0 ? 0 : 1;
