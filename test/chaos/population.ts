import { demoMailboxes, type DemoMailbox, type DemoTrouble } from '../../sandbox/exchange/index.ts';
import { randomFrom } from './random.ts';

/** One mailbox in 33 or so has trouble that passes. */
const transientShare = 0.03;

/** Trouble that passes after a call or two, so that the mailbox ends well; nothing that closes the gate for everybody. */
const passing: readonly DemoTrouble['rules'][number]['then'][] = [
  { message: 'ErrorMailboxMoveInProgress' },
  { message: 'ErrorInternalServerTransientError' },
  { fault: 'ErrorServerBusy', backOffMilliseconds: 20 },
  'reset',
];

/**
 * The demo's 200 mailboxes, of which twelve stay broken, and numbered ones up to `count`, of which the seed draws 3 % for
 * trouble that passes. The same for the same seed.
 */
export function population(seed: number, count: number): readonly DemoMailbox[] {
  const random = randomFrom(seed);
  const demo = demoMailboxes().slice(0, count);
  const more = Array.from({ length: Math.max(0, count - demo.length) }, (_unused, index): DemoMailbox => {
    const address = `user${String(index + 1).padStart(5, '0')}@contoso.test`;
    const then = random() < transientShare ? passing[Math.floor(random() * passing.length)] : undefined;
    return {
      address,
      displayName: `User ${index + 1}`,
      type: 'user',
      owner: address,
      trouble:
        then === undefined
          ? undefined
          : { code: 'passing', part: 'all', persists: false, rules: [{ mailbox: address, to: 1 + (index % 2), then }] },
    };
  });
  return [...demo, ...more];
}
