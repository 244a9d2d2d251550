import { afterAll, beforeAll, expect, test } from 'vitest';
import { fuzzAutodiscover } from './autodiscover-answers.ts';
import { fuzzEws, fuzzEwsOverTls } from './ews-answers.ts';
import { fuzzNtlm } from './ntlm-answers.ts';
import { defaultShare, describeTally, percent, type Tally } from './tally.ts';
import { fuzzTokens } from './token-answers.ts';

/** `FUZZ_SEED` asks for other mutations than every run has. */
const seed = Number(process.env['FUZZ_SEED'] ?? 20_261_124);

const shares = { ews: 8000, tls: 1000, autodiscover: 5000, ntlm: 3000, tokens: 1500, vault: 1500 } as const;

/** What is in the default codes belongs there: nothing that a server could have told apart. */
const explanation = [
  'EwsOther: response codes that Exchange does not have, or has besides the catalogue.',
  'HttpStatus: statuses that tell nothing (204, 206, 400, 407, an empty 500, 6xx, 9xx; in Autodiscover 403 and a redirect to nowhere as well).',
  'ConnectionOther: an HTTP upgrade that nobody asked for. AutodiscoverError: codes and SOAP faults without a meaning of their own.',
  'OAuthOther, KeyVaultOther: no answers of Entra’s or of the vault’s, or a number that has no words here (AADSTS53003).',
].join('\n');

const unhandled: string[] = [];
const onUnhandled = (reason: unknown): void => {
  unhandled.push(reason instanceof Error ? (reason.stack ?? '') : String(reason));
};
beforeAll(() => void process.on('unhandledRejection', onUnhandled));
afterAll(() => void process.off('unhandledRejection', onUnhandled));

const tallies: Tally[] = [];
function judge(tally: Tally, wanted: number): void {
  tallies.push(tally);
  expect(tally.problems).toEqual([]);
  expect(tally.answers).toBeGreaterThanOrEqual(wanted);
}

test('mutated SOAP answers end in a code, and the library leaves no rejection of ours behind', async () => {
  const { tally } = await fuzzEws(seed, shares.ews);
  judge(tally, shares.ews);
});

test('mutated answers over TLS end in a code, and no socket stays open', async () => {
  judge(await fuzzEwsOverTls(seed, shares.tls), shares.tls);
});

test('mutated NTLM challenges end in a code or in a sign-in', async () => {
  judge(await fuzzNtlm(seed, shares.ntlm), shares.ntlm);
});

test('mutated Autodiscover answers end in a report', async () => {
  judge(await fuzzAutodiscover(seed, shares.autodiscover), shares.autodiscover);
});

test('mutated token answers end in a code or in a token', async () => {
  judge(await fuzzTokens(seed, shares.tokens, 'own'), shares.tokens);
});

test('mutated Key Vault answers end in a code or in a token', async () => {
  judge(await fuzzTokens(seed, shares.vault, 'key-vault'), shares.vault);
});

test('20,000 in all, few of them in a default code', () => {
  const answers = tallies.reduce((sum, tally) => sum + tally.answers, 0);
  const share = defaultShare(tallies);
  const head = `${answers} mutated answers with the seed ${seed}, ${percent(share)} of the ends in a default code`;
  console.log([head, ...tallies.map(describeTally), explanation].join('\n'));
  expect(answers).toBeGreaterThanOrEqual(20_000);
  expect(share).toBeLessThan(0.15);
  expect(unhandled).toEqual([]);
});
