import { expect, test } from 'vitest';
import { playRandomDrafts } from './random-drafts.ts';

test(
  'guided creations at random, over a restart, end in saved, cancelled or a question, and nothing else is saved than was shown',
  { timeout: 120_000 },
  async () => {
    const figures = await playRandomDrafts({ seed: 8, sequences: 3, restarts: 1 });
    expect(figures.broken).toEqual([]);
    expect(figures.saved, 'one at least goes to its end').toBeGreaterThan(0);
    expect(figures.acts).toBeGreaterThan(40);
  },
);
